import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Tier } from '../../src/kernel/index.ts'
import type { Granted } from '../support/gateway-fixture.ts'
import { startMockProvider, type MockProvider } from '../support/mock-provider/mock-provider.ts'
import { obviousSecret } from '../support/mock-provider/scenarios.ts'
import { runGateway } from '../support/running-gateway.ts'
import { apis, type Api, type Wish } from './apis.ts'
import { granted } from './sides.ts'

type Gateway = Awaited<ReturnType<typeof runGateway>>
type Case = {
  readonly reason: string
  readonly status: number
  readonly key?: string
  readonly wish?: Omit<Partial<Wish>, 'stream'>
  readonly granted?: Granted
  readonly tier?: Tier
  readonly arrange?: (gateway: Gateway) => Promise<void> | void
}

let provider: MockProvider
const closers: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  provider = await startMockProvider()
})
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})
afterAll(() => provider.close())

const cases: readonly Case[] = [
  { reason: 'key_invalid', status: 401, key: 'sk-from-elsewhere' },
  { reason: 'model_not_granted', status: 403, wish: { model: 'other' } },
  { reason: 'tool_not_granted', status: 403, wish: { withTool: true } },
  { reason: 'guard_blocked', status: 400, wish: { text: `Try ${obviousSecret} now.` }, tier: 3 },
  {
    reason: 'grant_stopped',
    status: 403,
    arrange: async ({ order, ids, becomes }) => {
      await order('deployment', ids.deployment)
      await becomes([403, 'grant_stopped'], 2_000)
    },
  },
  {
    reason: 'snapshot_stale',
    status: 503,
    arrange: (gateway) => {
      gateway.holdTime()
      gateway.skew.ms = 3_600_000
    },
  },
  { reason: 'budget_exhausted', status: 429, granted: { volumePerDay: 0 } },
]
const everywhere = Object.entries(apis).flatMap(([name, api]) =>
  cases
    .filter(({ wish }) => api.offersTools || wish?.withTool !== true)
    .map((one) => [name, one.reason, api, one] as const),
)

test.each(everywhere)(
  '%s: %s is an error of its own class, and is not tried again',
  async (_name, _reason, api, one) => expect(await outcomeOf(api, one)).toEqual(refusedAtOnce(api, one)),
)

const refusedAtOnce = (api: Api, { reason, status }: Case) => ({
  kind: api.errors[status],
  status,
  told: [reason],
  reachedProvider: 0,
})

/** What the client makes of one call, and what every attempt of it was told. */
async function outcomeOf(api: Api, { key, wish, granted: more, tier = 1, arrange }: Case) {
  const gateway = await runGateway({
    provider: provider.origin,
    granted: { models: granted.models, ...more },
    tier,
    pollEveryMs: 60_000,
  })
  closers.push(gateway.close)
  await arrange?.(gateway)
  const { address, token } = gateway
  const before = provider.received.length
  const told: (string | null)[] = []
  const attempt: typeof fetch = async (...request) => {
    const response = await fetch(...request)
    told.push(response.headers.get('countersign-reason'))
    return response
  }
  const point = { openai: `${address}/openai/v1`, anthropic: `${address}/anthropic`, key: key ?? token }
  const { model = 'text', ...rest } = wish ?? {}
  const asked = { ...rest, model: `${api.provider}/${model}` }
  const error: unknown = await api.call(point, asked, { fetch: attempt }).catch((e: unknown) => e)
  if (!(error instanceof api.errors.any)) throw new TypeError('no error of the API')
  const { constructor: kind, status } = error as Error & { readonly status: number } // an error of an answer has one
  return { kind, status, told, reachedProvider: provider.received.length - before }
}
