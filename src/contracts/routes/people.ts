import { z } from 'zod'
import { pageOf, pageQuery } from '../paging.ts'
import { chartered, grantView, newGrant, role } from '../roles.ts'
import { route } from '../route.ts'
import { empty, idOf, instant, revision, shortText } from '../schemas.ts'

const tag = 'identity'
const name = shortText
const email = z.string().trim().toLowerCase().pipe(z.email().max(254))
const state = z.enum(['active', 'suspended', 'erased'])
const invitation = z.strictObject({ token: z.string(), expiresAt: instant })
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

export const peopleRoutes = [
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
] as const
