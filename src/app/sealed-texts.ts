import { epochMs, type EpochMs, type JsonObject, type UseCaseId } from '../kernel/index.ts'
import { readsText, type Reader } from './readable.ts'
import type { Query } from './ports/query.ts'
import { millis } from './sql.ts'

/** One entry of a stream with its sealed half; null when there was none, it was erased, or is masked for the reader. */
export type SealedEntry = {
  readonly kind: string
  readonly at: EpochMs
  readonly facts: JsonObject
  readonly sealed: JsonObject | null
}

export type SealedPlace = {
  readonly useCaseId: UseCaseId
  readonly stream: string
  readonly kinds: readonly string[]
}

/**
 * The entries of these kinds in one stream of a use case, oldest first. Their text is masked for whoever may not read
 * it; whether the facts may be read at all, the caller must have asked.
 */
export async function sealedEntries(
  query: Query,
  reader: Reader,
  { useCaseId, stream, kinds }: SealedPlace,
): Promise<readonly SealedEntry[]> {
  const isOpen = await readsText(query, reader, useCaseId)
  const rows = await query<{ kind: string; at: number; facts: JsonObject; sealed: JsonObject | null }>(
    `select e.kind, ${millis('c.at')} as at, p.facts::jsonb as facts, p.personal::jsonb as sealed
     from ledger.entry e join ledger.payload p on p.event_id = e.id join ledger.command c on c.seq = e.seq
     where e.stream = $1 and e.kind = any($2) order by e.rev`,
    [stream, kinds],
  )
  return rows.map((row) => ({ ...row, at: epochMs(row.at), sealed: isOpen ? row.sealed : null }))
}

/** A text of the sealed half. */
export function textIn(sealed: JsonObject | null, name: string): string | null {
  const value = sealed?.[name]
  return typeof value === 'string' ? value : null
}
