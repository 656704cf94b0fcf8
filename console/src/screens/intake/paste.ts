import { cellGap, typedInteger, type Column, type Row, type RowsType } from './questions.ts'

/** Rows read from a spreadsheet, and the cells that did not fit: they stay empty, to be chosen by hand. */
export type Pasted = {
  readonly rows: readonly Row[]
  readonly misfits: readonly { readonly line: number; readonly column: string; readonly text: string }[]
}

/**
 * Reads what a spreadsheet copies: cells by tab (else semicolon or comma), quoted where they hold line breaks. A first
 * line that names the columns decides their order; else they come in the order of the table. `wordFor` gives the words
 * by which an option may be written.
 */
export function rowsFromPaste(
  text: string,
  { columns, order: names }: RowsType,
  wordFor: (column: string, option: string) => string,
  headerFor: (column: string) => string,
): Pasted {
  const lines = cellsOf(text)
  const headers = (lines[0] ?? []).map((cell) =>
    names.find((name) => same(cell, name) || same(cell, headerFor(name))),
  )
  const hasHeader = headers.filter((name) => name !== undefined).length >= Math.min(2, names.length)
  const order = hasHeader ? headers : names
  const misfits: Pasted['misfits'][number][] = []
  const rows = lines.slice(hasHeader ? 1 : 0).map((cells, i) => {
    const row: { [column: string]: unknown } = {}
    order.forEach((name, at) => {
      const column = name === undefined ? undefined : columns[name]
      if (name === undefined || column === undefined) return
      const cell = (cells[at] ?? '').trim()
      const value = valueIn(cell, column, (option) => wordFor(name, option))
      if (cellGap(column, value) === null) row[name] = value
      else if (cell !== '') misfits.push({ line: i + 1, column: name, text: cell })
    })
    return row
  })
  return { rows, misfits }
}

function valueIn(cell: string, column: Column, wordFor: (option: string) => string): unknown {
  if ('integer' in column) return typedInteger(cell)
  if (!('options' in column)) return cell
  return [...column.options, 'unknown'].find((option) => same(cell, option) || same(cell, wordFor(option)))
}

function same(a: string, b: string): boolean {
  const folded = (text: string) =>
    text
      .trim()
      .toLowerCase()
      .replaceAll(/[\s_]+/g, ' ')
  return folded(a) === folded(b)
}

/** SPEC: RFC 4180, with the separator that the text uses. UNTRUSTED: the result is data for the table, nothing else. */
function cellsOf(text: string): readonly (readonly string[])[] {
  const separator = text.includes('\t') ? '\t' : text.includes(';') ? ';' : ','
  const lines: string[][] = []
  let line: string[] = []
  let cell = ''
  let isQuoted = false
  const endCell = () => {
    line.push(cell)
    cell = ''
  }
  const endLine = () => {
    endCell()
    if (line.some((item) => item.trim() !== '')) lines.push(line)
    line = []
  }
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i] ?? ''
    if (isQuoted) {
      if (c !== '"') cell += c
      else if (text[i + 1] === '"') {
        cell += c
        i += 1
      } else isQuoted = false
    } else if (c === '"' && cell === '') isQuoted = true
    else if (c === separator) endCell()
    else if (c === '\n') endLine()
    else if (c !== '\r') cell += c
  }
  endLine()
  return lines
}
