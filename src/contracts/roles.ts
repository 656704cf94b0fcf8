import { z } from 'zod'
import { functions } from '../kernel/index.ts'
import { idOf, instant } from './schemas.ts'

export const functionNames = functions
export const fn = z.enum(functionNames)
/** What the charter makes of somebody: a seat of a function, or an executive who accepts risks. */
export const chartered = z.enum([...functions, 'business_executive'])
export const roleNames = [
  'requester',
  'analyst',
  'reviewer',
  'validator',
  'soc_analyst',
  'incident_commander',
  'vendor_manager',
  'auditor',
  'admin',
] as const
export const role = z.enum(roleNames)
export const scope = z.discriminatedUnion('k', [
  z.strictObject({ k: z.literal('organisation') }),
  z.strictObject({ k: z.literal('unit'), id: idOf('unit') }),
  z.strictObject({ k: z.literal('use_case'), id: idOf('useCase') }),
])
export const newGrant = z.strictObject({
  role,
  fn: fn.nullable().default(null),
  scope: scope.default({ k: 'organisation' }),
  until: instant.nullable().default(null),
})
export const grantView = z.strictObject({
  id: idOf('roleGrant'),
  role,
  fn: fn.nullable(),
  scope,
  until: instant.nullable(),
})
