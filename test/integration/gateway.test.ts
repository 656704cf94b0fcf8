import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import {
  startDemoProvider,
  simulatorLabel,
  type DemoProvider,
} from '../../src/adapters/demo-provider/demo-provider.ts'
import {
  createBatchStore,
  createLedgerStore,
  createPool,
  createUnitOfWork,
  exportLog,
  startIntegrator,
} from '../../src/adapters/postgres/index.ts'
import { disableUpstream, revokeGatewayKey } from '../../src/app/gateway-admin.ts'
import { listRecords, readRecord } from '../../src/app/gateway-records.ts'
import { createRecords } from '../../src/gateway/records.ts'
import { epochMs, isId, parseId, type Json } from '../../src/kernel/index.ts'
import {
  ed25519FromSeed,
  encodeVkey,
  leafHash,
  verifierKey,
  verifyCheckpoint,
  verifyExport,
  verifyInBatch,
  verifyInclusion,
} from '../../src/ledger/index.ts'
import { alias, gatewayFixture, issuerWith, origin, setReachable } from '../support/gateway-fixture.ts'
import { runGateway } from '../support/running-gateway.ts'

const random = (n: number) => randomBytes(n)
const admin = issuerWith({ k: 'system' })
const closers: (() => Promise<unknown>)[] = []
let provider: DemoProvider

beforeAll(async () => {
  provider = await startDemoProvider()
})
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})
afterAll(() => provider.close())

async function start(options: { readonly pollEveryMs?: number } = {}) {
  const gateway = await runGateway({ provider: provider.origin, ...options })
  closers.push(gateway.close)
  return gateway
}

const listeners = `select pid from pg_stat_activity where datname = current_database() and query = 'listen countersign_gateway'`

test('a call with a grant is served, recorded without its content, and proven in two steps', async () => {
  const { ask, ids, key, worker, query, records, store, stop, app, database } = await start()
  const answer = await ask()
  expect(answer.choices[0]?.message.content).toContain(simulatorLabel)
  expect(provider.received.at(-1)?.headers.authorization).toBe('Bearer provider-secret')
  await records.flush()
  await expect(ask('demo/other')).rejects.toMatchObject({ status: 403, code: 'model_not_granted' })
  await stop()
  await store.close(worker)
  await store.close(worker) // closing twice is one end

  const folder = mkdtempSync(join(tmpdir(), 'cs-gateway-ledger-'))
  const signer = ed25519FromSeed(new Uint8Array(32).fill(7))
  const lead = createPool(database, 'countersign_integrator', 3)
  const options = { pool: lead, origin, signer, anchorPath: join(folder, 'anchor'), log: () => undefined }
  const integrator = startIntegrator(options)
  await integrator.drain()
  await integrator.stop()
  await lead.end()
  rmSync(folder, { recursive: true, force: true })

  const visibility = { all: true, units: [], useCases: [], person: null }
  const rows = await listRecords(query, { visibility, limit: 10 })
  expect(rows.map((row) => [row['seq'], row['action'], row['model']])).toEqual([
    [1, 'block', null],
    [0, 'allow', alias],
  ])
  expect(rows[1]).toMatchObject({
    deployment: ids.deployment,
    key: key.id,
    worker,
    usage: { inputTokens: 5 },
  })
  expect(JSON.stringify(rows)).not.toMatch(/alert real|SIMULATOR/)
  const filter = { visibility, limit: 10, deployment: ids.deployment, key: key.id, action: 'allow' } as const
  expect(await listRecords(query, filter)).toHaveLength(1)
  expect(await listRecords(query, { visibility: { ...visibility, all: false }, limit: 10 })).toEqual([])

  const id = rows[1]?.['id']
  if (!isId('record', id)) throw new Error('no record')
  const proven = await readRecord(query, createLedgerStore(app), id, visibility)
  if (proven === null || proven.log === null) throw new Error('no proof')
  const { batch, log } = proven
  const opened = { record: proven.record as Json, salt: proven.salt }
  const root = Buffer.from(batch.root.slice('sha256:'.length), 'hex')
  expect(verifyInBatch({ root, size: batch.size }, batch.index, opened, batch.path)).toBe(true)
  const note = verifyCheckpoint(log.note, verifierKey(origin, signer.publicKey))
  if (!note.ok) throw new Error('no checkpoint')
  const { size, root: logRoot } = note.checkpoint
  expect(verifyInclusion(BigInt(log.index), size, leafHash(log.leaf), log.path, logRoot)).toBe(true)
  expect(JSON.parse(Buffer.from(log.leaf).toString())).toMatchObject({
    kind: 'gateway.traffic.sealed',
    stream: `gateway-boot/${worker}`,
    actor: 'sys:gateway',
  })
  const verdict = await verifyExport((await exportLog(app, { signer, withSealed: false })) ?? [], {
    vkey: encodeVkey(verifierKey(origin, signer.publicKey)),
    kinds: new Set([
      'gateway.upstream.registered',
      'gateway.route.published',
      'gateway.key.issued',
      'gateway.traffic.sealed',
      'gateway.traffic.closed',
    ]),
  })
  expect(verdict).toMatchObject({ verdict: 'verified', findings: [], entries: 6 })
})

test('PD-17: without a grant nothing reaches the provider', async () => {
  const { owner, becomes, ask, grant } = await start()
  await owner.query('delete from grants')
  await becomes([403, 'grant_absent'], 1_000)
  const before = provider.received.length
  await expect(ask()).rejects.toMatchObject({ status: 403 })
  expect(provider.received.length).toBe(before)
  await grant()
  await becomes([200, null], 1_000)
})

test.each([
  ['the installation', 'installation', () => 'installation'],
  ['the use case', 'use_case', (ids: { useCase: string }) => ids.useCase],
  ['the route', 'route', (ids: { route: string }) => ids.route],
] as const)('a stop of %s is heard at once, and an open answer is cut', async (_name, scope, targetOf) => {
  const { openai, becomes, order, ids, grant } = await start({ pollEveryMs: 60_000 }) // only NOTIFY can be this fast
  const stream = await openai.chat.completions.create({
    model: 'demo/demo-endless',
    messages: [{ role: 'user', content: 'x' }],
    stream: true,
  })
  const reading = (async () => {
    for await (const _chunk of stream);
  })()
  const cut = expect(reading).rejects.toMatchObject({ code: 'grant_stopped' })
  await order(scope, targetOf(ids))
  await becomes([403, 'grant_stopped'], 1_000)
  await cut
  await grant() // the issuer would not; a grant of the new epoch shows that the stop worked by the epoch alone
  await becomes([200, null], 1_000)
})

test('a killed listener is replaced, and hears again', async () => {
  const { owner, becomes, order, ids } = await start({ pollEveryMs: 60_000 })
  const pidOf = async () => (await owner.query<{ pid: number }>(listeners)).rows[0]?.pid
  await vi.waitFor(async () => expect(await pidOf()).toBeDefined())
  const killed = await pidOf()
  await owner.query('select pg_terminate_backend($1)', [killed])
  await vi.waitFor(async () => expect([undefined, killed]).not.toContain(await pidOf()), { timeout: 2_000 })
  await order('deployment', ids.deployment)
  await becomes([403, 'grant_stopped'], 1_000)
})

test('a revoked key opens nothing, and neither does a disabled upstream', async () => {
  const { ports, key, becomes, ask, upstreamId } = await start({ pollEveryMs: 60_000 })
  await disableUpstream(ports, admin, upstreamId)
  await becomes([403, 'model_not_granted'], 1_000)
  await revokeGatewayKey(ports, admin, key.id)
  await becomes([401, 'key_revoked'], 1_000)
  await expect(ask()).rejects.toMatchObject({ status: 401, code: 'key_revoked' })
})

test('without the database it serves until the limit of the tier, then refuses, and recovers by itself', async () => {
  const { database, outcome, becomes, skew, records, query } = await start()
  expect(await outcome()).toEqual([200, null])
  await setReachable(database, false)
  skew.ms = 299_000
  expect(await outcome()).toEqual([200, null])
  await records.flush() // fails, and the batch waits
  skew.ms = 301_000
  expect(await outcome()).toEqual([503, 'snapshot_stale'])
  skew.ms = 0 // or else its clock would be the one that is wrong
  await setReachable(database, true)
  await becomes([200, null], 5_000)
  await records.flush()
  const [row] = await query<{ batches: number; gaps: number }>(
    `select count(*) as batches, max(batch) + 1 - count(*) as gaps from gateway_batches`,
  )
  expect(row?.gaps).toBe(0)
  expect(row?.batches).toBeGreaterThan(0)
})

test('a batch that is stored twice is one batch; another of its number, and a gap, are refused', async () => {
  const fixture = await gatewayFixture()
  closers.push(fixture.close)
  const store = createBatchStore({
    unitOfWork: createUnitOfWork(fixture.gateway, { origin, random }),
    random,
  })
  const sealed: Parameters<typeof store.store>[0][] = []
  const records = createRecords({
    store: { store: async (batch) => void sealed.push(batch) },
    worker: 'w1',
    log: () => undefined,
    monotonicMs: () => performance.now(),
  })
  const record = (seq: number) => ({
    v: 1 as const,
    id: parseId('record', `rec_0${String(seq).padStart(25, '0')}`),
    worker: 'w1',
    seq,
    at: epochMs(1_800_000_000_000 + seq),
    key: null,
    deployment: null,
    release: null,
    grant: null,
    tier: null,
    mode: null,
    snapshot: null,
    dialect: 'openai-chat' as const,
    model: null,
    target: null,
    dataClassMax: null,
    action: 'block' as const,
    inspection: 'none' as const,
    released: 'none' as const,
    status: 401,
    findings: [],
    findingCount: 0,
    input: null,
    output: null,
    usage: null,
    codes: ['key_missing'],
    timing: { totalMs: 1, firstByteMs: null },
    tried: [],
  })
  for (const seq of [0, 1, 2]) {
    records.write({ record: record(seq), salt: randomBytes(32).toString('base64url') })
    await records.flush()
  }
  const [first, second, third] = sealed
  if (first === undefined || second === undefined || third === undefined) throw new Error('not sealed')
  await store.store(first)
  await store.store(first)
  await expect(store.store({ ...first, root: second.root })).rejects.toThrow('another root')
  await expect(store.store(third)).rejects.toMatchObject({ code: 'REFUSED' })
  await store.store(second)
  await store.close('w1')
  await expect(store.store(third)).rejects.toMatchObject({ code: 'REFUSED' })
  const entries = await fixture.owner.query('select kind from ledger.entry where stream = $1 order by rev', [
    'gateway-boot/w1',
  ])
  expect(entries.rows.map(({ kind }: { kind: string }) => kind)).toEqual([
    'gateway.traffic.sealed',
    'gateway.traffic.sealed',
    'gateway.traffic.closed',
  ])
})
