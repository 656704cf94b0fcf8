import { z } from 'zod'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { empty, idOf, instant, revision } from '../schemas.ts'

const tag = 'gateway'

const amount = z.int().min(1).max(1e15)
const window = z.discriminatedUnion('k', [
  z.strictObject({ k: z.literal('sliding'), ms: z.int().min(1_000).max(2_678_400_000) }),
  z.strictObject({
    k: z.literal('calendar'),
    period: z.enum(['day', 'month']),
    zone: z.string().min(1).max(64),
  }),
  z.strictObject({ k: z.literal('none') }),
])
const target = z.discriminatedUnion('scope', [
  z.strictObject({ scope: z.literal('key'), keyId: idOf('key') }),
  z.strictObject({ scope: z.literal('deployment'), deploymentId: idOf('deployment') }),
  z.strictObject({ scope: z.literal('org') }),
])
const terms = z.strictObject({
  unit: z.enum(['requests', 'tokens', 'micro_usd', 'concurrent']),
  amount,
  window,
})

export const listLimits = route({
  id: 'gatewayLimits.list',
  method: 'GET',
  path: '/api/v1/gateway/limits',
  tag,
  summary: 'Limits of keys, deployments and the organisation, newest first, with what is spent and leased',
  access: { permission: 'useCase.read' },
  query: pageQuery(['-id']),
  reply: pageOf(
    z.strictObject({
      id: idOf('limit'),
      revision,
      target,
      terms,
      setBy: z.string(),
      setAt: instant,
      /** Units in the window of now, as far as the gateways have told. */
      spent: z.int().min(0),
      /** Units that gateways hold and may spend without asking. */
      leased: z.int().min(0),
    }),
  ),
})

export const setLimit = route({
  id: 'gatewayLimits.set',
  method: 'POST',
  path: '/api/v1/gateway/limits',
  tag,
  summary: 'Limit what a key, a deployment or the organisation may spend',
  access: { permission: 'gateway.manage' },
  body: z.strictObject({ target, terms }),
  reply: z.strictObject({ id: idOf('limit') }),
  refuses: [
    'DEPLOYMENT_RETIRED',
    'KEY_UNKNOWN',
    'TOO_MANY_LIMITS',
    'AMOUNT_OUT_OF_RANGE',
    'WINDOW_UNFIT',
    'TIME_ZONE_UNKNOWN',
  ],
  status: 201,
})

export const changeLimit = route({
  id: 'gatewayLimits.change',
  method: 'PUT',
  path: '/api/v1/gateway/limits/:id',
  tag,
  summary: 'Give a limit another amount or window; what is spent stays spent',
  access: { permission: 'gateway.manage' },
  params: z.strictObject({ id: idOf('limit') }),
  body: z.strictObject({ amount, window }),
  reply: empty,
  revision: 'required',
  refuses: ['WRONG_STATE', 'AMOUNT_OUT_OF_RANGE', 'WINDOW_UNFIT', 'TIME_ZONE_UNKNOWN', 'NOTHING_CHANGED'],
})

export const removeLimit = route({
  id: 'gatewayLimits.remove',
  method: 'DELETE',
  path: '/api/v1/gateway/limits/:id',
  tag,
  summary: 'End a limit, and forget what was spent under it',
  access: { permission: 'gateway.manage' },
  params: z.strictObject({ id: idOf('limit') }),
  reply: empty,
  refuses: ['WRONG_STATE'],
})

export const gatewayLimitRoutes = [listLimits, setLimit, changeLimit, removeLimit] as const
