import { z } from 'zod'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { empty, idOf, instant, shortText } from '../schemas.ts'

const tag = 'identity'
const name = shortText
/** What an account of a program can be given. */
export const servicePermissionNames = [
  'gate.evaluate',
  'admission.validate',
  'release.create',
  'useCase.read',
  'check.record',
  'ledger.read',
  'ledger.export',
  'deployment.manage',
  'stop.order',
] as const
const serviceId = z.strictObject({ id: idOf('service') })
const serviceSummary = z.strictObject({
  id: idOf('service'),
  name: z.string(),
  state: z.enum(['active', 'disabled']),
  permissions: z.array(z.string()),
  useCaseId: idOf('useCase').nullable(),
  cidrs: z.array(z.string()),
  createdBy: idOf('user'),
  createdAt: instant,
  /** Keys that open something now, and when the first of them ends. */
  liveKeys: z.int().min(0),
  nextKeyEndsAt: instant.nullable(),
  lastUsedAt: instant.nullable(),
})

export const createServiceAccount = route({
  id: 'serviceAccounts.create',
  method: 'POST',
  path: '/api/v1/service-accounts',
  tag,
  summary: 'Create an account for a program, with what it may do and from which networks',
  access: { permission: 'service.manage', proof: 'recent_auth' },
  body: z.strictObject({
    name,
    permissions: z.array(z.string().min(1).max(64)).max(50),
    useCaseId: idOf('useCase').nullable().default(null),
    cidrs: z.array(z.string().min(1).max(50)).max(20).default([]),
  }),
  reply: serviceId,
  refuses: ['PERMISSION_NOT_FOR_SERVICES', 'PERMISSIONS_REQUIRED', 'CIDR_INVALID', 'STEP_UP_REQUIRED'],
  status: 201,
})

export const listServiceAccounts = route({
  id: 'serviceAccounts.list',
  method: 'GET',
  path: '/api/v1/service-accounts',
  tag,
  summary: 'Service accounts in the order in which they were created',
  access: { permission: 'service.manage' },
  query: pageQuery(['id'], { state: z.enum(['active', 'disabled']).optional() }),
  reply: pageOf(serviceSummary),
})

export const readServiceAccount = route({
  id: 'serviceAccounts.read',
  method: 'GET',
  path: '/api/v1/service-accounts/:id',
  tag,
  summary: 'A service account with its latest keys; never with their secrets',
  access: { permission: 'service.manage' },
  params: serviceId,
  reply: z.strictObject({
    ...serviceSummary.shape,
    keys: z.array(
      z.strictObject({
        id: idOf('key'),
        issuedAt: instant,
        expiresAt: instant,
        revokedAt: instant.nullable(),
        lastUsedAt: instant.nullable(),
      }),
    ),
  }),
})

export const disableServiceAccount = route({
  id: 'serviceAccounts.disable',
  method: 'POST',
  path: '/api/v1/service-accounts/:id/disable',
  tag,
  summary: 'Disable a service account for good; its keys are revoked',
  access: { permission: 'service.manage', proof: 'session_mfa' },
  params: serviceId,
  reply: empty,
  refuses: ['WRONG_STATE'],
})

export const issueServiceKey = route({
  id: 'serviceAccounts.issueKey',
  method: 'POST',
  path: '/api/v1/service-accounts/:id/keys',
  tag,
  summary:
    'Issue a key; its token is shown once. Two can live at the same time, so that one replaces the other',
  access: { permission: 'service.manage', proof: 'recent_auth' },
  params: serviceId,
  body: z.strictObject({ lifetimeDays: z.int().min(1).max(365).default(90) }),
  reply: z.strictObject({ id: idOf('key'), token: z.string(), expiresAt: instant }),
  refuses: ['WRONG_STATE', 'TOO_MANY_KEYS', 'LIFETIME_OUT_OF_RANGE', 'STEP_UP_REQUIRED'],
  idempotent: false,
  status: 201,
})

export const revokeServiceKey = route({
  id: 'serviceAccounts.revokeKey',
  method: 'DELETE',
  path: '/api/v1/service-accounts/:id/keys/:key',
  tag,
  summary: 'Revoke a key at once; one person is enough',
  access: { permission: 'service.manage', proof: 'session_mfa' },
  params: z.strictObject({ id: idOf('service'), key: idOf('key') }),
  reply: empty,
})

export const serviceAccountRoutes = [
  createServiceAccount,
  listServiceAccounts,
  readServiceAccount,
  disableServiceAccount,
  issueServiceKey,
  revokeServiceKey,
] as const
