import type { PoolClient } from 'pg'
import {
  appendLeaves,
  leafHash,
  parseLeaf,
  rootOf,
  signCheckpoint,
  type Edge,
  type Signer,
} from '../../../ledger/index.ts'
import type { HaltCause, LedgerState } from '../../../app/ports/ledger.ts'
import { AppError } from '../../../kernel/index.ts'
import type { Pool } from '../pool.ts'
import { queryOn } from '../query.ts'
import { readAnchor, writeAnchor } from './anchor-file.ts'

export type Integrator = {
  readonly state: () => LedgerState
  /** Integrates what is queued now: resolves when the queue was seen empty, or after 5 s. `FAIL_CLOSED` while halted. */
  readonly drain: () => Promise<void>
  readonly stop: () => Promise<void>
}

export type IntegratorOptions = {
  readonly pool: Pool
  readonly origin: string
  readonly signer: Signer
  readonly anchorPath: string
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void
}

const lockKey = 7_316_401
const pollMs = 20
const retryMs = 500
/** Under a steady load the queue is never empty: what was there by then is integrated. */
const longestDrainMs = 5_000
const publishEveryMs = 60_000
const batchCommands = 2_000

/** A finding after which nothing may be appended to the tree until people have looked. */
class Halt extends Error {
  override readonly name = 'Halt'
  readonly halt: HaltCause
  constructor(halt: HaltCause, detail: string) {
    super(detail)
    this.halt = halt
  }
}

/**
 * Gives committed entries their dense index, one leader at a time.
 * INVARIANT: presence in `ledger.queue`, not a watermark, says what is due, and a command leaves the queue only in
 * the transaction that indexes it; so nothing is lost, doubled or reordered whatever the order of commits.
 */
export function startIntegrator(options: IntegratorOptions): Integrator {
  const { log } = options
  const query = queryOn(options.pool)
  let state: LedgerState = { s: 'starting' }
  let stopped = false
  let wake: () => void = () => undefined
  const loop = run()

  async function run(): Promise<void> {
    while (!stopped && state.s !== 'halted') {
      const client = await options.pool.connect().catch(() => null)
      if (client === null) {
        await sleep(retryMs)
        continue
      }
      let lost: Error | undefined
      const note = (error: Error) => (lost = error)
      client.on('error', note)
      try {
        await lead(client)
      } catch (error) {
        if (error instanceof Halt) {
          state = { s: 'halted', cause: error.halt, detail: error.message }
          log('error', `ledger halted (${error.halt}): ${error.message}`)
        } else {
          state = { s: 'starting' }
          if (!stopped) log('warn', `ledger integrator lost its database: ${messageOf(error)}`)
        }
        lost ??= error instanceof Error ? error : new Error('unknown')
      } finally {
        client.off('error', note)
        client.release(lost ?? true) // the advisory lock ends with the session
      }
      if (!stopped && state.s !== 'halted') await sleep(retryMs)
    }
  }

  async function lead(client: PoolClient): Promise<void> {
    const standby = await client.query<{ yes: boolean }>('select pg_is_in_recovery() as yes')
    if (standby.rows[0]?.yes !== false) return
    const lock = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [lockKey])
    if (lock.rows[0]?.got !== true) {
      state = { s: 'following' }
      return
    }
    // A leader that is frozen or cut off loses its session, and the lock with it; one that leads is never idle so long.
    await client.query(
      "set idle_in_transaction_session_timeout = '10s'; set idle_session_timeout = '10s'; set tcp_user_timeout = '10s'",
    )
    const epoch = await takeLead(client, options)
    let publishedAt: number | null = null
    while (!stopped) {
      const { count, size } = await integrateBatch(client, epoch, options)
      state = { s: 'running', size }
      if (publishedAt === null || performance.now() - publishedAt > publishEveryMs) {
        await publishCheckpoint(client)
        publishedAt = performance.now()
      }
      if (count < batchCommands) await sleep(pollMs)
    }
    await publishCheckpoint(client)
  }

  function sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  return {
    state: () => state,
    drain: async () => {
      const deadline = performance.now() + longestDrainMs
      while (performance.now() < deadline) {
        if (state.s === 'halted')
          throw new AppError('FAIL_CLOSED', `the ledger has halted: ${state.cause}, ${state.detail}`)
        wake()
        const [row] = await query<{ due: boolean }>('select exists (select 1 from ledger.queue) as due')
        if (row?.due === false) return
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    stop: async () => {
      stopped = true
      wake()
      await loop
    },
  }
}

/** Creates the log on first use, raises the epoch, and checks the roll-back guard. */
async function takeLead(client: PoolClient, options: IntegratorOptions): Promise<number> {
  const { origin, anchorPath } = options
  await client.query(
    `insert into ledger.log (origin, size, root, edge) values ($1, 0, $2, '{}') on conflict do nothing`,
    [origin, Buffer.from(rootOf({ size: 0n, nodes: [] }))],
  )
  const { rows } = await client.query<{ epoch: number; origin: string; size: number; root: Buffer }>(
    'update ledger.log set epoch = epoch + 1 returning epoch, origin, size, root',
  )
  const [log] = rows
  if (log === undefined) throw new Error('the log has no head')
  if (log.origin !== origin)
    throw new Halt('forked', `the database holds the log \`${log.origin}\`, not \`${origin}\``)
  const anchor = readAnchor(anchorPath)
  if (anchor === null) return log.epoch
  if (anchor.size > log.size)
    throw new Halt('rolled_back', `the anchor has ${anchor.size} entries, the database only ${log.size}`)
  const root = await rootAt(client, anchor.size)
  if (root !== anchor.root)
    throw new Halt('forked', `the tree of ${anchor.size} entries has another root than the anchor`)
  return log.epoch
}

/** The root of the first `size` leaves, rebuilt from the leaves themselves. */
async function rootAt(client: PoolClient, size: number): Promise<string> {
  let edge: Edge = { size: 0n, nodes: [] }
  while (edge.size < BigInt(size)) {
    const from = Number(edge.size)
    const { rows } = await client.query<{ hash: Buffer }>(
      'select hash from ledger.leaf where index >= $1 and index < $2 order by index limit 50000',
      [from, size],
    )
    if (rows.length === 0) throw new Halt('forked', `leaf ${from} is missing`)
    edge = appendLeaves(
      edge,
      rows.map(({ hash }) => hash),
    )
  }
  return Buffer.from(rootOf(edge)).toString('hex')
}

type EntryRow = {
  readonly seq: number
  readonly id: string
  readonly part: number
  readonly parts: number
  readonly stream: string
  readonly rev: number
  readonly kind: string
  readonly leaf: Buffer
  readonly before: number
}

/** One transaction: what one snapshot of the queue shows becomes indexed and leaves the queue. */
async function integrateBatch(
  client: PoolClient,
  epoch: number,
  { origin, signer, anchorPath }: IntegratorOptions,
): Promise<{ readonly count: number; readonly size: number }> {
  await client.query('begin')
  try {
    const { rows } = await client.query<{ epoch: number; size: number; edge: Buffer[] }>(
      'select epoch, size, edge from ledger.log for update',
    )
    const [log] = rows
    if (log === undefined || log.epoch !== epoch) throw new Error('a newer integrator leads')
    const due = await client.query<EntryRow>(
      `select e.seq, e.id, e.part, e.parts, e.stream, e.rev, e.kind, e.leaf,
         (select count(*) from ledger.entry b join ledger.leaf l on l.event_id = b.id
          where b.stream = e.stream and b.rev = e.rev - 1) as before
       from ledger.entry e
       where e.seq in (select seq from ledger.queue order by seq limit $1) order by e.seq, e.part`,
      [batchCommands],
    )
    if (due.rows.length === 0) {
      await client.query('commit')
      return { count: 0, size: log.size }
    }
    const hashes = checked(due.rows, origin)
    const nodes: { level: number; index: string; hash: Buffer }[] = []
    const edge = appendLeaves(
      { size: BigInt(log.size), nodes: log.edge },
      hashes,
      ({ level, index }, hash) => {
        if (level > 0 && level % 8 === 0) nodes.push({ level, index: String(index), hash: Buffer.from(hash) })
      },
    )
    await client.query(
      `insert into ledger.leaf (index, event_id, hash)
       select $1::bigint + u.n - 1, u.id, u.hash from unnest($2::text[], $3::bytea[]) with ordinality as u (id, hash, n)`,
      [log.size, due.rows.map(({ id }) => id), hashes],
    )
    if (nodes.length > 0)
      await client.query(
        'insert into ledger.node (level, index, hash) select * from unnest($1::int[], $2::bigint[], $3::bytea[])',
        [nodes.map(({ level }) => level), nodes.map(({ index }) => index), nodes.map(({ hash }) => hash)],
      )
    const seqs = [...new Set(due.rows.map(({ seq }) => seq))]
    const left = await client.query('delete from ledger.queue where seq = any($1::bigint[])', [seqs])
    if (left.rowCount !== seqs.length) throw new Error('the queue changed under its only reader')
    const root = Buffer.from(rootOf(edge))
    const note = signCheckpoint({ origin, size: edge.size, root }, signer)
    await client.query('update ledger.log set size = $1, root = $2, edge = $3, note = $4', [
      String(edge.size),
      root,
      edge.nodes.map((node) => Buffer.from(node)),
      note,
    ])
    await client.query('commit')
    writeAnchor(anchorPath, { size: Number(edge.size), root: root.toString('hex') })
    return { count: seqs.length, size: Number(edge.size) }
  } catch (error) {
    await client.query('rollback').catch(() => undefined) // the connection may be gone; the first error matters
    throw error
  }
}

/** Leaf hashes of the batch, after every check that an entry must pass before it is indexed for ever. */
function checked(rows: readonly EntryRow[], origin: string): Buffer[] {
  const revs = new Map<string, number>()
  return rows.map((row, i) => {
    const previous = rows[i - 1]
    const { id } = row
    const parsed = parseLeaf(row.leaf)
    if (!parsed.ok) throw new Halt('bad_entry', `entry \`${id}\`: ${parsed.fault}`)
    const { leaf } = parsed
    const same =
      leaf.id === row.id &&
      leaf.stream === row.stream &&
      leaf.rev === row.rev &&
      leaf.kind === row.kind &&
      leaf.log === origin &&
      leaf.part[0] === row.part &&
      leaf.part[1] === row.parts
    if (!same) throw new Halt('bad_entry', `entry \`${id}\`: its row says something else than its leaf`)
    const expected = previous?.seq === row.seq ? previous.part + 1 : 1
    const isLast = rows[i + 1]?.seq !== row.seq
    if (row.part !== expected || (isLast && row.part !== row.parts))
      throw new Halt('bad_entry', `entry \`${id}\`: a part of its command is missing`)
    const last = revs.get(row.stream) ?? (row.before === 1 ? row.rev - 1 : 0)
    if (row.rev !== last + 1)
      throw new Halt('stream_order', `stream \`${row.stream}\` has no revision ${row.rev - 1}`)
    revs.set(row.stream, row.rev)
    return Buffer.from(leafHash(row.leaf))
  })
}

/** Keeps the newest signed head for ever, if the log grew since the last time. */
async function publishCheckpoint(client: PoolClient): Promise<void> {
  await client.query(
    `insert into ledger.checkpoint (size, note) select size, note from ledger.log where note is not null
     on conflict do nothing`,
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
