import { isId, type RecordId } from '../kernel/index.ts'
import type { RecordEntry } from './ports.ts'

/**
 * The lines of a spool. Of a record the last line counts: a call is foreseen before it is settled. A batch names its
 * records when it is sealed, in the file in which each of them stands; a record that is kept again in a later file is given
 * up in the earlier one.
 */
type Line =
  | { readonly k: 'record'; readonly entry: RecordEntry }
  | { readonly k: 'sealed'; readonly records: readonly (readonly [RecordId, seq: number])[] }
  | { readonly k: 'moved'; readonly id: RecordId }

/** What one line says, ended by the newline that no JSON text holds. */
export function lineOf(line: Line): string {
  return `${JSON.stringify(line)}\n`
}

/**
 * What was not stored of a worker whose first `stored` records were, in the order in which it was settled and with the
 * numbers that follow. A line that was torn when the machine stopped says nothing.
 */
export function unstoredIn(lines: Iterable<string>, stored: number): readonly RecordEntry[] {
  const entries = new Map<RecordId, RecordEntry>()
  const seqs = new Map<RecordId, number>()
  for (const text of lines) {
    const line = readLine(text)
    if (line?.k === 'record') entries.set(line.entry.record.id, line.entry)
    if (line?.k === 'sealed') for (const [id, seq] of line.records) seqs.set(id, seq)
    if (line?.k === 'moved') entries.delete(line.id)
  }
  const last = Number.MAX_SAFE_INTEGER
  return [...entries.values()]
    .filter(({ record }) => (seqs.get(record.id) ?? last) >= stored)
    .toSorted((a, b) => (seqs.get(a.record.id) ?? last) - (seqs.get(b.record.id) ?? last))
    .map(({ record, salt }, i) => ({ salt, record: { ...record, seq: stored + i } }))
}

/** Our own file, but one that a crash may have cut anywhere. */
function readLine(text: string): Line | null {
  try {
    const line = JSON.parse(text) as Line
    const isWhole = line.k !== 'record' || isId('record', line.entry.record.id)
    return isWhole ? line : null
  } catch {
    return null
  }
}
