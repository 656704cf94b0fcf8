import { missingAnswers, useCase } from '../../governance/intake/index.ts'
import { compileSet, type PolicySet } from '../../governance/policies/index.ts'
import {
  assessmentOf,
  classifyLegal,
  triggeredReviews,
  type ReviewKind,
} from '../../governance/tiering/index.ts'
import {
  AppError,
  type Digest,
  type EpochMs,
  type LegalClass,
  type Tier,
  type UseCaseId,
} from '../../kernel/index.ts'
import { visibleSql, type Visibility } from '../access.ts'
import { databaseNow } from '../clock.ts'
import type { Query } from '../ports/query.ts'
import { documentsOf, headsInForce } from './in-force.ts'
import { proposalPlace } from './views.ts'

type Judged = {
  readonly tier: Tier
  readonly legalClass: LegalClass
  readonly reviews: readonly ReviewKind[]
}

/** A use case that would be judged otherwise, or would have to answer more. */
export type ImpactRow = {
  readonly id: UseCaseId
  readonly title: string
  readonly state: useCase.UseCase['s']
  readonly now: Judged
  readonly proposed: Judged
  /** Questions that its next revision would have to answer and now need not. */
  readonly toAnswer: readonly string[]
}

export type Impact = {
  readonly counts: {
    readonly considered: number
    readonly changed: number
    readonly tierRaised: number
    readonly tierLowered: number
    readonly legalClass: number
    readonly reviews: number
    readonly toAnswer: number
  }
  readonly items: readonly ImpactRow[]
}

type Row = { readonly id: UseCaseId; readonly title: string; readonly state: useCase.UseCase }

const batch = 500

/**
 * What a proposal would change, before anybody signs it: each use case that has not ended, as it is judged now against
 * what triage of the same answers would give. Nothing of it happens by itself: what is triaged stays so until it is
 * revised. Refuses with every fault a proposal that no longer fits what is in force.
 */
export async function impactOf(
  query: Query,
  visibility: Visibility,
  digest: Digest,
  page: { readonly after: string | null; readonly limit: number },
): Promise<Impact> {
  const [current, proposed] = await setsOf(query, digest)
  const now = await databaseNow(query)
  const counts = {
    considered: 0,
    changed: 0,
    tierRaised: 0,
    tierLowered: 0,
    legalClass: 0,
    reviews: 0,
    toAnswer: 0,
  }
  const items: ImpactRow[] = []
  for await (const row of openUseCases(query, visibility)) {
    const found = compared(row, current, proposed, now)
    const [is, would] = [found.now, found.proposed]
    const changes = {
      tierRaised: would.tier > is.tier,
      tierLowered: would.tier < is.tier,
      legalClass: would.legalClass !== is.legalClass,
      reviews: would.reviews.join() !== is.reviews.join(),
      toAnswer: found.toAnswer.length > 0,
    }
    counts.considered += 1
    if (!Object.values(changes).includes(true)) continue
    counts.changed += 1
    for (const [what, isChanged] of Object.entries(changes))
      if (isChanged) counts[what as keyof typeof changes] += 1 // its own keys
    if (items.length < page.limit && (page.after === null || row.id > page.after)) items.push(found)
  }
  return { counts, items }
}

/** What decides now, and what would. */
async function setsOf(query: Query, digest: Digest): Promise<readonly [PolicySet, PolicySet]> {
  const { kind, state } = await proposalPlace(query, digest)
  const document = state.proposals.find((item) => item.digest === digest)?.document ?? null
  if (document === null)
    throw new AppError('REFUSED', undefined, { reasons: [{ code: 'PROPOSAL_CLOSED', params: {} }] })
  const inForce = await documentsOf(query, await headsInForce(query))
  if (inForce === null) throw new AppError('FAIL_CLOSED', 'the policies in force cannot be read')
  const [current, proposed] = [compileSet(inForce), compileSet({ ...inForce, [kind]: document })]
  if (!current.ok) throw new AppError('FAIL_CLOSED', 'the policies in force cannot be read')
  if (!proposed.ok) throw new AppError('REFUSED', undefined, { reasons: proposed.faults })
  return [current.set, proposed.set]
}

/** Every visible use case that may still be decided on, in batches, so that others are served in between. */
async function* openUseCases(query: Query, visibility: Visibility): AsyncGenerator<Row> {
  for (let after = ''; ; ) {
    const rows = await query<Row>(
      `select u.id, u.title, s.state from use_cases u join streams s on s.stream = 'useCase/' || u.id
       where ${visibleSql('u', 1)} and u.state in ('draft', 'submitted', 'needs_info', 'triaged') and u.id > $2
       order by u.id limit ${batch}`,
      [JSON.stringify(visibility), after],
    )
    yield* rows
    const last = rows.at(-1)
    if (last === undefined || rows.length < batch) return
    after = last.id
  }
}

function compared(
  { id, title, state }: Row,
  current: PolicySet,
  proposed: PolicySet,
  now: EpochMs,
): ImpactRow {
  const before = new Set(missingAnswers(current.forUseCases.questionnaire, state))
  return {
    id,
    title,
    state: state.s,
    now: state.inForce === null ? judgedBy(current, state, now) : recorded(state, now),
    proposed: judgedBy(proposed, state, now),
    toAnswer: missingAnswers(proposed.forUseCases.questionnaire, state).filter((key) => !before.has(key)),
  }
}

/** As it was triaged, with what people have overridden since. */
function recorded(state: useCase.UseCase, now: EpochMs): Judged {
  return {
    tier: useCase.effectiveTier(state, now),
    legalClass: useCase.legalOf(state).class,
    reviews: state.reviews.map(({ kind }) => kind),
  }
}

/** As triage would judge the same answers; what people have overridden goes on to count. */
function judgedBy({ forUseCases }: PolicySet, state: useCase.UseCase, now: EpochMs): Judged {
  const { policy, legalMap, legalMapDigest, triggers } = forUseCases
  const answers = state.inForce?.answers ?? state.answers
  const legal = classifyLegal(answers, legalMap, legalMapDigest)
  const prohibited = legal.class === 'prohibited' ? { clearedBy: [], cleared: false } : state.prohibited
  const after = { ...state, assessment: assessmentOf(answers, policy), legal, prohibited }
  const tier = useCase.effectiveTier(after, now)
  const legalClass = useCase.legalOf(after).class
  const reviews = triggeredReviews(triggers, policy.policy.orders, { answers, tier, legalClass })
  return { tier, legalClass, reviews: reviews.map(({ kind }) => kind) }
}
