import { check, review } from '../governance/reviews/index.ts'
import {
  AppError,
  epochMs,
  isDigest,
  isId,
  type Digest,
  type Environment,
  type EpochMs,
  type Json,
  type ReviewId,
  type UseCaseId,
  type UserId,
} from '../kernel/index.ts'
import { visibleSql, visibilityOf } from './access.ts'
import { databaseNow } from './clock.ts'
import type { Query } from './ports/query.ts'
import { requireReadable, type Reader } from './readable.ts'
import type { After } from './registry-views.ts'
import { sealedEntries, textIn, type SealedEntry } from './sealed-texts.ts'
import { instant, millis } from './sql.ts'

export type ReviewRow = {
  readonly state: review.Review
  readonly revision: number
  /** Title of the use case. */
  readonly title: string
  readonly createdAt: EpochMs
  readonly isOverdue: boolean
}

export type ReviewFilter = {
  readonly useCaseId?: UseCaseId | undefined
  readonly kind?: string | undefined
  readonly state?: string | undefined
  readonly lead?: UserId | undefined
  readonly isOverdue?: boolean | undefined
  readonly sort: '-createdAt' | 'due'
  readonly after: After | null
  readonly limit: number
}

type StoredReview = { state: review.Review; revision: number; title: string; createdAt: number }
const reviewSql = `select s.state, s.rev as revision, u.title, ${millis('r.created_at')} as "createdAt"
  from reviews r join use_cases u on u.id = r.use_case_id join streams s on s.stream = 'review/' || r.id`
/** What `review.isOverdue` says, in SQL. */
const overdueSql = `(r.state in ('required', 'assigned', 'in_progress', 'info_requested', 'stale') and r.due_at <= ${instant(6)})`
const orders = {
  '-createdAt': { past: '(r.created_at, r.id) <', by: 'r.created_at desc, r.id desc' },
  due: { past: '(r.due_at, r.id) >', by: 'r.due_at, r.id' },
} as const

/** Reviews of use cases that the reader may see. */
export async function listReviews(
  query: Query,
  reader: Reader,
  { useCaseId, kind, state, lead, isOverdue, sort, after, limit }: ReviewFilter,
): Promise<readonly ReviewRow[]> {
  const now = await databaseNow(query)
  const { past, by } = orders[sort]
  const rows = await query<StoredReview>(
    `${reviewSql}
     where ${visibleSql('u', 1)} and ($2::text is null or r.use_case_id = $2) and ($3::text is null or r.kind = $3)
       and ($4::text is null or r.state = $4) and ($5::text is null or r.lead_id = $5)
       and ($7::boolean is null or ${overdueSql} = $7)
       and ($8::bigint is null or ${past} (${instant(8)}, $9))
     order by ${by} limit $10`,
    [
      JSON.stringify(visibilityOf(reader, 'review.read', now)),
      useCaseId ?? null,
      kind ?? null,
      state ?? null,
      lead ?? null,
      now,
      isOverdue ?? null,
      after?.at ?? null,
      after?.id ?? '',
      limit,
    ],
  )
  return rows.map((row) => rowOf(row, now))
}

/** Something that was written about a review. Texts are null once they are erased. */
export type ReviewNote = {
  readonly event: string
  readonly at: EpochMs
  readonly by: UserId | null
  readonly text: string | null
  readonly report: Digest | null
  /** With the texts it makes up the digest of the report. */
  readonly salt: string | null
  readonly conditions: readonly { readonly text: string; readonly salt: string }[]
}

const written = [
  'review.information_requested',
  'review.signed_off',
  'review.objected',
  'review.declared_not_needed',
]

/** One review with everything that was written about it, oldest first. */
export async function readReview(
  query: Query,
  reader: Reader,
  id: ReviewId,
): Promise<ReviewRow & { readonly notes: readonly ReviewNote[] }> {
  const [row] = await query<StoredReview>(`${reviewSql} where r.id = $1`, [id])
  if (row === undefined) throw new AppError('NOT_FOUND')
  await requireReadable(query, reader, row.state.useCaseId, 'review.read')
  const entries = await sealedEntries(query, reader, {
    useCaseId: row.state.useCaseId,
    stream: `review/${id}`,
    kinds: written,
  })
  return { ...rowOf(row, await databaseNow(query)), notes: entries.map(noteOf) }
}

export type CheckRow = {
  readonly id: string
  readonly state: check.CheckResult
  readonly status: check.CheckStatus
}

/** The newest result of each check on a release, by id. `NOT_FOUND` when the reader may not see its use case. */
export async function listChecks(
  query: Query,
  reader: Reader,
  filter: {
    readonly release: Digest
    readonly environment?: Environment | undefined
    readonly after?: string | undefined
    readonly limit: number
  },
): Promise<readonly CheckRow[]> {
  const [owner] = await query<{ useCaseId: UseCaseId }>(
    `select y.use_case_id as "useCaseId" from releases r join systems y on y.id = r.system_id where r.digest = $1`,
    [filter.release],
  )
  if (owner === undefined) throw new AppError('NOT_FOUND')
  await requireReadable(query, reader, owner.useCaseId, 'useCase.read')
  const now = await databaseNow(query)
  const rows = await query<{ id: string; state: check.State & { s: 'recorded' } }>(
    `select c.id, s.state from checks c join streams s on s.stream = 'check/' || c.id
     where c.release = $1 and ($2::text is null or c.environment = $2) and ($3::text is null or c.id > $3)
     order by c.id limit $4`,
    [filter.release, filter.environment ?? null, filter.after ?? null, filter.limit],
  )
  return rows.map(({ id, state }) => ({ id, state, status: check.checkStatus(state, now) }))
}

function rowOf({ createdAt, ...row }: StoredReview, now: EpochMs): ReviewRow {
  return { ...row, createdAt: epochMs(createdAt), isOverdue: review.isOverdue(row.state, now) }
}

function noteOf({ kind, at, facts, sealed }: SealedEntry): ReviewNote {
  const { by, report } = facts
  const conditions = sealed?.['conditions']
  return {
    event: kind,
    at,
    by: isId('user', by) ? by : null,
    text: textIn(sealed, 'summary') ?? textIn(sealed, 'text'),
    report: isDigest(report) ? report : null,
    salt: textIn(sealed, 'salt'),
    conditions: Array.isArray(conditions) ? (conditions as readonly Json[]).flatMap(conditionText) : [],
  }
}

function conditionText(value: Json): { text: string; salt: string }[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  const { text, salt } = value as { readonly [name: string]: Json }
  return typeof text === 'string' && typeof salt === 'string' ? [{ text, salt }] : []
}
