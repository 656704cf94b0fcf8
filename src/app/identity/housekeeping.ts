import type { Query } from '../ports/query.ts'

/**
 * Deletes what has ended and nobody asks for any more: challenges and failures at once, tokens and sessions after
 * thirty days. Used assertions stay: each proves one act for ever.
 */
export async function sweepIdentity(query: Query): Promise<void> {
  await query('delete from challenges where expires_at < clock_timestamp()')
  await query(`delete from login_failures where at < now() - interval '1 hour'`)
  await query(`delete from enrolment_tokens where expires_at < now() - interval '30 days'`)
  await query(`delete from sessions where created_at < now() - interval '30 days'`)
}
