import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDays, addMs, epochMs, hourMs, type EpochMs } from '../../kernel/index.ts'
import { workKinds } from '../../kernel/work-kinds.ts'
import type { WorkItem } from './item.ts'
import { faultsIn, isAsleep, maxSnoozeDays, snoozeLimit } from './snooze.ts'

const now = epochMs(Date.UTC(2026, 10, 23, 9))
type Waiting = Pick<WorkItem, 'kind' | 'due' | 'since'>
const triage: Waiting = { kind: 'triage', due: addDays(now, 3), since: addDays(now, -1) }

test.each<[string, Waiting, ReturnType<typeof snoozeLimit>]>([
  ['what is due, until then', triage, { k: 'until', at: addDays(now, 3) }],
  ['what is due now', { ...triage, due: now }, { k: 'never', why: 'OVERDUE' }],
  [
    'what has no date, for a month',
    { ...triage, due: null },
    { k: 'until', at: addDays(now, maxSnoozeDays) },
  ],
  ['a ballot', { ...triage, kind: 'ballot' }, { k: 'never', why: 'MANDATORY' }],
  [
    'what runs without leave',
    { ...triage, kind: 'release_blocked', due: null },
    { k: 'never', why: 'MANDATORY' },
  ],
  [
    'an approval that ends in 20 days, until a week before',
    { ...triage, kind: 'decision_expiring', due: addDays(now, 20) },
    { k: 'until', at: addDays(now, 13) },
  ],
  [
    'a waiver that ends within a week',
    { ...triage, kind: 'waiver_expiring', due: addDays(now, 7) },
    { k: 'never', why: 'ENDS_SOON' },
  ],
])('it is put off: %s', (_what, item, limit) => {
  expect(snoozeLimit(item, now)).toEqual(limit)
})

test.each<[string, Waiting, EpochMs, string[]]>([
  ['until it is due', triage, addDays(now, 3), []],
  ['past its date', triage, addMs(addDays(now, 3), 1), ['SNOOZE_TOO_LONG']],
  ['until now', triage, now, ['SNOOZE_IN_THE_PAST']],
  ['what is mandatory', { ...triage, kind: 'override_second' }, addMs(now, 1), ['SNOOZE_NOT_POSSIBLE']],
])('against putting it off %s', (_what, item, until, codes) => {
  expect(faultsIn(item, until, now).map(({ code }) => code)).toEqual(codes)
})

test.each<[string, Waiting, EpochMs, boolean]>([
  ['before its instant', triage, addMs(now, hourMs), true],
  ['at its instant', triage, addDays(now, 1), false],
  ['when it waits anew', { ...triage, since: now }, addMs(now, hourMs), false],
  ['when it is now due earlier', { ...triage, due: addMs(now, 2 * hourMs) }, addMs(now, hourMs), false],
])('asleep until tomorrow: %s', (_when, item, at, asleep) => {
  const snooze = { until: addDays(now, 1), since: triage.since }
  expect(isAsleep(item, snooze, at)).toBe(asleep)
})

test('law: nothing that is mandatory or due is asleep, whatever was wished for', () => {
  let slept = 0
  const anyTime = fc.integer({ min: -40, max: 40 }).map((days) => addDays(now, days))
  const anyDue = fc.option(anyTime)
  const anyKind = fc.constantFrom(...workKinds)
  fc.assert(
    fc.property(anyKind, anyDue, anyTime, anyTime, (kind, due, until, at) => {
      const item: Waiting = { kind, due, since: null }
      if (!isAsleep(item, { until, since: null }, at)) return
      slept += 1
      expect(kind).not.toBe('ballot')
      expect(at).toBeLessThan(until)
      expect(due === null || (at < due && until <= due)).toBe(true)
    }),
    { numRuns: 2_000 },
  )
  expect(slept).toBeGreaterThan(100)
})
