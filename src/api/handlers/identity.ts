import { isBootstrap } from '../../app/identity/bootstrap.ts'
import {
  beginTotp,
  changePassword,
  finishTotp,
  listCredentials,
  removeCredential,
  renewRecoveryCodes,
  type Enrolled,
} from '../../app/identity/credentials.ts'
import { completeEnrolment, type Invitation } from '../../app/identity/enrolment.ts'
import {
  beginRegistration,
  beginSignIn,
  beginStepUp,
  finishRegistration,
  finishSignIn,
  finishStepUp,
  type Begun,
} from '../../app/identity/passkeys.ts'
import { readOrganisation } from '../../app/identity/organisation.ts'
import {
  commandPerson,
  commandRole,
  enrolPerson,
  grantRole,
  recoverPerson,
} from '../../app/identity/people.ts'
import { listPeople, readPerson, type PersonView } from '../../app/identity/people-views.ts'
import type { IdentityPorts } from '../../app/identity/ports.ts'
import {
  createServiceAccount,
  issueKey,
  listServiceAccounts,
  readServiceAccount,
  stopService,
  type ServiceRow,
} from '../../app/identity/service-accounts.ts'
import { lacksSecondFactor } from '../../app/identity/second-factor.ts'
import { endOwnSession, endSession, listSessions } from '../../app/identity/sessions.ts'
import { isSetUp, setUp } from '../../app/identity/setup.ts'
import { signIn, stepUp } from '../../app/identity/sign-in.ts'
import { commandUnit, createUnit, listUnits } from '../../app/identity/units.ts'
import { may, permissionsHeld } from '../../app/access.ts'
import { erasePerson } from '../../app/retention/erasure.ts'
import { decodeCursor, toPage } from '../../contracts/paging.ts'
import type { identityRoutes } from '../../contracts/routes/identity.ts'
import type { peopleRoutes } from '../../contracts/routes/people.ts'
import type { serviceAccountRoutes } from '../../contracts/routes/service-accounts.ts'
import {
  AppError,
  epochMs,
  fromRfc3339,
  toRfc3339,
  type EpochMs,
  type SessionId,
  type UserId,
} from '../../kernel/index.ts'
import type { Caller } from '../authentication.ts'
import { Answer, issuerOf, type Handlers } from '../handler.ts'
import { sessionCookie, type CookiePlace } from '../session-cookie.ts'

type Routes = readonly [...typeof identityRoutes, ...typeof peopleRoutes, ...typeof serviceAccountRoutes]

/** Set-up, sessions, credentials, people, units and service accounts. `place` decides the form of the cookie. */
export function identityHandlers(ports: IdentityPorts, place: CookiePlace): Handlers<Routes, Caller> {
  const { query } = ports
  const { isDemo } = place
  const cookie = sessionCookie(place)
  const withSession = <T>(body: T, token: string) => new Answer(body, { setCookie: [cookie.set(token)] })
  /** A browser that signs in again leaves nothing of its earlier session behind. */
  const endEarlier = async (caller: Caller | null) => {
    if (caller?.session) await endSession(query, caller.session)
  }
  const enrolled = ({ session, ...secrets }: Enrolled) =>
    withSession(
      { person: secrets.person, totp: secrets.totp, recoveryCodes: [...secrets.recoveryCodes] },
      session,
    )

  return {
    'setup.read': async () => ({ isOpen: !(await isSetUp(query)), isDemo }),
    'setup.complete': async ({ body }) => enrolled(await setUp(ports, body)),
    'enrolments.complete': async ({ body, principal }) => {
      const done = await completeEnrolment(ports, body)
      await endEarlier(principal)
      return enrolled(done)
    },
    'session.start': async ({ body, ip, principal }) => {
      const { code, ...credentials } = body
      const { token, person, mfa } = await signIn(ports, {
        ...credentials,
        ip,
        ...(code === undefined ? {} : { code }),
      })
      await endEarlier(principal)
      return withSession({ person, mfa }, token)
    },
    'session.end': async ({ caller }) => {
      await endSession(query, personCalling(caller()).session)
      return new Answer({}, { setCookie: [cookie.clear] })
    },
    'session.list': async ({ caller }) => {
      const { person, session } = personCalling(caller())
      const rows = await listSessions(query, person)
      return {
        items: rows.map(({ createdAt, seenAt, ...row }) => ({
          ...row,
          isCurrent: row.id === session,
          createdAt: text(createdAt),
          seenAt: text(seenAt),
        })),
      }
    },
    'session.endOne': async ({ caller, params }) => {
      const { person, session } = personCalling(caller())
      await endOwnSession(query, person, params.id)
      return new Answer({}, { setCookie: params.id === session ? [cookie.clear] : [] })
    },
    'me.read': async ({ caller }) => {
      const { person } = personCalling(caller())
      const { authn, authority, readAt, idleEndsAt } = caller()
      const found = await readPerson(query, person)
      if (found?.name == null || found.email === null) throw new AppError('NOT_FOUND')
      const { name, email, unit, grants, seat } = found
      return {
        person,
        name,
        email,
        unit,
        roles: grants.map(grantView),
        seat,
        permissions: [...permissionsHeld(authority, readAt)],
        authn: {
          method: authn.method,
          mfa: authn.mfa,
          ageS: Math.max(0, Math.floor((readAt - authn.at) / 1_000)),
        },
        needsSecondFactor: lacksSecondFactor(authority, authn),
        isBootstrap: await isBootstrap(query),
        organisation: await readOrganisation(query),
        isDemo,
        idleEndsAt: text(idleEndsAt ?? readAt),
      }
    },
    'stepUp.totp': async ({ caller, body }) => {
      const me = personCalling(caller())
      const { token } = await stepUp(ports, me, body.code)
      return withSession({ person: me.person, mfa: true }, token)
    },
    'passkeys.begin': async ({ caller }) =>
      begun(await beginRegistration(ports, personCalling(caller()).person)),
    'passkeys.finish': async ({ caller, body }) => {
      const { person } = personCalling(caller())
      return finishRegistration(ports, issuerOf(caller()), person, body)
    },
    'passkeys.signInBegin': async ({ body }) => begun(await beginSignIn(ports, body.email)),
    'passkeys.signInFinish': async ({ body, principal }) => {
      const { token, person } = await finishSignIn(ports, body)
      await endEarlier(principal)
      return withSession({ person, mfa: true }, token)
    },
    'passkeys.stepUpBegin': async ({ caller }) =>
      begun(await beginStepUp(ports, personCalling(caller()).person)),
    'passkeys.stepUpFinish': async ({ caller, body }) => {
      const me = personCalling(caller())
      const { token } = await finishStepUp(ports, me, body)
      return withSession({ person: me.person, mfa: true }, token)
    },
    'credentials.list': async ({ caller }) => {
      const { credentials, recoveryCodesLeft } = await listCredentials(query, personCalling(caller()).person)
      return {
        items: credentials.map((row) => ({ ...row, createdAt: text(row.createdAt) })),
        recoveryCodesLeft,
      }
    },
    'credentials.remove': async ({ caller, params }) => {
      await removeCredential(ports, issuerOf(caller()), { ...personCalling(caller()), id: params.id })
      return {}
    },
    'totp.begin': async ({ caller }) => beginTotp(ports, personCalling(caller()).person),
    'totp.finish': async ({ caller, body }) =>
      finishTotp(ports, issuerOf(caller()), personCalling(caller()), body),
    'password.change': async ({ caller, body }) => {
      await changePassword(ports, issuerOf(caller()), personCalling(caller()), body)
      return {}
    },
    'recoveryCodes.renew': async ({ caller }) => {
      const codes = await renewRecoveryCodes(ports, issuerOf(caller()), personCalling(caller()).person)
      return { recoveryCodes: [...codes] }
    },

    'people.enrol': async ({ caller, body }) => {
      const { roles, ...person } = body
      const made = await enrolPerson(ports, issuerOf(caller()), { ...person, grants: roles.map(newGrant) })
      return { id: made.id, ...invitation(made) }
    },
    'people.invite': async ({ caller, params }) =>
      recoveryView(await recoverPerson(ports, issuerOf(caller()), params.id)),
    'people.list': async ({ caller, query: asked }) => {
      const { limit, state, unit, role, waiting, q } = asked
      const isWaiting = waiting === 'true'
      const after = afterOf(asked.cursor)
      const rows = await listPeople(query, { state, unit, role, isWaiting, q, after, limit: limit + 1 })
      const page = toPage(rows, limit, ({ id }) => [id])
      return { ...page, items: page.items.map((row) => personView(row, caller())) }
    },
    'people.read': async ({ caller, params }) => {
      const found = await readPerson(query, params.id)
      if (found === null) throw new AppError('NOT_FOUND')
      return personView(found, caller())
    },
    'people.move': async ({ caller, params, body, ifMatch }) => {
      await commandPerson(ports, issuerOf(caller()), params.id, { c: 'move', unit: body.unit }, ifMatch)
      return {}
    },
    'people.suspend': async ({ caller, params, ifMatch }) => {
      await commandPerson(ports, issuerOf(caller()), params.id, { c: 'suspend' }, ifMatch)
      return {}
    },
    'people.reinstate': async ({ caller, params, ifMatch }) => {
      await commandPerson(ports, issuerOf(caller()), params.id, { c: 'reinstate' }, ifMatch)
      return {}
    },
    'people.erase': async ({ caller, params, ifMatch }) => {
      await erasePerson(ports, issuerOf(caller()), params.id, ifMatch)
      return {}
    },
    'roles.grant': async ({ caller, params, body }) =>
      grantRole(ports, issuerOf(caller()), params.id, newGrant(body)),
    'roles.approve': async ({ caller, params }) => {
      await commandRole(ports, issuerOf(caller()), params.id, { c: 'approve_role', id: params.grant })
      return {}
    },
    'roles.revoke': async ({ caller, params }) => {
      await commandRole(ports, issuerOf(caller()), params.id, { c: 'revoke_role', id: params.grant })
      return {}
    },

    'units.create': async ({ caller, body }) => createUnit(ports, issuerOf(caller()), body),
    'units.list': async () => ({ items: [...(await listUnits(query))] }),
    'units.rename': async ({ caller, params, body }) => {
      await commandUnit(ports, issuerOf(caller()), { c: 'rename', ...params, ...body })
      return {}
    },
    'units.move': async ({ caller, params, body }) => {
      await commandUnit(ports, issuerOf(caller()), { c: 'move', ...params, ...body })
      return {}
    },

    'serviceAccounts.create': async ({ caller, body }) =>
      createServiceAccount(ports, issuerOf(caller()), body),
    'serviceAccounts.list': async ({ query: asked }) => {
      const { state } = asked
      const after = afterOf(asked.cursor)
      const rows = await listServiceAccounts(query, { state, after, limit: asked.limit + 1 })
      const page = toPage(rows, asked.limit, ({ id }) => [id])
      return { ...page, items: page.items.map(serviceView) }
    },
    'serviceAccounts.read': async ({ params }) => {
      const found = await readServiceAccount(query, params.id)
      if (found === null) throw new AppError('NOT_FOUND')
      const keys = found.keys.map(({ id, issuedAt, expiresAt, revokedAt, lastUsedAt }) => ({
        id,
        issuedAt: text(issuedAt),
        expiresAt: text(expiresAt),
        revokedAt: textOrNull(revokedAt),
        lastUsedAt: textOrNull(lastUsedAt),
      }))
      return { ...serviceView(found.account), keys }
    },
    'serviceAccounts.disable': async ({ caller, params }) => {
      await stopService(ports, issuerOf(caller()), params.id, { c: 'disable' })
      return {}
    },
    'serviceAccounts.issueKey': async ({ caller, params, body }) => {
      const key = await issueKey(ports, issuerOf(caller()), params.id, body.lifetimeDays)
      return { ...key, expiresAt: text(key.expiresAt) }
    },
    'serviceAccounts.revokeKey': async ({ caller, params }) => {
      await stopService(ports, issuerOf(caller()), params.id, { c: 'revoke_key', id: params.key })
      return {}
    },
  }
}

/** The person who calls; a service account has no identity of its own to manage. */
function personCalling({ actor, session }: Caller): { readonly person: UserId; readonly session: SessionId } {
  if (actor.k !== 'person' || session === null)
    throw new AppError('FORBIDDEN', 'this is for people; a service account is managed by an administrator')
  return { person: actor.ref, session }
}

function personView({ grants, requests, recovery, credentials, ...person }: PersonView, caller: Caller) {
  const isOwn = caller.actor.k === 'person' && caller.actor.ref === person.id
  const seesAll = isOwn || may(caller.authority, 'people.manage', null, caller.readAt)
  return {
    ...person,
    email: seesAll ? person.email : null,
    roles: grants.map(grantView),
    requests: requests.map(({ by, ...request }) => ({ ...grantView(request), by })),
    recovery: recovery === null ? null : { by: recovery.by, at: text(recovery.at) },
    credentials: seesAll ? [...credentials] : null,
    createdAt: text(person.createdAt),
  }
}

function grantView({ until, ...grant }: PersonView['grants'][number]) {
  return { ...grant, until: textOrNull(until) }
}

function newGrant<G extends { readonly until: string | null }>(grant: G) {
  return { ...grant, until: grant.until === null ? null : fromRfc3339(grant.until) }
}

function serviceView({ permissions, cidrs, createdAt, nextKeyEndsAt, lastUsedAt, ...account }: ServiceRow) {
  return {
    ...account,
    permissions: [...permissions],
    cidrs: [...cidrs],
    createdAt: text(createdAt),
    nextKeyEndsAt: textOrNull(nextKeyEndsAt),
    lastUsedAt: textOrNull(lastUsedAt),
  }
}

function invitation({ token, expiresAt }: Invitation) {
  return { token, expiresAt: text(expiresAt) }
}

function recoveryView(issued: Invitation | null) {
  if (issued === null) return { state: 'requested' } as const
  return { state: 'issued', ...invitation(issued) } as const
}

function begun({ ceremony, options }: Begun) {
  return { ceremony, options: { ...options } }
}

function text(at: EpochMs | number): string {
  return toRfc3339(epochMs(at))
}

function textOrNull(at: EpochMs | number | null): string | null {
  return at === null ? null : text(at)
}

function afterOf(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const [id] = decodeCursor(cursor) ?? []
  if (typeof id !== 'string')
    throw new AppError('INVALID_INPUT', 'the cursor is not one that a page has given out')
  return id
}
