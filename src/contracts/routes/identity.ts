import { z } from 'zod'
import { chartered, grantView } from '../roles.ts'
import { organisation } from '../organisation.ts'
import { route } from '../route.ts'
import { digest, empty, idOf, instant, shortText } from '../schemas.ts'

/*
 * `proof: 'session'` marks the routes of one's own identity: they are open before the second factor is proved. Replies
 * with a secret are never kept for replay, hence `idempotent: false` on every route that gives one.
 */
const tag = 'identity'
const ownAccess = { signedIn: true, proof: 'session' } as const
const method = z.enum(['passkey', 'password_totp', 'password', 'api_key', 'setup_token', 'none'])
const name = shortText
const email = z.string().trim().toLowerCase().pipe(z.email().max(254))
const password = z.string().min(1).max(1_000)
const token = z.string().min(1).max(200)
const code = z.string().trim().min(6).max(40)
const secrets = z.strictObject({
  person: idOf('user'),
  totp: z.strictObject({ secret: z.string(), uri: z.string() }),
  recoveryCodes: z.array(z.string()),
})
const signedIn = z.strictObject({ person: idOf('user'), mfa: z.boolean() })

/** Options for the browser's `navigator.credentials`, as the passkey library makes them. */
const begun = z.strictObject({ ceremony: z.string(), options: z.looseObject({ challenge: z.string() }) })
const finish = z.strictObject({
  ceremony: z.string().min(1).max(100),
  response: z.record(z.string(), z.unknown()),
})

export const readSetup = route({
  id: 'setup.read',
  method: 'GET',
  path: '/api/v1/setup',
  tag,
  summary: 'Whether the first administrator is still to be created, and whether this is a demo installation',
  access: { public: true },
  query: empty,
  reply: z.strictObject({ isOpen: z.boolean(), isDemo: z.boolean() }),
})

export const completeSetup = route({
  id: 'setup.complete',
  method: 'POST',
  path: '/api/v1/setup',
  tag,
  summary: 'Create the first administrator with the token that `serve` printed; closes for good',
  access: { public: true },
  body: z.strictObject({
    token,
    name,
    email,
    password,
    organisation: organisation.optional(),
    /** Units at the top of the organisation, to begin with. */
    units: z.array(shortText).max(50).default([]),
  }),
  reply: secrets,
  refuses: [
    'TIME_ZONE_UNKNOWN',
    'PASSWORD_TOO_SHORT',
    'PASSWORD_TOO_LONG',
    'PASSWORD_TOO_COMMON',
    'PASSWORD_NOT_TEXT',
  ],
  idempotent: false,
  status: 201,
})

export const completeEnrolment = route({
  id: 'enrolments.complete',
  method: 'POST',
  path: '/api/v1/enrolments',
  tag,
  summary: 'Set password, one-time codes and recovery codes with a token from an administrator',
  access: { public: true },
  body: z.strictObject({ token, password }),
  reply: secrets,
  refuses: ['PASSWORD_TOO_SHORT', 'PASSWORD_TOO_LONG', 'PASSWORD_TOO_COMMON', 'PASSWORD_NOT_TEXT'],
  idempotent: false,
  status: 201,
})

export const startSession = route({
  id: 'session.start',
  method: 'POST',
  path: '/api/v1/session',
  tag,
  summary: 'Sign in with a password and, for a session with second factor, a code',
  access: { public: true },
  body: z.strictObject({ email: z.string().min(1).max(254), password, code: code.optional() }),
  reply: signedIn,
  idempotent: false,
})

export const endSession = route({
  id: 'session.end',
  method: 'DELETE',
  path: '/api/v1/session',
  tag,
  summary: 'Sign out',
  access: ownAccess,
  reply: empty,
  idempotent: false,
})

export const listSessions = route({
  id: 'session.list',
  method: 'GET',
  path: '/api/v1/sessions',
  tag,
  summary: 'Your own live sessions, newest first',
  access: ownAccess,
  reply: z.strictObject({
    items: z.array(
      z.strictObject({
        id: idOf('session'),
        isCurrent: z.boolean(),
        method,
        mfa: z.boolean(),
        createdAt: instant,
        seenAt: instant,
      }),
    ),
  }),
})

export const endOneSession = route({
  id: 'session.endOne',
  method: 'DELETE',
  path: '/api/v1/sessions/:id',
  tag,
  summary: 'End one of your own sessions',
  access: ownAccess,
  params: z.strictObject({ id: idOf('session') }),
  reply: empty,
  idempotent: false,
})

export const readMe = route({
  id: 'me.read',
  method: 'GET',
  path: '/api/v1/me',
  tag,
  summary: 'Who you are here, and how you have proved it',
  access: ownAccess,
  reply: z.strictObject({
    person: idOf('user'),
    name: z.string(),
    email: z.string(),
    unit: idOf('unit').nullable(),
    roles: z.array(grantView),
    seat: chartered.nullable(),
    /** What roles and seat allow, somewhere at least; each record asks again. */
    permissions: z.array(z.string()),
    authn: z.strictObject({ method, mfa: z.boolean(), ageS: z.int().min(0) }),
    /** The roles demand a second factor, which this session lacks: other routes are closed to it. */
    needsSecondFactor: z.boolean(),
    isBootstrap: z.boolean(),
    /** Null while nobody has said. */
    organisation: organisation.nullable(),
    /** An installation of invented people and records, made by `countersign demo`. */
    isDemo: z.boolean(),
    idleEndsAt: instant,
  }),
})

export const stepUpByTotp = route({
  id: 'stepUp.totp',
  method: 'POST',
  path: '/api/v1/step-up/totp',
  tag,
  summary: 'Prove the second factor afresh with a one-time code or a recovery code',
  access: ownAccess,
  body: z.strictObject({ code }),
  reply: signedIn,
  idempotent: false,
})

export const beginPasskey = route({
  id: 'passkeys.begin',
  method: 'POST',
  path: '/api/v1/me/passkeys/begin',
  tag,
  summary: 'Begin to register a passkey',
  access: { signedIn: true, proof: 'recent_auth' },
  reply: begun,
  idempotent: false,
})

export const finishPasskey = route({
  id: 'passkeys.finish',
  method: 'POST',
  path: '/api/v1/me/passkeys',
  tag,
  summary: 'Register the passkey that the browser has made',
  access: { signedIn: true, proof: 'recent_auth' },
  body: finish,
  reply: z.strictObject({ id: idOf('credential') }),
  refuses: ['CREDENTIAL_EXISTS', 'TOO_MANY_CREDENTIALS'],
  idempotent: false,
  status: 201,
})

export const beginPasskeySignIn = route({
  id: 'passkeys.signInBegin',
  method: 'POST',
  path: '/api/v1/session/passkey/begin',
  tag,
  summary: 'Begin to sign in with a passkey, of an address or whichever the device offers',
  access: { public: true },
  body: z.strictObject({ email: z.string().min(1).max(254).optional() }),
  reply: begun,
  idempotent: false,
})

export const finishPasskeySignIn = route({
  id: 'passkeys.signInFinish',
  method: 'POST',
  path: '/api/v1/session/passkey',
  tag,
  summary: 'Sign in with a passkey',
  access: { public: true },
  body: finish,
  reply: signedIn,
  idempotent: false,
})

export const beginPasskeyStepUp = route({
  id: 'passkeys.stepUpBegin',
  method: 'POST',
  path: '/api/v1/step-up/passkey/begin',
  tag,
  summary: 'Begin to prove a passkey afresh',
  access: ownAccess,
  reply: begun,
  refuses: ['NO_PASSKEY'],
  idempotent: false,
})

export const finishPasskeyStepUp = route({
  id: 'passkeys.stepUpFinish',
  method: 'POST',
  path: '/api/v1/step-up/passkey',
  tag,
  summary: 'Prove a passkey afresh',
  access: ownAccess,
  body: finish,
  reply: signedIn,
  idempotent: false,
})

export const listCredentials = route({
  id: 'credentials.list',
  method: 'GET',
  path: '/api/v1/me/credentials',
  tag,
  summary: 'Your own credentials, and how many recovery codes are left',
  access: ownAccess,
  reply: z.strictObject({
    items: z.array(
      z.strictObject({
        id: idOf('credential'),
        kind: z.enum(['password', 'totp', 'passkey']),
        custody: z.string().nullable(),
        createdAt: instant,
      }),
    ),
    recoveryCodesLeft: z.int().min(0),
  }),
})

export const removeCredential = route({
  id: 'credentials.remove',
  method: 'DELETE',
  path: '/api/v1/me/credentials/:id',
  tag,
  summary: 'Remove one of your own credentials; your other sessions end',
  access: { signedIn: true, proof: 'recent_auth' },
  params: z.strictObject({ id: idOf('credential') }),
  reply: empty,
  refuses: ['LAST_CREDENTIAL', 'LAST_SECOND_FACTOR'],
})

export const beginTotp = route({
  id: 'totp.begin',
  method: 'POST',
  path: '/api/v1/me/totp/begin',
  tag,
  summary: 'A fresh secret for an authenticator app; it counts once a code has proved that the app has it',
  access: { signedIn: true, proof: 'recent_auth' },
  reply: z.strictObject({ ceremony: z.string(), secret: z.string(), uri: z.string() }),
  idempotent: false,
})

export const finishTotp = route({
  id: 'totp.finish',
  method: 'POST',
  path: '/api/v1/me/totp',
  tag,
  summary: 'Replace your one-time codes by those of the fresh secret; your other sessions end',
  access: { signedIn: true, proof: 'recent_auth' },
  body: z.strictObject({ ceremony: z.string().min(1).max(100), code }),
  reply: z.strictObject({ id: idOf('credential') }),
  refuses: ['CODE_WRONG', 'CEREMONY_OVER', 'TOO_MANY_CREDENTIALS'],
  idempotent: false,
  status: 201,
})

export const changePassword = route({
  id: 'password.change',
  method: 'POST',
  path: '/api/v1/me/password',
  tag,
  summary: 'Set another password; whoever has one gives it too. Your other sessions end',
  access: { signedIn: true, proof: 'recent_auth' },
  body: z.strictObject({ current: password.exactOptional(), password }),
  reply: empty,
  refuses: [
    'PASSWORD_TOO_SHORT',
    'PASSWORD_TOO_LONG',
    'PASSWORD_TOO_COMMON',
    'PASSWORD_NOT_TEXT',
    'PASSWORD_WRONG',
    'TOO_MANY_CREDENTIALS',
  ],
  idempotent: false,
})

export const renewRecoveryCodes = route({
  id: 'recoveryCodes.renew',
  method: 'POST',
  path: '/api/v1/me/recovery-codes',
  tag,
  summary: 'Ten fresh recovery codes; the earlier ones end',
  access: { signedIn: true, proof: 'recent_auth' },
  reply: z.strictObject({ recoveryCodes: z.array(z.string()) }),
  idempotent: false,
})

/** What a caller of an act that demands a passkey-bound proof finds as member `sign` of `STEP_UP_REQUIRED`. */
export const signatureWanted = z.strictObject({
  digest,
  challenge: z.string(),
  credentialIds: z.array(z.string()),
})

export const identityRoutes = [
  readSetup,
  completeSetup,
  completeEnrolment,
  startSession,
  endSession,
  listSessions,
  endOneSession,
  readMe,
  stepUpByTotp,
  beginPasskey,
  finishPasskey,
  beginPasskeySignIn,
  finishPasskeySignIn,
  beginPasskeyStepUp,
  finishPasskeyStepUp,
  listCredentials,
  removeCredential,
  beginTotp,
  finishTotp,
  changePassword,
  renewRecoveryCodes,
] as const
