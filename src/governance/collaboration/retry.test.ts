import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { epochMs, hourMs, minuteMs, secondMs } from '../../kernel/index.ts'
import { longestPauseMs, maxAttempts, nextAttempt, pauseAskedFor } from './retry.ts'

test('a delivery is tried eight times over a bit more than a day, and then left', () => {
  const start = epochMs(1_800_000_000_000)
  const waits: number[] = []
  let at = start
  for (let attempt = 1; ; attempt += 1) {
    const next = nextAttempt(attempt, at)
    if (next === null) break
    waits.push(next - at)
    at = next
  }
  expect(waits).toEqual([
    5 * secondMs,
    5 * minuteMs,
    30 * minuteMs,
    2 * hourMs,
    5 * hourMs,
    10 * hourMs,
    10 * hourMs,
  ])
  expect(waits.length + 1).toBe(maxAttempts)
})

test('law: whenever an attempt fails the next is later, never sooner than after the one before, and they end', () => {
  let ended = 0
  const law = fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(2e12), (attempt, ms) => {
    const at = epochMs(ms)
    const [next, before] = [nextAttempt(attempt, at), nextAttempt(attempt - 1, at)]
    if (attempt >= maxAttempts) {
      ended += 1
      expect(next).toBeNull()
      return
    }
    expect(next).toBeGreaterThan(at)
    if (before !== null) expect(next).toBeGreaterThanOrEqual(before)
  })
  fc.assert(law, { numRuns: 1_000 })
  expect(ended).toBeGreaterThan(100)
})

const now = epochMs(Date.UTC(2026, 10, 29, 3, 0, 0))

test.each([
  ['120', 120 * secondMs],
  [' 7 ', 7 * secondMs],
  ['9999999999', longestPauseMs],
  ['Sun, 29 Nov 2026 03:05:00 GMT', 5 * minuteMs],
  ['Sun, 29 Nov 2099 03:05:00 GMT', longestPauseMs],
  ['Sun, 29 Nov 2026 02:59:59 GMT', null],
  ['0', null],
  ['-5', null],
  ['1.5', null],
  ['1e3', null],
  ['Sunday, 29-Nov-26 03:05:00 GMT', null],
  ['2026-11-29T03:05:00Z', null],
  ['Sun, 99 Nov 2026 03:05:00 GMT', null],
  ['', null],
  ['9'.repeat(100_000), null],
])('a pause that is asked for as %j', (header, pauseMs) => {
  expect(pauseAskedFor(header, now)).toBe(pauseMs)
})

test('law: a pause never brings an attempt forward, and holds none back beyond the longest', () => {
  const law = fc.property(fc.integer({ min: 1, max: 7 }), fc.nat(1e12), (attempt, pauseMs) => {
    const [plain, paused] = [nextAttempt(attempt, now) ?? 0, nextAttempt(attempt, now, pauseMs) ?? 0]
    expect(paused).toBeGreaterThanOrEqual(plain)
    expect(paused).toBeLessThanOrEqual(Math.max(plain, now + longestPauseMs))
    if (pauseMs <= longestPauseMs) expect(paused).toBeGreaterThanOrEqual(now + pauseMs)
  })
  fc.assert(law, { numRuns: 1_000 })
})
