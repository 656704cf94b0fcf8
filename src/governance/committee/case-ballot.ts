import {
  addDays,
  digestOf,
  refuse,
  satisfies,
  unless,
  type Actor,
  type CaseId,
  type Decided,
  type Digest,
  type EpochMs,
  type Fn,
  type JsonObject,
  type UserId,
} from '../../kernel/index.ts'
import type { ConditionDraft, Case, Command, Event, Context, Refusal } from './case-model.ts'
import { voterOf, type RosterEntry } from './roster.ts'
import type { Choice } from './tally.ts'

/** Characters of a rationale without which an objection, a condition or a recusal says nothing. */
export const minRationale = 20

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

/** Casts the ballot of the actor's function, or supersedes it. */
export function cast(state: Case, command: Command & { c: 'cast' }, ctx: Context): Decided<Event, Refusal> {
  if (state.s !== 'voting') return refuse({ code: 'CASE_NOT_VOTING', params: {} })
  const faults = standingFaults(state, ctx.actor, ctx.now)
  const seated = seatOf(state, ctx.actor)
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

/** Why any ballot of `actor` would be refused at `now`, whatever it says and however it is proved. */
export function standingFaults(state: Case, actor: Actor, now: EpochMs): Refusal[] {
  const faults: Refusal[] = []
  if (state.s !== 'voting') faults.push({ code: 'CASE_NOT_VOTING', params: {} })
  if (now >= state.deadline) faults.push({ code: 'DEADLINE_PASSED', params: {} })
  const seated = seatOf(state, actor)
  if (seated === null) return [...faults, ...unseatedFaults(state, actor)]
  const other = state.ballots.find((ballot) => ballot.by === seated.person && ballot.fn !== seated.entry.fn)
  if (other !== undefined) faults.push({ code: 'ALREADY_VOTED_OTHER_SEAT', params: {} })
  return faults
}

function conditionFaults(
  state: Case,
  { choice, conditions }: Command & { c: 'cast' },
  fn: Fn | null,
  now: EpochMs,
): Refusal[] {
  const faults: Refusal[] = []
  // What makes up for a gap stands in the terms of its waiver: a case about one says yes or no to exactly these.
  const most = state.subject.kind === 'waiver' ? 0 : 20
  const fits = (choice === 'approve_with_conditions') === conditions.length > 0 && conditions.length <= most
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

/** The seat for which the actor votes now. Only people vote. */
export function seatOf(
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

/** Why the actor has no vote: without a seat, or for each conflict. */
export function unseatedFaults(state: Case, actor: Actor): Refusal[] {
  const all = state.roster.flatMap(({ candidates }) => candidates)
  const own = all.filter(({ person }) => actor.k === 'person' && person === actor.ref)
  const conflicts = [...new Set(own.flatMap((candidate) => candidate.conflicts))]
  if (conflicts.length === 0) return [{ code: 'NOT_SEATED', params: {} }]
  return conflicts.map((conflict) => ({ code: 'CONFLICT_OF_INTEREST', params: { conflict } }))
}
