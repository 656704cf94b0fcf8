import type { webhook } from '../../governance/collaboration/index.ts'
import type { DeliveryId, EpochMs, UserId, WebhookId } from '../../kernel/index.ts'
import type { Query } from '../ports/query.ts'
import { millis } from '../sql.ts'

export type WebhookRow = {
  readonly state: webhook.Webhook
  readonly revision: number
  readonly url: string | null
  readonly description: string | null
  readonly disabledCause: 'person' | 'gone' | null
  readonly liveSecrets: number
  readonly createdBy: string
  readonly createdAt: EpochMs
  readonly deliveredAt: EpochMs | null
  readonly waiting: number
  readonly dead: number
}

/** Endpoints, newest first, with how they are doing. */
export function listWebhooks(
  query: Query,
  filter: {
    readonly state?: webhook.Webhook['s'] | undefined
    readonly after?: string | undefined
    readonly limit: number
  },
): Promise<readonly WebhookRow[]> {
  return query<WebhookRow>(
    `${webhookSql} where ($1::text is null or w.id < $1)
       and ($2::text is null or (w.disabled_at is null) = ($2 = 'active'))
     order by w.id desc limit $3`,
    [filter.after ?? null, filter.state ?? null, filter.limit],
  )
}

/** One endpoint; null when there is none. */
export async function readWebhook(query: Query, id: WebhookId): Promise<WebhookRow | null> {
  const [row] = await query<WebhookRow>(`${webhookSql} where w.id = $1`, [id])
  return row ?? null
}

const webhookSql = `select s.state, s.rev as revision, w.url, w.description, w.disabled_cause as "disabledCause",
    w.created_by as "createdBy", ${millis('w.created_at')} as "createdAt",
    (select count(*)::int from webhook_secrets k where k.webhook_id = w.id
      and (k.expires_at is null or k.expires_at > clock_timestamp())) as "liveSecrets",
    (select ${millis('max(d.ended_at)')} from deliveries d where d.webhook_id = w.id and d.state = 'delivered')
      as "deliveredAt",
    (select count(*)::int from deliveries d where d.webhook_id = w.id and d.state = 'waiting') as waiting,
    (select count(*)::int from deliveries d where d.webhook_id = w.id and d.state = 'dead') as dead
  from webhooks w join streams s on s.stream = 'webhook/' || w.id`

export type DeliveryRow = {
  readonly id: DeliveryId
  readonly channel: 'mail' | 'webhook'
  readonly state: 'waiting' | 'delivered' | 'dead' | 'dropped'
  readonly personId: UserId | null
  readonly webhookId: WebhookId | null
  readonly event: string | null
  readonly isTest: boolean
  readonly isDigest: boolean
  readonly attempts: number
  readonly fault: string | null
  readonly status: number | null
  readonly createdAt: EpochMs
  readonly lastAt: EpochMs | null
  readonly nextAt: EpochMs | null
}

export type DeliveryFilter = {
  readonly channel?: DeliveryRow['channel'] | undefined
  readonly state?: DeliveryRow['state'] | undefined
  readonly webhookId?: WebhookId | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** What was sent or could not be, newest first. To whom, not what a mail said. */
export function listDeliveries(
  query: Query,
  { channel, state, webhookId, after, limit }: DeliveryFilter,
): Promise<readonly DeliveryRow[]> {
  return query<DeliveryRow>(
    `select d.id, d.channel, d.state, d.person_id as "personId", d.webhook_id as "webhookId", a.event,
       d.channel = 'webhook' and d.announcement_id is null as "isTest", d.digest_on is not null as "isDigest",
       d.attempts, d.last_fault as fault, d.last_status as status, ${millis('d.created_at')} as "createdAt",
       ${millis('d.last_at')} as "lastAt", case when d.state = 'waiting' then ${millis('greatest(d.next_at, w.rests_until)')} end as "nextAt"
     from deliveries d left join announcements a on a.id = d.announcement_id left join webhooks w on w.id = d.webhook_id
     where ($1::text is null or d.channel = $1) and ($2::text is null or d.state = $2)
       and ($3::text is null or d.webhook_id = $3) and ($4::text is null or d.id < $4)
     order by d.id desc limit $5`,
    [channel ?? null, state ?? null, webhookId ?? null, after ?? null, limit],
  )
}
