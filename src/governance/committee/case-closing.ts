import {
  addDays,
  addMs,
  digestOf,
  epochMs,
  hourMs,
  unless,
  type Decided,
  type Digest,
  type EpochMs,
} from '../../kernel/index.ts'
import {
  committeeEngine,
  type Condition,
  type Decision,
  type Case,
  type State,
  type Event,
  type Context,
  type Refusal,
} from './case-model.ts'
import { voterOf } from './roster.ts'
import { outcomeOf, tally, type Tally } from './tally.ts'

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

/** A veto is overridden only with a condition that makes up for it. */
export function compensationFaults(state: Case, counted: Tally): Refusal[] {
  const needs = state.subject.kind === 'veto_override' && counted.status === 'satisfied'
  const has = conditionsOf(state).length > 0
  return needs && !has ? [{ code: 'COMPENSATION_REQUIRED', params: {} }] : []
}

/** Whether everybody who may vote has voted: then nothing is left to wait for. */
export function everybodyVoted(state: Case): boolean {
  const voters = state.roster.map((entry) => voterOf(entry, state.recused)).filter((voter) => voter !== null)
  return voters.length > 0 && voters.every(({ person }) => state.ballots.some(({ by }) => by === person))
}

/** Before this instant the chair closes only when everybody has voted. */
export function closableFrom(state: Case): EpochMs {
  return addMs(state.votingSince ?? state.openedAt, state.rule.minOpenHours * hourMs)
}

/** What closing at `now` would count. At the deadline nobody is waited for. */
export function closingFacts(state: Case, now: EpochMs) {
  const counted = tallyOf(state)
  const allVoted = everybodyVoted(state)
  const hasConditions = conditionsOf(state).length > 0
  return { counted, allVoted: allVoted || now >= state.deadline, hasConditions }
}

/** Ends the case: what the tally says, and nothing else. */
export function conclude(state: Case, ctx: Context): Decided<Event, Refusal> {
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

/** Whether anything can still happen in a case. */
export function isOpen({ s }: Case): boolean {
  return s === 'open' || s === 'waiting_evidence' || s === 'voting'
}
