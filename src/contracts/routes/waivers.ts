import { z } from 'zod'
import { environments } from '../../kernel/index.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { assertion, digest, empty, idOf, instant, longText, note, revision } from '../schemas.ts'

const tag = 'safety'
const person = idOf('user')
const environment = z.enum(environments)
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

export const waiverRoutes = [
  requestWaiver,
  acceptWaiver,
  openWaiverCase,
  refuseWaiver,
  renewWaiver,
  revokeWaiver,
  listWaivers,
  readWaiver,
] as const
