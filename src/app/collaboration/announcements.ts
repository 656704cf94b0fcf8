import { announcedKinds } from '../../governance/collaboration/index.ts'
import { instant } from '../sql.ts'
import type { Telling, Told } from './notices.ts'
import type { Place } from './record-path.ts'

/**
 * Notes a fact for the endpoints of programs that want to hear of it, in the transaction of its command. Where none does,
 * nothing is written. Which of them are told is decided when it is taken up.
 */
export async function announce(
  { tx, now, ids, commandId, actor }: Telling,
  fact: Told,
  { about, threadId }: Place,
): Promise<void> {
  const { mentioned } = fact.facts
  const kinds = announcedKinds(fact.kind, Array.isArray(mentioned) ? mentioned.length : 0)
  await tx.query(
    `insert into announcements (id, kinds, event, about, use_case_id, thread_id, actor, command_id, created_at)
     select $1, $2::text[], $3, $4, use_case_of($4), $5, $6, $7, ${instant(8)}
     where exists (select 1 from webhooks w where w.disabled_at is null and w.kinds && $2::text[])
     on conflict (command_id, event, about) do nothing`,
    [ids.next('announcement'), kinds, fact.kind, about, threadId, actor, commandId, now],
  )
}
