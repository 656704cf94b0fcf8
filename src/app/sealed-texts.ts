import { epochMs, type EpochMs, type JsonObject } from '../kernel/index.ts'
import type { Query } from './ports/query.ts'
import { millis } from './sql.ts'

/** One entry of a stream with its sealed half; null when there was none or it was erased. */
export type SealedEntry = {
  readonly kind: string
  readonly at: EpochMs
  readonly facts: JsonObject
  readonly sealed: JsonObject | null
}

/** The entries of these kinds in one stream, oldest first. The caller must have asked whether the reader may read them. */
export async function sealedEntries(
  query: Query,
  stream: string,
  kinds: readonly string[],
): Promise<readonly SealedEntry[]> {
  const rows = await query<{ kind: string; at: number; facts: JsonObject; sealed: JsonObject | null }>(
    `select e.kind, ${millis('c.at')} as at, p.facts::jsonb as facts, p.personal::jsonb as sealed
     from ledger.entry e join ledger.payload p on p.event_id = e.id join ledger.command c on c.seq = e.seq
     where e.stream = $1 and e.kind = any($2) order by e.rev`,
    [stream, kinds],
  )
  return rows.map((row) => ({ ...row, at: epochMs(row.at) }))
}

/** A text of the sealed half. */
export function textIn(sealed: JsonObject | null, name: string): string | null {
  const value = sealed?.[name]
  return typeof value === 'string' ? value : null
}
