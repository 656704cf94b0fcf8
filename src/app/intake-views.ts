import { faultsInAnswers, useCase, visibleKeys } from '../governance/intake/index.ts'
import type { PolicySet } from '../governance/policies/index.ts'
import {
  assessmentOf,
  classifyLegal,
  triggeredReviews,
  whatLowers,
  type Answers,
  type LegalFinding,
  type TierAssessment,
  type TriggeredReview,
} from '../governance/tiering/index.ts'
import {
  AppError,
  type Json,
  type LegalClass,
  type Tier,
  type UnitId,
  type UseCaseId,
  type UserId,
} from '../kernel/index.ts'
import { visibleSql, type Visibility } from './access.ts'
import { databaseNow } from './clock.ts'
import type { Query } from './ports/query.ts'
import { requireReadable, type Reader } from './readable.ts'
import { sealedEntries } from './sealed-texts.ts'
import { readState, type After } from './registry-views.ts'
import { millis } from './sql.ts'

export type UseCaseRow = {
  readonly id: UseCaseId
  readonly title: string
  readonly state: useCase.UseCase['s']
  readonly tier: Tier | null
  readonly legalClass: LegalClass | null
  readonly unit: UnitId | null
  readonly requester: UserId
  readonly businessOwner: UserId | null
  readonly technicalOwner: UserId | null
  readonly submittedAt: number | null
  readonly triageDue: number | null
  readonly updatedAt: number
}
const columns = `u.id, u.title, u.state, u.tier, u.legal_class as "legalClass", u.unit_id as unit, u.requester_id as requester,
  u.business_owner_id as "businessOwner", u.technical_owner_id as "technicalOwner",
  (s.state ->> 'submittedAt')::bigint as "submittedAt", ${millis('u.triage_due_at')} as "triageDue",
  ${millis('u.updated_at')} as "updatedAt"`
const tables = "use_cases u join streams s on s.stream = 'useCase/' || u.id"
const orders = {
  '-updatedAt': { past: '(u.updated_at, u.id) <', by: 'u.updated_at desc, u.id desc', only: '' },
  // What is not due has no place in the order.
  triageDue: {
    past: '(u.triage_due_at, u.id) >',
    by: 'u.triage_due_at, u.id',
    only: 'and u.triage_due_at is not null',
  },
} as const

export type UseCaseFilter = {
  readonly state?: string | undefined
  readonly unit?: UnitId | undefined
  readonly tier?: number | undefined
  readonly owner?: UserId | undefined
  readonly q?: string | undefined
  readonly sort: keyof typeof orders
  readonly after: After | null
  readonly limit: number
}

/** Use cases that `visibility` opens. */
export function listUseCases(
  query: Query,
  visibility: Visibility,
  { state, unit, tier, owner, q, sort, after, limit }: UseCaseFilter,
): Promise<readonly UseCaseRow[]> {
  const { past, by, only } = orders[sort]
  return query<UseCaseRow>(
    `select ${columns} from ${tables}
     where ${visibleSql('u', 1)} and ($2::text is null or u.state = $2) and ($3::int is null or u.tier = $3)
       and ($4::text is null or $4 in (u.requester_id, u.business_owner_id, u.technical_owner_id, u.backup_owner_id))
       and ($5::text is null or u.title ilike '%' || $5 || '%' or u.id = $6)
       and ($7::bigint is null or ${past} (to_timestamp($7::float8 / 1000), $8))
       and ($9::text is null or u.unit_id = $9) ${only}
     order by ${by} limit $10`,
    [
      JSON.stringify(visibility),
      state ?? null,
      tier ?? null,
      owner ?? null,
      q === undefined ? null : q.replaceAll(/[\\%_]/g, String.raw`\$&`),
      q ?? '',
      after?.at ?? null,
      after?.id ?? '',
      unit ?? null,
      limit,
    ],
  )
}

export type AnswerView = {
  readonly value: Json
  readonly source: string
  readonly confirmedBy: UserId | null
}
export type UseCaseRecord = {
  readonly row: UseCaseRow
  readonly state: useCase.UseCase
  /** Number of changes of the record. */
  readonly revision: number
  readonly answers: { readonly [key: string]: AnswerView }
  readonly effectiveTier: Tier
  readonly legal: { readonly class: LegalClass; readonly cleared: boolean }
}

/** One use case with all its answers; text comes from the sealed halves of its entries, and is masked for auditors. */
export async function readUseCaseRecord(query: Query, reader: Reader, id: UseCaseId): Promise<UseCaseRecord> {
  await requireReadable(query, reader, id, 'useCase.read')
  const found = await readState<useCase.State>(query, `useCase/${id}`)
  const [row] = await query<UseCaseRow>(`select ${columns} from ${tables} where u.id = $1`, [id])
  if (found === null || found.state.s === 'absent' || row === undefined) throw new AppError('NOT_FOUND')
  const { state, revision } = found
  const answers: { [key: string]: AnswerView } = {}
  for (const [key, { value, source, confirmedBy }] of Object.entries(state.answers))
    answers[key] = { value, source, confirmedBy: confirmedBy ?? null }
  const entries = await sealedEntries(query, reader, {
    useCaseId: id,
    stream: `useCase/${id}`,
    kinds: ['intake.answers_changed'],
  })
  for (const key of Object.keys(state.sealed))
    answers[key] = { value: null, source: 'masked', confirmedBy: null }
  for (const { sealed } of entries)
    for (const [key, value] of Object.entries((sealed?.['texts'] ?? {}) as { readonly [key: string]: Json }))
      answers[key] = { value, source: 'person', confirmedBy: null }
  const effectiveTier = useCase.effectiveTier(state, await databaseNow(query))
  return { row, state, revision, answers, effectiveTier, legal: useCase.legalOf(state) }
}

export type Explanation = {
  readonly computed: TierAssessment
  readonly legal: LegalFinding
  readonly reviews: readonly TriggeredReview[]
  readonly lowerIf: ReturnType<typeof whatLowers>
  readonly visible: readonly string[]
}

/** What these answers would give, without storing anything. Every fault of an answer is named at once. */
export function previewOf(policies: PolicySet, values: { readonly [key: string]: Json }): Explanation {
  const reasons = faultsInAnswers(policies.forUseCases.questionnaire, values)
  if (reasons.length > 0) throw new AppError('REFUSED', undefined, { reasons })
  const answers: Answers = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, { value, source: 'person' as const }]),
  )
  return explain(policies, answers)
}

/** Tier, legal class and reviews of `answers` with everything that leads to them. */
export function explain({ forUseCases }: PolicySet, answers: Answers): Explanation {
  const { questionnaire, policy, legalMap, legalMapDigest, triggers } = forUseCases
  const computed = assessmentOf(answers, policy)
  const legal = classifyLegal(answers, legalMap, legalMapDigest)
  const subject = { answers, tier: computed.tier, legalClass: legal.class }
  return {
    computed,
    legal,
    reviews: triggeredReviews(triggers, policy.policy.orders, subject),
    lowerIf: whatLowers(answers, policy),
    visible: [...visibleKeys(questionnaire, answers)],
  }
}

/** The questionnaire in force, with labels and help beside the logic. What ships has its labels from the product. */
export function questionnaireView(inForce: PolicySet, shipped: PolicySet) {
  const { questionnaire, digest } = inForce.forUseCases.questionnaire
  const { key, version, sections, questions } = questionnaire
  const isShipped = digest === shipped.digests.questionnaire
  const { labels } = isShipped ? shipped.forUseCases.questionnaire.questionnaire : questionnaire
  const labelled = questions.map((question) => ({
    ...question,
    ...labels[question.key],
    label: labels[question.key]?.label ?? question.key,
    countsForTier: Object.hasOwn(inForce.forUseCases.questionnaire.orders, question.key),
  }))
  return { key, version, digest, sections, questions: labelled } as const
}
