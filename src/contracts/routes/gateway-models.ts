import { z } from 'zod'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { empty, instant } from '../schemas.ts'

const tag = 'gateway'

/** An entry of the catalogue with its provider, by the schema of the catalogue: what is wrong with it is refused by its place. */
const model = z.record(z.string(), z.unknown())
const params = z.strictObject({
  provider: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  model: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/),
})

export const listOwnModels = route({
  id: 'gatewayModels.list',
  method: 'GET',
  path: '/api/v1/gateway/models',
  tag,
  summary: 'Models and prices that this organisation describes itself, by name',
  access: { permission: 'gateway.manage' },
  query: pageQuery(['name']),
  reply: pageOf(z.strictObject({ model, setBy: z.string(), setAt: instant })),
})

export const describeModel = route({
  id: 'gatewayModels.describe',
  method: 'PUT',
  path: '/api/v1/gateway/models/:provider/:model',
  tag,
  summary: 'Describe a model and its prices, in place of the shipped entry of the same name',
  access: { permission: 'gateway.manage', everywhere: true },
  params,
  body: z.strictObject({ entry: model }),
  reply: empty,
  refuses: ['DOCUMENT_INVALID', 'NOTHING_CHANGED'],
})

export const withdrawModel = route({
  id: 'gatewayModels.withdraw',
  method: 'DELETE',
  path: '/api/v1/gateway/models/:provider/:model',
  tag,
  summary: 'Withdraw an own description; the shipped entry counts again, if there is one',
  access: { permission: 'gateway.manage', everywhere: true },
  params,
  reply: empty,
  refuses: ['WRONG_STATE'],
})

export const gatewayModelRoutes = [listOwnModels, describeModel, withdrawModel] as const
