import { z } from 'zod'
import { noticeKinds } from '../../kernel/notice-kinds.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { empty, idOf, instant, revision } from '../schemas.ts'

const tag = 'collaboration'
const access = { permission: 'settings.manage' } as const
const proven = { permission: 'settings.manage', proof: 'recent_auth' } as const
const params = z.strictObject({ id: idOf('webhook') })
const kind = z.enum(noticeKinds)

const address = z.string().min(1).max(2_000)
const networks = z.array(z.string().max(64)).max(32).default([])

const webhookView = z.strictObject({
  id: idOf('webhook'),
  revision,
  state: z.enum(['active', 'disabled']),
  /** `gone`: the endpoint itself answered 410. */
  disabledCause: z.enum(['person', 'gone']).nullable(),
  url: z.string(),
  /** What people call it. */
  description: z.string().nullable(),
  kinds: z.array(kind),
  privateCidrs: z.array(z.string()),
  /** How many secrets sign what is sent now. */
  liveSecrets: z.int(),
  /** A person or a service account. */
  createdBy: z.string(),
  createdAt: instant,
  /** When it last took a message; null: never. */
  deliveredAt: instant.nullable(),
  waiting: z.int(),
  dead: z.int(),
})

export const listWebhooks = route({
  id: 'webhooks.list',
  method: 'GET',
  path: '/api/v1/webhooks',
  tag,
  summary: 'Endpoints that are told of facts, newest first, the disabled ones too',
  access,
  query: pageQuery(['-id'], { state: z.enum(['active', 'disabled']).optional() }),
  reply: pageOf(webhookView),
})

export const readWebhook = route({
  id: 'webhooks.read',
  method: 'GET',
  path: '/api/v1/webhooks/:id',
  tag,
  summary: 'An endpoint, without its secret',
  access,
  params,
  reply: webhookView,
})

export const registerWebhook = route({
  id: 'webhooks.register',
  method: 'POST',
  path: '/api/v1/webhooks',
  tag,
  summary: 'Register an endpoint that is told of facts of the chosen kinds; its secret is shown this once',
  access: proven,
  body: z.strictObject({
    url: address,
    kinds: z.array(kind).min(1).max(noticeKinds.length),
    privateCidrs: networks,
  }),
  reply: z.strictObject({ id: idOf('webhook'), secret: z.string() }),
  showsSecret: true,
  status: 201,
  refuses: ['URL_INVALID', 'URL_NOT_ENCRYPTED', 'RANGE_INVALID', 'RANGE_NOT_PRIVATE', 'TOO_MANY_WEBHOOKS'],
})

export const changeWebhook = route({
  id: 'webhooks.change',
  method: 'PUT',
  path: '/api/v1/webhooks/:id',
  tag,
  summary: 'Say anew what an endpoint is told of and what people call it',
  access: proven,
  params,
  body: z.strictObject({
    kinds: z.array(kind).min(1).max(noticeKinds.length),
    description: z.string().trim().max(200).default(''),
  }),
  reply: empty,
  revision: 'required',
  refuses: ['WRONG_STATE'],
})

export const moveWebhook = route({
  id: 'webhooks.move',
  method: 'POST',
  path: '/api/v1/webhooks/:id/move',
  tag,
  summary:
    'Give an endpoint another address, judged as at registration; its secrets end, and another is shown this once',
  access: proven,
  params,
  body: z.strictObject({ url: address, privateCidrs: networks }),
  reply: z.strictObject({ secret: z.string() }),
  showsSecret: true,
  revision: 'required',
  refuses: ['WRONG_STATE', 'URL_INVALID', 'URL_NOT_ENCRYPTED', 'RANGE_INVALID', 'RANGE_NOT_PRIVATE'],
})

export const rotateWebhookSecret = route({
  id: 'webhooks.rotate',
  method: 'POST',
  path: '/api/v1/webhooks/:id/rotate',
  tag,
  summary:
    'Give an endpoint another secret, shown this once; the one before signs too until the hours are over',
  access: proven,
  params,
  body: z.strictObject({ overlapHours: z.int().min(0).max(168).default(24) }),
  reply: z.strictObject({ secret: z.string() }),
  showsSecret: true,
  revision: 'required',
  refuses: ['WRONG_STATE'],
})

export const disableWebhook = route({
  id: 'webhooks.disable',
  method: 'POST',
  path: '/api/v1/webhooks/:id/disable',
  tag,
  summary: 'End an endpoint for good, and forget its secrets',
  access,
  params,
  reply: empty,
  refuses: ['WRONG_STATE'],
})

export const testWebhook = route({
  id: 'webhooks.test',
  method: 'POST',
  path: '/api/v1/webhooks/:id/test',
  tag,
  summary: 'Send an endpoint a message that tells of nothing',
  access,
  params,
  reply: z.strictObject({ delivery: idOf('delivery') }),
  refuses: ['WRONG_STATE'],
})

const deliveryState = z.enum(['waiting', 'delivered', 'dead', 'dropped'])

export const listDeliveries = route({
  id: 'deliveries.list',
  method: 'GET',
  path: '/api/v1/deliveries',
  tag,
  summary: 'What was sent by e-mail and webhook, or could not be, newest first',
  access,
  query: pageQuery(['-id'], {
    channel: z.enum(['mail', 'webhook']).optional(),
    state: deliveryState.optional(),
    webhookId: idOf('webhook').optional(),
  }),
  reply: pageOf(
    z.strictObject({
      id: idOf('delivery'),
      channel: z.enum(['mail', 'webhook']),
      state: deliveryState,
      /** To whom, of a mail. */
      personId: idOf('user').nullable(),
      webhookId: idOf('webhook').nullable(),
      /** Kind of the fact that a webhook tells of; null for a test and for mails. */
      event: z.string().nullable(),
      isTest: z.boolean(),
      isDigest: z.boolean(),
      attempts: z.int(),
      /** Why the last attempt failed; null: it did not. */
      fault: z.string().nullable(),
      /** Of the answer, HTTP or SMTP. */
      status: z.int().nullable(),
      createdAt: instant,
      lastAt: instant.nullable(),
      /** When it is tried next; null once it is over. */
      nextAt: instant.nullable(),
    }),
  ),
})

export const resendDelivery = route({
  id: 'deliveries.resend',
  method: 'POST',
  path: '/api/v1/deliveries/:id/resend',
  tag,
  summary: 'Try a dead letter again, from the first attempt on',
  access,
  params: z.strictObject({ id: idOf('delivery') }),
  reply: empty,
  refuses: ['WRONG_STATE'],
})

export const webhookRoutes = [
  listWebhooks,
  readWebhook,
  registerWebhook,
  changeWebhook,
  moveWebhook,
  rotateWebhookSecret,
  disableWebhook,
  testWebhook,
  listDeliveries,
  resendDelivery,
] as const
