import {
  dayMs,
  epochMs,
  type DeliveryId,
  type EpochMs,
  type NoticeId,
  type ThreadId,
  type UserId,
} from '../../kernel/index.ts'
import type { NoticeKind, OptionalNoticeKind } from '../../kernel/notice-kinds.ts'
import { visibilityOf, visibleSql } from '../access.ts'
import { databaseNow } from '../clock.ts'
import type { Query } from '../ports/query.ts'
import type { Reader } from '../readable.ts'
import { instant, millis } from '../sql.ts'
import type { MailedNotice } from './mail-message.ts'

type OwnReader = Reader & { readonly person: UserId }

export type NoticeRow = {
  readonly id: NoticeId
  readonly kind: NoticeKind
  readonly event: string
  readonly about: string
  readonly threadId: ThreadId | null
  /** Of the use case; null for what concerns the installation. */
  readonly title: string | null
  readonly actor: string
  readonly at: EpochMs
  readonly readAt: EpochMs | null
}

export type NoticeFilter = {
  readonly kind?: NoticeKind | undefined
  readonly isUnread?: boolean | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** INVARIANT: who may no longer read a record is not reminded of it. $1 is what the reader sees, $2 the reader. */
const ownSql = `from notices n left join use_cases u on u.id = n.use_case_id
  where n.person_id = $2 and (n.use_case_id is null or ${visibleSql('u', 1)})`

/** What a person was told, the newest first. */
export async function listNotices(
  query: Query,
  reader: OwnReader,
  { kind, isUnread, after, limit }: NoticeFilter,
): Promise<readonly NoticeRow[]> {
  return query<NoticeRow>(
    `select n.id, n.kind, n.event, n.about, n.thread_id as "threadId", u.title, n.actor,
       ${millis('n.created_at')} as at, ${millis('n.read_at')} as "readAt"
     ${ownSql} and ($3::text is null or n.kind = $3) and ($4::boolean is null or (n.read_at is null) = $4)
       and ($5::text is null or n.id < $5)
     order by n.id desc limit $6`,
    [...(await seenBy(query, reader)), kind ?? null, isUnread ?? null, after ?? null, limit],
  )
}

/**
 * What a delivery tells its person, the oldest first, without what they may no longer read; of a digest without what they
 * have read meanwhile. No text that somebody wrote is among it.
 */
export async function noticesOf(
  query: Query,
  reader: OwnReader,
  { id, isDigest }: { readonly id: DeliveryId; readonly isDigest: boolean },
): Promise<readonly MailedNotice[]> {
  return query<MailedNotice>(
    `select n.kind, n.event, n.about, n.thread_id as "threadId", ${millis('n.created_at')} as at
     ${ownSql} and n.delivery_id = $3 and (not $4::boolean or n.read_at is null) order by n.id`,
    [...(await seenBy(query, reader)), id, isDigest],
  )
}

/** Above this many a person is told that there are more. */
export const maxCounted = 99

/** How much a person has not read, up to one more than `maxCounted`. */
export async function countUnread(query: Query, reader: OwnReader): Promise<number> {
  const [row] = await query<{ unread: number }>(
    `select count(*)::int as unread from (select 1 ${ownSql} and n.read_at is null limit $3) as found`,
    [...(await seenBy(query, reader)), maxCounted + 1],
  )
  return row?.unread ?? 0
}

/** Marks these as read or as unread; all of the person's when none is named. */
export async function markNotices(
  query: Query,
  person: UserId,
  { ids, isRead }: { readonly ids: readonly NoticeId[] | null; readonly isRead: boolean },
): Promise<void> {
  await query(
    `update notices set read_at = case when $3 then coalesce(read_at, clock_timestamp()) end
     where person_id = $1 and ($2::text[] is null or id = any($2)) and (read_at is null) = $3`,
    [person, ids, isRead],
  )
}

/** The kinds that a person has switched off. */
export async function switchedOff(query: Query, person: UserId): Promise<readonly OptionalNoticeKind[]> {
  const rows = await query<{ kind: OptionalNoticeKind }>(
    'select kind from notice_switches where person_id = $1 order by kind',
    [person],
  )
  return rows.map(({ kind }) => kind)
}

/** Replaces the kinds that a person has switched off. A constraint of the table keeps what is mandatory. */
export async function switchOff(
  query: Query,
  person: UserId,
  kinds: readonly OptionalNoticeKind[],
): Promise<void> {
  await query(
    `with wanted as (select distinct unnest($2::text[]) as kind),
       gone as (delete from notice_switches where person_id = $1 and kind not in (select kind from wanted))
     insert into notice_switches (person_id, kind) select $1, kind from wanted on conflict do nothing`,
    [person, kinds],
  )
}

const keepDays = 180

/** Forgets what people and endpoints were told half a year ago. */
export async function sweepNotices(query: Query): Promise<void> {
  const now = await databaseNow(query)
  const old = `created_at < ${instant(1)}`
  // A delivery is younger than what it tells: notices go before it, an announcement once none is left that tells it.
  for (const condition of [
    `notices where ${old}`,
    `deliveries where ${old}`,
    `announcements a where ${old} and not exists (select 1 from deliveries d where d.announcement_id = a.id)`,
  ])
    await query(`delete from ${condition}`, [epochMs(now - keepDays * dayMs)])
}

async function seenBy(query: Query, reader: OwnReader): Promise<readonly [string, UserId]> {
  const now = await databaseNow(query)
  return [JSON.stringify(visibilityOf(reader, 'useCase.read', now)), reader.person]
}
