import { z } from 'zod'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { idOf, instant } from '../schemas.ts'

const tag = 'safety'

export const listRefusals = route({
  id: 'refusals.list',
  method: 'GET',
  path: '/api/v1/refusals',
  tag,
  summary: 'Who tried what and why it was refused, newest first',
  access: { permission: 'audit.read' },
  query: pageQuery(['-at'], {
    actor: z
      .string()
      .regex(/^((usr|svc)_[0-9a-z]{26}|sys:[a-z]+)$/, 'a person, a service account or `sys:<role>`')
      .optional(),
    command: z
      .string()
      .regex(/^[A-Za-z-]{1,40}\.[a-z_]{1,40}$/, 'a command such as `waiver.accept`')
      .optional(),
    code: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]{1,63}$/, 'a code such as `SELF_APPROVAL`')
      .optional(),
    from: instant.optional(),
    to: instant.optional(),
  }),
  reply: pageOf(
    z.strictObject({
      id: idOf('refusal'),
      at: instant,
      actor: z.string(),
      command: z.string(),
      subject: z.string(),
      useCaseId: idOf('useCase').nullable(),
      codes: z.array(z.string()),
    }),
  ),
})

export const refusalRoutes = [listRefusals] as const
