import { z } from 'zod'
import { route } from '../route.ts'
import { empty } from '../schemas.ts'
import { findingKinds } from './gateway.ts'

export const listGuardRules = route({
  id: 'guardRules.list',
  method: 'GET',
  path: '/api/v1/guard/rules',
  tag: 'gateway',
  summary: 'Every rule of the guard that a finding may name, and what it looks for',
  access: { signedIn: true },
  query: empty,
  reply: z.strictObject({
    rules: z.array(
      z.strictObject({
        id: z.string(),
        kind: z.enum(findingKinds),
        name: z.string(),
        explanation: z.string(),
      }),
    ),
  }),
})

export const guardRoutes = [listGuardRules] as const
