import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import OpenAI from 'openai'
import { expect, vi } from 'vitest'
import {
  createBatchStore,
  createGatewayFeed,
  createPool,
  createUnitOfWork,
  readTrustBundle,
  type Database,
} from '../../src/adapters/postgres/index.ts'
import { loadGuard } from '../../src/adapters/files/guard-catalogue.ts'
import { configureRoute, issueGatewayKey, registerUpstream } from '../../src/app/gateway-admin.ts'
import { createRecords } from '../../src/gateway/records.ts'
import { createGateway } from '../../src/gateway/server.ts'
import { createSnapshotSource } from '../../src/gateway/snapshot.ts'
import { addDays, epochMs, Secret, type Tier } from '../../src/kernel/index.ts'
import { alias, gatewayFixture, issuerWith, origin } from './gateway-fixture.ts'

const random = (n: number) => randomBytes(n)
const admin = issuerWith({ k: 'system' })

export type GatewaySetup = {
  /** Origin of the provider. */
  readonly provider: string
  readonly pollEveryMs?: number
  readonly tier?: Tier
  /** The way by which the gateway reaches its database; the straight one unless given. */
  readonly through?: (database: Database) => Promise<Database>
}

/** A gateway of its own process parts on loopback, in front of a provider and behind a real database. */
export async function runGateway({ provider, tier, through, ...options }: GatewaySetup) {
  const fixture = await gatewayFixture()
  const { ports, ids } = fixture
  const { id: upstreamId } = await registerUpstream(ports, admin, {
    name: 'demo',
    origin: provider,
    basePath: '/v1',
    region: 'local',
    privateCidrs: ['127.0.0.0/8'],
    secret: new Secret('provider-secret'),
  })
  const target = (model: string) => ({ upstreamId, model })
  const models = { [alias]: target('demo'), 'demo/demo-endless': target('demo-endless') }
  await configureRoute(ports, admin, ids.route, { models, revision: 0 })
  const key = await issueGatewayKey(ports, admin, ids.route, {
    agent: 'triage-bot',
    expiresAt: addDays(epochMs(Date.now()), 30),
    sources: ['127.0.0.0/8'],
  })
  await fixture.grant(tier)

  const way = through === undefined ? fixture.database : await through(fixture.database)
  const pool = createPool(way, 'countersign_gateway', 3)
  const skew = { ms: 0 }
  // Whole milliseconds: of fractions, `(a + b) - a` may be a hair more than `b`, and a limit is exact.
  const moment = () => ({ wall: Date.now(), monotonic: Math.round(performance.now()) })
  let held: ReturnType<typeof moment> | null = null
  const clock = {
    now: () => epochMs((held ?? moment()).wall + skew.ms),
    monotonicMs: () => (held ?? moment()).monotonic + skew.ms,
  }
  const log = () => undefined
  const polls = { begun: 0, done: 0 }
  const feed = createGatewayFeed(pool, { trustBundle: () => readTrustBundle(pool) })
  const counted = {
    ...feed,
    load: async () => {
      const n = (polls.begun += 1)
      const data = await feed.load()
      polls.done = n
      return data
    },
  }
  const snapshot = createSnapshotSource({ feed: counted, trust: fixture.trust, clock, log, ...options })
  const store = createBatchStore({ unitOfWork: createUnitOfWork(pool, { origin, random }), random })
  const worker = `w${randomBytes(6).toString('hex')}`
  const records = createRecords({ store, worker, log, monotonicMs: clock.monotonicMs })
  const gateway = createGateway({
    port: 0,
    host: '127.0.0.1',
    snapshot,
    records,
    clock,
    upstreamSecrets: fixture.vault,
    guard: loadGuard(resolve(import.meta.dirname, '../../catalogue')),
    log,
    limits: { drainMs: 200 },
  })
  const { port } = await gateway.start()
  let isClosed = false
  /** Ends the gateway alone; the database stays to be looked at. */
  const stop = async () => {
    if (isClosed) return
    isClosed = true
    await gateway.close()
  }
  const token = key.token.reveal()
  const openai = new OpenAI({ apiKey: token, baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 })
  /** Status and reason of one more call. */
  const outcome = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: alias, messages: [] }),
    })
    await response.arrayBuffer()
    return [response.status, response.headers.get('countersign-reason')]
  }
  return {
    ...fixture,
    key,
    upstreamId,
    /** Time that has passed for the gateway, and for nobody else. */
    skew,
    /** From now on no time passes for the gateway but by `skew`, until it is let go. */
    holdTime: () => void (held = moment()),
    letTimeGo: () => void (held = null),
    /** Numbers of the last look at the database that has begun, and of the last that has succeeded. */
    polls,
    store,
    worker,
    records,
    stop,
    openai,
    ask: (model = alias) =>
      openai.chat.completions.create({ model, messages: [{ role: 'user', content: 'Is this alert real?' }] }),
    outcome,
    becomes: async (expected: readonly [number, string | null], timeout: number) => {
      await vi.waitFor(async () => expect(await outcome()).toEqual(expected), { timeout, interval: 25 })
    },
    close: async () => {
      await stop()
      await pool.end()
      await fixture.close()
    },
  }
}
