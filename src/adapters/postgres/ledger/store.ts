import {
  epochMs,
  toRfc3339,
  type EpochMs,
  type EventId,
  type Json,
  type JsonObject,
} from '../../../kernel/index.ts'
import {
  appendLeaves,
  consistencyPlan,
  consistencyProof,
  emptyEdge,
  inclusionPlan,
  inclusionProof,
  nodesOf,
  rootOf,
  type NodeAt,
  type Span,
} from '../../../ledger/index.ts'
import type { Pool } from '../pool.ts'

/** One recorded fact as readers see it. `index` is null until the integrator has placed it. */
export type LedgerEntry = {
  readonly id: EventId
  readonly index: number | null
  readonly stream: string
  readonly rev: number
  readonly kind: string
  readonly at: EpochMs
  readonly actor: string
  readonly commandId: string
  readonly facts: JsonObject
  /** Whether there is a sealed half that still exists. */
  readonly hasSealed: boolean
}

export type LedgerHead = { readonly origin: string; readonly size: number; readonly note: string | null }
export type ProofOf = {
  readonly index: number
  readonly leaf: Uint8Array
  readonly path: readonly Uint8Array[]
  readonly note: string
}
export type EntryFilter = {
  readonly stream?: string
  readonly kind?: string
  readonly from?: number
  readonly after?: number
  readonly limit: number
}

export type LedgerStore = ReturnType<typeof createLedgerStore>

type Row = {
  id: EventId
  index: number | null
  stream: string
  rev: number
  kind: string
  at: number
  actor: string
  command: string
  facts: string
  sealed: boolean
}

const entryColumns = `e.id, l.index, e.stream, e.rev, e.kind, (extract(epoch from c.at) * 1000)::bigint as at, c.actor,
  c.id as command, p.facts, p.personal is not null as sealed`
const entryTables = `ledger.entry e join ledger.command c on c.seq = e.seq join ledger.payload p on p.event_id = e.id
  left join ledger.leaf l on l.event_id = e.id`

/** Reads the ledger. Every query pages by key or reads a bounded number of rows. */
export function createLedgerStore(pool: Pool) {
  return {
    async head(): Promise<LedgerHead | null> {
      const { rows } = await pool.query<LedgerHead>('select origin, size, note from ledger.log')
      return rows[0] ?? null
    },

    /** Committed entries that are not indexed yet, and the age of the oldest in ms. */
    async lag(): Promise<{ readonly queued: number; readonly oldestMs: number }> {
      const { rows } = await pool.query<{ queued: number; oldest: number }>(
        `select count(*) as queued,
           coalesce((extract(epoch from clock_timestamp() - min(c.at)) * 1000)::bigint, 0) as oldest
         from ledger.queue q join ledger.command c using (seq)`,
      )
      return { queued: rows[0]?.queued ?? 0, oldestMs: Math.max(0, rows[0]?.oldest ?? 0) }
    },

    /** Indexed entries in order; `after` is the last index of the page before. */
    async entries(filter: EntryFilter): Promise<readonly LedgerEntry[]> {
      const { rows } = await pool.query<Row>(
        `select ${entryColumns} from ${entryTables}
         where l.index > $1 and ($2::text is null or e.stream = $2) and ($3::text is null or e.kind = $3)
         order by l.index limit $4`,
        [filter.after ?? (filter.from ?? 0) - 1, filter.stream ?? null, filter.kind ?? null, filter.limit],
      )
      return rows.map(entryOf)
    },

    async entry(id: EventId): Promise<LedgerEntry | null> {
      const { rows } = await pool.query<Row>(`select ${entryColumns} from ${entryTables} where e.id = $1`, [
        id,
      ])
      return rows[0] === undefined ? null : entryOf(rows[0])
    },

    /** The inclusion proof of an indexed entry in the newest signed tree; null while it is not indexed. */
    async proof(id: EventId): Promise<ProofOf | null> {
      const { rows } = await pool.query<{ index: number; leaf: Buffer; size: number; note: string }>(
        `select l.index, e.leaf, g.size, g.note from ledger.log g, ledger.leaf l join ledger.entry e on e.id = l.event_id
         where l.event_id = $1 and l.index < g.size`,
        [id],
      )
      const [row] = rows
      if (row === undefined) return null
      const [index, size] = [BigInt(row.index), BigInt(row.size)]
      const node = await nodeSource(pool, inclusionPlan(index, size))
      return { index: row.index, leaf: row.leaf, path: inclusionProof(index, size, node), note: row.note }
    },

    async consistency(size1: number, size2: number): Promise<readonly Uint8Array[]> {
      const node = await nodeSource(pool, consistencyPlan(BigInt(size1), BigInt(size2)))
      return consistencyProof(BigInt(size1), BigInt(size2), node)
    },

    async checkpoints(): Promise<readonly { readonly size: number; readonly note: string }[]> {
      return (
        await pool.query<{ size: number; note: string }>(
          'select size, note from ledger.checkpoint order by size',
        )
      ).rows
    },
  }
}

function entryOf(row: Row): LedgerEntry {
  const { id, index, stream, rev, kind, actor } = row
  const facts = JSON.parse(row.facts) as JsonObject // written by append as canonical JSON
  return {
    id,
    index,
    stream,
    rev,
    kind,
    at: epochMs(row.at),
    actor,
    commandId: row.command,
    facts,
    hasSealed: row.sealed,
  }
}

/** What the wire shows of an entry. */
export function entryView(entry: LedgerEntry): Json {
  return { ...entry, at: toRfc3339(entry.at) }
}

/** Hashes of the nodes that `spans` need: each is folded from at most 128 stored hashes below it. */
async function nodeSource(pool: Pool, spans: readonly Span[]): Promise<(at: NodeAt) => Uint8Array> {
  const known = new Map<string, Uint8Array>()
  for (const at of spans.flatMap(nodesOf)) known.set(`${at.level}/${at.index}`, await nodeHashAt(pool, at))
  return ({ level, index }) => {
    const hash = known.get(`${level}/${index}`)
    if (hash === undefined) throw new RangeError(`no node ${level}/${index}`)
    return hash
  }
}

async function nodeHashAt(pool: Pool, { level, index }: NodeAt): Promise<Uint8Array> {
  const stored = level - (level % 8)
  const width = 1n << BigInt(level - stored)
  const [from, to] = [index * width, (index + 1n) * width]
  const { rows } =
    stored === 0
      ? await pool.query<{ hash: Buffer }>(
          'select hash from ledger.leaf where index >= $1 and index < $2 order by index',
          [String(from), String(to)],
        )
      : await pool.query<{ hash: Buffer }>(
          'select hash from ledger.node where level = $1 and index >= $2 and index < $3 order by index',
          [stored, String(from), String(to)],
        )
  if (BigInt(rows.length) !== width) throw new Error(`the tree lacks hashes below node ${level}/${index}`)
  return foldPerfect(rows.map(({ hash }) => hash))
}

function foldPerfect(hashes: readonly Uint8Array[]): Uint8Array {
  const [first] = hashes
  if (first === undefined) throw new RangeError('no hashes')
  return hashes.length === 1 ? first : rootOf(appendLeaves(emptyEdge, hashes))
}
