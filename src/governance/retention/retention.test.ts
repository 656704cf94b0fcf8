import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventKinds } from '../../contracts/events.ts'
import {
  epochMs,
  idFrom,
  minuteMs,
  type AuthnContext,
  type EventId,
  type Fn,
  type JsonObject,
  type UserId,
} from '../../kernel/index.ts'
import { hold, isOfTheRecord, isRedactable, redaction } from './index.ts'

const now = epochMs(1_800_000_000_000)
const user = (n: number): UserId => idFrom('user', now, new Uint8Array(10).fill(n))
const [ana, ben, eve] = [user(1), user(2), user(3)] as const
const id = idFrom('hold', now, new Uint8Array(10))
const useCaseId = idFrom('useCase', now, new Uint8Array(10))
const authn: AuthnContext = { method: 'passkey', mfa: true, at: now }
const stale = { ...authn, at: epochMs(now - 16 * minuteMs) }
const text = 'a reason that is long enough'
const ctx: hold.Context = {
  now,
  id,
  person: ana,
  authn,
  functions: ['legal'],
  isAdministrator: false,
  subject: 'known',
}
const place = (subject: hold.Subject = { k: 'person', id: eve }) =>
  ({ c: 'place', subject, matter: 'M-17', reason: text }) as const
const release = { c: 'release', reason: text } as const
const inForce = (subject: hold.Subject): hold.State => ({
  s: 'in_force',
  id,
  subject,
  placedBy: ana,
  placedAt: now,
})
const onEve = inForce({ k: 'person', id: eve })

test.each([
  ['placing: the legal function', hold.initial, place(), {}, []],
  [
    'placing: an administrator of no function',
    hold.initial,
    place(),
    { functions: [], isAdministrator: true },
    [],
  ],
  ['placing: another function', hold.initial, place(), { functions: ['risk'] }, ['FUNCTION_REQUIRED']],
  ['placing: a program', hold.initial, place(), { person: null }, ['PERSON_REQUIRED']],
  ['placing: on somebody erased', hold.initial, place(), { subject: 'erased' }, ['SUBJECT_ERASED']],
  [
    'placing: on nobody known, hardly a word why',
    hold.initial,
    { ...place(), reason: 'because' },
    { subject: 'unknown' },
    ['REASON_REQUIRED', 'SUBJECT_UNKNOWN'],
  ],
  ['placing: twice', onEve, place(), {}, ['WRONG_STATE']],
  ['releasing: another one of the legal function', onEve, release, { person: ben }, []],
  ['releasing: who placed it', onEve, release, {}, ['SELF_APPROVAL']],
  ['releasing: whom it is about', onEve, release, { person: eve }, ['CONFLICT_OF_INTEREST']],
  [
    'releasing: an administrator, late',
    onEve,
    release,
    { person: ben, functions: [], isAdministrator: true, authn: stale },
    ['FUNCTION_REQUIRED', 'STEP_UP_REQUIRED'],
  ],
  ['releasing: what was never placed', hold.initial, release, { person: ben }, ['WRONG_STATE']],
] as const)('%s', (_what, state, command, more, codes) => {
  const decided = hold.decide(state, command, { ...ctx, ...more })
  expect(decided.ok ? [] : decided.refused.map(({ code }) => code)).toEqual(codes)
})

test('whatever was typed about a hold is sealed', () => {
  for (const [state, command, person] of [
    [hold.initial, place(), ana],
    [onEve, release, ben],
  ] as const) {
    const decided = hold.decide(state, command, { ...ctx, person })
    if (!decided.ok) throw new Error('refused')
    const [event] = decided.events
    const { sealed, ...facts } = event ?? {}
    expect(JSON.stringify(sealed)).toContain(text)
    expect(JSON.stringify(facts)).not.toMatch(/M-17|long enough/)
  }
})

test.each([
  ['the person', { k: 'person', id: eve }, [true, false]],
  ['a use case of theirs', { k: 'use_case', id: useCaseId }, [true, false]],
  ['everything', { k: 'installation' }, [true, true]],
] as const)('a hold of %s concerns the right ones', (_what, subject, wanted) => {
  const own = { person: eve, useCases: new Set([useCaseId]) }
  const other = { person: ben, useCases: new Set<typeof useCaseId>() }
  const state = inForce(subject)
  expect([own, other].map((concerned) => hold.concerns(state, concerned))).toEqual(wanted)
  const released: hold.State = { ...state, s: 'released', releasedBy: ben, releasedAt: now } as hold.State
  expect(hold.concerns(released, own)).toBe(false)
})

const anyOf = fc.constantFrom
const anyFunctions = anyOf<(readonly Fn[])[]>(['legal'], ['legal'], ['privacy'], [])
const anyAuthn = anyOf(authn, authn, stale)

test('law: no history releases a hold by one person, by its subject, or without the legal function', () => {
  let released = 0
  const step = fc.record({
    command: anyOf<hold.Command[]>(place(), place({ k: 'installation' }), release, release),
    person: anyOf(ana, ben, eve),
    functions: anyFunctions,
    isAdministrator: fc.boolean(),
    authn: anyAuthn,
  })
  const law = fc.property(fc.array(step, { minLength: 4, maxLength: 12 }), (steps) => {
    let state: hold.State = hold.initial
    const log: hold.Event[] = []
    for (const { command, ...facts } of steps) {
      const before = state
      const decided = hold.decide(state, command, { ...ctx, ...facts })
      if (!decided.ok) continue
      log.push(...decided.events)
      state = decided.events.reduce(hold.evolve, state)
      expect(state).not.toEqual(before)
      expect(before.s).not.toBe('released')
      if (before.s !== 'in_force' || state.s !== 'released') continue
      released += 1
      expect(state.releasedBy).not.toBe(before.placedBy)
      expect(before.subject).not.toEqual({ k: 'person', id: state.releasedBy })
      expect(facts.functions).toContain('legal')
      expect(facts.authn).toBe(authn)
    }
    expect(log.reduce<hold.State>(hold.evolve, hold.initial)).toEqual(state)
  })
  fc.assert(law, { numRuns: 1_000 })
  expect(released).toBeGreaterThan(50)
})

const entry: EventId = idFrom('event', now, new Uint8Array(10))
const redactionCtx: redaction.Context = {
  now,
  person: ana,
  authn,
  functions: ['privacy'],
  entry: { id: entry, stream: 'waiver/w', kind: 'waiver.requested', isSealed: true },
  holds: [],
}
const redact = { c: 'redact', basis: 'gdpr_17', reason: text } as const
const asked: redaction.State = { s: 'requested', entry, by: ana, basis: 'gdpr_17' }

test.each([
  ['a first person of privacy', redaction.initial, {}, []],
  ['a second person of legal', asked, { person: ben, functions: ['legal'] }, []],
  ['the same person again', asked, {}, ['SELF_APPROVAL']],
  ['another function', asked, { person: ben, functions: ['it'] }, ['FUNCTION_REQUIRED']],
  ['under a hold', asked, { person: ben, holds: [id] }, ['ON_HOLD']],
  ['under a hold, as the first', redaction.initial, { holds: [id] }, ['ON_HOLD']],
  ['without a fresh proof', asked, { person: ben, authn: stale }, ['STEP_UP_REQUIRED']],
  [
    'what holds no text any more',
    asked,
    { person: ben, entry: { ...redactionCtx.entry, isSealed: false } },
    ['NOTHING_SEALED'],
  ],
  [
    'a profile',
    redaction.initial,
    { entry: { ...redactionCtx.entry, kind: 'person.enrolled' } },
    ['NOT_REDACTABLE'],
  ],
] as const)('redacting: %s', (_what, state, more, codes) => {
  const decided = redaction.decide(state, redact, { ...redactionCtx, ...more })
  expect(decided.ok ? [] : decided.refused.map(({ code }) => code)).toEqual(codes)
})

test('law: no text goes by one person, under a hold, or twice', () => {
  let gone = 0
  const step = fc.record({
    person: anyOf(ana, ben, eve),
    functions: anyFunctions,
    authn: anyAuthn,
    holds: anyOf<(readonly (typeof id)[])[]>([], [], [id]),
  })
  const law = fc.property(fc.array(step, { minLength: 2, maxLength: 8 }), (steps) => {
    let state: redaction.State = redaction.initial
    const log: redaction.Event[] = []
    for (const facts of steps) {
      const before = state
      const decided = redaction.decide(state, redact, { ...redactionCtx, ...facts })
      if (!decided.ok) continue
      log.push(...decided.events)
      state = decided.events.reduce(redaction.evolve, state)
      expect(before.s).not.toBe('redacted')
      expect(facts.holds).toEqual([])
      if (before.s !== 'requested' || state.s !== 'redacted') continue
      gone += 1
      expect(before.by).not.toBe(state.by)
      expect(facts.functions.length).toBeGreaterThan(0)
    }
    expect(log.reduce<redaction.State>(redaction.evolve, redaction.initial)).toEqual(state)
  })
  fc.assert(law, { numRuns: 1_000 })
  expect(gone).toBeGreaterThan(50)
})

const ballot = (n: number): JsonObject => ({ ballot: { conditions: Array.from({ length: n }, () => ({})) } })
test.each([
  ['intake.answers_changed', {}, true, true],
  ['person.enrolled', {}, true, false],
  ['unit.renamed', {}, true, false],
  ['sealed.revealed', {}, true, false],
  ['hold.placed', {}, true, false],
  ['ballot.cast', ballot(0), false, true],
  ['ballot.cast', ballot(1), true, true],
  ['review.signed_off', { conditions: [{}] }, true, true],
  ['review.signed_off', { conditions: [] }, false, true],
  ['waiver.requested', {}, false, true],
  ['stop.ordered', {}, false, true],
  ['intake.information_requested', {}, false, true],
] as const)('the text of %s with %j: of the record %s, redactable %s', (kind, facts, stays, redactable) => {
  expect(eventKinds.has(kind)).toBe(true)
  expect([isOfTheRecord(kind, facts), isRedactable(kind)]).toEqual([stays, redactable])
})
