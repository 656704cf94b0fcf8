import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addDays,
  addMs,
  dayMs,
  digestOf,
  epochMs,
  functions,
  hourMs,
  idFrom,
  toRfc3339,
  type AuthnContext,
  type EpochMs,
  type Fn,
  type IdKind,
  type IdSource,
  type SystemId,
  type Tier,
  type UnitId,
  type UseCaseId,
  type UserId,
} from '../../kernel/index.ts'
import {
  addBusinessDays,
  charter,
  condition,
  conflictCodes,
  parseCalendar,
  replayDecision,
  reviewCase,
  simulateRules,
  tally,
  type Choice,
  type ConflictCode,
  type CountedBallot,
} from './index.ts'

const read = (path: string): unknown =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, '../../../catalogue', path), 'utf8'))
const template = charter.parseCharterTemplate(read('charters/default.1.json'))
const parsedCalendar = parseCalendar(read('calendars/weekdays.1.json'))
if (!parsedCalendar.ok) throw new Error('the calendar has faults')
const { calendar } = parsedCalendar
const start = epochMs(Date.UTC(2026, 10, 23, 9)) // a Monday

let counter = 0
const ids: IdSource = {
  next: <K extends IdKind>(kind: K) => {
    counter += 1
    return idFrom(kind, start, new Uint8Array(10).fill(counter % 251, 2).fill(counter >> 8, 0, 2))
  },
}
const person = (n: number): UserId => idFrom('user', start, new Uint8Array(10).fill(n))
const unit = (n: number): UnitId => idFrom('unit', start, new Uint8Array(10).fill(n))
const holders = Object.fromEntries(functions.map((fn, i) => [fn, person(i + 1)])) as { [F in Fn]: UserId }
const alternates = Object.fromEntries(functions.map((fn, i) => [fn, person(i + 21)])) as { [F in Fn]: UserId }
const [owner, requester, stranger] = [person(41), person(42), person(43)]
const seats = functions.map((fn, i) => ({
  id: idFrom('seat', start, new Uint8Array(10).fill(i + 1)),
  fn,
  holder: holders[fn],
  alternates: [alternates[fn]],
  chair: fn === 'risk',
}))
const ours: charter.Charter = { ...template, version: 1, seats }
const people = { isActive: () => true, isAdministrator: () => false }
const release = digestOf('release')
const revision = digestOf('revision')

const authn = (at: EpochMs): AuthnContext => ({ method: 'passkey', mfa: true, at })
const assertion = { authenticatorData: 'a', clientDataJSON: 'c', signature: 's' }
const noConflicts = new Map<UserId, readonly ConflictCode[]>()

function context(
  actor: UserId | 'system',
  now: EpochMs,
  more: Partial<reviewCase.Context> = {},
): reviewCase.Context {
  return {
    now,
    id: caseId,
    actor: actor === 'system' ? { k: 'system', role: 'timer' } : { k: 'person', ref: actor },
    authn: authn(now),
    ids,
    calendar,
    charter: { digest: charter.charterDigest(ours), charter: ours },
    charters: charter.initial,
    people: {
      conflictsOf: (who) => noConflicts.get(who) ?? [],
      unitOf: () => unit(2),
      ownerUnit: unit(1),
    },
    useCaseState: 'triaged',
    legalClass: 'minimal',
    releaseExists: true,
    sameCaseOpen: false,
    rejected: null,
    ownerConsents: false,
    ...more,
  }
}
const caseId = idFrom('case', start, new Uint8Array(10).fill(1))
const subject = {
  kind: 'initial',
  useCaseId: idFrom('useCase', start, new Uint8Array(10)) as UseCaseId,
  useCaseRevision: revision,
  systemId: idFrom('system', start, new Uint8Array(10)) as SystemId,
  release,
  environment: 'prod',
  deploymentId: null,
  tierAssessment: digestOf('tier'),
  stops: [],
  waiver: null,
} as const

type Run = { state: reviewCase.State; log: reviewCase.Event[] }
function apply(run: Run, command: reviewCase.Command, ctx: reviewCase.Context): readonly string[] {
  const decided = reviewCase.decide(run.state, command, ctx)
  if (!decided.ok) return [...new Set(decided.refused.map(({ code }) => code))]
  run.log.push(...decided.events)
  run.state = decided.events.reduce(reviewCase.evolve, run.state)
  return []
}
const met = [{ id: 'check/baseline_validation', status: 'met' }] as const
const evidence = digestOf('evidence')

function voting(tier: Tier, more: Partial<reviewCase.Context> = {}): Run {
  const run: Run = { state: reviewCase.initial, log: [] }
  apply(run, { c: 'open', subject, tier }, context(stranger, start, more))
  apply(
    run,
    { c: 'evaluate', requirements: met, evidenceSet: evidence, conditions: [] },
    context('system', start, more),
  )
  apply(run, { c: 'start_vote' }, context(holders.risk, start, more))
  if (run.state.s !== 'voting' && tier === 1) apply(run, { c: 'start_vote' }, context('system', start, more))
  return run
}

/** A ballot with the passkey's signature over exactly its content. */
function ballot(
  run: Run,
  actor: UserId,
  choice: Exclude<Choice, 'recuse'>,
  now: EpochMs,
  more: Partial<reviewCase.Context> = {},
) {
  if (run.state.s === 'absent') throw new Error('no case')
  const conditions: reviewCase.ConditionDraft[] =
    choice === 'approve_with_conditions'
      ? [
          {
            phase: 'after_deploy',
            due: addDays(now, 5),
            owner,
            onBreach: 'suspend',
            attester: 'security',
            text: 'rotate the key',
          },
        ]
      : []
  const nonce = `nonce-${actor}`
  const { subjectDigest } = run.state
  const document = digestOf(
    reviewCase.ballotDocument({
      nonce,
      caseId,
      subjectDigest,
      choice,
      conditionsDigest: reviewCase.conditionsDigest(conditions),
      until: null,
    }),
  )
  const bound = { document, credentialId: digestOf('credential'), assertion }
  const command = {
    c: 'cast',
    choice,
    subjectDigest,
    conditions,
    until: null,
    rationale: 'a rationale that is long enough',
    nonce,
  } as const
  return apply(run, command, context(actor, now, { authn: { ...authn(now), bound }, ...more }))
}

test('a charter of the default rules with a seat for each function has no fault', () => {
  expect(charter.lintCharter(ours, people)).toEqual([])
})

test.each([
  [
    'PD-02: a required function without a seat',
    { seats: seats.filter(({ fn }) => fn !== 'legal') },
    'REQUIRED_NOT_SEATED',
  ],
  ['PD-04: an administrator in a seat', {}, 'ADMINISTRATOR_IN_SEAT'],
  [
    'one person in two functions',
    { seats: seats.map((seat) => (seat.fn === 'it' ? { ...seat, holder: holders.legal } : seat)) },
    'PERSON_IN_TWO_FUNCTIONS',
  ],
  ['nobody in the chair', { seats: seats.map((seat) => ({ ...seat, chair: false })) }, 'NO_CHAIR'],
  [
    'PD-14: a rule without required functions',
    {
      rules: {
        ...ours.rules,
        initial: { ...ours.rules.initial, 1: { ...ours.rules.initial[1], required: [] } },
      },
    },
    'CHARTER_INVALID',
  ],
  [
    'PD-14: a quorum of nobody',
    {
      rules: {
        ...ours.rules,
        initial: { ...ours.rules.initial, 1: { ...ours.rules.initial[1], minBallots: 0 } },
      },
    },
    'CHARTER_INVALID',
  ],
  [
    'PD-14: a minority that decides',
    {
      rules: {
        ...ours.rules,
        initial: { ...ours.rules.initial, 1: { ...ours.rules.initial[1], ratio: [1, 3] } },
      },
    },
    'RATIO_BELOW_HALF',
  ],
])('a charter is refused for %s', (what, change, code) => {
  const isAdministrator = (who: UserId) => what.includes('administrator') && who === holders.it
  expect(
    charter.lintCharter({ ...ours, ...change }, { ...people, isAdministrator }).map((fault) => fault.code),
  ).toContain(code)
})

function charterDesk() {
  let state = charter.initial
  const act = (who: UserId, command: charter.Command, now = start, proof = true) => {
    const digest = command.c === 'ratify' ? command.digest : charter.charterDigest(ours)
    const bound = { document: charter.charterDocument(digest), credentialId: digest, assertion }
    const ctx = { now, person: who, authn: proof ? { ...authn(now), bound } : authn(now), ...people }
    const decided = charter.decide(state, command, ctx)
    if (decided.ok) state = decided.events.reduce(charter.evolve, state)
    return decided.ok ? [] : decided.refused.map(({ code }) => code)
  }
  return { act, inForce: (now: EpochMs) => charter.charterInForce(state, now)?.digest ?? null }
}

test('the first charter is in force when three people of three functions have signed it, each with a passkey', () => {
  const { act, inForce } = charterDesk()
  const digest = charter.charterDigest(ours)
  expect(act(stranger, { c: 'propose', charter: ours })).toEqual(['NOT_SEATED_IN_PROPOSAL'])
  expect(act(holders.it, { c: 'propose', charter: ours })).toEqual([])
  expect(act(stranger, { c: 'ratify', digest })).toEqual(['NOT_SEATED_IN_PROPOSAL'])
  expect(act(holders.security, { c: 'ratify', digest }, start, false)).toEqual(['STEP_UP_REQUIRED'])
  expect(act(holders.security, { c: 'ratify', digest })).toEqual([])
  expect(act(holders.security, { c: 'ratify', digest })).toEqual(['ALREADY_SIGNED'])
  expect(act(holders.risk, { c: 'ratify', digest })).toEqual([])
  expect(inForce(start)).toBeNull()
  expect(act(holders.legal, { c: 'ratify', digest })).toEqual([])
  expect(inForce(start)).toBe(digest)
})

test('a later charter needs the tier-3 rule of the one in force, without its proposer, and takes effect a day later', () => {
  const { act, inForce } = charterDesk()
  const first = charter.charterDigest(ours)
  act(holders.it, { c: 'propose', charter: ours })
  for (const fn of ['security', 'risk', 'legal'] as const) act(holders[fn], { c: 'ratify', digest: first })
  const next = { ...ours, version: 2 }
  const digest = charter.charterDigest(next)
  expect(act(stranger, { c: 'propose', charter: next })).toEqual(['NOT_SEATED'])
  expect(act(holders.it, { c: 'propose', charter: next })).toEqual([])
  expect(act(holders.it, { c: 'ratify', digest })).toEqual(['SELF_APPROVAL'])
  expect(act(stranger, { c: 'ratify', digest })).toEqual(['NOT_SEATED'])
  const signers = ['security', 'risk', 'legal', 'privacy', 'data_science'] as const
  for (const fn of signers) {
    expect(inForce(addDays(start, 2))).toBe(first)
    expect(act(holders[fn], { c: 'ratify', digest })).toEqual([])
  }
  expect(inForce(start)).toBe(first)
  expect(inForce(addDays(start, 1))).toBe(digest)
})

test('business days skip weekends and holidays', () => {
  const friday = epochMs(Date.UTC(2026, 10, 27, 9))
  expect(toRfc3339(addBusinessDays(calendar, friday, 1))).toBe('2026-11-30T09:00:00.000Z')
  const closed = { ...calendar, holidays: ['2026-11-30'] }
  expect(toRfc3339(addBusinessDays(closed, friday, 1))).toBe('2026-12-01T09:00:00.000Z')
})

test.each([
  ['an untriaged use case', { useCaseState: 'submitted' }, 'USE_CASE_NOT_TRIAGED'],
  ['a prohibited practice', { legalClass: 'prohibited' }, 'PROHIBITED_PRACTICE'],
  ['an unclear legal class in production', { legalClass: 'undetermined' }, 'LEGAL_CLASS_UNDETERMINED'],
  ['no charter', { charter: null }, 'NO_CHARTER'],
  ['an unknown release', { releaseExists: false }, 'RELEASE_UNKNOWN'],
  ['a case that is already open', { sameCaseOpen: true }, 'CASE_ALREADY_OPEN'],
  [
    'a rejection of six days ago',
    { rejected: { at: addMs(start, -6 * dayMs), useCaseRevision: revision, release } },
    'REJECTED_RECENTLY',
  ],
] as const)('a case does not open on %s', (_what, more, code) => {
  const run: Run = { state: reviewCase.initial, log: [] }
  expect(apply(run, { c: 'open', subject, tier: 2 }, context(stranger, start, more))).toEqual([code])
})

test('PD-15: voting does not start while a requirement is unmet or unknown', () => {
  for (const status of ['unmet', 'unknown'] as const) {
    const run: Run = { state: reviewCase.initial, log: [] }
    apply(run, { c: 'open', subject, tier: 2 }, context(stranger, start))
    apply(
      run,
      {
        c: 'evaluate',
        requirements: [{ id: 'review/security', status }],
        evidenceSet: evidence,
        conditions: [],
      },
      context('system', start),
    )
    expect(apply(run, { c: 'start_vote' }, context(holders.risk, start))).toEqual(['REQUIREMENT_UNMET'])
  }
})

test('PD-01: who is not seated does not decide', () => {
  const run = voting(2)
  expect(ballot(run, stranger, 'approve', start)).toEqual(['NOT_SEATED'])
  expect(apply(run, { c: 'close' }, context(stranger, start))).toContain('NOT_THE_CHAIR')
})

test('PD-14: owner, requester and author are replaced by their alternates and may not vote', () => {
  const conflicts: ReadonlyMap<UserId, readonly ConflictCode[]> = new Map([[holders.security, ['owner']]])
  const facts = {
    conflictsOf: (who: UserId) => conflicts.get(who) ?? [],
    unitOf: () => unit(2),
    ownerUnit: unit(1),
  }
  const run = voting(1, { people: facts })
  expect(ballot(run, holders.security, 'approve', start)).toEqual(['CONFLICT_OF_INTEREST'])
  expect(ballot(run, alternates.security, 'approve', start)).toEqual([])
})

const conflictsBegin = (who: UserId, code: ConflictCode) => ({
  people: {
    conflictsOf: (other: UserId): readonly ConflictCode[] => (other === who ? [code] : []),
    unitOf: () => unit(2),
    ownerUnit: unit(1),
  },
})

test.each(conflictCodes)(
  'PD-14: who becomes %s while the case is open is replaced by the alternate',
  (code) => {
    const run = voting(2)
    const facts = conflictsBegin(holders.privacy, code)
    expect(ballot(run, holders.privacy, 'approve', start, facts)).toEqual(['CONFLICT_OF_INTEREST'])
    const recusal = { c: 'recuse', rationale: 'I have worked for this vendor' } as const
    expect(apply(run, recusal, context(holders.privacy, start, facts))).toEqual(['CONFLICT_OF_INTEREST'])
    expect(ballot(run, alternates.privacy, 'approve', start)).toEqual(['NOT_SEATED'])
    const before = run.log.length
    expect(ballot(run, alternates.privacy, 'approve', start, facts)).toEqual([])
    expect(run.log.slice(before)).toMatchObject([
      { e: 'candidate.disqualified', fn: 'privacy', person: holders.privacy, conflicts: [code] },
      { e: 'ballot.cast', ballot: { by: alternates.privacy } },
    ])
    // What has begun stays: who gives up the office again has still held it during this case.
    expect(ballot(run, holders.privacy, 'object', start)).toEqual(['CONFLICT_OF_INTEREST'])
  },
)

test('PD-14: a ballot whose voter has got a conflict since is void before anything is counted', () => {
  const run = voting(2)
  for (const fn of ['security', 'risk', 'privacy', 'legal'] as const)
    ballot(run, holders[fn], 'approve', start)
  const later = addMs(start, 5 * hourMs)
  const facts = conflictsBegin(holders.privacy, 'owner')
  const close = { c: 'close' } as const
  expect(apply({ ...run }, close, context(holders.risk, later))).toEqual([])
  expect(apply(run, close, context(holders.risk, later, facts))).toEqual(['RULE_NOT_SATISFIED'])

  const lapsing = { state: run.state, log: [...run.log] }
  const deadline = run.state.s === 'absent' ? later : run.state.deadline
  expect(apply(lapsing, { c: 'tick' }, context('system', deadline, facts))).toEqual([])
  expect(lapsing.log.slice(run.log.length)).toMatchObject([
    { e: 'ballot.voided', person: holders.privacy, cause: 'disqualified' },
    { e: 'candidate.disqualified', person: holders.privacy },
    { e: 'case.lapsed', tally: { missing: ['privacy'] } },
  ])

  expect(ballot(run, alternates.privacy, 'approve', later, facts)).toEqual([])
  expect(apply(run, close, context(holders.risk, later, facts))).toEqual([])
  expect(run.state.s === 'decided' && run.state.decision?.outcome).toBe('approved')
  expect(replayDecision(run.log)).toMatchObject({ matches: true })
})

test('a chair with a conflict of today neither starts nor closes a vote', () => {
  const run: Run = { state: reviewCase.initial, log: [] }
  apply(run, { c: 'open', subject, tier: 2 }, context(stranger, start))
  const evaluate = { c: 'evaluate', requirements: met, evidenceSet: evidence, conditions: [] } as const
  apply(run, evaluate, context('system', start))
  const facts = conflictsBegin(holders.risk, 'requester')
  expect(apply(run, { c: 'start_vote' }, context(holders.risk, start, facts))).toEqual(['NOT_THE_CHAIR'])
  expect(apply(run, { c: 'start_vote' }, context(alternates.risk, start, facts))).toEqual([])
})

test('PD-02: a required function without anybody eligible makes the rule impossible', () => {
  const facts = {
    conflictsOf: (who: UserId) => (who === requester ? [] : (['owner'] as const)),
    unitOf: () => unit(2),
    ownerUnit: unit(1),
  }
  const run: Run = { state: reviewCase.initial, log: [] }
  apply(run, { c: 'open', subject, tier: 1 }, context(stranger, start, { people: facts }))
  expect(run.state.s === 'absent' ? null : reviewCase.tallyOf(run.state).status).toBe('impossible')
})

test('PD-18: a ballot for another subject or without its own signature does not count', () => {
  const run = voting(3)
  const stale = {
    c: 'cast',
    choice: 'approve',
    subjectDigest: digestOf('other'),
    conditions: [],
    until: null,
    rationale: '',
    nonce: 'n',
  } as const
  expect(apply(run, stale, context(holders.security, start))).toEqual([
    'SUBJECT_DIGEST_STALE',
    'STEP_UP_REQUIRED',
  ])
  expect(ballot(run, holders.security, 'approve', start)).toEqual([])
  apply(
    run,
    { c: 'evaluate', requirements: met, evidenceSet: digestOf('new evidence'), conditions: [] },
    context('system', start),
  )
  expect(run.state.s === 'voting' && run.state.ballots).toEqual([])
})

test('PD-05: a case keeps the rule under which it opened', () => {
  const run = voting(2)
  const loose = {
    ...ours,
    rules: { ...ours.rules, initial: { ...ours.rules.initial, 2: ours.rules.initial[1] } },
  }
  const later = { charter: { digest: charter.charterDigest(loose), charter: loose } }
  expect(ballot(run, holders.security, 'approve', start, later)).toEqual([])
  expect(apply(run, { c: 'close' }, context(holders.risk, addMs(start, 5 * hourMs), later))).toContain(
    'RULE_NOT_SATISFIED',
  )
})

test('a tier-2 case is approved with conditions, and its replay agrees; a changed ballot does not', () => {
  const run = voting(2)
  for (const fn of ['security', 'risk', 'privacy', 'legal'] as const)
    expect(ballot(run, holders[fn], 'approve', start)).toEqual([])
  expect(apply(run, { c: 'close' }, context(holders.risk, start))).toEqual(['NOT_YET'])
  expect(ballot(run, holders.it, 'approve_with_conditions', start)).toEqual([])
  expect(apply(run, { c: 'close' }, context(holders.risk, start))).toEqual([])
  const decision = run.state.s === 'decided' ? run.state.decision : null
  expect(decision).toMatchObject({
    outcome: 'approved_with_conditions',
    expiresAt: addDays(start, 180),
    revoked: false,
  })
  expect(decision?.conditions).toHaveLength(1)
  expect(replayDecision(run.log)).toMatchObject({ k: 'decided', matches: true })
  const forged = run.log.map((event) =>
    event.e === 'ballot.cast' && event.ballot.fn === 'privacy'
      ? { ...event, ballot: { ...event.ballot, choice: 'object' as const } }
      : event,
  )
  expect(replayDecision(forged)).toMatchObject({ recomputed: 'rejected', matches: false })
})

test('other rules are tried on an ended case: its own give its own outcome, a function that was not asked is missing', () => {
  const run = voting(2)
  for (const fn of ['security', 'risk', 'legal', 'privacy', 'it'] as const)
    ballot(run, holders[fn], fn === 'it' ? 'abstain' : 'approve', addMs(start, hourMs))
  apply(run, { c: 'close' }, context('system', addMs(start, hourMs)))
  if (run.state.s !== 'decided') throw new Error(`the case is ${run.state.s}`)
  const decided = run.state
  const tried = (change: Partial<charter.QuorumRule>) => {
    const rule = { ...template.rules.initial[2], ...change }
    return simulateRules(decided, { ...template.rules, initial: { ...template.rules.initial, 2: rule } })
  }
  expect(tried({})).toMatchObject({ recorded: 'approved', simulated: 'approved' })
  expect(tried({ minBallots: 6 })).toMatchObject({ recorded: 'approved', simulated: 'lapsed' })
  expect(tried({ ratio: [1, 1] })).toMatchObject({ simulated: 'rejected' })
  const asked = tried({ required: ['security', 'data_science'], seated: [...functions] })
  expect(asked?.simulated).toBe('lapsed')
  expect(asked?.tally.reasons).toContainEqual({ code: 'NOBODY_ELIGIBLE', params: { fn: 'data_science' } })
  expect(simulateRules(voting(2).state as reviewCase.Case, template.rules)).toBeNull()
})

test('a condition is met by its attester, never by its owner, and is breached by the clock', () => {
  const terms = {
    id: ids.next('condition'),
    caseId,
    decisionId: ids.next('decision'),
    phase: 'after_deploy',
    due: addDays(start, 1),
    owner,
    attester: 'security',
    proposedBy: 'it',
    onBreach: 'suspend',
  } as const
  const open = condition.evolve(condition.initial, { e: 'condition.imposed', terms, at: start })
  const attest = (who: UserId, fns: readonly Fn[]) => {
    const decided = condition.decide(
      open,
      { c: 'attest', evidence },
      { now: start, person: who, functions: fns },
    )
    return decided.ok ? [] : decided.refused.map(({ code }) => code)
  }
  expect(attest(owner, ['security'])).toEqual(['OWNER_CONFLICT'])
  expect(attest(stranger, [])).toEqual(['FUNCTION_REQUIRED'])
  expect(attest(stranger, ['security'])).toEqual([])
  expect([condition.isBreached(open, addMs(terms.due, -1)), condition.isBreached(open, terms.due)]).toEqual([
    false,
    true,
  ])
})

const anyBallots: fc.Arbitrary<CountedBallot[]> = fc.subarray([...functions]).chain((fns) =>
  fc.tuple(
    ...fns.map((fn) =>
      fc.record({
        fn: fc.constant(fn),
        by: fc.constant(holders[fn]),
        choice: fc.constantFrom<Choice>(
          'approve',
          'approve',
          'approve_with_conditions',
          'object',
          'abstain',
          'recuse',
        ),
        independent: fc.boolean(),
      }),
    ),
  ),
)

test('law: an objection, a recusal or an abstention in place of an approval never satisfies a rule', () => {
  let satisfied = 0
  const all = new Set<Fn>(functions)
  fc.assert(
    fc.property(anyBallots, fc.constantFrom<Tier>(1, 2, 3), fc.nat(5), (ballots, tier, at) => {
      const rule = ours.rules.initial[tier]
      const before = tally(rule, ballots, all)
      if (before.status === 'satisfied') satisfied += 1
      const index = at % Math.max(1, ballots.length)
      for (const choice of ['object', 'recuse', 'abstain'] as const) {
        const changed = ballots.map((item, i) => (i === index ? { ...item, choice } : item))
        if (before.status !== 'satisfied' && ballots[index]?.choice.startsWith('approve'))
          if (choice !== 'recuse')
            expect(tally(rule, changed, all).approvals).toBeLessThan(before.approvals + 1)
      }
      const objector = functions.find(
        (fn) => rule.seated.includes(fn) && !ballots.some((item) => item.fn === fn),
      )
      if (objector === undefined) return
      const more = tally(
        rule,
        [...ballots, { fn: objector, by: holders[objector], choice: 'object', independent: true }],
        all,
      )
      if (before.status !== 'satisfied') expect(more.status).not.toBe('satisfied')
    }),
    { numRuns: 3_000 },
  )
  expect(satisfied).toBeGreaterThan(50)
})

const anyStep = fc.record({
  act: fc.constantFrom('cast', 'cast', 'cast', 'cast', 'cast', 'recuse', 'evaluate', 'close', 'tick', 'wait'),
  who: fc.constantFrom<UserId>(
    ...Object.values(holders),
    ...Object.values(holders),
    ...Object.values(alternates),
    owner,
    stranger,
  ),
  choice: fc.constantFrom<Exclude<Choice, 'recuse'>>(
    'approve',
    'approve',
    'approve',
    'approve',
    'approve_with_conditions',
    'object',
    'abstain',
  ),
})
test('law: no history is approved without live ballots that satisfy the frozen rule, and replay agrees', () => {
  let [approved, lapsed, disqualified] = [0, 0, 0]
  const history = fc.tuple(
    fc.constantFrom<Tier>(1, 2, 3),
    fc.boolean(),
    fc.array(anyStep, { minLength: 3, maxLength: 24 }),
    fc.option(fc.constantFrom(...Object.values(holders)), { nil: null }),
    fc.nat(20),
  )
  fc.assert(
    fc.property(history, ([tier, ownerSeated, steps, newcomer, since]) => {
      let taken = 0
      const conflictsOf = (who: UserId): readonly ConflictCode[] => {
        if (who === newcomer && taken > since) return ['administrator']
        return ownerSeated && who === holders.privacy ? ['owner'] : []
      }
      const facts = { people: { conflictsOf, unitOf: () => unit(2), ownerUnit: unit(1) } }
      const run = voting(tier, facts)
      let now = start
      const finish = [...Object.values(holders), ...Object.values(alternates)].map((who) => ({
        act: 'cast',
        who,
        choice: 'approve' as const,
      }))
      for (const { act, who, choice } of [
        ...steps,
        ...finish,
        { act: 'close', who: holders.risk, choice: 'approve' as const },
      ]) {
        now = addMs(now, act === 'wait' ? 3 * dayMs : 1)
        taken += 1
        if (act === 'cast') ballot(run, who, choice, now, facts)
        else if (act === 'recuse')
          apply(run, { c: 'recuse', rationale: 'I have worked for this vendor' }, context(who, now, facts))
        else if (act === 'evaluate')
          apply(
            run,
            { c: 'evaluate', requirements: met, evidenceSet: evidence, conditions: [] },
            context('system', now, facts),
          )
        else if (act === 'close') apply(run, { c: 'close' }, context(holders.risk, now, facts))
        else apply(run, { c: 'tick' }, context('system', now, facts))
        if (run.state.s !== 'voting') break
      }
      expect(run.log.reduce<reviewCase.State>(reviewCase.evolve, reviewCase.initial)).toEqual(run.state)
      if (run.state.s === 'lapsed') lapsed += 1
      if (run.state.s !== 'decided' || run.state.decision === null) return
      expect(replayDecision(run.log)).toMatchObject({ matches: true })
      if (run.state.decision.outcome === 'rejected') return
      approved += 1
      // An independent reading of the rule, straight from the ballots.
      const { rule, ballots } = run.state
      if (run.log.some(({ e }) => e === 'candidate.disqualified')) disqualified += 1
      for (const { by } of ballots) expect(conflictsOf(by)).toEqual([])
      const voices = new Map(ballots.map((item) => [item.fn, item]))
      const yes = ballots.filter(({ choice }) => choice.startsWith('approve'))
      for (const fn of rule.required) expect(voices.get(fn)?.choice).toMatch(/^approve/)
      for (const fn of rule.veto) expect(voices.get(fn)?.choice).not.toBe('object')
      expect(new Set(ballots.map(({ by }) => by)).size).toBe(ballots.length)
      expect(ballots.map(({ by }) => by)).not.toContain(owner)
      if (ownerSeated) expect(ballots.map(({ by }) => by)).not.toContain(holders.privacy)
      expect(yes.length / ballots.length).toBeGreaterThanOrEqual((rule.ratio[0] / rule.ratio[1]) * (1 - 1e-9))
      expect(ballots.filter(({ choice }) => choice !== 'object').length).toBeGreaterThanOrEqual(
        rule.minBallots,
      )
    }),
    { numRuns: 400 },
  )
  expect(approved).toBeGreaterThan(40)
  expect(lapsed).toBeGreaterThan(0)
  expect(disqualified).toBeGreaterThan(10)
})
