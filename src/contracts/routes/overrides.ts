import { z } from 'zod'
import { functions } from '../../kernel/index.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { assertion, digest, empty, idOf, instant, longText, note, revision, shortText } from '../schemas.ts'

const tag = 'safety'
const person = idOf('user')
const fn = z.enum(functions)
const reason = z.string().trim().min(1).max(4_000)
const overrideParams = z.strictObject({ id: idOf('override') })
const overrideState = z.enum(['requested', 'active', 'expired', 'revoked', 'reviewed', 'withdrawn'])
const signature = z.strictObject({ person, fn })

const overrideView = z.strictObject({
  id: idOf('override'),
  revision,
  useCaseId: idOf('useCase'),
  deploymentId: idOf('deployment'),
  state: overrideState,
  requestedBy: person,
  /** Null when the request was withdrawn before anybody seconded it. */
  terms: z
    .strictObject({
      release: digest,
      tier: z.int(),
      capabilities: z.array(z.string()),
      incidentId: z.string(),
      lifetimeHours: z.int(),
    })
    .nullable(),
  requested: signature.nullable(),
  seconded: signature.nullable(),
  renewedBy: person.nullable(),
  activatedAt: instant.nullable(),
  expiresAt: instant.nullable(),
  reviewDue: instant.nullable(),
  /** An overdue review disables overrides for the whole installation. */
  isReviewOverdue: z.boolean(),
  outcome: z.enum(['justified', 'not_justified']).nullable(),
  reviewedBy: person.nullable(),
})

const overrideRefusals = [
  'LIFETIME_OUT_OF_RANGE',
  'NO_CAPABILITY',
  'INCIDENT_REQUIRED',
  'FACILITY_DISABLED',
  'NEVER_APPROVED',
  'NO_OVERRIDE_FOR_THIS_STOP',
  'FUNCTION_REQUIRED',
  'STEP_UP_REQUIRED',
  'PROOF_ALREADY_USED',
] as const

const secondRefusals = [
  'WRONG_STATE',
  ...overrideRefusals,
  'SELF_APPROVAL',
  'SAME_FUNCTION',
  'INCIDENT_COMMANDER_REQUIRED',
] as const

export const requestOverride = route({
  id: 'overrides.request',
  method: 'POST',
  path: '/api/v1/overrides',
  tag,
  summary: 'Ask for an emergency override; without the assertion the reply says what the passkey must sign',
  access: { permission: 'override.request' },
  body: z.strictObject({
    id: idOf('override'),
    deploymentId: idOf('deployment'),
    release: digest,
    capabilities: z.array(shortText).min(1).max(100),
    incidentId: shortText,
    lifetimeHours: z.int().min(1).max(24),
    reason,
    fn,
    assertion,
  }),
  reply: z.strictObject({ id: idOf('override') }),
  status: 201,
  refuses: ['WRONG_STATE', ...overrideRefusals],
})

export const secondOverride = route({
  id: 'overrides.second',
  method: 'POST',
  path: '/api/v1/overrides/:id/second',
  tag,
  summary: 'Second an override as another person of another function; it is active from then on',
  access: { permission: 'override.second' },
  params: overrideParams,
  body: z.strictObject({ fn, assertion }),
  reply: empty,
  refuses: secondRefusals,
})

export const renewOverride = route({
  id: 'overrides.renew',
  method: 'POST',
  path: '/api/v1/overrides/:id/renew',
  tag,
  summary: 'Renew an override once, while it is active',
  access: { permission: 'override.second' },
  params: overrideParams,
  body: z.strictObject({ fn, assertion }),
  reply: empty,
  refuses: [...secondRefusals, 'ALREADY_RENEWED', 'EXPIRED'],
})

export const revokeOverride = route({
  id: 'overrides.revoke',
  method: 'POST',
  path: '/api/v1/overrides/:id/revoke',
  tag,
  summary: 'End an override at once; one person is enough',
  access: { signedIn: true },
  params: overrideParams,
  reply: empty,
  refuses: ['WRONG_STATE'],
})

export const reviewOverride = route({
  id: 'overrides.review',
  method: 'POST',
  path: '/api/v1/overrides/:id/review',
  tag,
  summary: 'Review an override that has ended, as somebody who had no part in it',
  access: { permission: 'override.review' },
  params: overrideParams,
  body: z.strictObject({ outcome: z.enum(['justified', 'not_justified']), text: longText }),
  reply: empty,
  refuses: ['WRONG_STATE', 'STILL_ACTIVE', 'REVIEWER_TOOK_PART', 'STEP_UP_REQUIRED'],
})

export const listOverrides = route({
  id: 'overrides.list',
  method: 'GET',
  path: '/api/v1/overrides',
  tag,
  summary: 'Emergency overrides, by descending id',
  access: { signedIn: true },
  query: pageQuery(['-id'], {
    deploymentId: idOf('deployment').optional(),
    state: overrideState.optional(),
    /** Ended and not yet reviewed. */
    unreviewed: z.enum(['true', 'false']).optional(),
  }),
  reply: pageOf(overrideView),
})

export const readOverride = route({
  id: 'overrides.read',
  method: 'GET',
  path: '/api/v1/overrides/:id',
  tag,
  summary: 'An emergency override with why it was asked for and what its review says',
  access: { signedIn: true },
  params: overrideParams,
  reply: z.strictObject({ ...overrideView.shape, notes: z.array(note) }),
})

export const overrideRoutes = [
  requestOverride,
  secondOverride,
  renewOverride,
  revokeOverride,
  reviewOverride,
  listOverrides,
  readOverride,
] as const
