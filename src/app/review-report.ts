import { review } from '../governance/reviews/index.ts'
import type { reviewCase } from '../governance/committee/index.ts'
import { AppError, digestOf, type Digest, type ReviewId, type UserId } from '../kernel/index.ts'
import type { Issuer } from './command.ts'
import type { Query } from './ports/query.ts'
import { readState } from './registry-views.ts'
import { commandReview, reportDigest, type ReviewPorts } from './reviews.ts'

export type ReportPorts = ReviewPorts & { readonly query: Query }

/** The report with which a review ends. An objection has no conditions. */
export type Report = {
  readonly outcome: 'sign_off' | 'object'
  readonly subject: review.Subject
  readonly summary: string
  readonly conditions: readonly reviewCase.ConditionDraft[]
}

/**
 * Signs a review off, or objects. Facts name the report and the text of each condition by digests with salts of their
 * own; the texts and the salts are sealed, so that opening one text gives nothing away about another.
 */
export async function reportReview(
  ports: ReportPorts,
  issuer: Issuer,
  id: ReviewId,
  { outcome, subject, summary, conditions: drafts }: Report,
  revision?: number,
): Promise<{ readonly report: Digest }> {
  const found = await readState<review.State>(ports.query, `review/${id}`)
  if (found === null || found.state.s === 'absent') throw new AppError('NOT_FOUND')
  await assertOwnersActive(ports.query, drafts)
  const newSalt = () => Buffer.from(ports.random(32)).toString('base64url')
  const salt = newSalt()
  const salted = drafts.map(({ text, ...terms }) => ({ terms, text: { text, salt: newSalt() } }))
  const report = reportDigest({ summary, conditions: drafts.map(({ text }) => text) }, salt)
  if (outcome === 'object') {
    const sealed = { summary, salt }
    await commandReview(ports, issuer, id, { c: 'object', subject, report, sealed }, revision)
    return { report }
  }
  const proposedBy = review.functionOf[found.state.kind]
  const conditions = salted.map(({ terms, text }) => ({ ...terms, textDigest: digestOf(text), proposedBy }))
  const sealed = { summary, salt, conditions: salted.map(({ text }) => text) }
  await commandReview(ports, issuer, id, { c: 'sign_off', subject, report, conditions, sealed }, revision)
  return { report }
}

/** A condition whose owner nobody can reach would only ever be breached. */
async function assertOwnersActive(
  query: Query,
  drafts: readonly { readonly owner: UserId }[],
): Promise<void> {
  const owners = drafts.map(({ owner }) => owner)
  if (owners.length === 0) return
  const rows = await query<{ id: UserId }>(`select id from people where id = any($1) and state = 'active'`, [
    owners,
  ])
  const active = new Set(rows.map(({ id }) => id))
  const reasons = owners.flatMap((owner, i) =>
    active.has(owner) ? [] : [{ code: 'PERSON_INACTIVE', params: {}, path: `/conditions/${i}/owner` }],
  )
  if (reasons.length > 0) throw new AppError('REFUSED', undefined, { reasons })
}
