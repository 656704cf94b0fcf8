import { digestDay, usualMailMode, type DigestClock } from '../../governance/collaboration/index.ts'
import {
  idFrom,
  type AnnouncementId,
  type EpochMs,
  type NoticeId,
  type UserId,
  type WebhookId,
} from '../../kernel/index.ts'
import type { MailMode, NoticeKind } from '../../kernel/notice-kinds.ts'
import { databaseNow } from '../clock.ts'
import type { CommandPorts } from '../command.ts'
import type { Query } from '../ports/query.ts'
import type { Tx } from '../ports/unit-of-work.ts'
import { readOrganisation } from '../identity/organisation.ts'
import { instant } from '../sql.ts'

export type OutboxPorts = Pick<CommandPorts, 'unitOfWork' | 'random'> & {
  readonly query: Query
  /** Whether a mail server is configured. What is told without one is never mailed later. */
  readonly hasMail: boolean
  /** The hour of the day at which digests go out, in the zone of the organisation. */
  readonly digestHour: number
}

/** How many rows one transaction takes up. */
const batch = 200

/**
 * Makes deliveries of what people and endpoints were told since the last time, and the digests of the day. Any number of
 * workers may call this at a time.
 */
export async function fillOutbox(ports: OutboxPorts): Promise<void> {
  while ((await hasNew(ports.query)) && (await takeUp(ports)) === batch);
  if (ports.hasMail) await makeDigests(ports)
}

async function hasNew(query: Query): Promise<boolean> {
  const rows = await query(
    `select 1 where exists (select 1 from notices where mail = 'new')
       or exists (select 1 from announcements where taken_at is null)`,
  )
  return rows.length > 0
}

/** INVARIANT: a row is marked as taken up in the transaction that writes its delivery, so none is lost or taken twice. */
function takeUp({ unitOfWork, random, hasMail }: OutboxPorts): Promise<number> {
  return unitOfWork.run(async (tx) => {
    const now = await tx.now()
    const fresh = () => idFrom('delivery', now, random(10))
    return Math.max(
      await takeNotices(tx, { now, fresh, hasMail }),
      await takeAnnouncements(tx, { now, fresh }),
    )
  })
}

type Taking = { readonly now: EpochMs; readonly fresh: () => string }

async function takeNotices(
  tx: Tx,
  { now, fresh, hasMail }: Taking & { readonly hasMail: boolean },
): Promise<number> {
  const rows = await tx.query<{ id: NoticeId; person: UserId; kind: NoticeKind; mode: MailMode | null }>(
    `select n.id, n.person_id as person, n.kind, c.mode
     from notices n left join mail_choices c on c.person_id = n.person_id and c.kind = n.kind
     where n.mail = 'new' order by n.id limit ${batch} for update of n skip locked`,
  )
  const taken = rows.map(({ id, person, kind, mode }) => {
    const chosen = hasMail ? (mode ?? usualMailMode(kind)) : 'off'
    if (chosen === 'at_once') return { id, person, mail: 'given', delivery: fresh() }
    return { id, person, mail: chosen === 'daily' ? 'daily' : 'none', delivery: null }
  })
  const given = taken.filter(({ delivery }) => delivery !== null)
  await tx.query(
    `insert into deliveries (id, channel, person_id, state, next_at, created_at)
     select d.delivery, 'mail', d.person, 'waiting', ${instant(2)}, ${instant(2)}
     from jsonb_to_recordset($1::jsonb) as d(delivery text, person text)`,
    [JSON.stringify(given), now],
  )
  await tx.query(
    `update notices n set mail = t.mail, delivery_id = t.delivery
     from jsonb_to_recordset($1::jsonb) as t(id text, mail text, delivery text) where n.id = t.id`,
    [JSON.stringify(taken)],
  )
  return rows.length
}

async function takeAnnouncements(tx: Tx, { now, fresh }: Taking): Promise<number> {
  const rows = await tx.query<{ id: AnnouncementId }>(
    `select id from announcements where taken_at is null order by id limit ${batch} for update skip locked`,
  )
  const ids = rows.map(({ id }) => id)
  const wanted = await tx.query<{ announcement: AnnouncementId; webhook: WebhookId }>(
    `select a.id as announcement, w.id as webhook from announcements a
       join webhooks w on w.disabled_at is null and w.kinds && a.kinds and w.created_at <= a.created_at
     where a.id = any($1)`,
    [ids],
  )
  await tx.query(
    `insert into deliveries (id, channel, webhook_id, announcement_id, state, next_at, created_at)
     select d.delivery, 'webhook', d.webhook, d.announcement, 'waiting', ${instant(2)}, ${instant(2)}
     from jsonb_to_recordset($1::jsonb) as d(delivery text, webhook text, announcement text)`,
    [JSON.stringify(wanted.map((row) => ({ ...row, delivery: fresh() }))), now],
  )
  await tx.query(`update announcements set taken_at = ${instant(2)} where id = any($1)`, [ids, now])
  return ids.length
}

/** When digests go out; by UTC as long as the organisation has not said its zone. */
export async function digestClock(query: Query, hour: number): Promise<DigestClock> {
  return { timeZone: (await readOrganisation(query))?.timeZone ?? 'UTC', hour }
}

/** One digest for each person and day. What is told after it waits for the next day. */
async function makeDigests({ unitOfWork, random, query, digestHour }: OutboxPorts): Promise<void> {
  const day = digestDay(await databaseNow(query), await digestClock(query, digestHour))
  if (day === null) return
  const waiting = await query<{ person: UserId }>(
    `select distinct n.person_id as person from notices n where n.mail = 'daily'
       and not exists (select 1 from deliveries d where d.person_id = n.person_id and d.digest_on = $1::date)`,
    [day],
  )
  for (const { person } of waiting)
    await unitOfWork.run(async (tx) => {
      const now = await tx.now()
      const made = await tx.query(
        `insert into deliveries (id, channel, person_id, digest_on, state, next_at, created_at)
         values ($1, 'mail', $2, $3::date, 'waiting', ${instant(4)}, ${instant(4)})
         on conflict (person_id, digest_on) do nothing returning id`,
        [idFrom('delivery', now, random(10)), person, day, now],
      )
      const [delivery] = made
      if (delivery === undefined) return // another worker has made it
      await tx.query(
        `update notices set mail = 'given', delivery_id = $2 where person_id = $1 and mail = 'daily'`,
        [person, delivery['id']],
      )
    })
}
