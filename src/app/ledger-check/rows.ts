import type { Json } from '../../kernel/index.ts'
import type { Query } from '../ports/query.ts'
import { millis } from '../sql.ts'

const pageRows = 1_000

/** An entry as its tables hold it. `index` and `hash` are null until the integrator has placed it. */
export type EntryRow = {
  readonly id: string
  readonly seq: number
  readonly part: number
  readonly parts: number
  readonly stream: string
  readonly rev: number
  readonly kind: string
  readonly leaf: Uint8Array
  readonly index: number | null
  readonly hash: Uint8Array | null
  readonly isQueued: boolean
  readonly command: string
  readonly actor: string
  readonly at: number
  readonly facts: string | null
  readonly factsKey: Uint8Array | null
  readonly personal: string | null
  readonly personalKey: Uint8Array | null
}

const select = `select e.id, e.seq, e.part, e.parts, e.stream, e.rev, e.kind, e.leaf, l.index, l.hash,
    q.seq is not null as "isQueued", c.id as command, c.actor, ${millis('c.at')} as at,
    p.facts, p.facts_key as "factsKey", p.personal, p.personal_key as "personalKey"
  from ledger.entry e join ledger.command c on c.seq = e.seq
  left join ledger.payload p on p.event_id = e.id
  left join ledger.queue q on q.seq = e.seq
  left join ledger.leaf l on l.event_id = e.id`

/** Every entry: first those with an index, in its order, then those that wait, in the order of their commands. */
export async function* allEntries(query: Query): AsyncGenerator<EntryRow> {
  for (let after = -1; ; ) {
    const rows = await query<EntryRow>(`${select} where l.index > $1 order by l.index limit $2`, [
      after,
      pageRows,
    ])
    yield* rows
    const last = rows.at(-1)?.index
    if (last === undefined || last === null) break
    after = last
  }
  for (let after: readonly [number, number] = [0, 0]; ; ) {
    const rows = await query<EntryRow>(
      `${select} where l.index is null and (e.seq, e.part) > ($1, $2) order by e.seq, e.part limit $3`,
      [...after, pageRows],
    )
    yield* rows
    const last = rows.at(-1)
    if (last === undefined) return
    after = [last.seq, last.part]
  }
}

export type StreamRow = {
  readonly stream: string
  readonly kind: string
  readonly rev: number
  readonly state: Json
}

/** Every row of `streams`, by name. */
export async function* allStreams(query: Query): AsyncGenerator<StreamRow> {
  for (let after = ''; ; ) {
    const rows = await query<StreamRow>(
      'select stream, kind, rev, state from streams where stream > $1 order by stream limit $2',
      [after, pageRows],
    )
    yield* rows
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.stream
  }
}

export type HeadRow = {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
  readonly edge: readonly Uint8Array[]
  readonly note: string | null
}

export async function headOf(query: Query): Promise<HeadRow | null> {
  const [row] = await query<HeadRow>('select origin, size, root, edge, note from ledger.log')
  return row ?? null
}

export function publishedCheckpoints(
  query: Query,
): Promise<readonly { readonly size: number; readonly note: string }[]> {
  return query('select size, note from ledger.checkpoint order by size')
}

/** Stored roots of full subtrees, by `<level>/<index>`. There is one for each 256 leaves. */
export async function storedNodes(query: Query): Promise<ReadonlyMap<string, string>> {
  const rows = await query<{ at: string; hash: string }>(
    `select level || '/' || index as at, encode(hash, 'hex') as hash from ledger.node`,
  )
  return new Map(rows.map(({ at, hash }) => [at, hash]))
}

/** Queued commands that have nothing to integrate: each command has at least one entry. */
export async function emptyCommands(query: Query): Promise<readonly string[]> {
  const rows = await query<{ id: string }>(
    `select c.id from ledger.command c where not exists (select 1 from ledger.entry e where e.seq = c.seq) limit 1000`,
  )
  return rows.map(({ id }) => id)
}
