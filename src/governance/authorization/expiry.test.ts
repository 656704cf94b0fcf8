import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDays, addMs, dayMs, epochMs, idFrom, type EpochMs } from '../../kernel/index.ts'
import { expiry } from './index.ts'

const start = epochMs(1_800_000_000_000)
const bytes = new Uint8Array(10)
const caseId = idFrom('case', start, bytes)
const decisionId = idFrom('decision', start, bytes)
const decision = (days: number): expiry.Subject => ({
  k: 'decision',
  id: decisionId,
  caseId,
  startsAt: start,
  endsAt: addDays(start, days),
})
const waiver = (days: number): expiry.Subject => ({
  k: 'waiver',
  id: idFrom('waiver', start, bytes),
  endsAt: addDays(start, days),
})
const condition: expiry.Subject = {
  k: 'condition',
  id: idFrom('condition', start, bytes),
  decisionId,
  endsAt: addDays(start, 10),
}
const lowered: expiry.Subject = {
  k: 'tier_override',
  id: idFrom('useCase', start, bytes),
  endsAt: addDays(start, 10),
}

/** What a worker records that looks at these days. */
function told(subject: expiry.Subject, ...days: readonly number[]): readonly string[] {
  let state: expiry.State = expiry.initial
  return days.flatMap((day) => {
    const decided = expiry.decide(state, { c: 'tick', subject }, { now: addMs(start, day * dayMs) })
    if (!decided.ok) throw new Error('nothing here is refused')
    state = decided.events.reduce(expiry.evolve, state)
    return decided.events.map((event) =>
      event.e === 'decision.reminder_due' ? `${event.daysLeft} days` : event.e,
    )
  })
}

test.each([
  [
    'each mark in its turn, then the end',
    decision(100),
    [69, 70, 71, 86, 93, 99, 99.5, 100, 101],
    '30 14 7 1 end',
  ],
  ['the newest mark after a silence', decision(100), [10, 95, 95.5], '7'],
  ['the end alone after a long one', decision(100), [10, 400, 401], 'end'],
  ['no mark from before the decision', decision(10), [0, 1, 2, 2.9, 3, 10], '7 end'],
  ['no mark at the very decision', decision(30), [0, 15.9, 16], '14'],
  ['nothing before the first mark', decision(100), [0, 30, 69.999], ''],
] as const)('of a decision: %s', (_what, subject, days, wanted) => {
  const names = told(subject, ...days).map((name) =>
    name.replace(' days', '').replace('decision.expired', 'end'),
  )
  expect(names.join(' ')).toBe(wanted)
})

test.each([
  [waiver(10), 'waiver.expired'],
  [condition, 'condition.breached'],
  [lowered, 'tier.override_expired'],
] as const)('of %j: nothing but its end, once, at that millisecond', (subject, name) => {
  expect(told(subject, 0, 9, 10 - 1 / dayMs, 10, 10, 50)).toEqual([name])
  expect(told(subject, 10 - 1 / dayMs)).toEqual([])
})

test('what was renewed ends again', () => {
  const at = (subject: expiry.Subject, state: expiry.State, day: number) =>
    expiry.decide(state, { c: 'tick', subject }, { now: addDays(start, day) })
  const once = at(waiver(10), expiry.initial, 10)
  const state = once.ok ? once.events.reduce(expiry.evolve, expiry.initial) : expiry.initial
  expect(at(waiver(40), state, 20)).toEqual({ ok: true, events: [] })
  expect(at(waiver(40), state, 40)).toMatchObject({ ok: true, events: [{ e: 'waiver.expired' }] })
})

test('law: whenever workers look, each mark and the end is told at most once, in order, and never too early', () => {
  let [reminders, ends] = [0, 0]
  const law = fc.property(
    fc.integer({ min: 1, max: 200 }),
    fc.array(fc.integer({ min: 0, max: 210 * dayMs }), { minLength: 5, maxLength: 40 }),
    (days, offsets) => {
      const subject = decision(days)
      const moments = offsets.toSorted((a, b) => a - b).map((ms) => addMs(start, ms))
      let state: expiry.State = expiry.initial
      const log: expiry.Event[] = []
      for (const now of moments) {
        const decided = expiry.decide(state, { c: 'tick', subject }, { now })
        const events = decided.ok ? decided.events : []
        expect(events.length).toBeLessThanOrEqual(1)
        log.push(...events)
        state = events.reduce(expiry.evolve, state)
        expect(expiry.decide(state, { c: 'tick', subject }, { now })).toEqual({ ok: true, events: [] })
        expect(leftAt(subject, now)).toBe(
          state.s === 'ended' ? 0 : state.s === 'reminded' ? state.daysLeft : null,
        )
      }
      const lefts = log.map((event) => (event.e === 'decision.reminder_due' ? event.daysLeft : 0))
      expect(lefts).toEqual([...new Set(lefts)].toSorted((a, b) => b - a))
      for (const event of log)
        expect(event.at).toBeGreaterThanOrEqual(
          event.e === 'decision.reminder_due' ? subject.endsAt - event.daysLeft * dayMs : subject.endsAt,
        )
      reminders += lefts.filter((left) => left > 0).length
      ends += lefts.filter((left) => left === 0).length
      expect(log.reduce<expiry.State>(expiry.evolve, expiry.initial)).toEqual(state)
    },
  )
  fc.assert(law, { numRuns: 1_000 })
  expect(reminders).toBeGreaterThan(500)
  expect(ends).toBeGreaterThan(200)
})

/** The newest mark that has passed, counted by hand; 0 for the end. */
function leftAt(subject: expiry.Subject, now: EpochMs): number | null {
  if (now >= subject.endsAt) return 0
  const passed = [30, 14, 7, 1].filter((days) => now >= subject.endsAt - days * dayMs)
  return passed.findLast((days) => subject.endsAt - days * dayMs > start) ?? null
}
