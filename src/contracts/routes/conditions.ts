import { z } from 'zod'
import { functions } from '../../kernel/index.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { digest, empty, idOf, instant } from '../schemas.ts'

const tag = 'committee'
const fn = z.enum(functions)
const person = idOf('user')

export const listConditions = route({
  id: 'conditions.list',
  method: 'GET',
  path: '/api/v1/conditions',
  tag,
  summary: 'Conditions of approvals, the next due first',
  access: { permission: 'case.read' },
  query: pageQuery(['due'], {
    useCaseId: idOf('useCase').optional(),
    state: z.enum(['open', 'met', 'withdrawn']).optional(),
    owner: person.optional(),
    overdue: z.enum(['true']).optional(),
    /** Due at this instant or later. */
    dueFrom: instant.optional(),
    /** Due before this instant. */
    dueUntil: instant.optional(),
  }),
  reply: pageOf(
    z.strictObject({
      id: idOf('condition'),
      useCaseId: idOf('useCase'),
      title: z.string(),
      caseId: idOf('case'),
      decisionId: idOf('decision'),
      state: z.enum(['open', 'met', 'withdrawn']),
      phase: z.string(),
      due: instant,
      isBreached: z.boolean(),
      owner: person,
      attester: fn,
      proposedBy: fn,
      onBreach: z.string(),
      /** Who attested or withdrew it. */
      endedBy: person.nullable(),
      evidence: digest.nullable(),
      /** Null where it is masked for the reader, or erased. */
      text: z.string().nullable(),
    }),
  ),
})

export const attestCondition = route({
  id: 'conditions.attest',
  method: 'POST',
  path: '/api/v1/conditions/:id/attest',
  tag,
  summary: 'Attest that a condition is met, with the digest of the evidence; never by its owner',
  access: { permission: 'condition.attest', proof: 'session_mfa' },
  params: z.strictObject({ id: idOf('condition') }),
  body: z.strictObject({ evidence: digest }),
  reply: empty,
  refuses: ['WRONG_STATE', 'FUNCTION_REQUIRED', 'OWNER_CONFLICT'],
})

export const withdrawCondition = route({
  id: 'conditions.withdraw',
  method: 'POST',
  path: '/api/v1/conditions/:id/withdraw',
  tag,
  summary: 'Withdraw a condition that one’s own function has proposed',
  access: { permission: 'condition.attest', proof: 'session_mfa' },
  params: z.strictObject({ id: idOf('condition') }),
  body: empty,
  reply: empty,
  refuses: ['WRONG_STATE', 'FUNCTION_REQUIRED', 'OWNER_CONFLICT'],
})

export const conditionRoutes = [listConditions, attestCondition, withdrawCondition] as const
