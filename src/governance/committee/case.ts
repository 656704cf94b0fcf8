import {
  addDays,
  addMs,
  dayMs,
  digestOf,
  epochMs,
  hourMs,
  refuse,
  satisfies,
  unless,
  unreachable,
  type Actor,
  type AuthnContext,
  type BallotId,
  type BoundProof,
  type CaseId,
  type ConditionId,
  type Decided,
  type DecisionId,
  type DeploymentId,
  type Digest,
  type Environment,
  type EpochMs,
  type Fn,
  type IdSource,
  type JsonObject,
  type LegalClass,
  type Proof,
  type Reason,
  type StopId,
  type SystemId,
  type Tier,
  type UseCaseId,
  type UserId,
} from '../../kernel/index.ts'
import { addBusinessDays, type Calendar } from './calendar.ts'
import type { CaseKind, Charter, QuorumRule, State as Charters } from './charter.ts'
import { buildRoster, voterOf, type ConflictCode, type ConflictFacts, type RosterEntry } from './roster.ts'
import { outcomeOf, tally, type Choice, type Outcome, type Tally } from './tally.ts'

export const committeeEngine = 'committee/1'

/** Exactly what is decided on. Another release, revision or set of evidence is another subject. */
export type Subject = {
  /** A charter is decided by signatures of its own, not by a case. */
  readonly kind: Exclude<CaseKind, 'policy' | 'charter'>
  readonly useCaseId: UseCaseId
  readonly useCaseRevision: Digest
  readonly systemId: SystemId
  readonly release: Digest
  readonly environment: Environment
  readonly deploymentId: DeploymentId | null
  readonly tierAssessment: Digest
  readonly charter: Digest
  readonly evidenceSet: Digest | null
  /** The stops that a resume is about. */
  readonly stops: readonly StopId[]
}
export type Requirement = { readonly id: string; readonly status: 'met' | 'waived' | 'unmet' | 'unknown' }
export type ConditionDraft = {
  readonly phase: 'before_deploy' | 'after_deploy'
  readonly due: EpochMs
  readonly owner: UserId
  readonly onBreach: 'suspend' | 'shadow' | 'notify'
  /** Function whose holder attests that it is met. */
  readonly attester: Fn
  readonly text: string
}
export type Condition = Omit<ConditionDraft, 'text'> & {
  readonly textDigest: Digest
  readonly proposedBy: Fn
}
export type Ballot = {
  readonly id: BallotId
  readonly fn: Fn
  readonly by: UserId
  readonly choice: Choice
  readonly subjectDigest: Digest
  readonly conditions: readonly Condition[]
  /** An approval for less time than the rule gives; never for more. */
  readonly until: EpochMs | null
  readonly castAt: EpochMs
  readonly independent: boolean
}
export type Decision = {
  readonly id: DecisionId
  readonly outcome: Exclude<Outcome, 'lapsed'>
  readonly subject: Subject
  readonly tally: Tally
  readonly conditions: readonly (Condition & { readonly id: ConditionId })[]
  readonly decidedAt: EpochMs
  readonly notBefore: EpochMs
  readonly expiresAt: EpochMs
  readonly revoked: boolean
}

export type Case = {
  readonly s: 'waiting_evidence' | 'open' | 'voting' | 'decided' | 'lapsed' | 'cancelled'
  readonly id: CaseId
  readonly subject: Subject
  readonly subjectDigest: Digest
  readonly tier: Tier
  readonly rule: QuorumRule
  readonly proof: Proof
  readonly roster: readonly RosterEntry[]
  readonly openedAt: EpochMs
  readonly votingSince: EpochMs | null
  readonly deadline: EpochMs
  readonly requirements: readonly Requirement[]
  /** Conditions under which reviews were signed off: they become conditions of an approval. */
  readonly reviewConditions: readonly Condition[]
  /** Live ballots, one a function. */
  readonly ballots: readonly Ballot[]
  readonly recused: readonly UserId[]
  readonly decision: Decision | null
}
export type State = { readonly s: 'absent' } | Case
export const initial: State = { s: 'absent' }

export type Command =
  | { readonly c: 'open'; readonly subject: Omit<Subject, 'charter' | 'evidenceSet'>; readonly tier: Tier }
  | {
      readonly c: 'evaluate'
      readonly requirements: readonly Requirement[]
      readonly evidenceSet: Digest
      readonly conditions: readonly Condition[]
    }
  | { readonly c: 'start_vote' | 'close' | 'tick' }
  | {
      readonly c: 'cast'
      readonly choice: Exclude<Choice, 'recuse'>
      readonly subjectDigest: Digest
      readonly conditions: readonly ConditionDraft[]
      readonly until: EpochMs | null
      readonly rationale: string
      readonly nonce: string
    }
  | { readonly c: 'recuse'; readonly rationale: string }
  | { readonly c: 'cancel'; readonly reasonCode: string }
  | { readonly c: 'revoke'; readonly reasonCode: string; readonly text: string }

type About = { readonly caseId: CaseId; readonly at: EpochMs; readonly sealed?: JsonObject }
export type Event =
  | (About & {
      readonly e: 'case.opened'
      readonly by: Actor
      readonly subject: Subject
      readonly subjectDigest: Digest
      readonly tier: Tier
      readonly rule: QuorumRule
      readonly proof: Proof
      readonly roster: readonly RosterEntry[]
      readonly deadline: EpochMs
    })
  | (About & {
      readonly e: 'case.evidence_evaluated'
      readonly requirements: readonly Requirement[]
      readonly conditions: readonly Condition[]
      readonly evidenceSet: Digest
      readonly subjectDigest: Digest
    })
  | (About & {
      readonly e: 'ballot.voided'
      readonly ballotId: BallotId
      readonly fn: Fn
      readonly person: UserId
      readonly cause: 'subject_changed' | 'recused' | 'disqualified'
    })
  | (About & { readonly e: 'case.voting_started'; readonly by: Actor })
  | (About & {
      readonly e: 'ballot.cast'
      readonly ballot: Ballot
      readonly nonce: string
      readonly conditionsDigest: Digest
      readonly proof: { readonly method: string; readonly ageMs: number; readonly bound: BoundProof | null }
      readonly supersedes: BallotId | null
    })
  | (About & { readonly e: 'person.recused'; readonly fn: Fn; readonly person: UserId })
  | (About & {
      readonly e: 'candidate.disqualified'
      readonly fn: Fn
      readonly person: UserId
      readonly conflicts: readonly ConflictCode[]
    })
  | (About & {
      readonly e: 'decision.recorded'
      readonly decision: Decision
      readonly inputsDigest: Digest
      readonly engine: string
    })
  | (About & { readonly e: 'case.lapsed'; readonly tally: Tally })
  | (About & { readonly e: 'case.cancelled'; readonly by: Actor; readonly reasonCode: string })
  | (About & {
      readonly e: 'decision.revoked'
      readonly decisionId: DecisionId
      readonly by: Actor
      readonly reasonCode: string
    })

export type Context = {
  readonly now: EpochMs
  readonly id: CaseId
  readonly actor: Actor
  readonly authn: AuthnContext
  readonly ids: IdSource
  readonly calendar: Calendar
  readonly charter: { readonly digest: Digest; readonly charter: Charter } | null
  readonly charters: Charters
  /** As they are at `now`: to freeze a roster, and to see who has got a conflict since. */
  readonly people: ConflictFacts
  /** Facts about the subject when it opens. */
  readonly useCaseState: string
  readonly legalClass: LegalClass
  readonly releaseExists: boolean
  readonly sameCaseOpen: boolean
  /** The newest rejection on this system and environment. */
  readonly rejected: {
    readonly at: EpochMs
    readonly useCaseRevision: Digest
    readonly release: Digest
  } | null
  /** Tier 1 resumes with the technical owner's consent. */
  readonly ownerConsents: boolean
}
export type Refusal =
  | Reason<'WRONG_STATE', { state: State['s'] }>
  | Reason<'REQUIREMENT_UNMET', { id: string; status: string }>
  | Reason<'SUBJECT_DIGEST_STALE', { now: Digest }>
  | Reason<'CONFLICT_OF_INTEREST', { conflict: string }>
  | Reason<'STEP_UP_REQUIRED', { proof: Proof }>
  | Reason<'NOT_YET', { opensAt: EpochMs }>
  | Reason<'LIFETIME_OUT_OF_RANGE', { maxUntil: EpochMs }>
  | Reason<
      | 'NO_CHARTER'
      | 'USE_CASE_NOT_TRIAGED'
      | 'PROHIBITED_PRACTICE'
      | 'LEGAL_CLASS_UNDETERMINED'
      | 'RELEASE_UNKNOWN'
      | 'CASE_ALREADY_OPEN'
      | 'REJECTED_RECENTLY'
      | 'OWNER_CONSENT_REQUIRED'
      | 'NOT_THE_CHAIR'
      | 'CASE_NOT_VOTING'
      | 'NOT_SEATED'
      | 'RATIONALE_REQUIRED'
      | 'ALREADY_VOTED_OTHER_SEAT'
      | 'CONDITIONS_DO_NOT_FIT'
      | 'CONDITION_DUE_IN_THE_PAST'
      | 'CONDITION_OWNER_ATTESTS'
      | 'NOTIFY_NOT_ENOUGH'
      | 'COMPENSATION_REQUIRED'
      | 'DEADLINE_PASSED'
      | 'DEADLINE_NOT_REACHED'
      | 'RULE_NOT_SATISFIED'
      | 'NOTHING_TO_REVOKE'
    >

type Later = Exclude<Event, { readonly e: 'case.opened' }>

/** Commands that depend on who may vote now. */
const readsVoters: readonly Command['c'][] = ['start_vote', 'cast', 'recuse', 'close', 'tick']
const coolingMs = 7 * dayMs
const minRationale = 20

/** What a person's passkey signs to cast a ballot: nothing else stands for it. SPEC: governance design, section 7.6. */
export function ballotDocument(ballot: {
  readonly nonce: string
  readonly caseId: CaseId
  readonly subjectDigest: Digest
  readonly choice: Choice
  readonly conditionsDigest: Digest
  readonly until: EpochMs | null
}): JsonObject {
  return { schema: 'countersign.ballot/1', ...ballot }
}

/** Digest of the conditions of a ballot, text included. */
export function conditionsDigest(conditions: readonly ConditionDraft[]): Digest {
  return digestOf(conditions)
}

/** Applies one command. No command carries an outcome: it is computed from the ballots, by `tally`. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  if (command.c === 'open') return open(state, command, ctx)
  if (state.s === 'absent') return wrongState(state)
  if (!isOpen(state) || !readsVoters.includes(command.c)) return decideOn(state, command, ctx)
  const out = disqualifications(state, ctx)
  const decided = decideOn(out.reduce(fold, state), command, ctx)
  return decided.ok ? { ok: true, events: [...out, ...decided.events] } : decided
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  if (event.e === 'case.opened') return state.s === 'absent' ? opened(event) : state
  return state.s === 'absent' || state.id !== event.caseId ? state : fold(state, event)
}

/** The tally of a case as it stands. */
export function tallyOf(state: Case): Tally {
  const able = new Set(
    state.roster.filter((entry) => voterOf(entry, state.recused) !== null).map(({ fn }) => fn),
  )
  return tally(state.rule, state.ballots, able)
}

/** Whether the deadline has ended a case that nobody has closed; derived, so nothing has to run. */
export function isLapsed(state: State, now: EpochMs): boolean {
  return state.s !== 'absent' && isOpen(state) && now >= state.deadline
}

/**
 * Who has got a conflict since the roster was frozen, with their ballot: ownership, a check, an interest or an
 * administrator's role end a vote whenever they begin. The seat falls to the next candidate.
 */
function disqualifications(state: Case, ctx: Context): Later[] {
  const about = { caseId: state.id, at: ctx.now }
  return state.roster.flatMap(({ fn, candidates }) =>
    candidates.flatMap(({ person, conflicts: known }): Later[] => {
      const conflicts = known.length > 0 ? [] : ctx.people.conflictsOf(person)
      if (conflicts.length === 0) return []
      const own = state.ballots.filter((ballot) => ballot.by === person && ballot.fn === fn)
      const voided = own.map(
        ({ id: ballotId }): Later => ({
          e: 'ballot.voided',
          ...about,
          ballotId,
          fn,
          person,
          cause: 'disqualified',
        }),
      )
      return [...voided, { e: 'candidate.disqualified', ...about, fn, person, conflicts }]
    }),
  )
}

function decideOn(
  state: Case,
  command: Exclude<Command, { c: 'open' }>,
  ctx: Context,
): Decided<Event, Refusal> {
  const about = { caseId: state.id, at: ctx.now }
  switch (command.c) {
    case 'evaluate':
      return evaluate(state, command, ctx)
    case 'start_vote': {
      if (state.s !== 'open' && state.s !== 'waiting_evidence') return wrongState(state)
      const faults: Refusal[] = state.requirements
        .filter(({ status }) => status !== 'met' && status !== 'waived')
        .map(({ id, status }) => ({ code: 'REQUIREMENT_UNMET', params: { id, status } }))
      if (state.subject.evidenceSet === null)
        faults.push({ code: 'REQUIREMENT_UNMET', params: { id: 'evidence', status: 'unknown' } })
      const bySystem = state.tier === 1 && ctx.actor.k === 'system'
      if (!bySystem && !isChair(state, ctx.actor)) faults.push({ code: 'NOT_THE_CHAIR', params: {} })
      if (ctx.now >= state.deadline) faults.push({ code: 'DEADLINE_PASSED', params: {} })
      if (ctx.legalClass === 'prohibited') faults.push({ code: 'PROHIBITED_PRACTICE', params: {} })
      return unless<Event, Refusal>(faults, { e: 'case.voting_started', ...about, by: ctx.actor })
    }
    case 'cast':
      return cast(state, command, ctx)
    case 'recuse': {
      if (state.s !== 'voting') return refuse({ code: 'CASE_NOT_VOTING', params: {} })
      const seated = seatOf(state, ctx.actor)
      if (seated === null) return { ok: false, refused: unseatedFaults(state, ctx.actor) }
      if (command.rationale.trim().length < minRationale)
        return refuse({ code: 'RATIONALE_REQUIRED', params: {} })
      const { fn } = seated.entry
      const { person } = seated
      const own = state.ballots.find((ballot) => ballot.by === person)
      const events: Event[] =
        own === undefined
          ? []
          : [{ e: 'ballot.voided', ...about, ballotId: own.id, fn, person, cause: 'recused' }]
      events.push({ e: 'person.recused', ...about, fn, person, sealed: { rationale: command.rationale } })
      return unless<Event, Refusal>([], ...events)
    }
    case 'close': {
      if (state.s !== 'voting') return refuse({ code: 'CASE_NOT_VOTING', params: {} })
      const facts = closingFacts(state, ctx.now)
      const faults: Refusal[] = []
      if (ctx.actor.k !== 'system' && !isChair(state, ctx.actor))
        faults.push({ code: 'NOT_THE_CHAIR', params: {} })
      if (facts.counted.status !== 'satisfied' && !facts.allVoted)
        faults.push({ code: 'RULE_NOT_SATISFIED', params: {} })
      const opensAt = addMs(state.votingSince ?? state.openedAt, state.rule.minOpenHours * hourMs)
      if (!facts.allVoted && ctx.now < opensAt) faults.push({ code: 'NOT_YET', params: { opensAt } })
      faults.push(...compensationFaults(state, facts.counted))
      if (ctx.now >= state.deadline) faults.push({ code: 'DEADLINE_PASSED', params: {} })
      return faults.length > 0 ? { ok: false, refused: faults } : conclude(state, ctx)
    }
    case 'tick': {
      if (!isOpen(state)) return wrongState(state)
      if (ctx.now < state.deadline) return refuse({ code: 'DEADLINE_NOT_REACHED', params: {} })
      return conclude(state, ctx)
    }
    case 'cancel':
      if (!isOpen(state)) return wrongState(state)
      return unless<Event, Refusal>([], {
        e: 'case.cancelled',
        ...about,
        by: ctx.actor,
        reasonCode: command.reasonCode,
      })
    case 'revoke': {
      // INVARIANT: stopping needs one person.
      const { decision } = state
      if (decision === null || decision.outcome === 'rejected' || decision.revoked)
        return refuse({ code: 'NOTHING_TO_REVOKE', params: {} })
      const { reasonCode, text } = command
      return unless<Event, Refusal>([], {
        e: 'decision.revoked',
        ...about,
        decisionId: decision.id,
        by: ctx.actor,
        reasonCode,
        sealed: { reason: text },
      })
    }
    default:
      return unreachable(command)
  }
}

function fold(state: Case, event: Later): Case {
  switch (event.e) {
    case 'case.evidence_evaluated': {
      const { requirements, conditions: reviewConditions, evidenceSet, subjectDigest } = event
      const isReady = requirements.every(({ status }) => status === 'met' || status === 'waived')
      const s = state.s === 'voting' ? 'voting' : isReady ? 'open' : 'waiting_evidence'
      return {
        ...state,
        s,
        requirements,
        reviewConditions,
        subjectDigest,
        subject: { ...state.subject, evidenceSet },
      }
    }
    case 'ballot.voided':
      return { ...state, ballots: state.ballots.filter(({ id }) => id !== event.ballotId) }
    case 'case.voting_started':
      return { ...state, s: 'voting', votingSince: event.at }
    case 'ballot.cast': {
      const others = state.ballots.filter(({ fn }) => fn !== event.ballot.fn)
      return { ...state, ballots: [...others, event.ballot] }
    }
    case 'person.recused':
      return { ...state, recused: [...state.recused, event.person] }
    case 'candidate.disqualified':
      return { ...state, roster: state.roster.map((entry) => disqualified(entry, event)) }
    case 'decision.recorded':
      return { ...state, s: 'decided', decision: event.decision }
    case 'case.lapsed':
      return { ...state, s: 'lapsed' }
    case 'case.cancelled':
      return { ...state, s: 'cancelled' }
    case 'decision.revoked':
      return state.decision === null ? state : { ...state, decision: { ...state.decision, revoked: true } }
    default:
      return unreachable(event)
  }
}

function open(state: State, command: Command & { c: 'open' }, ctx: Context): Decided<Event, Refusal> {
  if (state.s !== 'absent') return wrongState(state)
  const { subject: wanted, tier } = command
  const faults: Refusal[] = []
  const add = (
    code:
      | 'NO_CHARTER'
      | 'USE_CASE_NOT_TRIAGED'
      | 'PROHIBITED_PRACTICE'
      | 'LEGAL_CLASS_UNDETERMINED'
      | 'RELEASE_UNKNOWN'
      | 'CASE_ALREADY_OPEN'
      | 'REJECTED_RECENTLY'
      | 'OWNER_CONSENT_REQUIRED',
  ) => faults.push({ code, params: {} })
  if (ctx.charter === null) add('NO_CHARTER')
  if (ctx.useCaseState !== 'triaged') add('USE_CASE_NOT_TRIAGED')
  if (ctx.legalClass === 'prohibited') add('PROHIBITED_PRACTICE')
  if (ctx.legalClass === 'undetermined' && wanted.environment === 'prod') add('LEGAL_CLASS_UNDETERMINED')
  if (!ctx.releaseExists) add('RELEASE_UNKNOWN')
  if (ctx.sameCaseOpen) add('CASE_ALREADY_OPEN')
  const isAgain =
    ctx.rejected?.useCaseRevision === wanted.useCaseRevision && ctx.rejected.release === wanted.release
  if (ctx.rejected !== null && isAgain && ctx.now < addMs(ctx.rejected.at, coolingMs))
    add('REJECTED_RECENTLY')
  if (wanted.kind === 'resume' && tier === 1 && !ctx.ownerConsents) add('OWNER_CONSENT_REQUIRED')
  if (faults.length > 0 || ctx.charter === null) return { ok: false, refused: faults }
  const { charter, digest } = ctx.charter
  const rule = charter.rules[wanted.kind][tier]
  const subject: Subject = { ...wanted, charter: digest, evidenceSet: null }
  return unless<Event, Refusal>([], {
    e: 'case.opened',
    caseId: ctx.id,
    at: ctx.now,
    by: ctx.actor,
    subject,
    subjectDigest: digestOf(subject),
    tier,
    rule,
    proof: charter.proof[tier],
    roster: buildRoster(charter, ctx.charters, rule, ctx.people, ctx.now),
    deadline: addBusinessDays(ctx.calendar, ctx.now, rule.deadlineBusinessDays),
  })
}

function evaluate(state: Case, command: Command & { c: 'evaluate' }, ctx: Context): Decided<Event, Refusal> {
  if (state.s !== 'open' && state.s !== 'waiting_evidence' && state.s !== 'voting') return wrongState(state)
  const about = { caseId: state.id, at: ctx.now }
  const { requirements, evidenceSet, conditions } = command
  const subjectDigest = digestOf({ ...state.subject, evidenceSet })
  const voided = subjectDigest === state.subjectDigest ? [] : state.ballots
  return unless<Event, Refusal>(
    [],
    ...voided.map(
      ({ id, fn, by }): Event => ({
        e: 'ballot.voided',
        ...about,
        ballotId: id,
        fn,
        person: by,
        cause: 'subject_changed',
      }),
    ),
    { e: 'case.evidence_evaluated', ...about, requirements, conditions, evidenceSet, subjectDigest },
  )
}

function cast(state: Case, command: Command & { c: 'cast' }, ctx: Context): Decided<Event, Refusal> {
  if (state.s !== 'voting') return refuse({ code: 'CASE_NOT_VOTING', params: {} })
  const faults: Refusal[] = []
  if (ctx.now >= state.deadline) faults.push({ code: 'DEADLINE_PASSED', params: {} })
  const seated = seatOf(state, ctx.actor)
  if (seated === null) faults.push(...unseatedFaults(state, ctx.actor))
  if (command.subjectDigest !== state.subjectDigest)
    faults.push({ code: 'SUBJECT_DIGEST_STALE', params: { now: state.subjectDigest } })
  const { choice, conditions, nonce, until } = command
  const maxUntil = addDays(ctx.now, state.rule.ttlDays)
  const approves = choice === 'approve' || choice === 'approve_with_conditions'
  if (until !== null && (!approves || until <= ctx.now || until > maxUntil))
    faults.push({ code: 'LIFETIME_OUT_OF_RANGE', params: { maxUntil } })
  const needsRationale = choice === 'object' || choice === 'approve_with_conditions'
  if (needsRationale && command.rationale.trim().length < minRationale)
    faults.push({ code: 'RATIONALE_REQUIRED', params: {} })
  faults.push(...conditionFaults(state, command, seated?.entry.fn ?? null, ctx.now))
  const drafts = conditionsDigest(conditions)
  const document = digestOf(
    ballotDocument({
      nonce,
      caseId: state.id,
      subjectDigest: command.subjectDigest,
      choice,
      conditionsDigest: drafts,
      until,
    }),
  )
  if (!satisfies(ctx.authn, state.proof, ctx.now, document))
    faults.push({ code: 'STEP_UP_REQUIRED', params: { proof: state.proof } })
  const other = state.ballots.find((ballot) => ballot.by === seated?.person && ballot.fn !== seated.entry.fn)
  if (other !== undefined) faults.push({ code: 'ALREADY_VOTED_OTHER_SEAT', params: {} })
  if (faults.length > 0 || seated === null) return { ok: false, refused: faults }
  const { fn } = seated.entry
  const texts = Object.fromEntries(conditions.map(({ text }, i) => [String(i), text]))
  return unless<Event, Refusal>([], {
    e: 'ballot.cast',
    caseId: state.id,
    at: ctx.now,
    ballot: {
      id: ctx.ids.next('ballot'),
      fn,
      by: seated.person,
      choice,
      subjectDigest: state.subjectDigest,
      conditions: conditions.map(({ text, ...condition }) => ({
        ...condition,
        textDigest: digestOf({ nonce, text }),
        proposedBy: fn,
      })),
      until,
      castAt: ctx.now,
      independent: seated.independent,
    },
    nonce,
    conditionsDigest: drafts,
    proof: {
      method: ctx.authn.method,
      ageMs: Math.max(0, ctx.now - ctx.authn.at),
      bound: ctx.authn.bound ?? null,
    },
    supersedes: state.ballots.find((ballot) => ballot.fn === fn)?.id ?? null,
    sealed: { rationale: command.rationale, conditions: texts },
  })
}

function conditionFaults(
  state: Case,
  { choice, conditions }: Command & { c: 'cast' },
  fn: Fn | null,
  now: EpochMs,
): Refusal[] {
  const faults: Refusal[] = []
  const fits = (choice === 'approve_with_conditions') === conditions.length > 0 && conditions.length <= 20
  if (!fits) faults.push({ code: 'CONDITIONS_DO_NOT_FIT', params: {} })
  for (const condition of conditions) {
    if (condition.due <= now) faults.push({ code: 'CONDITION_DUE_IN_THE_PAST', params: {} })
    const attesters = state.roster.find((entry) => entry.fn === condition.attester)?.candidates ?? []
    if (attesters.some(({ person }) => person === condition.owner))
      faults.push({ code: 'CONDITION_OWNER_ATTESTS', params: {} })
    if (state.tier === 3 && condition.onBreach === 'notify' && fn !== null && state.rule.veto.includes(fn))
      faults.push({ code: 'NOTIFY_NOT_ENOUGH', params: {} })
  }
  return faults
}

function compensationFaults(state: Case, counted: Tally): Refusal[] {
  const needs = state.subject.kind === 'veto_override' && counted.status === 'satisfied'
  const has = conditionsOf(state).length > 0
  return needs && !has ? [{ code: 'COMPENSATION_REQUIRED', params: {} }] : []
}

/** Whether everybody who may vote has voted: then nothing is left to wait for. */
export function everybodyVoted(state: Case): boolean {
  const voters = state.roster.map((entry) => voterOf(entry, state.recused)).filter((voter) => voter !== null)
  return voters.length > 0 && voters.every(({ person }) => state.ballots.some(({ by }) => by === person))
}

function closingFacts(state: Case, now: EpochMs) {
  const counted = tallyOf(state)
  const allVoted = everybodyVoted(state)
  const hasConditions = conditionsOf(state).length > 0
  return { counted, allVoted: allVoted || now >= state.deadline, hasConditions }
}

/** Ends the case: what the tally says, and nothing else. */
function conclude(state: Case, ctx: Context): Decided<Event, Refusal> {
  const about = { caseId: state.id, at: ctx.now }
  const { counted, allVoted, hasConditions } = closingFacts(state, ctx.now)
  const expiresAt = epochMs(
    Math.min(addDays(ctx.now, state.rule.ttlDays), ...state.ballots.flatMap(({ until }) => until ?? [])),
  )
  // An approval that would be over before it begins is none.
  const mayDecide =
    state.s === 'voting' && compensationFaults(state, counted).length === 0 && expiresAt > ctx.now
  const outcome = mayDecide ? outcomeOf(counted, { allVoted, hasConditions }) : 'lapsed'
  if (outcome === 'lapsed') return unless<Event, Refusal>([], { e: 'case.lapsed', ...about, tally: counted })
  const conditions = outcome === 'rejected' ? [] : conditionsOf(state)
  const decision: Decision = {
    id: ctx.ids.next('decision'),
    outcome,
    subject: state.subject,
    tally: counted,
    conditions: conditions.map((condition) => ({ ...condition, id: ctx.ids.next('condition') })),
    decidedAt: ctx.now,
    notBefore: ctx.now,
    expiresAt,
    revoked: false,
  }
  return unless<Event, Refusal>([], {
    e: 'decision.recorded',
    ...about,
    decision,
    inputsDigest: inputsDigest(state),
    engine: committeeEngine,
  })
}

/** Every condition that an approval would carry: those of the ballots and those of the reviews. */
export function conditionsOf({ ballots, reviewConditions }: Case): readonly Condition[] {
  return [...ballots.flatMap(({ conditions }) => conditions), ...reviewConditions]
}

/** Digest of everything that the outcome depends on. */
export function inputsDigest(state: Case): Digest {
  const { subject, rule, roster, ballots, recused, requirements, reviewConditions, tier } = state
  return digestOf({ subject, rule, roster, ballots, recused, requirements, reviewConditions, tier })
}

function opened(event: Event & { e: 'case.opened' }): Case {
  const { caseId: id, subject, subjectDigest, tier, rule, proof, roster, deadline, at: openedAt } = event
  return {
    s: 'waiting_evidence',
    id,
    subject,
    subjectDigest,
    tier,
    rule,
    proof,
    roster,
    openedAt,
    votingSince: null,
    deadline,
    requirements: [],
    reviewConditions: [],
    ballots: [],
    recused: [],
    decision: null,
  }
}

/** The seat for which the actor votes now. Only people vote. */
function seatOf(
  state: Case,
  actor: Actor,
): { readonly entry: RosterEntry; readonly person: UserId; readonly independent: boolean } | null {
  if (actor.k !== 'person') return null
  for (const entry of state.roster) {
    const voter = voterOf(entry, state.recused)
    if (voter?.person === actor.ref) return { entry, person: actor.ref, independent: voter.independent }
  }
  return null
}

function unseatedFaults(state: Case, actor: Actor): Refusal[] {
  const all = state.roster.flatMap(({ candidates }) => candidates)
  const own = all.filter(({ person }) => actor.k === 'person' && person === actor.ref)
  const conflicts = [...new Set(own.flatMap((candidate) => candidate.conflicts))]
  if (conflicts.length === 0) return [{ code: 'NOT_SEATED', params: {} }]
  return conflicts.map((conflict) => ({ code: 'CONFLICT_OF_INTEREST', params: { conflict } }))
}

function disqualified(
  entry: RosterEntry,
  { fn, person, conflicts }: Later & { e: 'candidate.disqualified' },
): RosterEntry {
  if (entry.fn !== fn) return entry
  const candidates = entry.candidates.map((candidate) =>
    candidate.person === person
      ? { ...candidate, conflicts: [...new Set([...candidate.conflicts, ...conflicts])] }
      : candidate,
  )
  return { ...entry, candidates }
}

function isOpen({ s }: Case): boolean {
  return s === 'open' || s === 'waiting_evidence' || s === 'voting'
}

function isChair(state: Case, actor: Actor): boolean {
  if (actor.k !== 'person') return false
  return state.roster.some(
    ({ chair, candidates }) =>
      chair && candidates.some(({ person, conflicts }) => person === actor.ref && conflicts.length === 0),
  )
}

function wrongState(state: State): Decided<never, Refusal> {
  return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
}
