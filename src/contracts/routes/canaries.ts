import { z } from 'zod'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { empty, idOf, instant } from '../schemas.ts'

const tag = 'guard'

const place = z.enum(['deployment', 'system_prompt', 'document'])
const label = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name such as `support-prompt`')

export const listCanaries = route({
  id: 'guardCanaries.list',
  method: 'GET',
  path: '/api/v1/guard/canaries',
  tag,
  summary: 'Canary tokens of deployments, newest first, and where each was seen out of its place',
  access: { permission: 'useCase.read' },
  query: pageQuery(['-id']),
  reply: pageOf(
    z.strictObject({
      id: idOf('canary'),
      deploymentId: idOf('deployment'),
      /** Of the use case. */
      title: z.string(),
      place,
      label,
      issuedBy: z.string(),
      issuedAt: instant,
      retiredAt: instant.nullable(),
      /** One for each deployment in whose traffic it was; `recordId` is the first call. */
      leaks: z.array(
        z.strictObject({
          deploymentId: idOf('deployment'),
          recordId: idOf('record'),
          firstAt: instant,
          calls: z.int().min(1),
        }),
      ),
    }),
  ),
})

export const issueCanary = route({
  id: 'guardCanaries.issue',
  method: 'POST',
  path: '/api/v1/guard/canaries',
  tag,
  summary: 'Issue a canary token for a text of a deployment; the token is shown this once',
  access: { permission: 'gateway.manage' },
  body: z.strictObject({ deploymentId: idOf('deployment'), place, label }),
  reply: z.strictObject({ id: idOf('canary'), token: z.string() }),
  refuses: ['DEPLOYMENT_RETIRED', 'TOO_MANY_CANARIES'],
  showsSecret: true,
  status: 201,
})

export const retireCanary = route({
  id: 'guardCanaries.retire',
  method: 'POST',
  path: '/api/v1/guard/canaries/:id/retire',
  tag,
  summary: 'Look for a canary token no more',
  access: { permission: 'gateway.manage' },
  params: z.strictObject({ id: idOf('canary') }),
  body: empty,
  reply: empty,
  refuses: ['WRONG_STATE'],
})

export const canaryRoutes = [listCanaries, issueCanary, retireCanary] as const
