import { z } from 'zod'
import { functions } from '../../kernel/index.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { digest, empty, idOf, instant, revision, shortText } from '../schemas.ts'

/*
 * `proof: 'session'` marks the routes of one's own identity: they are open before the second factor is proved. Replies
 * with a secret are never kept for replay, hence `idempotent: false` on every route that gives one.
 */
const tag = 'identity'
const ownAccess = { signedIn: true, proof: 'session' } as const
export const functionNames = functions
const fn = z.enum(functionNames)
/** What the charter makes of somebody: a seat of a function, or an executive who accepts risks. */
const chartered = z.enum([...functions, 'business_executive'])
const state = z.enum(['active', 'suspended', 'erased'])
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
const role = z.enum(roleNames)
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
const method = z.enum(['passkey', 'password_totp', 'password', 'api_key', 'setup_token', 'none'])
const name = shortText
const email = z.string().trim().toLowerCase().pipe(z.email().max(254))
const password = z.string().min(1).max(1_000)
const token = z.string().min(1).max(200)
const code = z.string().trim().min(6).max(40)

const scope = z.discriminatedUnion('k', [
  z.strictObject({ k: z.literal('organisation') }),
  z.strictObject({ k: z.literal('unit'), id: idOf('unit') }),
  z.strictObject({ k: z.literal('use_case'), id: idOf('useCase') }),
])
const newGrant = z.strictObject({
  role,
  fn: fn.nullable().default(null),
  scope: scope.default({ k: 'organisation' }),
  until: instant.nullable().default(null),
})
const grantView = z.strictObject({
  id: idOf('roleGrant'),
  role,
  fn: fn.nullable(),
  scope,
  until: instant.nullable(),
})

const secrets = z.strictObject({
  person: idOf('user'),
  totp: z.strictObject({ secret: z.string(), uri: z.string() }),
  recoveryCodes: z.array(z.string()),
})
const signedIn = z.strictObject({ person: idOf('user'), mfa: z.boolean() })
const invitation = z.strictObject({ token: z.string(), expiresAt: instant })

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
  summary: 'Whether the first administrator is still to be created',
  access: { public: true },
  query: empty,
  reply: z.strictObject({ isOpen: z.boolean() }),
})

export const completeSetup = route({
  id: 'setup.complete',
  method: 'POST',
  path: '/api/v1/setup',
  tag,
  summary: 'Create the first administrator with the token that `serve` printed; closes for good',
  access: { public: true },
  body: z.strictObject({ token, name, email, password }),
  reply: secrets,
  refuses: ['PASSWORD_TOO_SHORT', 'PASSWORD_TOO_LONG', 'PASSWORD_TOO_COMMON', 'PASSWORD_NOT_TEXT'],
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

const personId = z.strictObject({ id: idOf('user') })
const personView = z.strictObject({
  id: idOf('user'),
  revision,
  state,
  name: z.string().nullable(),
  /** For those who manage people, and one's own. */
  email: z.string().nullable(),
  unit: idOf('unit').nullable(),
  roles: z.array(grantView),
  requests: z.array(z.strictObject({ ...grantView.shape, by: idOf('user') })),
  /** A recovery that waits for a second administrator. */
  recovery: z.strictObject({ by: idOf('user'), at: instant }).nullable(),
  seat: chartered.nullable(),
  /** For those who manage people, and one's own. */
  credentials: z.array(z.enum(['password', 'totp', 'recovery_codes', 'passkey'])).nullable(),
  createdAt: instant,
})
const roleFaults = [
  'SELF_APPROVAL',
  'STEP_UP_REQUIRED',
  'FUNCTION_REQUIRED',
  'FUNCTION_NOT_ALLOWED',
  'END_REQUIRED',
  'END_IN_THE_PAST',
  'SEATED_ADMINISTRATOR',
  'REVIEWING_ADMINISTRATOR',
  'SCOPE_NOT_ALLOWED',
  'UNIT_UNKNOWN',
]

export const enrolPerson = route({
  id: 'people.enrol',
  method: 'POST',
  path: '/api/v1/people',
  tag,
  summary: 'Enrol somebody; the token to set their credentials is shown once and lasts 72 hours',
  access: { permission: 'people.manage', proof: 'recent_auth' },
  body: z.strictObject({
    name,
    email,
    unit: idOf('unit').nullable().default(null),
    roles: z.array(newGrant).max(20).default([]),
  }),
  reply: z.strictObject({ id: idOf('user'), ...invitation.shape }),
  refuses: ['EMAIL_TAKEN', ...roleFaults],
  idempotent: false,
  status: 201,
})

export const invitePerson = route({
  id: 'people.invite',
  method: 'POST',
  path: '/api/v1/people/:id/invitations',
  tag,
  summary:
    'Recover somebody who has lost everything: credentials and sessions end, a fresh token is shown. For whoever decides or administers, a second administrator asks for the same within a day',
  access: { permission: 'people.manage', proof: 'recent_auth' },
  params: personId,
  reply: z.discriminatedUnion('state', [
    z.strictObject({ state: z.literal('issued'), ...invitation.shape }),
    z.strictObject({ state: z.literal('requested') }),
  ]),
  refuses: ['WRONG_STATE', 'SELF_APPROVAL', 'STEP_UP_REQUIRED'],
  idempotent: false,
  status: 201,
})

export const listPeople = route({
  id: 'people.list',
  method: 'GET',
  path: '/api/v1/people',
  tag,
  summary: 'People in the order in which they were enrolled',
  access: { permission: 'people.read' },
  query: pageQuery(['id'], {
    state: state.optional(),
    unit: idOf('unit').optional(),
    role: role.optional(),
    /** Those with a role or a recovery that waits for a second administrator. */
    waiting: z.literal('true').optional(),
    q: z.string().trim().min(1).max(100).optional(),
  }),
  reply: pageOf(personView),
})

export const readPerson = route({
  id: 'people.read',
  method: 'GET',
  path: '/api/v1/people/:id',
  tag,
  summary: 'A person',
  access: { permission: 'people.read' },
  params: personId,
  reply: personView,
})

export const movePerson = route({
  id: 'people.move',
  method: 'POST',
  path: '/api/v1/people/:id/move',
  tag,
  summary: 'Move somebody to another unit, or out of all',
  access: { permission: 'people.manage', proof: 'session_mfa' },
  params: personId,
  body: z.strictObject({ unit: idOf('unit').nullable() }),
  reply: empty,
  refuses: ['WRONG_STATE', 'UNIT_UNKNOWN'],
})

export const suspendPerson = route({
  id: 'people.suspend',
  method: 'POST',
  path: '/api/v1/people/:id/suspend',
  tag,
  summary: 'Suspend somebody; their sessions end at once',
  access: { permission: 'people.manage', proof: 'session_mfa' },
  params: personId,
  reply: empty,
  refuses: ['WRONG_STATE', 'LAST_ADMINISTRATOR'],
})

export const reinstatePerson = route({
  id: 'people.reinstate',
  method: 'POST',
  path: '/api/v1/people/:id/reinstate',
  tag,
  summary: 'Reinstate somebody who was suspended',
  access: { permission: 'people.manage', proof: 'session_mfa' },
  params: personId,
  reply: empty,
  refuses: ['WRONG_STATE', 'SELF_APPROVAL'],
})

export const erasePerson = route({
  id: 'people.erase',
  method: 'POST',
  path: '/api/v1/people/:id/erase',
  tag,
  summary:
    'Erase name, address, credentials and what the person wrote, for good; the pseudonym stays with its acts',
  access: { permission: 'people.manage', proof: 'recent_auth' },
  params: personId,
  reply: empty,
  revision: 'required',
  refuses: ['WRONG_STATE', 'LAST_ADMINISTRATOR', 'SEAT_OCCUPIED', 'ON_HOLD'],
})

const grantParams = z.strictObject({ id: idOf('user'), grant: idOf('roleGrant') })

export const grantRole = route({
  id: 'roles.grant',
  method: 'POST',
  path: '/api/v1/people/:id/roles',
  tag,
  summary: 'Grant a role; some wait for a second administrator once there are two',
  access: { permission: 'role.grant', proof: 'recent_auth' },
  params: personId,
  body: newGrant,
  reply: z.strictObject({ id: idOf('roleGrant'), state: z.enum(['granted', 'requested']) }),
  refuses: ['WRONG_STATE', ...roleFaults],
  status: 201,
})

export const approveRole = route({
  id: 'roles.approve',
  method: 'POST',
  path: '/api/v1/people/:id/roles/:grant/approve',
  tag,
  summary: 'Approve a role that another administrator asked for',
  access: { permission: 'role.grant', proof: 'recent_auth' },
  params: grantParams,
  reply: empty,
  refuses: ['SELF_APPROVAL', 'GRANT_UNKNOWN', 'SEATED_ADMINISTRATOR', 'REVIEWING_ADMINISTRATOR'],
})

export const revokeRole = route({
  id: 'roles.revoke',
  method: 'DELETE',
  path: '/api/v1/people/:id/roles/:grant',
  tag,
  summary: 'Take a role away, or decline one that waits for approval',
  access: { permission: 'role.grant', proof: 'session_mfa' },
  params: grantParams,
  reply: empty,
  refuses: ['LAST_ADMINISTRATOR'],
})

const unitId = z.strictObject({ id: idOf('unit') })

export const createUnit = route({
  id: 'units.create',
  method: 'POST',
  path: '/api/v1/units',
  tag,
  summary: 'Create a unit of the organisation',
  access: { permission: 'people.manage', proof: 'session_mfa' },
  body: z.strictObject({ name, parent: idOf('unit').nullable().default(null) }),
  reply: unitId,
  refuses: ['UNIT_UNKNOWN', 'UNIT_TOO_DEEP', 'TOO_MANY_UNITS'],
  status: 201,
})

export const listUnits = route({
  id: 'units.list',
  method: 'GET',
  path: '/api/v1/units',
  tag,
  summary: 'All units',
  access: { permission: 'people.read' },
  reply: z.strictObject({
    items: z.array(z.strictObject({ id: idOf('unit'), parent: idOf('unit').nullable(), name: z.string() })),
  }),
})

export const renameUnit = route({
  id: 'units.rename',
  method: 'POST',
  path: '/api/v1/units/:id/rename',
  tag,
  summary: 'Rename a unit',
  access: { permission: 'people.manage', proof: 'session_mfa' },
  params: unitId,
  body: z.strictObject({ name }),
  reply: empty,
})

export const moveUnit = route({
  id: 'units.move',
  method: 'POST',
  path: '/api/v1/units/:id/move',
  tag,
  summary: 'Move a unit with all below it',
  access: { permission: 'people.manage', proof: 'session_mfa' },
  params: unitId,
  body: z.strictObject({ parent: idOf('unit').nullable() }),
  reply: empty,
  refuses: ['UNIT_UNKNOWN', 'UNIT_CYCLE', 'UNIT_TOO_DEEP'],
})

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
  enrolPerson,
  invitePerson,
  listPeople,
  readPerson,
  movePerson,
  suspendPerson,
  reinstatePerson,
  erasePerson,
  grantRole,
  approveRole,
  revokeRole,
  createUnit,
  listUnits,
  renameUnit,
  moveUnit,
  createServiceAccount,
  listServiceAccounts,
  readServiceAccount,
  disableServiceAccount,
  issueServiceKey,
  revokeServiceKey,
] as const
