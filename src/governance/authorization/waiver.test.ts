import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDays, digestOfBytes, epochMs, idFrom, type IdKind } from '../../kernel/index.ts'
import {
  covers,
  decide,
  evolve,
  initial,
  type Command,
  type Context,
  type Event,
  type State,
  waiverDocument,
  type Terms,
} from './waiver.ts'

const id = <K extends IdKind>(kind: K, n = 0) => idFrom(kind, epochMs(n), new Uint8Array(10))
const [ana, ben, cem, olu] = [id('user', 1), id('user', 2), id('user', 3), id('user', 4)]
const [r1, gap, other] = [digestOfBytes('r1'), digestOfBytes('gap'), digestOfBytes('other')]
const terms: Terms = {
  subject: { k: 'requirement', id: 'check/injection' },
  scope: { useCaseId: id('useCase'), release: r1, environment: 'prod' },
  tier: 2,
  residual: 3,
  stateDigest: gap,
  lifetimeDays: 90,
  compensating: [],
}
const ctx: Context = {
  now: epochMs(1_000),
  id: id('waiver'),
  person: ben,
  standsFor: ['risk'],
  authn: { method: 'passkey', mfa: true, at: epochMs(1_000) },
  owners: new Set([olu]),
  stateDigest: gap,
  authority: { maxDays: { 1: 365, 2: 180, 3: 90 }, charter: digestOfBytes('charter') },
  approved: null,
}
const run = (state: State, command: Command, change: Partial<Context> = {}) => {
  const decided = decide(state, command, { ...ctx, ...change })
  return decided.ok ? decided.events.reduce(evolve, state) : state
}
const requested = run(initial, { c: 'request', terms }, { person: ana })
const codesOf = (state: State, command: Command, change: Partial<Context>) => {
  const decided = decide(state, command, { ...ctx, ...change })
  return decided.ok ? [] : decided.refused.map(({ code }) => code)
}

test.each<[string, Partial<Context>, string[]]>([
  ['a risk seat', {}, []],
  ['the requester', { person: ana }, ['SELF_APPROVAL']],
  ['an owner, about a changed gap', { person: olu, stateDigest: other }, ['STATE_CHANGED', 'OWNER_CONFLICT']],
  ['somebody without authority', { standsFor: ['legal'] }, ['NO_AUTHORITY']],
  ['an old session', { authn: { ...ctx.authn, mfa: false } }, ['STEP_UP_REQUIRED']],
])('accepting as %s', (_what, change, codes) => {
  expect(codesOf(requested, { c: 'accept' }, change)).toEqual(codes)
})

test.each<[string, Partial<Terms>, string[]]>([
  ['too long', { lifetimeDays: 181 }, ['LIFETIME_OUT_OF_RANGE']],
  ['half a day', { lifetimeDays: 1.5 }, ['LIFETIME_OUT_OF_RANGE']],
  ['what cannot be waived', { subject: { k: 'check', id: 'signature_check' } }, ['NOT_WAIVABLE']],
])('requesting %s', (_what, change, codes) => {
  expect(codesOf(initial, { c: 'request', terms: { ...terms, ...change } }, {})).toEqual(codes)
})

test.each<[string, Terms['residual'], readonly Context['standsFor'][number][]]>([
  ['1', 1, ['risk']],
  ['2', 2, ['risk']],
  ['3', 3, ['risk', 'security']],
  ['4', 4, ['business_executive', 'risk', 'security']],
  ['5', 5, ['business_executive', 'risk', 'security']],
])('residual risk %s is accepted by everybody whom it asks for, in any order', (_what, residual, all) => {
  const approved = { caseId: id('case'), expiresAt: addDays(ctx.now, 365) }
  for (const order of [all, all.toReversed()]) {
    let state = run(initial, { c: 'request', terms: { ...terms, residual } }, { person: ana })
    for (const [i, as] of order.entries()) {
      expect(state.s).toBe('requested')
      state = run(state, { c: 'accept' }, { person: id('user', 10 + i), standsFor: [as], approved })
    }
    expect(state).toMatchObject({ s: 'accepted', caseId: approved.caseId })
  }
})

test('residual 5, and a second renewal, wait for the approval of a case', () => {
  const approved = { caseId: id('case'), expiresAt: addDays(ctx.now, 20) }
  const high = run(initial, { c: 'request', terms: { ...terms, residual: 5 } }, { person: ana })
  expect(codesOf(high, { c: 'accept' }, {})).toEqual(['CASE_REQUIRED'])
  expect(codesOf(high, { c: 'accept' }, { approved })).toEqual([])

  const low = { ...terms, residual: 1 } as const
  let state = run(run(initial, { c: 'request', terms: low }, { person: ana }), { c: 'accept' })
  const again = { c: 'renew', stateDigest: gap } as const
  state = run(run(state, again, { person: ana }), { c: 'accept' })
  expect(state).toMatchObject({ s: 'accepted', renewals: 1, caseId: null })
  const second = run(state, again, { person: ana })
  expect(codesOf(second, { c: 'accept' }, {})).toEqual(['CASE_REQUIRED'])
  // What the committee approved for less time than was asked for ends with its approval.
  expect(run(second, { c: 'accept' }, { approved })).toMatchObject({
    s: 'accepted',
    renewals: 2,
    expiresAt: approved.expiresAt,
  })
})

test('each renewal is a document of its own, so no signature of the one before stands for it', () => {
  const documents = [0, 1, 2].map((renewals) => waiverDocument(ctx.id, { terms, renewals }))
  expect(new Set(documents).size).toBe(3)
})

test('a waiver of tier 3 needs a passkey over exactly its terms, and records the assertion', () => {
  const high = { ...terms, tier: 3, residual: 1 } as const
  const asked = run(initial, { c: 'request', terms: high }, { person: ana })
  const assertion = { authenticatorData: 'a', clientDataJSON: 'c', signature: 's' }
  const bound = {
    document: waiverDocument(ctx.id, { terms: high, renewals: 0 }),
    credentialId: digestOfBytes('c'),
    assertion,
  }
  expect(codesOf(asked, { c: 'accept' }, {})).toEqual(['STEP_UP_REQUIRED'])
  const other = { ...bound, document: waiverDocument(id('waiver', 1), { terms: high, renewals: 0 }) }
  expect(codesOf(asked, { c: 'accept' }, { authn: { ...ctx.authn, bound: other } })).toEqual([
    'STEP_UP_REQUIRED',
  ])
  const decided = decide(asked, { c: 'accept' }, { ...ctx, authn: { ...ctx.authn, bound } })
  expect(decided).toMatchObject({ ok: true, events: [{ e: 'waiver.accepted', proof: bound }] })
})

test('while a renewal waits, what was accepted goes on as it was', () => {
  const security: Partial<Context> = { person: cem, standsFor: ['security'] }
  const accepted = run(run(requested, { c: 'accept' }), { c: 'accept' }, security)
  const at = addDays(ctx.now, 80)
  const renewed = run(accepted, { c: 'renew', stateDigest: gap }, { person: ana, now: at })
  const covered = { release: r1, environment: 'prod', stateDigest: gap } as const
  expect(renewed.s).toBe('requested')
  expect(covers(renewed, covered, at)).toBe(true)
  expect(covers(renewed, covered, addDays(ctx.now, 90))).toBe(false)
  expect(run(renewed, { c: 'refuse' })).toEqual(accepted)

  const authn = { ...ctx.authn, at }
  const half = run(renewed, { c: 'accept' }, { now: at, authn })
  expect(covers(half, covered, at)).toBe(true)
  const again = run(half, { c: 'accept' }, { ...security, now: at, authn })
  expect(again).toMatchObject({ s: 'accepted', renewals: 1, expiresAt: addDays(at, 90) })
  expect(covers(run(renewed, { c: 'revoke' }), covered, at)).toBe(false)
})

test('a renewal for a changed gap covers neither the old gap as changed nor the new one before it is accepted', () => {
  const security: Partial<Context> = { person: cem, standsFor: ['security'] }
  const accepted = run(run(requested, { c: 'accept' }), { c: 'accept' }, security)
  const change = { person: ana, stateDigest: other }
  const renewed = run(accepted, { c: 'renew', stateDigest: other }, change)
  expect(renewed.s).toBe('requested')
  expect(covers(renewed, { release: r1, environment: 'prod', stateDigest: other }, ctx.now)).toBe(false)
})

test('law: two people with two functions accept, and a waiver never covers more than it says', () => {
  let accepted = 0
  const any = fc.constantFrom
  const step = fc.record({
    command: any<Command[]>(
      { c: 'request', terms },
      { c: 'accept' },
      { c: 'accept' },
      { c: 'revoke' },
      { c: 'renew', stateDigest: gap },
    ),
    change: fc.record({
      person: any(ana, ben, cem, olu),
      standsFor: any<Context['standsFor'][]>(['risk'], ['security'], ['risk', 'security'], []),
      stateDigest: any(gap, gap, gap, other),
    }),
  })
  const law = fc.property(fc.array(step, { minLength: 6, maxLength: 20 }), (steps) => {
    let state: State = initial
    const log: Event[] = []
    for (const { command, change } of steps) {
      const before = state
      const decided = decide(state, command, { ...ctx, ...change })
      if (!decided.ok) continue
      log.push(...decided.events)
      state = decided.events.reduce(evolve, state)
      if (before.s !== 'requested' || state.s !== 'accepted') continue
      accepted += 1
      const people = state.acceptances.map(({ by }) => by)
      expect(new Set([...people, state.by, olu]).size).toBe(state.by === olu ? 3 : 4)
      expect(state.acceptances.map((acceptance) => acceptance.as).sort()).toEqual(['risk', 'security'])
      const covered = { release: r1, environment: 'prod', stateDigest: gap } as const
      expect(covers(state, covered, ctx.now)).toBe(true)
      expect(covers(state, { ...covered, stateDigest: other }, ctx.now)).toBe(false)
      expect(covers(state, { ...covered, release: other }, ctx.now)).toBe(false)
      expect(covers(state, covered, addDays(ctx.now, 90))).toBe(false)
      expect(decide(state, { c: 'revoke' }, { ...ctx, standsFor: [] }).ok).toBe(true)
    }
    expect(log.reduce(evolve, initial)).toEqual(state)
  })
  fc.assert(law, { numRuns: 1_000 })
  expect(accepted).toBeGreaterThan(10)
})
