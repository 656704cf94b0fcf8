import { legalClasses, refuse, unless, type Decided } from '../../kernel/index.ts'
import { assessmentOf, classifyLegal, compareAnswers, triggeredReviews } from '../tiering/index.ts'
import type { InForce, UseCase, Event, Context, Refusal } from './use-case-model.ts'
import { interestedIn, personOf, wrongState } from './use-case-rules.ts'

/** Computes tier, legal class and reviews from exactly the submitted answers; nobody judges their own request. */
export function triage(state: UseCase, ctx: Context): Decided<Event, Refusal> {
  if (state.s !== 'submitted' || state.revisionDigest === null || state.triageDue === null)
    return wrongState(state)
  const { catalogue } = ctx
  const person = personOf(ctx.actor)
  if (person === null || interestedIn(state).includes(person))
    return refuse({ code: 'SELF_TRIAGE', params: {} })
  const about = { useCaseId: state.id, by: ctx.actor, at: ctx.now }
  const { revisionDigest, triageDue } = state
  const assessment = assessmentOf(state.answers, catalogue.policy)
  const finding = classifyLegal(state.answers, catalogue.legalMap, catalogue.legalMapDigest)
  const tier = state.up !== null && state.up.to > assessment.tier ? state.up.to : assessment.tier
  const subject = { answers: state.answers, tier, legalClass: finding.class }
  const reviews = triggeredReviews(catalogue.triggers, catalogue.policy.policy.orders, subject)
  return unless<Event, Refusal>(
    [],
    { e: 'tier.assessed', ...about, revisionDigest, assessment },
    { e: 'legal_class.determined', ...about, finding },
    {
      e: 'intake.triaged',
      ...about,
      revisionDigest,
      triageDue,
      metDue: ctx.now <= triageDue,
      reviews,
      inForce: inForceAfter(state, { revisionDigest, tier, legalClass: finding.class }, ctx),
    },
  )
}

/** Decisions on an earlier revision go on only when nothing got worse and nothing changed that no order compares. */
function inForceAfter(
  { answers, inForce: before }: UseCase,
  next: Pick<InForce, 'revisionDigest' | 'tier' | 'legalClass'>,
  ctx: Context,
): InForce {
  if (before === null) return { ...next, answers, sameAs: [] }
  const diff = compareAnswers(before.answers, answers, ctx.catalogue.policy.policy.orders)
  const isMaterial =
    diff.worse.length > 0 ||
    diff.unordered.length > 0 ||
    next.tier > before.tier ||
    legalClasses.indexOf(next.legalClass) > legalClasses.indexOf(before.legalClass)
  return { ...next, answers, sameAs: isMaterial ? [] : [...before.sameAs, before.revisionDigest] }
}
