import { z } from 'zod'
import { environments } from '../../kernel/index.ts'
import { reasonView } from '../problem.ts'
import { route } from '../route.ts'
import { authorizationStates, digest, empty, idOf, instant } from '../schemas.ts'

const tag = 'enforcement'
const environment = z.enum(environments)
const authorizationState = z.enum(authorizationStates)

export const readAuthorization = route({
  id: 'deployments.authorization',
  method: 'GET',
  path: '/api/v1/deployments/:id/authorization',
  tag,
  summary: 'Whether a deployment may run now, until when, and every reason against it; derived, never stored',
  access: { permission: 'useCase.read' },
  params: z.strictObject({ id: idOf('deployment') }),
  query: z.strictObject({ release: digest.optional() }),
  reply: z.strictObject({
    state: authorizationState,
    mode: z.enum(['enforce', 'observe']),
    release: digest,
    basis: z.string().nullable(),
    until: instant.nullable(),
    open: z.array(idOf('condition')),
    reasons: z.array(reasonView),
    tier: z.int(),
    epoch: z.int(),
    /** When the place counts as running something else, because it does not tell what it runs. */
    observeBy: instant.nullable(),
    at: instant,
  }),
})

export const readGrant = route({
  id: 'deployments.grant',
  method: 'GET',
  path: '/api/v1/deployments/:id/grant',
  tag,
  summary: 'The live grant of a deployment; a statement, not a bearer secret',
  access: { permission: 'useCase.read' },
  params: z.strictObject({ id: idOf('deployment') }),
  reply: z.strictObject({
    grant: z.string(),
    jti: idOf('grant'),
    expiresAt: instant,
    /** What it permits; nothing beyond it. */
    scope: z.record(z.string(), z.unknown()),
  }),
})

export const evaluateGate = route({
  id: 'gate.evaluate',
  method: 'POST',
  path: '/api/v1/gate/evaluations',
  tag,
  summary: 'Whether a release may be deployed, with a signed receipt',
  access: { permission: 'gate.evaluate' },
  body: z.strictObject({
    releaseDigest: digest.optional(),
    manifest: z.record(z.string(), z.unknown()).optional(),
    deployment: idOf('deployment'),
    environment,
    commit: z.string().trim().min(1).max(200).optional(),
  }),
  reply: z.strictObject({
    verdict: z.enum(['allow', 'deny', 'unverifiable']),
    reasons: z.array(reasonView),
    release: digest.nullable(),
    receipt: z.string(),
    grant: z.string().nullable(),
  }),
})

// SPEC: the API server calls a webhook with its own `timeout`, and the address of a webhook takes no query of ours.
const admissionQuery = z.strictObject({ timeout: z.string().max(32).optional() })
const admissionReview = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  request: z.looseObject({}),
})
const admissionReply = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  response: z.looseObject({}),
})

export const validateAdmission = route({
  id: 'admission.validate',
  maxBodyBytes: 4_194_304, // an admission review carries whole objects
  method: 'POST',
  path: '/api/v1/admission/validate',
  tag,
  summary: 'Kubernetes admission webhook: allows workloads whose release has a live grant',
  access: { permission: 'admission.validate' },
  query: admissionQuery,
  body: admissionReview,
  reply: admissionReply,
  idempotent: false,
})

export const tryAdmission = route({
  id: 'admission.dryRun',
  maxBodyBytes: 4_194_304, // an admission review carries whole objects
  method: 'POST',
  path: '/api/v1/admission/dry-run',
  tag,
  summary: 'The same webhook for namespaces in dry run: allows everything and warns of what it would deny',
  access: { permission: 'admission.validate' },
  query: admissionQuery,
  body: admissionReview,
  reply: admissionReply,
  idempotent: false,
})

export const wellKnownKeys = route({
  id: 'keys.wellKnown',
  method: 'GET',
  path: '/.well-known/countersign/keys',
  tag,
  summary: 'The trust bundle: keys that sign grants, vouched for by the root key of the installation',
  access: { public: true },
  query: empty,
  reply: z.strictObject({
    bundle: z.string(),
    rootFingerprint: digest,
    issuer: z.string(),
    logVkey: z.string(),
  }),
})

export const listGrantKeys = route({
  id: 'keys.list',
  method: 'GET',
  path: '/api/v1/grant-keys',
  tag,
  summary: 'Every key that ever signed grants, and from when until when it signs and is believed',
  access: { permission: 'ledger.read' },
  query: empty,
  reply: z.strictObject({
    items: z.array(
      z.strictObject({
        kid: z.string(),
        publicKey: z.string(),
        custody: z.string(),
        signFrom: instant,
        signUntil: instant,
        verifyUntil: instant,
        isCompromised: z.boolean(),
      }),
    ),
  }),
})

export const compromiseGrantKey = route({
  id: 'keys.compromise',
  method: 'POST',
  path: '/api/v1/grant-keys/:kid/compromise',
  tag,
  summary: 'End the belief in a grant key at once; the next key signs, running deployments get fresh grants',
  access: { permission: 'settings.manage', everywhere: true, proof: 'fresh_passkey' },
  params: z.strictObject({ kid: z.string().regex(/^[0-9a-f]{16}$/, 'the id of a key: 16 hex digits') }),
  reply: empty,
  refuses: ['KEY_UNKNOWN'],
})

export const enforcementRoutes = [
  readAuthorization,
  readGrant,
  evaluateGate,
  validateAdmission,
  tryAdmission,
  wellKnownKeys,
  listGrantKeys,
  compromiseGrantKey,
] as const
