import { z } from 'zod'
import { environments, functions } from '../../kernel/index.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { assertion, digest, empty, idOf, instant, longText, revision, shortText } from '../schemas.ts'

const tag = 'safety'
const person = idOf('user')
const environment = z.enum(environments)
const fn = z.enum(functions)
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

/** A text with the kind of event that it belongs to; null once it is erased. */
const note = z.strictObject({ event: z.string(), at: instant, by: person, text: z.string().nullable() })

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

const waiverParams = z.strictObject({ id: idOf('waiver') })
const waiverState = z.enum(['requested', 'accepted', 'expired', 'refused', 'revoked'])
const residual = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)])
const gap = z
  .string()
  .regex(/^[a-z][a-z0-9_]*(\/[a-z0-9_]+)?$/, 'a requirement such as `check/injection_suite`')
const waiverSubject = z.discriminatedUnion('k', [
  z.strictObject({ k: z.literal('requirement'), id: gap.max(200) }),
  z.strictObject({ k: z.literal('check'), id: gap.max(200) }),
  z.strictObject({ k: z.literal('condition'), id: idOf('condition') }),
])
const acceptor = z.enum(['risk', 'security', 'legal', 'privacy', 'business_executive'])
const waiverView = z.strictObject({
  id: idOf('waiver'),
  revision,
  useCaseId: idOf('useCase'),
  title: z.string(),
  state: waiverState,
  subject: waiverSubject,
  release: digest.nullable(),
  environment,
  tier: z.int(),
  residual,
  /** The gap exactly as it was weighed. */
  stateDigest: digest,
  lifetimeDays: z.int(),
  compensating: z.array(idOf('condition')),
  requestedBy: person,
  acceptances: z.array(z.strictObject({ by: person, as: acceptor })),
  /** Who must still accept. */
  missing: z.array(acceptor),
  /** Whether the committee must approve the request in a case of its own before anybody accepts. */
  needsCase: z.boolean(),
  /** The newest case about it. */
  caseId: idOf('case').nullable(),
  renewals: z.int(),
  expiresAt: instant.nullable(),
})
const termRefusals = ['LIFETIME_OUT_OF_RANGE', 'NOT_WAIVABLE', 'STATE_CHANGED', 'NO_SUCH_GAP'] as const

export const requestWaiver = route({
  id: 'waivers.request',
  method: 'POST',
  path: '/api/v1/waivers',
  tag,
  summary: 'Ask for a waiver of one gap of one release in the state that it is in now',
  access: { signedIn: true },
  body: z.strictObject({
    useCaseId: idOf('useCase'),
    subject: waiverSubject,
    release: digest,
    environment,
    residual,
    lifetimeDays: z.int().min(1).max(365),
    justification: longText,
    compensating: z.array(idOf('condition')).max(20).default([]),
  }),
  reply: z.strictObject({ id: idOf('waiver') }),
  status: 201,
  refuses: ['USE_CASE_NOT_TRIAGED', ...termRefusals],
})

export const acceptWaiver = route({
  id: 'waivers.accept',
  method: 'POST',
  path: '/api/v1/waivers/:id/accept',
  tag,
  summary: 'Accept the risk, or be the first of several who do; tier 3 asks for a passkey signature',
  access: { permission: 'waiver.accept' },
  params: waiverParams,
  body: z.strictObject({ assertion }),
  reply: empty,
  refuses: [
    'WRONG_STATE',
    ...termRefusals,
    'SELF_APPROVAL',
    'OWNER_CONFLICT',
    'NO_AUTHORITY',
    'ALREADY_ACCEPTED',
    'CASE_REQUIRED',
    'STEP_UP_REQUIRED',
    'PROOF_ALREADY_USED',
  ],
})

export const openWaiverCase = route({
  id: 'waivers.openCase',
  method: 'POST',
  path: '/api/v1/waivers/:id/case',
  tag,
  summary:
    'Open a case on a waiver of residual risk 5 or on its second renewal; its approval lets nothing run',
  access: { signedIn: true, proof: 'session_mfa' },
  params: waiverParams,
  reply: z.strictObject({ id: idOf('case') }),
  status: 201,
  refuses: [
    'WAIVER_NEEDS_NO_CASE',
    'WAIVER_ALREADY_APPROVED',
    'BOOTSTRAP_MODE',
    'NO_CHARTER',
    'USE_CASE_NOT_TRIAGED',
    'PROHIBITED_PRACTICE',
    'LEGAL_CLASS_UNDETERMINED',
    'RELEASE_UNKNOWN',
    'CASE_ALREADY_OPEN',
    'REJECTED_RECENTLY',
  ],
})

export const refuseWaiver = route({
  id: 'waivers.refuse',
  method: 'POST',
  path: '/api/v1/waivers/:id/refuse',
  tag,
  summary: 'Refuse to accept the risk',
  access: { permission: 'waiver.accept' },
  params: waiverParams,
  body: z.strictObject({ text: longText }),
  reply: empty,
  refuses: ['WRONG_STATE', 'NO_AUTHORITY'],
})

export const renewWaiver = route({
  id: 'waivers.renew',
  method: 'POST',
  path: '/api/v1/waivers/:id/renew',
  tag,
  summary:
    'Ask for the same waiver again, for the gap as it is now; what was accepted goes on until then or until its time is over',
  access: { signedIn: true },
  params: waiverParams,
  body: z.strictObject({ text: longText }),
  reply: empty,
  refuses: ['WRONG_STATE', ...termRefusals],
})

export const revokeWaiver = route({
  id: 'waivers.revoke',
  method: 'POST',
  path: '/api/v1/waivers/:id/revoke',
  tag,
  summary: 'Withdraw a waiver at once; the gap is unmet again',
  access: { signedIn: true },
  params: waiverParams,
  reply: empty,
  refuses: ['WRONG_STATE'],
})

export const listWaivers = route({
  id: 'waivers.list',
  method: 'GET',
  path: '/api/v1/waivers',
  tag,
  summary: 'Waivers of use cases that the caller may read, newest first',
  access: { signedIn: true },
  query: pageQuery(['-id'], {
    useCaseId: idOf('useCase').optional(),
    state: waiverState.optional(),
  }),
  reply: pageOf(waiverView),
})

export const readWaiver = route({
  id: 'waivers.read',
  method: 'GET',
  path: '/api/v1/waivers/:id',
  tag,
  summary: 'A waiver with its justification',
  access: { signedIn: true },
  params: waiverParams,
  reply: z.strictObject({ ...waiverView.shape, notes: z.array(note) }),
})

export const readRequirements = route({
  id: 'requirements.read',
  method: 'GET',
  path: '/api/v1/requirements',
  tag,
  summary: 'Everything that is required of a release in an environment, and whether it is met',
  access: { signedIn: true },
  query: z.strictObject({ release: digest, environment }),
  reply: z.strictObject({
    useCaseId: idOf('useCase'),
    useCaseRevision: digest,
    release: digest,
    environment,
    tier: z.int(),
    /** Digest of all of it: a ballot is cast on exactly this. */
    evidenceSet: digest,
    items: z.array(
      z.strictObject({
        id: z.string(),
        status: z.enum(['met', 'waived', 'unmet', 'unknown']),
        /** Why it is so without any waiver. */
        why: z.string(),
        artefact: digest.nullable(),
        /** What a waiver of it would name. */
        gap: digest,
      }),
    ),
  }),
  refuses: ['USE_CASE_NOT_TRIAGED'],
})

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

export const safetyRoutes = [
  orderStop,
  listStops,
  requestOverride,
  secondOverride,
  renewOverride,
  revokeOverride,
  reviewOverride,
  listOverrides,
  readOverride,
  requestWaiver,
  acceptWaiver,
  openWaiverCase,
  refuseWaiver,
  renewWaiver,
  revokeWaiver,
  listWaivers,
  readWaiver,
  readRequirements,
  listRefusals,
] as const
