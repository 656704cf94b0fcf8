import type { Json, JsonObject } from '../../../kernel/index.ts'
import type { LoadedQuestionnaire } from '../questionnaire.ts'
import type { Owners, Values } from '../use-case-model.ts'
import { inertCell, writeAnswer } from './cells.ts'
import { targetName, type Target } from './columns.ts'
import { importLimits } from './limits.ts'

/** A use case on its way into a file. Owners by address, the unit by its name. */
export type Exported = {
  readonly externalId: string
  readonly owners: { readonly [R in keyof Owners]: string | null }
  readonly unit: string | null
  readonly answers: Values
}

/** Rows of the longest table of each question. */
export type TableLengths = ReadonlyMap<string, number>

/** Takes the tables of `answers` into account. */
export function longest(lengths: TableLengths, answers: Values, loaded: LoadedQuestionnaire): TableLengths {
  const found = new Map(lengths)
  for (const [key, value] of Object.entries(answers))
    if (loaded.byKey.get(key)?.type.k === 'rows' && Array.isArray(value))
      found.set(key, Math.max(found.get(key) ?? 0, value.length))
  return found
}

/**
 * The columns of an export. Tables have a column for each of their cells as long as a file may have so many columns; a
 * longer table stands as a whole in the column of its question.
 */
export function exportColumns(
  lengths: TableLengths,
  { questionnaire }: LoadedQuestionnaire,
): readonly Target[] {
  const columns: Target[] = [
    { k: 'externalId' },
    { k: 'owner', role: 'business' },
    { k: 'owner', role: 'technical' },
    { k: 'owner', role: 'backup' },
    { k: 'unit' },
  ]
  let spare = importLimits.columns - columns.length - questionnaire.questions.length
  for (const { key, type } of questionnaire.questions) {
    columns.push({ k: 'answer', key })
    if (type.k !== 'rows') continue
    const names = type.order
    const rows = Math.min(lengths.get(key) ?? 0, Math.floor(spare / names.length))
    spare -= rows * names.length
    for (let row = 1; row <= rows; row += 1)
      columns.push(...names.map((column): Target => ({ k: 'cell', key, row, column })))
  }
  return columns
}

export function exportHeader(columns: readonly Target[]): readonly string[] {
  return columns.map(targetName)
}

/** One use case as cells. Reading them back gives the same answers, owners and unit. */
export function exportRow(exported: Exported, columns: readonly Target[]): readonly string[] {
  const widths = new Map<string, number>()
  for (const target of columns)
    if (target.k === 'cell') widths.set(target.key, Math.max(widths.get(target.key) ?? 0, target.row))
  return columns.map((target) => {
    switch (target.k) {
      case 'externalId':
        return inertCell(exported.externalId)
      case 'owner':
        return inertCell(exported.owners[target.role] ?? '')
      case 'unit':
        return inertCell(exported.unit ?? '')
      case 'answer':
        return answerCell(exported.answers, target.key, widths.get(target.key) ?? 0)
      case 'cell':
        return tableCell(exported.answers, target, widths.get(target.key) ?? 0)
      default:
        return ''
    }
  })
}

/** A table that has columns of its own leaves this cell empty, unless it is empty or too long for them. */
function answerCell(answers: Values, key: string, width: number): string {
  const value = answers[key]
  if (value === undefined) return ''
  return isSpread(value, width) ? '' : writeAnswer(value)
}

function tableCell(answers: Values, target: Target & { k: 'cell' }, width: number): string {
  const value = answers[target.key]
  if (value === undefined || !isSpread(value, width)) return ''
  const row = (value as readonly JsonObject[])[target.row - 1] // a table, as checked
  const cell = row?.[target.column]
  return cell === undefined ? '' : writeAnswer(cell)
}

function isSpread(value: Json, width: number): boolean {
  const isTable = Array.isArray(value) && value.length > 0
  return (
    isTable && value.length <= width && (value as readonly Json[]).every((row) => typeof row === 'object')
  )
}
