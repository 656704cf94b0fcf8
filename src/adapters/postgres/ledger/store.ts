import type { LedgerEntry, LedgerHead, LedgerReader } from '../../../app/ports/ledger.ts'
import { epochMs, type EventId, type JsonObject } from '../../../kernel/index.ts'
import {
  appendLeaves,
  consistencyPlan,
  consistencyProof,
  emptyEdge,
  inclusionPlan,
  inclusionProof,
  nodesOf,
  openFields,
  rootOf,
  type NodeAt,
  type Span,
} from '../../../ledger/index.ts'
import type { Query } from '../../../app/ports/query.ts'
import type { Pool } from '../pool.ts'
import { queryOn } from '../query.ts'

/** The ledger's tables as a reader. */
export type LedgerStore = LedgerReader & {
  readonly consistency: (size1: number, size2: number) => Promise<readonly Uint8Array[]>
}

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
export function createLedgerStore(pool: Pool): LedgerStore {
  const query = queryOn(pool)
  return {
    async head() {
      const rows = await query<LedgerHead>('select origin, size, note from ledger.log')
      return rows[0] ?? null
    },

    async lag() {
      const rows = await query<{ queued: number; oldest: number }>(
        `select count(*) as queued,
           coalesce((extract(epoch from clock_timestamp() - min(c.at)) * 1000)::bigint, 0) as oldest
         from ledger.queue q join ledger.command c using (seq)`,
      )
      return { queued: rows[0]?.queued ?? 0, oldestMs: Math.max(0, rows[0]?.oldest ?? 0) }
    },

    async entries({ stream, kinds, from = 0, after, newestFirst = false, limit }) {
      const past = newestFirst ? 'l.index < $1' : 'l.index > $1'
      const rows = await query<Row>(
        `select ${entryColumns} from ${entryTables}
         where ($1::bigint is null or ${past}) and l.index >= $2 and ($3::text is null or e.stream = $3)
           and ($4::text[] is null or e.kind = any($4))
         order by l.index ${newestFirst ? 'desc' : ''} limit $5`,
        [after ?? null, from, stream ?? null, kinds ?? null, limit],
      )
      return rows.map(entryOf)
    },

    async entry(id) {
      const rows = await query<Row>(`select ${entryColumns} from ${entryTables} where e.id = $1`, [id])
      return rows[0] === undefined ? null : entryOf(rows[0])
    },

    async proof(id) {
      const rows = await query<{
        index: number
        leaf: Buffer
        size: number
        note: string
        facts: string
        key: Buffer
      }>(
        `select l.index, e.leaf, g.size, g.note, p.facts, p.facts_key as key
         from ledger.log g, ledger.leaf l join ledger.entry e on e.id = l.event_id
           join ledger.payload p on p.event_id = e.id
         where l.event_id = $1 and l.index < g.size`,
        [id],
      )
      const [row] = rows
      if (row === undefined) return null
      const [index, size] = [BigInt(row.index), BigInt(row.size)]
      const node = await nodeSource(query, inclusionPlan(index, size))
      const facts = JSON.parse(row.facts) as JsonObject // written by append as canonical JSON
      const opening = openFields(facts, row.key)
      return {
        index: row.index,
        leaf: row.leaf,
        path: inclusionProof(index, size, node),
        note: row.note,
        opening,
      }
    },

    /** The proof that the tree of `size1` is a prefix of the one of `size2`. */
    async consistency(size1: number, size2: number): Promise<readonly Uint8Array[]> {
      const node = await nodeSource(query, consistencyPlan(BigInt(size1), BigInt(size2)))
      return consistencyProof(BigInt(size1), BigInt(size2), node)
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

/** Hashes of the nodes that `spans` need: each is folded from at most 128 stored hashes below it. */
async function nodeSource(query: Query, spans: readonly Span[]): Promise<(at: NodeAt) => Uint8Array> {
  const known = new Map<string, Uint8Array>()
  for (const at of spans.flatMap(nodesOf)) known.set(`${at.level}/${at.index}`, await nodeHashAt(query, at))
  return ({ level, index }) => {
    const hash = known.get(`${level}/${index}`)
    if (hash === undefined) throw new RangeError(`no node ${level}/${index}`)
    return hash
  }
}

async function nodeHashAt(query: Query, { level, index }: NodeAt): Promise<Uint8Array> {
  const stored = level - (level % 8)
  const width = 1n << BigInt(level - stored)
  const [from, to] = [index * width, (index + 1n) * width]
  const rows =
    stored === 0
      ? await query<{ hash: Buffer }>(
          'select hash from ledger.leaf where index >= $1 and index < $2 order by index',
          [String(from), String(to)],
        )
      : await query<{ hash: Buffer }>(
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
