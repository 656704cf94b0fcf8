import { expect, test } from 'vitest'
import { digestOfBytes, epochMs, idFrom, type IdKind } from '../../kernel/index.ts'
import * as check from './check.ts'
import { evaluateRequirements, evidenceSetDigest, type RequirementFacts } from './requirements.ts'
import {
  decide,
  evolve,
  initial,
  isOverdue,
  type Command,
  type Context,
  type Event,
  type State,
} from './review.ts'

const id = <K extends IdKind>(kind: K, n = 0) => idFrom(kind, epochMs(n), new Uint8Array(10))
const [ana, olu] = [id('user', 1), id('user', 2)]
const [rev, report] = [digestOfBytes('rev'), digestOfBytes('report')]
const [r1, r2] = [digestOfBytes('r1'), digestOfBytes('r2')]
const subject = { useCaseRevision: rev, release: r1 }
const ctx: Context = {
  now: epochMs(100),
  person: ana,
  authn: { method: 'passkey', mfa: true, at: epochMs(100) },
  ids: { next: (kind) => id(kind) },
  holds: ['security'],
  leads: ['security'],
  interested: new Set([olu]),
  templateComplete: true,
  vetoes: ['security', 'legal'],
  seatedFor: (fn) => (fn === 'risk' ? [olu] : [ana]),
}
const log: Event[] = []
const run = (state: State, command: Command) => {
  const decided = decide(state, command, ctx)
  if (!decided.ok) throw new Error(JSON.stringify(decided.refused))
  log.push(...decided.events)
  return decided.events.reduce(evolve, state)
}
const require: Command = {
  c: 'require',
  useCaseId: id('useCase'),
  kind: 'security',
  tier: 3,
  subject,
  firedBy: ['t'],
  due: epochMs(200),
}
const required = run(initial, require)
const started = run(run(required, { c: 'assign', lead: ana }), { c: 'start' })
const sign: Command = { c: 'sign_off', subject, report, conditions: [] }
const signed = run(started, sign)
const codesOf = (state: State, command: Command, change: Partial<Context>) => {
  const decided = decide(state, command, { ...ctx, ...change })
  return decided.ok ? [] : decided.refused.map(({ code }) => code)
}

test.each<[string, Partial<Context>, string[]]>([
  ['a holder of the function', {}, []],
  ['the owner', { person: olu }, ['OWNER_CONFLICT']],
  ['another function', { holds: ['legal'] }, ['NOT_OF_THE_FUNCTION']],
  ['the system', { person: null }, ['OWNER_CONFLICT']],
  [
    'an incomplete template, late',
    { templateComplete: false, now: epochMs(9e6) },
    ['STEP_UP_REQUIRED', 'TEMPLATE_INCOMPLETE'],
  ],
])('signing and objecting: %s', (_who, change, codes) => {
  expect(codesOf(started, sign, change)).toEqual(codes)
  expect(codesOf(started, { c: 'object', subject, report }, change)).toEqual(codes)
})

test('a review that tier 3 demands is never declared unneeded', () => {
  const command: Command = { c: 'declare_not_needed', reasonCode: 'duplicate' }
  expect(codesOf(required, command, {})).toEqual(['TIER_3_REVIEW_NEEDED'])
  const lower = run(initial, { ...require, tier: 2 })
  expect(codesOf(lower, command, {})).toEqual([])
  expect(codesOf(lower, command, { leads: [] })).toEqual(['NOT_THE_LEAD'])
})

const condition = {
  phase: 'after_deploy',
  due: epochMs(150),
  owner: id('user', 3),
  onBreach: 'suspend',
  attester: 'risk',
  textDigest: digestOfBytes('text'),
  proposedBy: 'security',
} as const
test.each<
  [string, Partial<typeof condition> | { onBreach: 'notify' | 'shadow' }, Partial<Context>, string[]]
>([
  ['with a consequence', {}, {}, []],
  ['that only notifies', { onBreach: 'notify' }, {}, ['NOTIFY_NOT_ENOUGH']],
  ['that only notifies, of a function without a veto', { onBreach: 'notify' }, { vetoes: ['legal'] }, []],
  ['that stops actions', { onBreach: 'shadow' }, {}, []],
  ['that its attester owns', { owner: olu }, {}, ['CONDITION_OWNER_ATTESTS']],
  ['of yesterday', { due: epochMs(100) }, {}, ['CONDITION_DUE_IN_THE_PAST']],
])('signing off tier 3 under a condition %s', (_what, change, more, codes) => {
  expect(codesOf(started, { ...sign, conditions: [{ ...condition, ...change }] }, more)).toEqual(codes)
})

test('in tier 2 a condition may notify', () => {
  const lower = run(run(initial, { ...require, tier: 2 }), { c: 'assign', lead: ana })
  const conditions = [{ ...condition, onBreach: 'notify' as const }]
  expect(codesOf(lower, { ...sign, conditions }, {})).toEqual([])
})

test('PD-06: a signature under another subject is refused, and a material change makes a review stale', () => {
  expect(codesOf(started, { ...sign, subject: { ...subject, release: r2 } }, {})).toEqual(['STALE_SUBJECT'])
  const stale = run(signed, { c: 'mark_stale', subject: { ...subject, release: r2 }, due: epochMs(300) })
  expect(stale).toMatchObject({ s: 'stale', subject: { release: r2 } })
  expect(codesOf(stale, sign, {})).toEqual(['WRONG_STATE'])
})

test('an overdue review shows and never passes', () => {
  expect([isOverdue(started, epochMs(199)), isOverdue(started, epochMs(200))]).toEqual([false, true])
  expect(isOverdue(signed, epochMs(200))).toBe(false)
})

test('PD-07: the recorded facts alone give the state', () => {
  let state: State = initial
  for (const event of log.slice(0, 4)) state = evolve(state, event)
  expect(state).toEqual(signed)
})

const record: check.Command = {
  c: 'record',
  checkId: 'injection',
  release: r1,
  environment: 'prod',
  result: 'pass',
  artefactDigest: report,
  validUntil: epochMs(1_000),
}
const validator: check.Context = {
  now: epochMs(100),
  actor: { k: 'person', ref: ana },
  authn: ctx.authn,
  isValidator: true,
  tier: 3,
  releaseAuthor: olu,
  owners: new Set([olu]),
}
const recordedBy = (command: check.Command, state: check.State = check.initial): check.State => {
  const decided = check.decide(state, command, validator)
  return decided.ok ? decided.events.reduce(check.evolve, state) : state
}
const passed = recordedBy(record)

test('a check is recorded by an independent validator, and runs out', () => {
  const own = check.decide(check.initial, record, { ...validator, actor: { k: 'person', ref: olu } })
  expect(own.ok ? [] : own.refused.map(({ code }) => code)).toEqual(['VALIDATOR_NOT_INDEPENDENT'])
  expect(check.checkStatus(check.initial, epochMs(0))).toBe('missing')
  expect([999, 1_000].map((now) => check.checkStatus(passed, epochMs(now)))).toEqual(['pass', 'expired'])
  expect(check.checkStatus(recordedBy({ ...record, result: 'fail' }, passed), epochMs(200))).toBe('fail')
})

const facts: RequirementFacts = {
  subject,
  environment: 'prod',
  requiredReviews: ['security'],
  requiredChecks: ['injection'],
  reviews: [signed],
  checks: [passed],
  waivers: [],
  now: epochMs(500),
}
const waiver = {
  requirementId: 'check/injection',
  state: 'accepted',
  expiresAt: epochMs(2_000),
  current: true,
}
const failed = recordedBy({ ...record, result: 'fail' })

test.each<[string, Partial<RequirementFacts>, [string, string]]>([
  ['everything done', {}, ['met', 'met']],
  ['PD-15: a check of another release', { subject: { ...subject, release: r2 } }, ['unknown', 'unmet']],
  ['PD-13: a check that ran out', { now: epochMs(1_000) }, ['unmet', 'met']],
  ['no results at all', { checks: [], reviews: [] }, ['unknown', 'unknown']],
  ['an open review', { reviews: [started] }, ['met', 'unmet']],
  ['one open review of two', { reviews: [signed, started] }, ['met', 'unmet']],
  ['a failed check', { checks: [failed] }, ['unmet', 'met']],
  ['a failed check under a waiver', { checks: [failed], waivers: [waiver] }, ['waived', 'met']],
  ['an expired waiver', { checks: [failed], waivers: [waiver], now: epochMs(2_000) }, ['unmet', 'met']],
  [
    'a waiver of another gap',
    { checks: [failed], waivers: [{ ...waiver, current: false }] },
    ['unmet', 'met'],
  ],
  ['a waiver of what nobody looked at', { checks: [], waivers: [waiver] }, ['unknown', 'met']],
])('requirements: %s', (_what, change, statuses) => {
  const results = evaluateRequirements({ ...facts, ...change })
  expect(results.map(({ status }) => status)).toEqual(statuses)
  expect(evidenceSetDigest([...results].reverse(), [])).toBe(evidenceSetDigest(results, []))
})
