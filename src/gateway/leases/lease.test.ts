import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Limit } from '../../app/ports/gateway.ts'
import type { LeaseAsk, LeaseAnswer } from '../../app/ports/leases.ts'
import { createLease, leaseSize, type Lease } from './lease.ts'
import { fakeLeaseStore } from './lease-store.fake.ts'

test.each([
  ['nothing observed', 0, 1_000, 2, 10],
  ['nothing observed, a large amount', 0, 1_000_000, 2, 16],
  ['nothing observed, a small amount', 0, 90, 2, 1],
  ['two seconds of traffic', 7.2, 1_000, 2, 15],
  ['no more than a fair half', 400, 1_000, 2, 250],
  ['a fair half, rounded up', 400, 9, 4, 2],
  ['a small limit', 400, 3, 4, 1],
  ['an amount of nothing', 400, 0, 4, 1],
])('the size of a lease: %s', (_what, rate, amount, workers, size) => {
  expect(leaseSize(rate, amount, workers)).toBe(size)
})

const limitOf = (unit: Limit['unit'], amount: number): Limit => ({
  id: 'lim',
  target: { scope: 'org' },
  unit,
  amount,
  window: { k: 'none' },
})

const ttlMs = 1_000

type Step =
  | { readonly s: 'reserve'; readonly w: number; readonly units: number }
  | { readonly s: 'settle'; readonly w: number; readonly share: number }
  /** Question and answer in one go, when no other question is open. */
  | { readonly s: 'renew'; readonly w: number; readonly wanted: number }
  | { readonly s: 'ask'; readonly w: number; readonly wanted: number; readonly isLast: boolean }
  /** The question reaches the store now; its answer arrives with a later `answer`, or never. */
  | { readonly s: 'reach'; readonly w: number }
  | { readonly s: 'answer'; readonly w: number }
  | { readonly s: 'lose'; readonly w: number }
  | { readonly s: 'crash'; readonly w: number }
  | { readonly s: 'wait'; readonly ms: number }

const sumOf = (units: readonly number[]) => units.reduce((sum, each) => sum + each, 0)

type Open = { readonly ask: LeaseAsk; readonly sentAt: number; answer: LeaseAnswer | null }
type Worker = {
  readonly name: string
  readonly lease: Lease
  open: Open | null
  /** When the lease ends by the clock of the worker. */
  until: number
  reserved: number[]
  /** Reservations that have outlived the lease that they came from: the store has counted them as spent, or as ended. */
  outlived: number[]
}

const w = fc.nat(2)
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ s: fc.constant('reserve' as const), w, units: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      s: fc.constant('settle' as const),
      w,
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 9, arbitrary: fc.record({ s: fc.constant('renew' as const), w, wanted: fc.nat(12) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      s: fc.constant('ask' as const),
      w,
      wanted: fc.nat(12),
      isLast: fc.constantFrom(false, false, true),
    }),
  },
  { weight: 3, arbitrary: fc.record({ s: fc.constant('reach' as const), w }) },
  { weight: 3, arbitrary: fc.record({ s: fc.constant('answer' as const), w }) },
  { weight: 1, arbitrary: fc.record({ s: fc.constant('lose' as const), w }) },
  { weight: 1, arbitrary: fc.record({ s: fc.constant('crash' as const), w }) },
  {
    weight: 2,
    arbitrary: fc.record({ s: fc.constant('wait' as const), ms: fc.constantFrom(1, 300, 999, 1_000, 2_500) }),
  },
)

test.each<[Limit['unit']]>([['tokens'], ['requests'], ['concurrent']])(
  'law: no interleaving of workers, crashes, lost answers and settlements spends more %s than the amount',
  (unit) => {
    let [reservations, exhausted, crashes, lost, expired] = [0, 0, 0, 0, 0]
    const law = fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.array(anyStep, { minLength: 30, maxLength: 120 }),
      (amount, steps) => {
        let [now, named, gone] = [0, 0, 0]
        const limit = limitOf(unit, amount)
        const store = fakeLeaseStore(new Map([[limit.id, limit]]), () => now)
        const started = (): Worker => ({
          name: `w${(named += 1)}`,
          lease: createLease(limit.id, unit, () => 3, ttlMs),
          open: null,
          until: -Infinity,
          reserved: [],
          outlived: [],
        })
        const workers = [started(), started(), started()]
        let settled = 0
        for (const step of steps) {
          const worker = 'w' in step ? workers[step.w] : undefined
          if (step.s === 'wait') {
            now += step.ms
            for (const each of workers)
              if (now >= each.until) {
                each.outlived.push(...each.reserved)
                each.reserved = []
              }
          }
          if (worker === undefined) continue
          switch (step.s) {
            case 'reserve': {
              const units = unit === 'tokens' ? step.units : 1
              if (worker.lease.reserve(units, now)) {
                reservations += 1
                worker.reserved.push(units)
              }
              break
            }
            case 'settle': {
              const units = worker.reserved.shift() ?? worker.outlived.shift()
              if (units === undefined) break
              const spent = unit === 'requests' ? units : Math.round(units * step.share)
              worker.lease.settle(units, spent)
              if (unit !== 'concurrent') settled += spent
              break
            }
            case 'renew': {
              if (worker.open !== null) break
              worker.lease.wait(step.wanted)
              const ask = worker.lease.ask(now, limit, false)
              worker.lease.stopWaiting(step.wanted)
              const answer = store.leaseOne(worker.name, ask, ttlMs)
              if (answer?.held === 0) exhausted += 1
              if ((answer?.reported ?? 0) > ask.spentTotal) expired += 1
              worker.lease.take(answer, now)
              worker.until = now + ttlMs
              break
            }
            case 'ask':
              if (worker.open !== null) break // one question at a time
              worker.lease.wait(step.wanted)
              worker.open = { ask: worker.lease.ask(now, limit, step.isLast), sentAt: now, answer: null }
              worker.lease.stopWaiting(step.wanted)
              break
            case 'reach':
              if (worker.open?.answer !== null) break
              worker.open.answer = store.leaseOne(worker.name, worker.open.ask, ttlMs)
              if ((worker.open.answer?.reported ?? 0) > worker.open.ask.spentTotal) expired += 1
              if (worker.open.answer?.held === 0) exhausted += 1
              break
            case 'answer':
              if (worker.open === null || worker.open.answer === null) break
              worker.lease.take(worker.open.answer, worker.open.sentAt)
              worker.until = worker.open.sentAt + ttlMs
              worker.open = null
              break
            case 'lose':
              if (worker.open !== null) lost += 1
              worker.open = null
              break
            case 'crash':
              crashes += 1
              // Whatever was in flight may have been spent to the last unit; calls themselves end with their process.
              if (unit !== 'concurrent') gone += sumOf(worker.reserved) + sumOf(worker.outlived)
              workers[step.w] = started()
              break
          }
          const inFlight = workers.reduce(
            (sum, { reserved, outlived }) =>
              sum + sumOf(reserved) + (unit === 'concurrent' ? 0 : sumOf(outlived)),
            0,
          )
          const mayStill = workers.reduce((sum, { lease }) => {
            const { room } = lease.state()
            return lease.has(1, now) ? sum + room : sum
          }, 0)
          expect(settled + gone + inFlight + mayStill).toBeLessThanOrEqual(amount)
          const look = { limit: limit.id, spentTotal: 0, target: 0, volume: null }
          const seen = store.leaseOne('onlooker', look, ttlMs)
          expect((seen?.spent ?? 0) + (seen?.leased ?? 0)).toBeLessThanOrEqual(amount)
        }
      },
    )
    fc.assert(law, { numRuns: 400 })
    expect(reservations).toBeGreaterThan(300)
    expect(exhausted).toBeGreaterThan(50)
    expect(crashes).toBeGreaterThan(50)
    expect(lost).toBeGreaterThan(50)
    if (unit !== 'concurrent') expect(expired).toBeGreaterThan(20)
  },
)

test('what a call costs above its reservation is counted, told, and leaves less for the next one', () => {
  const limit = limitOf('tokens', 100)
  const store = fakeLeaseStore(new Map([[limit.id, limit]]), () => 0)
  const lease = createLease(limit.id, limit.unit, () => 1, ttlMs)
  const renew = (wanted: number) => {
    lease.wait(wanted)
    const ask = lease.ask(0, limit, false)
    lease.stopWaiting(wanted)
    lease.take(store.leaseOne('w', ask, ttlMs), 0)
  }
  renew(60)
  expect(lease.reserve(60, 0)).toBe(true)
  lease.settle(60, 90)
  renew(60)
  expect(lease.state()).toMatchObject({ held: 10, room: 10, overshoot: 30 })
  expect(lease.reserve(11, 0)).toBe(false)
  expect(lease.reserve(10, 0)).toBe(true)
})

test('a lease that nobody has renewed within its time is spent no further', () => {
  const limit = limitOf('requests', 100)
  const store = fakeLeaseStore(new Map([[limit.id, limit]]), () => 0)
  const lease = createLease(limit.id, limit.unit, () => 1, ttlMs)
  lease.wait(10)
  const ask = lease.ask(0, limit, false)
  lease.take(store.leaseOne('w', ask, ttlMs), 0)
  expect(lease.reserve(1, ttlMs - 1)).toBe(true)
  expect(lease.reserve(1, ttlMs)).toBe(false)
})
