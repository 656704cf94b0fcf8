import { z } from 'zod'
import { digestOfBytes } from '../../kernel/index.ts'

/** A row of training data: one text, whose it is, and by which licence it may be used. */
const rowForm = z.object({
  id: z.string().min(1),
  text: z.string().min(1),
  label: z.enum(['attack', 'benign']),
  style: z.string().min(1),
  channel: z.string().min(1),
  source: z.string().min(1),
  licence: z.string().min(1),
  lang: z.string().optional(),
})
export type TrainingRow = z.infer<typeof rowForm>

/** The style of rows that analysts have marked: those that are harmless were found, so they resemble attacks. */
export const feedbackStyle = 'feedback'

/** A file of rows, one JSON object a line. */
export type DataFile = {
  readonly name: string
  readonly sha256: string
  readonly rows: readonly TrainingRow[]
}

/** Why data cannot be trained on; `line` counts from 1. */
export class DataError extends Error {
  override readonly name = 'DataError'
}

/** Reads a file of rows. Throws `DataError` for a line that is no row; a row without licence is none. */
export function readDataFile(name: string, bytes: Uint8Array): DataFile {
  const rows = rowsIn(name, bytes, rowForm)
  return { name, sha256: digestOfBytes(bytes).slice('sha256:'.length), rows }
}

/** The rows of a file of JSON lines. Throws `DataError` for a line that has not the form. */
export function rowsIn<T>(name: string, bytes: Uint8Array, form: z.ZodType<T>): readonly T[] {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  const rows: T[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') continue
    rows.push(rowIn(name, index + 1, line, form))
  }
  return rows
}

function rowIn<T>(name: string, line: number, text: string, form: z.ZodType<T>): T {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new DataError(`\`${name}\` line ${line} is not JSON`, { cause })
  }
  const read = form.safeParse(json)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new DataError(
    `\`${name}\` line ${line} is no row: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
  )
}
