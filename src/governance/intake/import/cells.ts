import type { Json } from '../../../kernel/index.ts'
import type { Question } from '../questionnaire.ts'

type QuestionType = Question['type']
type TableColumn = (QuestionType & { k: 'rows' })['columns'][string]

/** The value of a cell; null where it fits nothing that the question offers. */
export type ReadCell = { readonly value: Json } | null

/** What a spreadsheet would run, and the apostrophe itself, so that reading takes back exactly what writing added. */
const wouldRun = /^[=+\-@\t\r']/

/** A text as a cell that no spreadsheet runs. */
export function inertCell(text: string): string {
  return wouldRun.test(text) ? `'${text}` : text
}

/** The text of a cell, without the apostrophe that stands in front of what a spreadsheet would run. */
export function cellText(cell: string): string {
  return cell.startsWith("'") && wouldRun.test(cell.slice(1)) ? cell.slice(1) : cell
}

/** A name for comparison: `Data class`, `data_class` and `dataClass` are one. */
export function folded(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '')
}

/** The answer in a cell. Text stays as it is; everything else may be written as people write it. */
export function readAnswer(type: QuestionType, cell: string): ReadCell {
  const text = cellText(cell)
  const word = text.trim()
  if (type.k === 'text') return { value: text }
  if (folded(word) === 'unknown' && !hasOption(type, word)) return { value: 'unknown' }
  switch (type.k) {
    case 'choice':
      return optionIn(type.options, word)
    case 'multi_choice':
      return optionsIn(type.options, word)
    case 'integer':
      return integerIn(word)
    case 'rows':
      return tableIn(word)
    default:
      return null
  }
}

/** The value of one cell of a row table. */
export function readTableCell(column: TableColumn, cell: string): ReadCell {
  const text = cellText(cell)
  const word = text.trim()
  if ('text' in column) return { value: text }
  if ('name' in column) return { value: word }
  if ('integer' in column) return integerIn(word)
  return folded(word) === 'unknown' ? { value: 'unknown' } : optionIn(column.options, word)
}

/** An answer as the cell that reads as this answer. */
export function writeAnswer(value: Json): string {
  if (Array.isArray(value)) {
    const items = value as readonly Json[]
    const isSet = items.length > 0 && items.every((item) => typeof item === 'string')
    return isSet ? inertCell(items.join(';')) : JSON.stringify(items)
  }
  return typeof value === 'string' ? inertCell(value) : inertCell(JSON.stringify(value))
}

function hasOption(type: QuestionType, word: string): boolean {
  return (type.k === 'choice' || type.k === 'multi_choice') && type.options.includes(word)
}

const saysYes = new Set(['yes', 'true', 'y', '1', 'x'])
const saysNo = new Set(['no', 'false', 'n', '0'])

function optionIn(options: readonly string[], word: string): ReadCell {
  if (options.includes(word)) return { value: word }
  const name = folded(word)
  const same = options.filter((option) => folded(option) === name)
  const [only] = same
  if (same.length === 1 && only !== undefined) return { value: only }
  const isYesNo = options.length === 2 && options.includes('yes') && options.includes('no')
  if (isYesNo && saysYes.has(name)) return { value: 'yes' }
  return isYesNo && saysNo.has(name) ? { value: 'no' } : null
}

/** Several are separated by `;`. No option at all is `[]`, since an empty cell says nothing. */
function optionsIn(options: readonly string[], word: string): ReadCell {
  if (word === '[]') return { value: [] }
  const found = word
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => optionIn(options, part)?.value)
  const known = found.filter((value) => value !== undefined)
  return known.length === found.length && known.length > 0 ? { value: [...new Set(known)] } : null
}

function integerIn(word: string): ReadCell {
  return /^-?\d{1,15}$/.test(word) ? { value: Number(word) } : null
}

/** A whole table in one cell: `[]`, or its rows as JSON where they do not fit into columns. */
function tableIn(word: string): ReadCell {
  try {
    const value: unknown = JSON.parse(word)
    return Array.isArray(value) ? { value: value as readonly Json[] as Json } : null // JSON.parse returns JSON
  } catch {
    return null // text that is no JSON is no table
  }
}
