import { resendDelivery } from '../../app/collaboration/deliver.ts'
import {
  listDeliveries,
  listWebhooks,
  readWebhook,
  type DeliveryRow,
  type WebhookRow,
} from '../../app/collaboration/webhook-views.ts'
import {
  changeWebhook,
  commandWebhook,
  moveWebhook,
  registerWebhook,
  rotateWebhookSecret,
  testWebhook,
  type WebhookPorts,
} from '../../app/collaboration/webhooks.ts'
import { toPage } from '../../contracts/paging.ts'
import type { webhookRoutes } from '../../contracts/routes/webhooks.ts'
import { AppError, epochMs, toRfc3339 } from '../../kernel/index.ts'
import { idIn } from '../cursor.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'

/** Endpoints that are told of facts, and what was sent to them and by e-mail. */
export function webhookHandlers<P extends Principal>(ports: WebhookPorts): Handlers<typeof webhookRoutes, P> {
  const { query } = ports
  return {
    'webhooks.list': async ({ query: { state, cursor, limit } }) => {
      const after = cursor === undefined ? undefined : idIn(cursor)
      const rows = await listWebhooks(query, { state, after, limit: limit + 1 })
      const page = toPage(rows, limit, (row) => [row.state.id])
      return { ...page, items: page.items.map(webhookView) }
    },
    'webhooks.read': async ({ params }) => {
      const found = await readWebhook(query, params.id)
      if (found === null) throw new AppError('NOT_FOUND')
      return webhookView(found)
    },
    'webhooks.register': async ({ caller, body }) => {
      const { id, secret } = await registerWebhook(ports, issuerOf(caller()), body)
      return { id, secret: secret.reveal() }
    },
    'webhooks.change': async ({ caller, params, body, ifMatch: revision }) => {
      await changeWebhook(ports, issuerOf(caller()), params.id, { ...body, revision })
      return {}
    },
    'webhooks.move': async ({ caller, params, body, ifMatch: revision }) => {
      const { secret } = await moveWebhook(ports, issuerOf(caller()), params.id, { ...body, revision })
      return { secret: secret.reveal() }
    },
    'webhooks.rotate': async ({ caller, params, body: { overlapHours }, ifMatch: revision }) => {
      const input = { overlapHours, revision }
      const { secret } = await rotateWebhookSecret(ports, issuerOf(caller()), params.id, input)
      return { secret: secret.reveal() }
    },
    'webhooks.disable': async ({ caller, params }) => {
      await commandWebhook(ports, issuerOf(caller()), params.id, { c: 'disable', cause: 'person' })
      return {}
    },
    'webhooks.test': async ({ params }) => ({ delivery: await testWebhook(ports, params.id) }),
    'deliveries.list': async ({ query: { cursor, limit, channel, state, webhookId } }) => {
      const after = cursor === undefined ? undefined : idIn(cursor)
      const rows = await listDeliveries(query, { channel, state, webhookId, after, limit: limit + 1 })
      const page = toPage(rows, limit, ({ id }) => [id])
      return { ...page, items: page.items.map(deliveryView) }
    },
    'deliveries.resend': async ({ params }) => {
      await resendDelivery(query, params.id)
      return {}
    },
  }
}

function webhookView({ state, url, createdAt, deliveredAt, ...row }: WebhookRow) {
  return {
    ...row,
    id: state.id,
    state: state.s,
    url: url ?? '',
    kinds: [...state.kinds],
    privateCidrs: [...state.privateCidrs],
    createdAt: toRfc3339(epochMs(createdAt)),
    deliveredAt: rfc3339(deliveredAt),
  }
}

function deliveryView({ createdAt, lastAt, nextAt, ...row }: DeliveryRow) {
  return {
    ...row,
    createdAt: toRfc3339(epochMs(createdAt)),
    lastAt: rfc3339(lastAt),
    nextAt: rfc3339(nextAt),
  }
}

function rfc3339(at: number | null): string | null {
  return at === null ? null : toRfc3339(epochMs(at))
}
