// Commands with a ledger entry against the same transaction without one; and entries in batches, until integrated.
// Usage: node bench/ledger/append.ts [seconds per round] [rounds]. Prints a table, and JSON as the last line.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
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

const seconds = Number(process.argv[2] ?? 5)
const rounds = Number(process.argv[3] ?? 5)
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

/** The same transaction without the ledger: lock, one row, the state of the stream. */
async function withoutLedger(client: number): Promise<void> {
  const stream = `plain/${client}`
  const connection = await pool.connect()
  try {
    await connection.query('begin')
    await connection.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [stream])
    await connection.query('select stream, rev, state from streams where stream = any($1)', [[stream]])
    await connection.query('select clock_timestamp()')
    const name = randomBytes(16).toString('hex')
    await connection.query('insert into settings (name, value) values ($1, $2)', [name, 'x'])
    await connection.query(
      `insert into streams (stream, kind, rev, state, updated_at) values ($1, 'plain', 1, '{"n":1}', now())
       on conflict (stream) do update set rev = streams.rev + 1, state = excluded.state`,
      [stream],
    )
    await connection.query('commit')
  } finally {
    connection.release()
  }
}

/** Runs `task` from every client for the time of a round; tasks per second. */
async function rate(task: (client: number) => Promise<void>): Promise<number> {
  const end = performance.now() + seconds * 1_000
  const started = performance.now()
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

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const percentile = (values: number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0

await rate((client) => command(client, 1)) // warm-up
const [commands, plain, batched]: number[][] = [[], [], []]
const delays: number[] = []
for (let round = 0; round < rounds; round += 1) {
  commands?.push(await rate((client) => command(client, 1)))
  plain?.push(await rate(withoutLedger))
  batched?.push(100 * (await rate((client) => command(client, 100))))
  await integrator.drain()
}
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
const result = {
  node: process.version,
  postgres: rows[0]?.version,
  fsync: rows[0]?.fsync,
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  clients,
  secondsPerRound: seconds,
  rounds,
  commandsPerSecond: Math.round(median(commands ?? [])),
  withoutLedgerPerSecond: Math.round(median(plain ?? [])),
  ratio: Math.round((100 * median(commands ?? [])) / median(plain ?? [1])) / 100,
  batchedEntriesPerSecond: Math.round(median(batched ?? [])),
  commitToIntegratedMs: {
    p50: Math.round(percentile(delays, 0.5) * 10) / 10,
    p99: Math.round(percentile(delays, 0.99) * 10) / 10,
  },
  entriesInLog: rows[0]?.entries,
}
console.table([result])
console.log(JSON.stringify(result))
await integrator.stop()
await Promise.all([owner.end(), pool.end(), lead.end()])
await server.stop()
rmSync(home, { recursive: true, force: true })
