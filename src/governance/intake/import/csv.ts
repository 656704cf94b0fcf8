import { CsvError, parse, type Options } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import type { Reason } from '../../../kernel/index.ts'
import { importLimits } from './limits.ts'

export type Delimiter = ',' | ';' | '\t'
export const delimiters: readonly Delimiter[] = [',', ';', '\t']

export type FileFault =
  | Reason<'IMPORT_FILE_EMPTY'>
  | Reason<'IMPORT_FILE_TOO_LARGE', { maxMiB: number }>
  | Reason<'IMPORT_TOO_MANY_ROWS', { maxRows: number }>
  | Reason<'IMPORT_TOO_MANY_COLUMNS', { maxColumns: number; columns: number }>
  | Reason<'IMPORT_CELL_TOO_LARGE', { row: number; column: number; maxCharacters: number }>
  | Reason<'IMPORT_CSV_MALFORMED', { line: number }>

/** SPEC: RFC 4180. How a file with this delimiter is read; rows of another length are left to whoever reads them. */
export function csvOptions(delimiter: Delimiter): Options {
  return { bom: true, delimiter, relax_column_count: true, record_delimiter: ['\r\n', '\n', '\r'] }
}

/** The delimiter that stands most often outside of quotes in the first line; a comma where none does. */
export function delimiterOf(text: string): Delimiter {
  const counts = new Map<string, number>(delimiters.map((delimiter) => [delimiter, 0]))
  let isQuoted = false
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted
    else if (!isQuoted && (character === '\n' || character === '\r')) break
    else if (!isQuoted) {
      const count = counts.get(character)
      if (count !== undefined) counts.set(character, count + 1)
    }
  }
  return delimiters.toSorted((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0))[0] ?? ','
}

export type Head = {
  readonly delimiter: Delimiter
  readonly headers: readonly string[]
  /** The first rows, to show what stands in a column. */
  readonly samples: readonly (readonly string[])[]
}

const sampleRows = 3

/** What can be said of a file by its beginning. UNTRUSTED: the text is as somebody uploaded it. */
export function headOf(text: string): Head | readonly FileFault[] {
  if (Buffer.byteLength(text) > importLimits.fileBytes)
    return [{ code: 'IMPORT_FILE_TOO_LARGE', params: { maxMiB: importLimits.fileBytes / 1_048_576 } }]
  const delimiter = delimiterOf(text)
  const records = firstRecords(text, delimiter)
  if ('code' in records) return [records]
  const [headers, ...samples] = records
  if (headers === undefined || headers.every((header) => header.trim() === ''))
    return [{ code: 'IMPORT_FILE_EMPTY', params: {} }]
  if (headers.length > importLimits.columns) {
    const params = { maxColumns: importLimits.columns, columns: headers.length }
    return [{ code: 'IMPORT_TOO_MANY_COLUMNS', params }]
  }
  const large = headers.findIndex((header) => header.length > importLimits.cell)
  if (large >= 0) return [cellTooLarge(1, large + 1)]
  return { delimiter, headers: headers.map((header) => header.trim()), samples }
}

function firstRecords(text: string, delimiter: Delimiter): readonly (readonly string[])[] | FileFault {
  try {
    return parse(text, { ...csvOptions(delimiter), to: sampleRows + 1 })
  } catch (error) {
    return malformed(error)
  }
}

/** What is wrong with one record, by the bounds of a file; the header is row 1. */
export function recordFault(cells: readonly string[], row: number): FileFault | null {
  if (row > importLimits.rows + 1)
    return { code: 'IMPORT_TOO_MANY_ROWS', params: { maxRows: importLimits.rows } }
  const large = cells.findIndex((cell) => cell.length > importLimits.cell)
  return large < 0 ? null : cellTooLarge(row, large + 1)
}

/** The fault behind an error of the parser; any other error rises. */
export function malformed(error: unknown): FileFault {
  if (!(error instanceof CsvError) && !isCsvError(error)) throw error
  const line = (error as { readonly lines?: unknown }).lines // the parser says where
  return { code: 'IMPORT_CSV_MALFORMED', params: { line: typeof line === 'number' ? line : 1 } }
}

/** The stream and the synchronous parser have classes of their own for the same error. */
function isCsvError(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code?.toString().startsWith('CSV_') === true
}

function cellTooLarge(row: number, column: number): FileFault {
  return { code: 'IMPORT_CELL_TOO_LARGE', params: { row, column, maxCharacters: importLimits.cell } }
}

/** Records as lines of CSV, as this product writes them: commas, CRLF, quotes where they are needed. */
export function csvLines(records: readonly (readonly string[])[]): string {
  return stringify(
    records.map((record) => [...record]),
    { record_delimiter: '\r\n', quoted_match: /[,;\t\r\n]/, quoted_empty: true },
  )
}
