import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { noOverrideReasons, permits, type Authorization } from '../../src/governance/authorization/index.ts'
import { charter, tally, type Choice, type reviewCase } from '../../src/governance/committee/index.ts'
import {
  dayMs,
  functions,
  hourMs,
  minuteMs,
  type CaseId,
  type Fn,
  type Tier,
  type UserId,
} from '../../src/kernel/index.ts'
import {
  alternates,
  everybody,
  GovernedWorld,
  holders,
  isApproval,
  people,
  release,
  type Flaw,
} from '../support/governed-world.ts'

const acts = [
  'approve_all',
  'approve_all',
  'approve_all',
  'approve_all',
  'roll_out',
  'roll_out',
  'cast',
  'cast',
  'cast',
  'recuse',
  'start_vote',
  'open',
  'resume',
  'resume',
  'close',
  'tick',
  'cancel',
  'revoke',
  'check',
  'fail',
  'sign_off',
  'waive',
  'unwaive',
  'attest',
  'stop',
  'stop',
  'override',
  'override',
  'end_override',
  'review_override',
  'interest',
  'owner',
  'withdraw',
  'charter',
  'mismatch',
  'observed',
  'quarantine',
  'wait',
  'wait',
  'expire',
  'expire',
] as const
const anyVote = fc.constantFrom('approve_with_conditions', 'object', 'abstain', 'absent', 'absent')
const anyStep = fc.record({
  act: fc.constantFrom(...acts),
  who: fc.constantFrom<UserId>(...everybody),
  other: fc.constantFrom<Fn>(...functions),
  choice: fc.constantFrom<Exclude<Choice, 'recuse'>>(
    'approve',
    'approve',
    'approve',
    'approve_with_conditions',
    'object',
    'abstain',
  ),
  /** How each function votes on the usual way to an approval. */
  votes: fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant('approve' as const) }, anyVote), {
    minLength: functions.length,
    maxLength: functions.length,
  }),
  flaw: fc.constantFrom<Flaw>('none', 'none', 'none', 'stale', 'unsigned', 'other_signature'),
  scope: fc.constantFrom('route', 'deployment', 'system', 'use_case', 'installation'),
  reason: fc.constantFrom('person', 'incident', 'key_compromise'),
  ms: fc.constantFrom(1, minuteMs, hourMs, 9 * hourMs, dayMs, 8 * dayMs, 40 * dayMs, 120 * dayMs),
})
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never

/** What was true when a case opened and when it was decided; later facts cannot change it. */
type Witness = { readonly rule: charter.QuorumRule; conflicted: boolean }

class Run {
  readonly world: GovernedWorld
  readonly witnesses = new Map<CaseId, Witness>()
  latest: CaseId | null = null

  constructor(tier: Tier) {
    this.world = new GovernedWorld(tier)
  }

  step(step: Step): void {
    const { world } = this
    const { act, who, other, choice, flaw, scope, reason, ms } = step
    switch (act) {
      case 'approve_all':
        return this.#approveAll(step)
      case 'roll_out':
        world.actOnDeployment({ c: 'deploy', release, op: 'live' })
        world.actOnDeployment({ c: 'observe', observed: release, source: 'law' })
        return
      case 'cast':
        return void this.#cast(who, choice, flaw)
      case 'open':
        return this.#open('initial')
      case 'resume':
        return this.#resume(step)
      case 'recuse':
        return this.#act(who, { c: 'recuse', rationale: 'I have worked for this vendor' })
      case 'start_vote':
        return this.#act(who, { c: 'start_vote' })
      case 'close':
        return this.#act(who, { c: 'close' })
      case 'tick':
        return this.#act('system', { c: 'tick' })
      case 'cancel':
        return this.#act(who, { c: 'cancel', reasonCode: 'mistake' })
      case 'revoke':
        return this.#act(who, { c: 'revoke', reasonCode: 'mistake', text: 'a mistake' })
      case 'check':
      case 'fail':
        return void world.recordCheck(who, act === 'check' ? 'pass' : 'fail')
      case 'sign_off':
        return void world.signOff(who)
      case 'waive':
        world.actOnWaiver(people.technical, 'request')
        return void world.actOnWaiver(choice === 'approve' ? holders.risk : who, 'accept')
      case 'unwaive':
        return void world.actOnWaiver(who, 'revoke')
      case 'attest':
        return void world.attest(who, other)
      case 'stop':
        return void world.order(who, scope, reason)
      case 'override':
        world.actOnOverride(choice === 'approve' ? holders.security : who, 'security', 'request')
        world.actOnOverride(flaw === 'none' ? holders[other] : who, other, 'second')
        return void world.actOnOverride(holders[other], other, 'renew')
      case 'end_override':
        return void world.actOnOverride(who, other, 'revoke')
      case 'review_override':
        return void world.actOnOverride(who, other, 'review')
      case 'interest':
        return void world.declareInterest(who)
      case 'owner':
        return void world.actOnUseCase(people.requester, { c: 'change_owner', role: 'backup', to: who })
      case 'withdraw':
        // Ends everything, so only some histories come so far.
        if (ms === minuteMs) world.actOnUseCase(people.requester, { c: 'withdraw', reasonCode: 'over' })
        return
      case 'charter':
        return void world.loosenCharter()
      case 'mismatch':
        return void world.actOnDeployment({ c: 'observe', observed: 'unknown', source: 'law' })
      case 'observed':
        return void world.actOnDeployment({ c: 'observe', observed: release, source: 'law' })
      case 'quarantine':
        if (ms === minuteMs) world.actOnDeployment({ c: 'quarantine', reasonCode: 'x' })
        return
      case 'wait':
        return world.wait(ms)
      case 'expire':
        return world.wait(400 * dayMs)
      default:
        throw new Error(act satisfies never)
    }
  }

  #open(kind: 'initial' | 'resume'): void {
    const opened = this.world.openCase(kind)
    if (opened === null) return
    this.latest = opened
    const { charters, now } = this.world
    const rules = charter.charterInForce(charters, now)?.charter.rules
    const tier = this.world.cases.get(opened)?.tier ?? 3
    if (rules !== undefined) this.witnesses.set(opened, { rule: rules[kind][tier], conflicted: false })
  }

  #act(who: UserId | 'system', command: reviewCase.Command): void {
    if (this.latest !== null) this.#watching(() => this.world.actOnCase(this.latest as CaseId, who, command)) // not null
  }

  #cast(who: UserId, choice: Exclude<Choice, 'recuse'>, flaw: Flaw): boolean {
    const { latest, world } = this
    if (latest === null) return false
    const isDone = this.#watching(() => world.cast(latest, who, choice, flaw))
    if (!isDone) return false
    expect(world.conflictsOf(who)).toEqual([])
    expect(flaw === 'stale').toBe(false)
    if (world.cases.get(latest)?.proof === 'passkey_bound') expect(flaw).toBe('none')
    return true
  }

  /** Notes whose ballots were counted, at the moment in which they are. */
  #watching(act: () => boolean): boolean {
    const undecided = new Set([...this.world.cases.values()].filter(({ decision }) => decision === null))
    const isDone = act()
    for (const { id } of undecided) {
      const state = this.world.cases.get(id)
      const witness = this.witnesses.get(id)
      if (state === undefined || state.decision === null || witness === undefined) continue
      witness.conflicted = state.ballots.some(({ by }) => this.world.conflictsOf(by).length > 0)
    }
    return isDone
  }

  /** The usual way to an approval; what has happened before may still be in its way. */
  #approveAll({ other, votes, flaw }: Step): void {
    const { world } = this
    world.signOff(holders.security)
    world.recordCheck(people.stranger, 'pass')
    this.#open('initial')
    this.#act(this.latest === null ? 'system' : holders.risk, { c: 'start_vote' })
    this.#act('system', { c: 'start_vote' })
    for (const [i, fn] of functions.entries()) {
      const vote = votes[i] ?? 'absent'
      if (vote !== 'absent' && !this.#cast(holders[fn], vote, fn === other ? flaw : 'none'))
        this.#cast(alternates[fn], vote, 'none')
    }
    world.wait(25 * hourMs)
    this.#act(holders.risk, { c: 'close' })
    this.#act('system', { c: 'close' })
  }

  #resume({ other, choice }: Step): void {
    const { world } = this
    this.#open('resume')
    this.#act(holders.risk, { c: 'start_vote' })
    this.#act('system', { c: 'start_vote' })
    for (const fn of functions) this.#cast(holders[fn], fn === other ? choice : 'approve', 'none')
    world.wait(25 * hourMs)
    this.#act('system', { c: 'close' })
    if (this.latest !== null) world.lift(this.latest)
  }
}

/** Everything that must be true of a world in which the deployment may run, read from its records and not from the answer. */
function assertFounded({ world, witnesses }: Run, authorization: Authorization): void {
  const { facts, now } = world
  expect(facts.useCase.state).toBe('triaged')
  expect(facts.deployment.op).not.toBe('quarantined')
  expect(authorization.until ?? now).toBeGreaterThan(now)
  if (authorization.s === 'emergency') {
    const { override: over } = world
    if (over.s !== 'active') throw new Error('an emergency without an override')
    expect(over.expiresAt).toBeGreaterThan(now)
    expect(over.requested.person).not.toBe(over.seconded.person)
    expect(over.requested.fn).not.toBe(over.seconded.fn)
    expect([over.requested.person, over.seconded.person]).toContain(holders.security)
    expect(facts.stops.filter(({ reasonCode }) => noOverrideReasons.includes(reasonCode))).toEqual([])
    expect([...world.cases.values()].some(({ decision }) => isApproval(decision))).toBe(true)
    return
  }
  expect(facts.stops).toEqual([])
  const founded = [...world.cases.values()].find(({ decision }) => decision?.id === authorization.basis)
  const decision = founded?.decision ?? null
  if (founded === undefined || decision === null) throw new Error('a basis that nobody decided')
  expect(isApproval(decision)).toBe(true)
  expect(decision.revoked).toBe(false)
  expect(decision.expiresAt).toBeGreaterThan(now)
  expect(founded.subject.release).toBe(release)
  const later = [...world.cases.values()].filter(
    (item) =>
      item.subject.kind === 'initial' &&
      item.decision !== null &&
      item.decision.decidedAt > decision.decidedAt,
  )
  expect(later.filter((item) => item.decision?.outcome === 'rejected')).toEqual([])

  const witness = witnesses.get(founded.id)
  expect(founded.rule).toEqual(witness?.rule)
  expect(witness?.conflicted).toBe(false)
  const { ballots, rule, tier } = founded
  expect(tally(rule, ballots, new Set(functions)).status).toBe('satisfied')
  expect(new Set(ballots.map(({ by }) => by)).size).toBe(ballots.length)
  for (const { by, fn } of ballots) expect([holders[fn], alternates[fn]]).toContain(by)
  for (const fn of rule.required)
    expect(ballots.find((ballot) => ballot.fn === fn)?.choice).toMatch(/^approve/)
  const against = ballots.filter(({ choice }) => choice === 'object')
  expect(ballots.length - against.length).toBeGreaterThanOrEqual({ 1: 1, 2: 3, 3: 5 }[tier])
  expect(against.filter(({ fn }) => rule.veto.includes(fn))).toEqual([])
  for (const item of facts.conditions)
    if (item.decisionId === decision.id && item.onBreach === 'suspend' && item.state === 'open')
      expect(item.due).toBeGreaterThan(now)
}

test('law: nothing runs without a live decision by enough people without conflict, nor under a stop', () => {
  const reached: Record<string, number> = {}
  let [decided, disqualified] = [0, 0]
  const law = fc.property(
    fc.constantFrom<Tier>(1, 2, 3),
    fc.array(anyStep, { minLength: 8, maxLength: 40 }),
    (tier, steps) => {
      const run = new Run(tier)
      const seen = new Set<string>()
      for (const step of steps) {
        const before = run.world.authorization
        run.step(step)
        const { authorization } = run.world
        seen.add(authorization.s)
        if (permits(authorization)) assertFounded(run, authorization)
        // A stop wins at once, whoever orders it and whatever was in force; an emergency stands beside most stops.
        if (step.act === 'stop' && (before.s !== 'emergency' || step.reason === 'key_compromise'))
          expect(permits(authorization)).toBe(false)
      }
      for (const s of seen) reached[s] = (reached[s] ?? 0) + 1
      const cases = [...run.world.cases.values()]
      decided += cases.filter(({ decision }) => decision !== null).length
      disqualified += cases.filter(({ roster }) =>
        roster.some(({ candidates }) => candidates.some(({ conflicts }) => conflicts.length > 0)),
      ).length
    },
  )
  fc.assert(law, { numRuns: 600 })
  // A law that is hardly exercised proves hardly anything.
  const least = {
    valid: 100,
    conditional: 10,
    suspended: 100,
    emergency: 15,
    expired: 20,
    rejected: 10,
    revoked: 10,
  }
  for (const [state, count] of Object.entries(least))
    expect([state, reached[state] ?? 0]).toEqual([state, expect.toSatisfy((n: number) => n >= count)])
  expect(decided).toBeGreaterThan(300)
  expect(disqualified).toBeGreaterThan(50)
}, 120_000)
