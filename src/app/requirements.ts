import { waiver } from '../governance/authorization/index.ts'
import type { PolicySet } from '../governance/policies/index.ts'
import { check, requirements, review } from '../governance/reviews/index.ts'
import type { TriggeredReview } from '../governance/tiering/index.ts'
import {
  AppError,
  digestOf,
  type Digest,
  type Environment,
  type EpochMs,
  type Tier,
  type UseCaseId,
} from '../kernel/index.ts'
import type { Work } from './command.ts'
import type { Query } from './ports/query.ts'
import type { UseCaseFacts } from './use-case-facts.ts'

/** What a case, a waiver or an extension is judged on: everything that is required of one release in one place. */
export type RequirementPlace = {
  readonly useCaseId: UseCaseId
  readonly useCaseRevision: Digest
  readonly release: Digest
  readonly environment: Environment
  readonly tier: Tier
  readonly triggered: readonly TriggeredReview[]
}

export type Evaluated = {
  readonly results: readonly requirements.RequirementResult[]
  /** The same without any waiver: what a waiver must name. */
  readonly bare: readonly requirements.RequirementResult[]
  readonly evidenceSet: Digest
  /** Conditions under which reviews were signed off. */
  readonly conditions: review.Review['conditions']
}

/** Reads the states that a statement finds, `stream` and `state` a row. */
export type ReadStates = <S>(sql: string, params: readonly unknown[]) => Promise<readonly S[]>

/** States as they are committed, for readers outside of a command. */
export function committed(query: Query): ReadStates {
  return async <S>(sql: string, params: readonly unknown[]) =>
    (await query<{ state: S }>(sql, params)).map(({ state }) => state)
}

/** Evaluates all requirements at `now`, in the transaction or outside of one. */
export async function evaluateAt(
  statesOf: ReadStates,
  policies: PolicySet,
  place: RequirementPlace,
  now: EpochMs,
): Promise<Evaluated> {
  const { useCaseId, useCaseRevision, release, environment, tier, triggered } = place
  const reviews = await statesOf<review.State>(
    `select 'review/' || r.id as stream, s.state from reviews r left join streams s on s.stream = 'review/' || r.id where r.use_case_id = $1`,
    [useCaseId],
  )
  const checks = await statesOf<check.State>(
    `select 'check/' || c.id as stream, s.state from checks c left join streams s on s.stream = 'check/' || c.id where c.release = $1 and c.environment = $2`,
    [release, environment],
  )
  const waivers = await statesOf<waiver.State>(
    `select 'waiver/' || w.id as stream, s.state from waivers w left join streams s on s.stream = 'waiver/' || w.id where w.use_case_id = $1 and w.state in ('accepted', 'requested')`,
    [useCaseId],
  )
  const facts = {
    subject: { useCaseRevision, release },
    environment,
    requiredReviews: triggered.map(({ kind }) => kind),
    requiredChecks: policies.forUseCases.policy.policy.controls[tier].requiredChecks,
    reviews,
    checks,
    waivers: [],
    now,
  }
  const bare = requirements.evaluateRequirements(facts)
  const results = requirements.evaluateRequirements({
    ...facts,
    waivers: waivers.flatMap((state) => waiverFact(state, bare, release, environment, now)),
  })
  const isRelevant = (state: review.State): state is review.Review =>
    state.s === 'signed_off_with_conditions' && state.subject.useCaseRevision === useCaseRevision
  const conditions = reviews.filter(isRelevant).flatMap((state) => state.conditions)
  const evidenceSet = requirements.evidenceSetDigest(results, conditions)
  return { results, bare, evidenceSet, conditions }
}

/** `evaluateAt` for the revision in force, inside a command. Nothing is met by a use case that was never triaged. */
export async function requirementsFor(
  work: Work,
  policies: PolicySet,
  useCase: UseCaseFacts,
  at: { readonly release: Digest; readonly environment: Environment },
): Promise<Evaluated> {
  const { id: useCaseId, revisionInForce: useCaseRevision, tier, record } = useCase
  if (useCaseRevision === null)
    throw new AppError('REFUSED', undefined, { reasons: [{ code: 'USE_CASE_NOT_TRIAGED', params: {} }] })
  const place = { useCaseId, useCaseRevision, tier, triggered: record.reviews, ...at }
  return evaluateAt((sql, params) => work.states(sql, params), policies, place, work.now)
}

/** Digest of a gap as it is now: a waiver stands for exactly this state of it. */
export function gapDigest(result: requirements.RequirementResult): Digest {
  return digestOf(result)
}

function waiverFact(
  state: waiver.State,
  bare: readonly requirements.RequirementResult[],
  release: Digest,
  environment: Environment,
  now: EpochMs,
): requirements.WaiverFact[] {
  const standing = waiver.standingOf(state)
  if (standing === null || standing.terms.subject.k === 'condition') return []
  const gap = bare.find(({ id }) => id === standing.terms.subject.id)
  if (gap === undefined) return []
  const current = waiver.covers(state, { release, environment, stateDigest: gapDigest(gap) }, now)
  return [{ requirementId: gap.id, state: standing.s, expiresAt: standing.expiresAt, current }]
}
