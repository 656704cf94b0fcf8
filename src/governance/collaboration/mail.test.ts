import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { epochMs, type EpochMs } from '../../kernel/index.ts'
import { mandatoryNoticeKinds } from '../../kernel/notice-kinds.ts'
import { digestDay, usualMailMode } from './mail.ts'

const at = (text: string): EpochMs => epochMs(Date.parse(text))
const berlin = { timeZone: 'Europe/Berlin', hour: 8 }

test.each([
  ['before the hour', '2026-11-28T06:59:59Z', berlin, null],
  ['at the hour', '2026-11-28T07:00:00Z', berlin, '2026-11-28'],
  ['late on the day', '2026-11-28T22:59:59Z', berlin, '2026-11-28'],
  ['after midnight there', '2026-11-28T23:00:00Z', berlin, null],
  ['summer time', '2026-07-01T06:00:00Z', berlin, '2026-07-01'],
  ['an hour that the clocks skip', '2026-03-29T01:00:00Z', { ...berlin, hour: 2 }, '2026-03-29'],
  ['midnight', '2026-11-28T00:00:00Z', { timeZone: 'UTC', hour: 0 }, '2026-11-28'],
  ['another day there', '2026-11-28T23:00:00Z', { timeZone: 'Pacific/Auckland', hour: 8 }, '2026-11-29'],
] as const)('the digest: %s', (_when, now, clock, day) => {
  expect(digestDay(at(now), clock)).toBe(day)
})

test('law: the day never goes back, and no day of a year is left out', () => {
  const zones = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Pacific/Auckland',
    'Asia/Kolkata',
  )
  const law = fc.property(zones, fc.integer({ min: 0, max: 23 }), fc.nat(59), (timeZone, hour, minute) => {
    const days: string[] = []
    for (let hours = 0; hours < 40 * 24; hours += 1) {
      const now = epochMs(Date.UTC(2026, 2, 1, hours, minute)) // into summer time, or out of it
      const day = digestDay(now, { timeZone, hour })
      if (day !== null && days.at(-1) !== day) days.push(day)
    }
    expect(days).toEqual([...new Set(days)].sort())
    expect(days.length).toBeGreaterThanOrEqual(39)
  })
  fc.assert(law, { numRuns: 20 })
})

test('what is mandatory goes at once unless its person says otherwise', () => {
  expect(new Set(mandatoryNoticeKinds.map(usualMailMode))).toEqual(new Set(['at_once']))
})
