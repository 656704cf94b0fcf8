import { expect, test, vi } from 'vitest'
import type { Limit } from '../../app/ports/gateway.ts'
import type { LeaseStore } from '../../app/ports/leases.ts'
import type { ModelPrice, TokenCounts } from '../../governance/registry/index.ts'
import { createBudgets, type BudgetRefusal, type Reservation } from './budgets.ts'
import { countedUsage, outputBound, tokensOfBytes, type Estimate } from './estimate.ts'
import { fakeLeaseStore } from './lease-store.fake.ts'

const price: ModelPrice = {
  effectiveFrom: '2026-01-01',
  source: 'test',
  knownAt: '2026-01-01',
  microUsdPerMTok: { input: 3_000_000, cachedInput: 300_000, cacheWrite: 3_750_000, output: 15_000_000 },
}
const estimate: Estimate = { inputTokens: 100, maxOutputTokens: 50, price }
const day: Limit['window'] = { k: 'calendar', period: 'day', zone: 'UTC' }
const limitOf = (unit: Limit['unit'], amount: number, window: Limit['window'] = day): Limit => ({
  id: `lim_${unit}`,
  target: { scope: 'org' },
  unit,
  amount,
  window,
})
const counts = (input: number, output: number): TokenCounts => ({
  input,
  output,
  cachedInput: 0,
  cacheWrite: 0,
})

function setUp(
  limits: readonly Limit[],
  options: { readonly workers?: number; readonly store?: LeaseStore } = {},
) {
  let now = 1_000
  const fake = fakeLeaseStore(new Map(limits.map((limit) => [limit.id, limit])), () => now)
  let [asked, isDown] = [0, false]
  const store: LeaseStore = options.store ?? {
    lease: async (...args) => {
      asked += 1
      if (isDown) throw new Error('no database')
      return fake.lease(...args)
    },
  }
  const budgetsOf = (worker: string) =>
    createBudgets<readonly Limit[]>({
      store,
      limitsOf: (some) => some,
      worker,
      workers: () => options.workers ?? 1,
      monotonicMs: () => now,
      log: () => undefined,
      answerWithinMs: 20,
    })
  const spentOf = async (limit: Limit) => {
    const look = { limit: limit.id, spentTotal: 0, target: 0, volume: null }
    const [seen] = await fake.lease('onlooker', [look], 1_000)
    return seen?.spent
  }
  return {
    budgets: budgetsOf('w1'),
    budgetsOf,
    spentOf,
    asked: () => asked,
    wait: (ms: number) => {
      now += ms
    },
    setDown: (value: boolean) => {
      isDown = value
    },
  }
}

function granted(answer: Reservation | BudgetRefusal): Reservation {
  if ('refused' in answer) throw new Error(answer.refused)
  return answer
}

test('a call without limits needs no store', () => {
  const { budgets, asked } = setUp([])
  expect(budgets.reserve([], estimate)).toHaveProperty('settle')
  expect(asked()).toBe(0)
})

test('the first call asks the store once for all limits; the next ones are answered at once', async () => {
  const limits = [limitOf('tokens', 1e6), limitOf('requests', 1_000), limitOf('micro_usd', 1e8)]
  const { budgets, asked } = setUp(limits)
  const first = budgets.reserve(limits, estimate)
  expect(first).toBeInstanceOf(Promise)
  granted(await first).settle(counts(100, 50))
  expect(asked()).toBe(1)
  const second = budgets.reserve(limits, estimate)
  expect(second).not.toBeInstanceOf(Promise)
  expect(second).toHaveProperty('settle')
})

test.each<[string, Limit, Partial<Estimate>, string]>([
  ['a spent day', limitOf('requests', 0), {}, 'budget_exhausted'],
  ['a spent budget without a window', limitOf('tokens', 149, { k: 'none' }), {}, 'budget_exhausted'],
  ['a call dearer than the whole budget', limitOf('micro_usd', 1_124), {}, 'budget_exhausted'],
  ['a rate', limitOf('requests', 0, { k: 'sliding', ms: 60_000 }), {}, 'rate_limited'],
  ['too many at the same time', limitOf('concurrent', 0, { k: 'none' }), {}, 'rate_limited'],
  ['a price that nobody knows', limitOf('micro_usd', 1e9), { price: null }, 'budget_unknown'],
])('refused: %s', async (_what, limit, facts, refused) => {
  const { budgets } = setUp([limit])
  expect(await budgets.reserve([limit], { ...estimate, ...facts })).toEqual({ refused, limit: limit.id })
})

test.each<[string, Limit]>([
  ['tokens', limitOf('tokens', 150, { k: 'none' })],
  // 100 tokens at the dearest kind of input, 3.75, and 50 at 15 dollars a million
  ['money', limitOf('micro_usd', 1_125)],
])('what just fits is served: %s', async (_what, limit) => {
  const { budgets } = setUp([limit])
  expect(await budgets.reserve([limit], estimate)).toHaveProperty('settle')
})

test('without a price tokens and calls are counted all the same', async () => {
  const limits = [limitOf('tokens', 1_000), limitOf('requests', 10)]
  const { budgets } = setUp(limits)
  expect(await budgets.reserve(limits, { ...estimate, price: null })).toHaveProperty('settle')
})

test('one limit without room takes nothing out of the others', async () => {
  const [tokens, requests] = [limitOf('tokens', 1_000), limitOf('requests', 0)]
  const { budgets } = setUp([tokens, requests])
  expect(await budgets.reserve([tokens, requests], estimate)).toMatchObject({ limit: requests.id })
  expect(budgets.state().get(tokens.id)?.reserved).toBe(0)
})

test.each<[string, TokenCounts | null, number, number]>([
  ['as the provider says', counts(90, 10), 100, 420],
  ['unknown: what was reserved', null, 150, 1_125],
  ['counts that are none: what was reserved', counts(-1, 10), 150, 1_125],
  ['counts beyond reason: what was reserved', counts(1e12, 10), 150, 1_125],
  ['more than reserved', counts(100, 500), 600, 7_800],
])('a call settles %s, once', async (_what, usage, tokens, microUsd) => {
  const limits = [limitOf('tokens', 1e6), limitOf('micro_usd', 1e6), limitOf('concurrent', 5, { k: 'none' })]
  const { budgets, spentOf } = setUp(limits)
  const reservation = granted(await budgets.reserve(limits, estimate))
  reservation.settle(usage)
  reservation.settle(counts(1_000, 1_000))
  await budgets.close()
  const spent = await Promise.all(limits.map(spentOf))
  expect(spent).toEqual([tokens, microUsd, 0])
  expect(budgets.state().get('lim_tokens')?.overshoot).toBe(Math.max(tokens - 150, 0))
})

test('with the store down the lease is spent, and then nothing is', async () => {
  const limit = limitOf('requests', 1_000)
  const { budgets, setDown, wait } = setUp([limit])
  for (let i = 0; i < 40; i += 1) granted(await budgets.reserve([limit], estimate)).settle(null)
  wait(10_000)
  granted(await budgets.reserve([limit], estimate)).settle(null)
  await vi.waitFor(() => expect(budgets.state().get(limit.id)?.room).toBeGreaterThan(0))
  setDown(true)
  let served = 0
  let answer = await budgets.reserve([limit], estimate)
  for (; !('refused' in answer) && served < 1_000; answer = await budgets.reserve([limit], estimate))
    served += 1
  expect(served).toBeGreaterThan(0)
  expect(answer).toEqual({ refused: 'budget_unknown', limit: limit.id })
  expect(budgets.reserve([limit], estimate)).toEqual({ refused: 'budget_unknown', limit: limit.id }) // at once
  setDown(false)
  wait(1_000)
  expect(await budgets.reserve([limit], estimate)).toHaveProperty('settle')
})

test('a store that never answers holds no call for long', async () => {
  const limit = limitOf('requests', 1_000)
  const { budgets } = setUp([limit], { store: { lease: () => new Promise(() => undefined) } })
  expect(await budgets.reserve([limit], estimate)).toMatchObject({ refused: 'budget_unknown' })
})

test('what was refused is not asked again with every call', async () => {
  const limit = limitOf('requests', 0)
  const { budgets, asked, wait } = setUp([limit])
  await budgets.reserve([limit], estimate)
  expect(asked()).toBe(1)
  for (let i = 0; i < 50; i += 1)
    expect(budgets.reserve([limit], estimate)).toMatchObject({ refused: 'budget_exhausted' })
  expect(asked()).toBe(1)
  wait(300)
  await budgets.reserve([limit], estimate)
  expect(asked()).toBe(2)
})

test('processes share a small limit unit by unit, to the last one', async () => {
  const limit = limitOf('requests', 5)
  const { budgetsOf, wait } = setUp([limit], { workers: 3 })
  const workers = ['a', 'b', 'c'].map(budgetsOf)
  let served = 0
  for (let i = 0; i < 12; i += 1) {
    wait(300)
    const answer = await workers[i % 3]?.reserve([limit], estimate)
    if (answer === undefined || 'refused' in answer) continue
    served += 1
    answer.settle(null)
  }
  expect(served).toBe(5)
})

test('calls that come at the same time share one question, and all that fit are served', async () => {
  const limit = limitOf('requests', 8)
  const { budgets, asked } = setUp([limit])
  const answers = await Promise.all(
    Array.from({ length: 12 }, async () => budgets.reserve([limit], estimate)),
  )
  expect(answers.filter((answer) => 'settle' in answer)).toHaveLength(8)
  expect(asked()).toBeLessThanOrEqual(3)
})

test('a larger amount from the snapshot counts at once', async () => {
  const limit = limitOf('requests', 0)
  const limits = new Map([[limit.id, limit]])
  const fake = fakeLeaseStore(limits, () => 0)
  const { budgets } = setUp([], { store: fake })
  expect(await budgets.reserve([limit], estimate)).toHaveProperty('refused')
  const raised = { ...limit, amount: 10 }
  limits.set(limit.id, raised)
  expect(await budgets.reserve([raised], estimate)).toHaveProperty('settle')
})

test('the estimate: three bytes a token, and output no longer than asked for, than the model gives, or than usual', () => {
  expect([0, 1, 3, 4].map(tokensOfBytes)).toEqual([0, 1, 1, 2])
  expect(outputBound(100, 64_000)).toBe(100)
  expect(outputBound(100_000, 64_000)).toBe(64_000)
  expect(outputBound(null, 64_000)).toBe(64_000)
  expect(outputBound(null, null)).toBe(4_096)
  expect(outputBound(9_000, null)).toBe(9_000)
  expect(countedUsage(10, 10)).toEqual({ input: 10, cachedInput: 0, cacheWrite: 0, output: 4 })
})
