import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { closed, enter, report, usualTerms, type Breaker, type Outcome } from './breaker.ts'

type Step = readonly [at: number, what: Outcome | 'enter']

/** Each attempt begins and ends at once; `enter` alone begins one that never ends. */
function after(steps: readonly Step[]): Breaker {
  return steps.reduce<Breaker>((breaker, [at, what]) => {
    const entered = enter(breaker, at, usualTerms)
    if (entered === null) return breaker
    return what === 'enter' ? entered : report(entered, entered.turn, what, at, usualTerms)
  }, closed)
}

const times = (n: number, at: number, what: Outcome): Step[] => Array.from({ length: n }, () => [at, what])
const opened = times(5, 0, 'failed')

test.each<[string, readonly Step[], Partial<Breaker>]>([
  ['it is closed at first', [], { s: 'closed' }],
  ['four failures do not open it', times(4, 0, 'failed'), { s: 'closed' }],
  ['five in a row do', opened, { s: 'open', until: 5_000 }],
  [
    'not when one is served between',
    [...times(4, 0, 'failed'), [1, 'ok'], ...times(4, 2, 'failed')],
    { s: 'closed' },
  ],
  ['what ends before it shows anything counts for nothing', times(50, 0, 'unknown'), { s: 'closed' }],
  [
    'half of twenty do, however they come',
    Array.from({ length: 20 }, (_, n): Step => [n, n % 2 === 0 ? 'ok' : 'failed']),
    { s: 'open' },
  ],
  [
    'half of nineteen do not',
    Array.from({ length: 19 }, (_, n): Step => [n, n % 2 === 0 ? 'failed' : 'ok']),
    { s: 'closed' },
  ],
  [
    'less than half do not',
    Array.from({ length: 40 }, (_, n): Step => [n, n % 5 < 2 ? 'failed' : 'ok']),
    { s: 'closed' },
  ],
  [
    'only those of the last ten seconds count',
    [...times(11, 0, 'ok'), ...times(4, 0, 'failed'), [10_500, 'ok'], ...times(4, 10_600, 'failed')],
    { s: 'closed' },
  ],
  ['nothing is tried while it is open', [...opened, [4_999, 'ok']], { s: 'open', until: 5_000 }],
  ['one probe may go after the pause', [...opened, [5_000, 'enter']], { s: 'probing' }],
  ['and no other beside it', [...opened, [5_000, 'enter'], [5_001, 'ok']], { s: 'probing' }],
  ['a probe that is served closes it', [...opened, [5_000, 'ok']], { s: 'closed', streak: 0 }],
  ['one that fails doubles the pause', [...opened, [5_000, 'failed']], { s: 'open', until: 15_000 }],
  [
    'up to a minute',
    [
      ...opened,
      [5_000, 'failed'],
      [15_000, 'failed'],
      [35_000, 'failed'],
      [75_000, 'failed'],
      [135_000, 'failed'],
    ],
    { s: 'open', until: 195_000, pauseMs: 60_000 },
  ],
  [
    'the next pause after a success is the first one again',
    [...opened, [5_000, 'failed'], [15_000, 'ok'], ...times(5, 16_000, 'failed')],
    { s: 'open', until: 21_000 },
  ],
  [
    'a probe that shows nothing lets the next one go at once',
    [...opened, [5_000, 'unknown']],
    { s: 'open', until: 5_000 },
  ],
  [
    'a probe of which nothing is heard is given up after a minute',
    [...opened, [5_000, 'enter'], [65_000, 'ok']],
    { s: 'closed' },
  ],
])('%s', (_what, steps, expected) => {
  expect(after(steps)).toMatchObject(expected)
})

test('an attempt of before the breaker opened says nothing about it now', () => {
  const early = enter(closed, 0, usualTerms) ?? closed
  const open = after(opened)
  expect(report(open, early.turn, 'ok', 1, usualTerms)).toBe(open)
  const probing = after([...opened, [5_000, 'enter']])
  expect(report(probing, early.turn, 'ok', 5_001, usualTerms)).toBe(probing)
  expect(report(probing, early.turn, 'failed', 5_001, usualTerms)).toBe(probing)
})

test('law: attempts that overlap in any way: none while it is open, one probe at a time, and never shut for good', () => {
  let [opens, probes, closes] = [0, 0, 0]
  const anyStep = fc.record({
    wait: fc.constantFrom(0, 1, 300, 2_000, 6_000, 61_000),
    // Mostly failures, so that it opens; ends one of those that are under way.
    end: fc.constantFrom<(Outcome | null)[]>('failed', 'failed', 'failed', 'ok', 'unknown', null),
    which: fc.nat(5),
  })
  const law = fc.property(fc.array(anyStep, { minLength: 20, maxLength: 80 }), (steps) => {
    let [breaker, now]: [Breaker, number] = [closed, 0]
    const running: { readonly turn: number; readonly at: number }[] = []
    for (const { wait, end, which } of steps) {
      now += wait
      const before = breaker
      const entered = enter(breaker, now, usualTerms)
      if (before.s === 'closed') expect(entered).toBe(before)
      else expect(entered === null).toBe(now < before.until)
      if (before.s !== 'closed' && entered !== null) {
        expect(entered.s).toBe('probing')
        // A probe alone has the turn, so that nothing else can close the breaker.
        expect(running.every(({ turn }) => turn !== entered.turn)).toBe(true)
        probes += 1
      }
      if (entered !== null) {
        breaker = entered
        running.push({ turn: entered.turn, at: now })
      }
      const [ended] = end === null ? [] : running.splice(which % Math.max(1, running.length), 1)
      if (ended === undefined || end === null) continue
      const next = report(breaker, ended.turn, end, now, usualTerms)
      if (breaker.s === 'open') expect(next).toBe(breaker)
      if (breaker.s === 'closed' && next.s !== 'closed') {
        opens += 1
        expect([ended.turn, end, next.s]).toEqual([breaker.turn, 'failed', 'open'])
      }
      if (breaker.s === 'probing' && next.s === 'closed') {
        closes += 1
        expect([ended.turn, end]).toEqual([breaker.turn, 'ok'])
      }
      breaker = next
      if (breaker.s !== 'closed') {
        expect(breaker.until - now).toBeLessThanOrEqual(usualTerms.longestMs)
        expect(breaker.pauseMs).toBeGreaterThanOrEqual(usualTerms.firstMs)
        expect(breaker.pauseMs).toBeLessThanOrEqual(usualTerms.longestMs)
      } else expect(breaker.seconds.length).toBeLessThanOrEqual(usualTerms.windowMs / 1_000)
    }
  })
  fc.assert(law, { numRuns: 1_000 })
  for (const reached of [opens, probes, closes]) expect(reached).toBeGreaterThan(100)
})
