import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { epochMs, hourMs, minuteMs, secondMs } from '../../kernel/index.ts'
import { maxAttempts, nextAttempt } from './retry.ts'

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
