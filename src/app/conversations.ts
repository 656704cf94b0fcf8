import type { Query } from './ports/query.ts'

/** Ends conversations whose time is over: with their keys go the values behind their placeholders. */
export async function sweepConversations(query: Query): Promise<void> {
  await query('delete from conversations where expires_at <= clock_timestamp()')
}
