// Commands with a ledger entry against the same transaction without one; and entries in batches, until integrated.
// Usage: node bench/ledger/append.ts [seconds per round] [rounds] [--write]
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  createPool,
  createUnitOfWork,
  migrate,
  startEmbedded,
  startIntegrator,
} from '../../src/adapters/postgres/index.ts'
import { idFrom } from '../../src/kernel/index.ts'
import { ed25519FromSeed } from '../../src/ledger/index.ts'
import { alternate, numbersOf, ratioOf, report, summaryOf } from '../measure.ts'

const [seconds = 2, rounds = 5] = numbersOf(2, 5)
const clients = 8
const origin = 'bench/1'
const random = (n: number) => randomBytes(n)

const home = mkdtempSync(join(tmpdir(), 'cs-bench-'))
const server = await startEmbedded({ home, log: () => undefined })
const owner = createPool(server.address, undefined, 1)
await migrate(owner, resolve(import.meta.dirname, '../../migrations'))
const pool = createPool(server.address, 'countersign_app', clients + 2)
const lead = createPool(server.address, 'countersign_integrator', 2)
const work = createUnitOfWork(pool, { origin, random })
const integrator = startIntegrator({
  pool: lead,
  origin,
  signer: ed25519FromSeed(random(32)),
  anchorPath: join(home, 'anchor'),
  log: () => undefined,
})

/** One command: lock one stream, write one row, append `entries` entries. */
async function command(client: number, entries: number): Promise<void> {
  const stream = `bench/${client}`
  await work.run(async (tx) => {
    const head = (await tx.lockStreams([stream])).get(stream)
    const at = await tx.now()
    await tx.query('insert into settings (name, value) values ($1, $2)', [
      idFrom('record', at, random(10)),
      'x',
    ])
    await tx.append({
      commandId: idFrom('command', at, random(10)),
      actor: { k: 'system', role: 'timer' },
      via: { channel: 'system' },
      events: Array.from({ length: entries }, (_, i) => ({
        stream,
        kind: 'bench.happened',
        facts: { n: (head?.rev ?? 0) + i, choice: 'approve', digest: 'sha256:0' },
        state: { n: (head?.rev ?? 0) + i },
      })),
    })
  })
}

const keepState = `insert into streams (stream, kind, rev, state, updated_at)
  values ($1, 'plain', 1, '{"n":1}', now())
  on conflict (stream) do update set rev = streams.rev + 1, state = excluded.state`

/** The same transaction without the ledger, through the same unit of work: the price of the entries alone. */
async function withoutEntries(client: number): Promise<void> {
  const stream = `plain/${client}`
  await work.run(async (tx) => {
    await tx.lockStreams([stream])
    await tx.query('insert into settings (name, value) values ($1, $2)', [
      randomBytes(16).toString('hex'),
      'x',
    ])
    await tx.query(keepState, [stream])
  })
}

/** The same transaction without the ledger as one would write it by hand, statement by statement. */
async function byHand(client: number): Promise<void> {
  const stream = `plain/${client}`
  const connection = await pool.connect()
  try {
    await connection.query('begin')
    await connection.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [stream])
    await connection.query('select stream, rev, state from streams where stream = any($1)', [[stream]])
    await connection.query('select clock_timestamp()')
    const name = randomBytes(16).toString('hex')
    await connection.query('insert into settings (name, value) values ($1, $2)', [name, 'x'])
    await connection.query(keepState, [stream])
    await connection.query('commit')
  } finally {
    connection.release()
  }
}

/** Runs `task` from every client for the time of a round; tasks per second. */
async function rate(task: (client: number) => Promise<void>): Promise<number> {
  await integrator.drain() // no round pays for the entries of another
  const started = performance.now()
  const end = started + seconds * 1_000
  let done = 0
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      while (performance.now() < end) {
        await task(client)
        done += 1
      }
    }),
  )
  return (done * 1_000) / (performance.now() - started)
}

const rates = await alternate(
  {
    commands: () => rate((client) => command(client, 1)),
    byHand: () => rate(byHand),
    withoutEntries: () => rate(withoutEntries),
    batched: async () => 100 * (await rate((client) => command(client, 100))),
  },
  rounds,
)
await integrator.drain()
const delays: number[] = []
for (let i = 0; i < 200; i += 1) {
  await command(0, 1)
  const committed = performance.now()
  await integrator.drain()
  delays.push(performance.now() - committed)
}
const { rows } = await pool.query<{ entries: number; version: string; fsync: string }>(
  `select (select count(*) from ledger.leaf) as entries, current_setting('server_version') as version,
     current_setting('fsync') as fsync`,
)
report(
  import.meta.dirname,
  'append',
  {
    seconds,
    rounds,
    clients,
    postgres: rows[0]?.version,
    fsync: rows[0]?.fsync,
    entriesInLog: rows[0]?.entries,
    ratio:
      'commands with one entry per second over the same transaction without entry per second, round by round',
  },
  {
    rows: [
      { what: 'commands per second', ...summaryOf(rates.commands) },
      { what: 'without entries, by hand, per second', ...summaryOf(rates.byHand) },
      { what: 'without entries, same unit of work, per second', ...summaryOf(rates.withoutEntries) },
      { what: 'entries per second, 100 a command', ...summaryOf(rates.batched) },
      { what: 'commit to integrated, ms', ...summaryOf(delays) },
    ],
    ratios: [
      { what: 'commands to the transaction by hand', ...ratioOf(rates.commands, rates.byHand) },
      { what: 'commands to the same unit of work', ...ratioOf(rates.commands, rates.withoutEntries) },
    ],
  },
)
await integrator.stop()
await Promise.all([owner.end(), pool.end(), lead.end()])
await server.stop()
rmSync(home, { recursive: true, force: true })
