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
import { loadToolPolicies } from '../../src/adapters/files/tool-policies.ts'
import { createContentStore } from '../../src/adapters/postgres/content-store.ts'
import { createConversationVault } from '../../src/adapters/postgres/conversation-vault.ts'
import { createAdmissions } from '../../src/adapters/postgres/admissions.ts'
import { createLeaseStore } from '../../src/adapters/postgres/lease-store.ts'
import { createSightingStore } from '../../src/adapters/postgres/index.ts'
import { loadModels } from '../../src/adapters/files/model-catalogue.ts'
import { loadGuard } from '../../src/adapters/files/guard-catalogue.ts'
import { configureRoute, issueGatewayKey, registerUpstream } from '../../src/app/gateway-admin.ts'
import type { Limits } from '../../src/gateway/limits.ts'
import { usualTerms, type BreakerTerms } from '../../src/gateway/sending/breaker.ts'
import type { Caller } from '../../src/gateway/admit.ts'
import { limitsOf } from '../../src/gateway/leases/limits-by-key.ts'
import { createBudgets } from '../../src/gateway/leases/budgets.ts'
import { createRecords } from '../../src/gateway/records.ts'
import { createGateway } from '../../src/gateway/server.ts'
import { createSightings } from '../../src/gateway/sightings.ts'
import { createSnapshotSource } from '../../src/gateway/snapshot.ts'
import {
  addDays,
  epochMs,
  Secret,
  type DataClass,
  type Tier,
  type UpstreamApi,
  type UpstreamId,
} from '../../src/kernel/index.ts'
import { alias, gatewayFixture, issuerWith, origin, type Granted, type Pins } from './gateway-fixture.ts'

const catalogue = resolve(import.meta.dirname, '../../catalogue')
export const conversationKey = randomBytes(32)
const random = (n: number) => randomBytes(n)
const admin = issuerWith({ k: 'system' })

/** Tests make one provider fail again and again; those about the breaker say so. */
const neverOpens: BreakerTerms = { ...usualTerms, streak: Infinity, least: Infinity }

export type GatewaySetup = {
  /** Origin of the provider. */
  readonly provider: string
  /** What the provider may be sent; what the grant allows unless given. */
  readonly ceiling?: DataClass
  /** A second provider, to which each model goes when the first one fails. */
  readonly spare?: { readonly provider: string; readonly ceiling?: DataClass; readonly region?: string }
  /** How the provider is spoken to by callers of OpenAI's API. */
  readonly azure?: { readonly basePath: string; readonly apiVersion?: string }
  readonly pollEveryMs?: number
  readonly tier?: Tier
  readonly granted?: Granted
  readonly limits?: Partial<Limits>
  /** The way by which the gateway reaches its database; the straight one unless given. */
  readonly through?: (database: Database) => Promise<Database>
}

/** A gateway of its own process parts on loopback, in front of a provider and behind a real database. */
export async function runGateway({
  provider,
  ceiling,
  spare,
  azure,
  tier,
  granted = {},
  limits,
  through,
  ...options
}: GatewaySetup) {
  const fixture = await gatewayFixture(granted)
  const { ports, ids } = fixture
  const register = async (name: string, api: UpstreamApi, at: NonNullable<GatewaySetup['spare']>) => {
    const { id } = await registerUpstream(ports, admin, {
      name,
      origin: at.provider,
      basePath: '/v1',
      api,
      region: at.region ?? 'local',
      privateCidrs: ['127.0.0.0/8'],
      secret: new Secret('provider-secret'),
      ...(at.ceiling === undefined ? {} : { ceiling: at.ceiling }),
      ...(api === 'azure' ? azure : {}),
    })
    return id
  }
  const first = { provider, ...(ceiling === undefined ? {} : { ceiling }) }
  const upstreamId = await register('demo', azure === undefined ? 'openai' : 'azure', first)
  const mockTargets = async (served: readonly string[]) => {
    if (served.length === 0) return {}
    const anthropicId = await register('mock-anthropic', 'anthropic', first)
    const spares =
      spare === undefined
        ? null
        : {
            openai: await register('spare', 'openai', spare),
            anthropic: await register('spare-anthropic', 'anthropic', spare),
          }
    const way = (id: UpstreamId, model: string, other: UpstreamId | undefined) => ({
      upstreamId: id,
      model,
      ...(other === undefined ? {} : { fallbacks: [{ upstreamId: other, model }] }),
    })
    return Object.fromEntries(
      served.flatMap((model) => [
        [`mock/${model}`, way(upstreamId, model, spares?.openai)],
        [`mock-anthropic/${model}`, way(anthropicId, model, spares?.anthropic)],
      ]),
    )
  }
  const target = (model: string) => ({ upstreamId, model })
  const models = {
    [alias]: target('demo'),
    'demo/demo-endless': target('demo-endless'),
    ...(await mockTargets(granted.models ?? [])),
  }
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
  const records = createRecords({
    store,
    admissions: createAdmissions(pool),
    worker,
    log,
    monotonicMs: clock.monotonicMs,
  })
  const budgets = createBudgets<Caller>({
    store: createLeaseStore(pool),
    limitsOf,
    worker,
    workers: () => 1,
    monotonicMs: clock.monotonicMs,
    log,
  })
  const gateway = createGateway({
    port: 0,
    host: '127.0.0.1',
    snapshot,
    records,
    clock,
    upstreamSecrets: fixture.vault,
    content: createContentStore(pool, conversationKey),
    conversations: createConversationVault(pool, conversationKey),
    canaryDigestOf: fixture.ports.canaryMaker.digestOf,
    guard: loadGuard(catalogue),
    toolPolicies: loadToolPolicies(catalogue),
    sightings: createSightings({ store: createSightingStore(pool), clock, log }),
    budgets,
    models: loadModels(catalogue),
    log,
    limits: { drainMs: 200, retryMs: 5, breaker: neverOpens, ...limits },
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
    /** Renews the grant with these tools, and waits until the gateway has it. */
    pin: async (pins: Pins) => {
      await fixture.grant(tier, pins)
      const { begun } = polls
      await snapshot.refresh()
      await vi.waitFor(() => expect(polls.done).toBeGreaterThan(begun), { timeout: 5_000, interval: 5 })
    },
    /** Secret of the key. */
    token,
    address: `http://127.0.0.1:${port}`,
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
