import { z } from 'zod'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { idOf, instant } from '../schemas.ts'

const tag = 'safety'
const scope = z.enum(['route', 'deployment', 'system', 'use_case', 'installation'])
const reason = z.string().trim().min(1).max(4_000)

const reasonCode = z.enum([
  'prohibited',
  'key_compromise',
  'check_failed',
  'condition_breached',
  'digest_mismatch',
  'red_team_failure',
  'score',
  'vendor_notice',
  'incident',
  'training_lapsed',
  'person',
])

const stopOf = <const S extends string, T extends z.ZodType>(scope: S, targetId: T) =>
  z.strictObject({ scope: z.literal(scope), targetId, reasonCode, reason: reason.optional() })

export const orderStop = route({
  id: 'stops.order',
  method: 'POST',
  path: '/api/v1/stops',
  tag,
  summary: 'Stop a route, deployment, system, use case or everything at once; one person is enough',
  access: { signedIn: true },
  body: z.discriminatedUnion('scope', [
    stopOf('route', idOf('route')),
    stopOf('deployment', idOf('deployment')),
    stopOf('system', idOf('system')),
    stopOf('use_case', idOf('useCase')),
    stopOf('installation', z.literal('installation')),
  ]),
  reply: z.strictObject({ id: idOf('stop') }),
  status: 201,
})

export const listStops = route({
  id: 'stops.list',
  method: 'GET',
  path: '/api/v1/stops',
  tag,
  summary:
    'What is or was stopped, one row a target, stopped last first; what is no longer stopped comes last',
  access: { signedIn: true },
  query: pageQuery(['-since'], {
    inForce: z.enum(['true', 'false']).optional(),
    scope: scope.optional(),
  }),
  reply: pageOf(
    z.strictObject({
      scope,
      targetId: z.string(),
      useCaseId: idOf('useCase').nullable(),
      /** Title of the use case; null for the installation. */
      title: z.string().nullable(),
      isInForce: z.boolean(),
      /** How often this target was stopped or started again. */
      epoch: z.int(),
      stops: z.array(
        z.strictObject({
          id: idOf('stop'),
          reasonCode,
          since: instant,
          by: z.string(),
          reason: z.string().nullable(),
        }),
      ),
    }),
  ),
})

export const stopRoutes = [orderStop, listStops] as const
