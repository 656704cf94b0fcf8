import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDays, epochMs, type Actor, type DeploymentId, type UserId } from '../../kernel/index.ts'
import * as feedbackExport from './feedback-export.ts'
import type { Command, Context, Event, State } from './feedback-export.ts'

const user = (n: number) => `usr_${'0'.repeat(25)}${n}` as UserId
const person = (n: number): Actor => ({ k: 'person', ref: user(n) })
const owner = person(1)
const taker = person(2)
const deploymentId = `dep_${'0'.repeat(26)}` as DeploymentId
const start = epochMs(0)
const ctx: Context = { now: start, actor: taker, deploymentId, dataOwner: user(1) }
const { decide, evolve, initial, consentDays } = feedbackExport
const exported: Command = { c: 'export', sha256: 'a'.repeat(64), rows: 3, leftOut: { no_text: 2 } }
const none: Command = { ...exported, rows: 0 }
const given: State = {
  consent: { by: user(1), at: start, until: addDays(start, consentDays) },
}
const service: Actor = { k: 'system', role: 'timer' }

test.each<[string, State, Command, Partial<Context>, readonly string[]]>([
  ['the owner agrees', initial, { c: 'consent' }, { actor: owner }, []],
  ['somebody else agrees', initial, { c: 'consent' }, {}, ['DATA_OWNER_REQUIRED']],
  [
    'there is no owner',
    initial,
    { c: 'consent' },
    { actor: owner, dataOwner: null },
    ['DATA_OWNER_REQUIRED'],
  ],
  ['the owner agrees again', given, { c: 'consent' }, { actor: owner }, ['NOTHING_CHANGES']],
  ['the owner takes it back', given, { c: 'withdraw' }, { actor: owner }, []],
  ['a new owner takes back what the old one gave', given, { c: 'withdraw' }, { dataOwner: user(2) }, []],
  ['nothing is there to be taken back', initial, { c: 'withdraw' }, { actor: owner }, ['NOTHING_CHANGES']],
  ['an export with a consent', given, exported, {}, []],
  ['an export without', initial, exported, {}, ['DATA_OWNER_CONSENT_MISSING']],
  [
    'the time of the consent is over',
    given,
    exported,
    { now: addDays(start, 7) },
    ['DATA_OWNER_CONSENT_MISSING'],
  ],
  ['another owner by now', given, exported, { dataOwner: user(3) }, ['DATA_OWNER_CONSENT_MISSING']],
  ['whoever agreed takes it', given, exported, { actor: owner }, ['SELF_APPROVAL']],
  ['no row', given, none, {}, ['NOTHING_TO_EXPORT']],
  ['no row, and whoever agreed', given, none, { actor: owner }, ['SELF_APPROVAL', 'NOTHING_TO_EXPORT']],
  ['no person', given, exported, { actor: service }, ['PERSON_REQUIRED']],
])('%s', (_name, state, command, context, codes) => {
  const decided = decide(state, command, { ...ctx, ...context })
  expect(decided.ok ? [] : decided.refused.map(({ code }) => code)).toEqual(codes)
})

test('an export says whose consent it has used up, and why marks were left out', () => {
  expect(decide(given, exported, ctx)).toMatchObject({
    events: [
      { e: 'guard.feedback.exported', rows: 3, leftOut: { no_text: 2 }, consent: { by: user(1), at: start } },
    ],
  })
  expect(decide(given, none, ctx)).toMatchObject({
    refused: [{ code: 'NOTHING_TO_EXPORT', params: { leftOut: 'no_text 2' } }],
  })
})

test('law: in no history is there an export without a consent of its own, of another person who is the owner then', () => {
  let made = 0
  const command = fc.constantFrom<Command>(
    { c: 'consent' },
    { c: 'consent' },
    { c: 'withdraw' },
    exported,
    exported,
  )
  const step = fc.record({
    command,
    actor: fc.constantFrom(owner, taker),
    dataOwner: fc.constantFrom(user(1), user(1), user(2), null),
    days: fc.constantFrom(0, 1, 6, 7),
  })
  const law = fc.property(fc.array(step, { maxLength: 14, size: 'max' }), (steps) => {
    let [state, now, open]: [State, typeof start, Event | null] = [initial, start, null]
    for (const { command: asked, actor, dataOwner, days } of steps) {
      now = addDays(now, days)
      const decided = decide(state, asked, { now, actor, deploymentId, dataOwner })
      if (!decided.ok) continue
      for (const event of decided.events) {
        if (event.e === 'guard.feedback.exported') {
          made += 1
          expect(open).toMatchObject({
            e: 'guard.export.consented',
            by: { ref: dataOwner },
            at: event.consent.at,
          })
          expect(event.by).not.toEqual(open?.by)
          expect(now).toBeLessThan(addDays(event.consent.at, consentDays))
        }
        open = event.e === 'guard.export.consented' ? event : null
        state = evolve(state, event)
      }
    }
  })
  fc.assert(law, { numRuns: 2_000 })
  expect(made).toBeGreaterThan(50)
})
