import { expect, test } from 'vitest'
import { digestOfBytes, epochMs, hourMs, idFrom, type IdKind } from '../../kernel/index.ts'
import {
  decide,
  evolve,
  initial,
  isActive,
  isReviewOverdue,
  overrideDocument,
  type Command,
  type Context,
  type State,
  type Terms,
} from './override.ts'

const id = <K extends IdKind>(kind: K, n = 0) => idFrom(kind, epochMs(n), new Uint8Array(10))
const [ana, ben, cem] = [id('user', 1), id('user', 2), id('user', 3)]
const terms: Terms = {
  overrideId: id('override'),
  deploymentId: id('deployment'),
  release: digestOfBytes('r1'),
  tier: 3,
  capabilities: ['triage'],
  incidentId: 'INC-1',
  lifetimeHours: 8,
}
const at = (hours: number) => epochMs(hours * hourMs)
const ctxOf = (act: 'request' | 'second' | 'renew', change: Partial<Context> = {}): Context => ({
  now: at(1),
  person: act === 'request' ? ana : ben,
  fn: act === 'request' ? 'security' : 'it',
  isIncidentCommander: (person) => person === ana,
  authn: {
    method: 'passkey',
    mfa: true,
    at: at(1),
    bound: {
      document: overrideDocument(terms, act),
      credentialId: digestOfBytes('c'),
      assertion: { authenticatorData: 'a', clientDataJSON: 'c', signature: 's' },
    },
  },
  onceApproved: true,
  stopReasons: ['score'],
  prohibited: false,
  facilityDisabled: false,
  reviewDue: at(100),
  ...change,
})
const codesOf = (state: State, command: Command, ctx: Context) => {
  const decided = decide(state, command, ctx)
  return decided.ok ? [] : decided.refused.map(({ code }) => code)
}
const run = (state: State, command: Command, ctx: Context) => {
  const decided = decide(state, command, ctx)
  return decided.ok ? decided.events.reduce(evolve, state) : state
}
const requested = run(initial, { c: 'request', terms }, ctxOf('request'))
const active = run(requested, { c: 'second' }, ctxOf('second'))

test.each<[string, Partial<Context>, Partial<Terms>, string[]]>([
  ['all in order', {}, {}, []],
  ['the facility disabled', { facilityDisabled: true }, {}, ['FACILITY_DISABLED']],
  ['a release never approved', { onceApproved: false }, {}, ['NEVER_APPROVED']],
  ['a stop for keys', { stopReasons: ['key_compromise'] }, {}, ['NO_OVERRIDE_FOR_THIS_STOP']],
  ['a prohibited practice', { prohibited: true }, {}, ['NO_OVERRIDE_FOR_THIS_STOP']],
  ['a proof of something else', {}, { incidentId: 'INC-2' }, ['STEP_UP_REQUIRED']],
  ['too long', {}, { lifetimeHours: 9 }, ['LIFETIME_OUT_OF_RANGE', 'STEP_UP_REQUIRED']],
])('requesting an override with %s', (_what, change, other, codes) => {
  expect(codesOf(initial, { c: 'request', terms: { ...terms, ...other } }, ctxOf('request', change))).toEqual(
    codes,
  )
})

test.each<[string, Partial<Context>, string[]]>([
  ['another function', {}, []],
  ['the requester', { person: ana, fn: 'security' }, ['SELF_APPROVAL', 'SAME_FUNCTION']],
  ['the same function', { fn: 'security' }, ['SAME_FUNCTION']],
  ['no incident commander', { isIncidentCommander: () => false }, ['INCIDENT_COMMANDER_REQUIRED']],
  ['the proof of the request', { authn: ctxOf('request').authn }, ['STEP_UP_REQUIRED']],
])('seconding by %s', (_what, change, codes) => {
  expect(codesOf(requested, { c: 'second' }, ctxOf('second', change))).toEqual(codes)
})

test('an override ends by itself, is renewed once, and one person ends it', () => {
  expect([isActive(active, at(8.5)), isActive(active, at(9))]).toEqual([true, false])
  const renewed = run(active, { c: 'renew' }, ctxOf('renew', { now: at(8) }))
  expect(isActive(renewed, at(15))).toBe(true)
  expect(codesOf(renewed, { c: 'renew' }, ctxOf('renew', { now: at(9) }))).toEqual(['ALREADY_RENEWED'])
  expect(codesOf(active, { c: 'renew' }, ctxOf('renew', { now: at(9) }))).toEqual(['EXPIRED'])
  const revoked = run(
    active,
    { c: 'revoke' },
    ctxOf('second', { person: cem, authn: { method: 'none', mfa: false, at: at(0) } }),
  )
  expect(isActive(revoked, at(2))).toBe(false)
})

test('who took part does not review, and an overdue review shows', () => {
  const review: Command = { c: 'review', outcome: 'justified' }
  const later = { now: at(10), authn: { method: 'passkey', mfa: true, at: at(10) } } as const
  expect(codesOf(active, review, ctxOf('second', later))).toEqual(['REVIEWER_TOOK_PART'])
  expect(codesOf(active, review, ctxOf('second', { person: cem }))).toEqual(['STILL_ACTIVE'])
  const reviewed = run(active, review, ctxOf('second', { ...later, person: cem }))
  expect(reviewed).toMatchObject({ s: 'reviewed', outcome: 'justified', reviewedBy: cem })
  expect([active, reviewed].map((state) => isReviewOverdue(state, at(100)))).toEqual([true, false])
})
