import { epochMs, toRfc3339, type DeliveryId, type EpochMs, type WebhookId } from '../../kernel/index.ts'
import { DeliveryFault, type WebhookCall, type WebhookVault } from '../ports/outgoing.ts'
import type { Query } from '../ports/query.ts'
import { millis } from '../sql.ts'
import { recordPath } from './record-path.ts'

type Ports = { readonly query: Query; readonly webhookVault: WebhookVault; readonly origin: string }
type Due = { readonly id: DeliveryId; readonly webhookId: WebhookId | null; readonly at: EpochMs }

type Row = {
  readonly url: string | null
  readonly privateCidrs: readonly string[]
  readonly sealed: readonly Uint8Array[]
  readonly createdAt: number
  readonly announcement: string | null
  readonly kinds: readonly string[] | null
  readonly event: string | null
  readonly about: string | null
  readonly useCaseId: string | null
  readonly threadId: string | null
  readonly actor: string | null
  readonly factAt: number | null
}

/**
 * The signed call of one delivery; its body is the same at every attempt. Null when the endpoint is disabled. `secret_lost`
 * when none of its secrets can be opened. SPEC: Standard Webhooks 1.0.
 */
export async function callOf(
  { query, webhookVault, origin }: Ports,
  { id, webhookId, at }: Due,
): Promise<WebhookCall | null> {
  const [row] = await query<Row>(callSql, [id])
  if (webhookId === null || row === undefined || row.url === null) return null
  const secrets = row.sealed.flatMap((sealed) => webhookVault.open(webhookId, sealed) ?? [])
  if (secrets.length === 0) throw new DeliveryFault('secret_lost')
  const timestamp = Math.floor(at / 1_000)
  const body = JSON.stringify(messageOf(row, webhookId, origin))
  return {
    url: row.url,
    privateCidrs: row.privateCidrs,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'countersign-webhooks/1',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': webhookVault.sign(secrets, { id, timestamp, body }),
    },
    body,
  }
}

const callSql = `select w.url, w.private_cidrs as "privateCidrs", ${millis('d.created_at')} as "createdAt",
    array(select s.sealed from webhook_secrets s where s.webhook_id = w.id
      and (s.expires_at is null or s.expires_at > clock_timestamp()) order by s.n desc) as sealed,
    a.id as announcement, a.kinds, a.event, a.about, a.use_case_id as "useCaseId", a.thread_id as "threadId",
    a.actor, ${millis('a.created_at')} as "factAt"
  from deliveries d join webhooks w on w.id = d.webhook_id left join announcements a on a.id = d.announcement_id
  where d.id = $1 and w.disabled_at is null`

/** What an endpoint is told: kinds, ids and instants. No text that somebody wrote is among it. */
function messageOf(row: Row, webhookId: WebhookId, origin: string) {
  if (row.announcement === null || row.about === null)
    return { type: 'webhook.test', timestamp: rfc3339(row.createdAt), data: { webhookId } }
  const { announcement: id, kinds, about, useCaseId, threadId, actor } = row
  const url = `${origin}${recordPath({ about, threadId })}`
  return {
    type: row.event,
    timestamp: rfc3339(row.factAt ?? row.createdAt),
    data: { id, kinds, about, useCaseId, threadId, actor, url },
  }
}

function rfc3339(at: number): string {
  return toRfc3339(epochMs(at))
}
