import {
  addMs,
  dayMs,
  digestOf,
  refuse,
  unless,
  unreachable,
  type Actor,
  type Decided,
} from '../../kernel/index.ts'
import { addBusinessDays } from './calendar.ts'
import { cast, minRationale, seatOf, unseatedFaults } from './case-ballot.ts'
import { closableFrom, closingFacts, compensationFaults, conclude, isOpen } from './case-closing.ts'
import { ruleFor } from './charter.ts'
import type { Case, Command, Context, Event, Later, Refusal, State, Subject } from './case-model.ts'
import { buildRoster, type RosterEntry } from './roster.ts'

export { ballotDocument, conditionsDigest, seatOf, standingFaults } from './case-ballot.ts'
export {
  closableFrom,
  conditionsOf,
  everybodyVoted,
  inputsDigest,
  isLapsed,
  tallyOf,
} from './case-closing.ts'
export * from './case-model.ts'

/** Commands that depend on who may vote now. */
const readsVoters: readonly Command['c'][] = ['start_vote', 'cast', 'recuse', 'close', 'tick']
const coolingMs = 7 * dayMs

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
      const opensAt = closableFrom(state)
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
  const rule = ruleFor(charter, wanted.kind, tier)
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

/** Whether the actor may start and close the vote. */
export function isChair(state: Case, actor: Actor): boolean {
  if (actor.k !== 'person') return false
  return state.roster.some(
    ({ chair, candidates }) =>
      chair && candidates.some(({ person, conflicts }) => person === actor.ref && conflicts.length === 0),
  )
}

function wrongState(state: State): Decided<never, Refusal> {
  return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
}
