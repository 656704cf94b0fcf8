import {
  dayMs,
  refuse,
  satisfies,
  unless,
  unreachable,
  type AuthnContext,
  type CredentialId,
  type Decided,
  type Digest,
  type EpochMs,
  type Fn,
  type HoldId,
  type IdSource,
  type Proof,
  type Reason,
  type RoleGrantId,
  type UnitId,
  type UserId,
} from '../../kernel/index.ts'
import { demandsSecondFactor, type Role, type RoleGrant, type Scope } from './roles.ts'

/** A way to prove who one is. Secrets never stand here; a passkey's public key does, so that a stranger can verify. */
export type Credential =
  | { readonly id: CredentialId; readonly kind: 'password' | 'totp' | 'recovery_codes' }
  | {
      readonly id: CredentialId
      readonly kind: 'passkey'
      readonly credentialDigest: Digest
      /** COSE key, base64url. */
      readonly publicKey: string
      readonly custody: 'synced' | 'device_bound' | 'unknown'
    }
export type RoleRequest = Omit<RoleGrant, 'id'> & { readonly id: RoleGrantId; readonly by: UserId }

/** A person by their pseudonym. Name and address live in an erasable table. */
export type Person = {
  readonly s: 'active' | 'suspended' | 'erased'
  readonly id: UserId
  readonly unit: UnitId | null
  readonly credentials: readonly Credential[]
  readonly grants: readonly RoleGrant[]
  /** Grants that wait for a second administrator. */
  readonly requests: readonly RoleRequest[]
  /** A recovery that waits for a second administrator. */
  readonly recovery: { readonly by: UserId; readonly at: EpochMs } | null
}
export type State = { readonly s: 'absent' } | Person
export const initial: State = { s: 'absent' }

export type NewGrant = {
  readonly role: Role
  readonly fn: Fn | null
  readonly scope: Scope
  readonly until: EpochMs | null
}
export type Command =
  | {
      readonly c: 'enrol'
      readonly unit: UnitId | null
      readonly name: string
      readonly email: string
      readonly grants: readonly NewGrant[]
    }
  | { readonly c: 'move'; readonly unit: UnitId | null }
  | { readonly c: 'suspend' | 'reinstate' | 'erase' }
  /** Ends every credential of somebody who has lost them; they enrol again. A second administrator repeats it. */
  | { readonly c: 'recover' }
  | { readonly c: 'register_credential'; readonly credential: Credential }
  | { readonly c: 'remove_credential'; readonly id: CredentialId }
  /** Another password or authenticator in place of the one before. */
  | { readonly c: 'replace_secret'; readonly kind: 'password' | 'totp'; readonly id: CredentialId }
  | { readonly c: 'grant_role'; readonly grant: NewGrant }
  | { readonly c: 'approve_role'; readonly id: RoleGrantId }
  | { readonly c: 'revoke_role'; readonly id: RoleGrantId }

type About = { readonly person: UserId; readonly at: EpochMs }
export type Event =
  | (About & {
      readonly e: 'person.enrolled'
      readonly unit: UnitId | null
      readonly by: UserId | null
      readonly sealed: { readonly name: string; readonly email: string }
    })
  | (About & { readonly e: 'person.moved'; readonly unit: UnitId | null; readonly by: UserId | null })
  | (About & {
      readonly e: 'person.suspended' | 'person.reinstated' | 'person.erased'
      readonly by: UserId | null
    })
  | (About & { readonly e: 'credential.registered'; readonly credential: Credential })
  | (About & { readonly e: 'credential.recovery_requested'; readonly by: UserId })
  | (About & {
      readonly e: 'credential.recovered'
      readonly by: UserId
      readonly approvedBy: UserId | null
    })
  /** The same by somebody with access to the machine itself. */
  | (About & { readonly e: 'installation.recovered' })
  | (About & {
      readonly e: 'credential.removed'
      readonly credentialId: CredentialId
      readonly by: UserId | null
    })
  | (About & { readonly e: 'role.requested'; readonly request: RoleRequest })
  | (About & {
      readonly e: 'role.granted'
      readonly grant: RoleGrant
      readonly by: UserId | null
      readonly approvedBy: UserId | null
    })
  | (About & {
      readonly e: 'role.revoked' | 'role.request_declined'
      readonly grantId: RoleGrantId
      readonly by: UserId | null
    })

export type Context = {
  readonly now: EpochMs
  readonly id: UserId
  /** Null when the installation itself acts: set-up and recovery. */
  readonly actor: UserId | null
  readonly authn: AuthnContext
  readonly ids: IdSource
  /** Other active administrators than the person at hand. */
  readonly otherAdministrators: number
  /** Holds or stands in for a seat, in the charter in force or in one that is to take effect. */
  readonly isSeated: boolean
  /** Legal holds in force that concern the person: nothing of theirs may go while there is one. */
  readonly holds: readonly HoldId[]
  /** Somebody else has the e-mail address of an enrolment. */
  readonly isEmailTaken: boolean
  /** Of the units that the command names, those that exist. */
  readonly units: ReadonlySet<UnitId>
}
export type Refusal =
  | Reason<'WRONG_STATE', { state: State['s'] }>
  | Reason<
      | 'SELF_APPROVAL'
      | 'STEP_UP_REQUIRED'
      | 'GRANT_UNKNOWN'
      | 'CREDENTIAL_UNKNOWN'
      | 'CREDENTIAL_EXISTS'
      | 'LAST_CREDENTIAL'
      | 'LAST_SECOND_FACTOR'
      | 'EMAIL_TAKEN'
      | 'UNIT_UNKNOWN'
      | 'SCOPE_NOT_ALLOWED'
      | 'FUNCTION_REQUIRED'
      | 'FUNCTION_NOT_ALLOWED'
      | 'END_REQUIRED'
      | 'END_IN_THE_PAST'
      | 'SEATED_ADMINISTRATOR'
      | 'REVIEWING_ADMINISTRATOR'
      | 'LAST_ADMINISTRATOR'
      | 'SEAT_OCCUPIED'
      | 'NOT_YOURSELF'
    >
  | Reason<'TOO_MANY_CREDENTIALS', { max: number }>
  | Reason<'ON_HOLD', { holdId: HoldId }>

const maxCredentials = 20
/** A second administrator answers a request of the same day; later it is asked for anew. */
export const recoveryWaitMs = dayMs
/** Roles that a second administrator must approve once there are two. */
const guarded: readonly Role[] = ['admin', 'incident_commander']

/** Applies one command. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const about = { person: ctx.id, at: ctx.now }
  const by = ctx.actor
  if (command.c === 'enrol') {
    if (state.s !== 'absent') return wrongState(state)
    const { unit, name, email } = command
    const enrolled: Event = { e: 'person.enrolled', ...about, unit, by, sealed: { name, email } }
    const faults = unitFaults(unit, ctx)
    if (ctx.isEmailTaken) faults.push({ code: 'EMAIL_TAKEN', params: {} })
    const events: Event[] = [enrolled]
    for (const grant of command.grants) {
      // Each grant is judged beside those before it.
      const sofar = events.reduce(evolve, state)
      if (sofar.s === 'absent') return wrongState(sofar)
      const decided = grantRole(sofar, grant, ctx)
      if (decided.ok) events.push(...decided.events)
      else faults.push(...decided.refused)
    }
    return unless<Event, Refusal>(faults, ...events)
  }
  if (state.s === 'absent' || state.s === 'erased') return wrongState(state)
  switch (command.c) {
    case 'move':
      return unless<Event, Refusal>(unitFaults(command.unit, ctx), {
        e: 'person.moved',
        ...about,
        unit: command.unit,
        by,
      })
    case 'suspend': {
      if (state.s !== 'active') return wrongState(state)
      return unless<Event, Refusal>(lastFaults(state, ctx), { e: 'person.suspended', ...about, by })
    }
    case 'reinstate':
      if (state.s !== 'suspended') return wrongState(state)
      return unless<Event, Refusal>(by === ctx.id ? [{ code: 'SELF_APPROVAL', params: {} }] : [], {
        e: 'person.reinstated',
        ...about,
        by,
      })
    case 'erase': {
      // The pseudonym stays, and with it every ballot and proof (PD-10).
      const faults = lastFaults(state, ctx)
      for (const holdId of ctx.holds) faults.push({ code: 'ON_HOLD', params: { holdId } })
      if (ctx.isSeated) faults.push({ code: 'SEAT_OCCUPIED', params: {} })
      return unless<Event, Refusal>(faults, { e: 'person.erased', ...about, by })
    }
    case 'recover': {
      if (state.s !== 'active') return wrongState(state)
      if (by === null) return unless<Event, Refusal>([], { e: 'installation.recovered', ...about })
      return recover(state, by, ctx)
    }
    case 'register_credential': {
      const faults = othersFaults(ctx)
      if (state.credentials.length >= maxCredentials)
        faults.push({ code: 'TOO_MANY_CREDENTIALS', params: { max: maxCredentials } })
      if (state.credentials.some(({ id }) => id === command.credential.id))
        faults.push({ code: 'CREDENTIAL_EXISTS', params: {} })
      return unless<Event, Refusal>(faults, {
        e: 'credential.registered',
        ...about,
        credential: command.credential,
      })
    }
    case 'remove_credential': {
      if (!state.credentials.some(({ id }) => id === command.id))
        return refuse({ code: 'CREDENTIAL_UNKNOWN', params: {} })
      return unless<Event, Refusal>([...othersFaults(ctx), ...removalFaults(state, command.id, ctx)], {
        e: 'credential.removed',
        ...about,
        credentialId: command.id,
        by,
      })
    }
    case 'replace_secret': {
      // INVARIANT: at every instant one secret of the kind counts: the earlier one ends in the act that brings the next.
      const gone = state.credentials.filter(({ kind }) => kind === command.kind)
      const faults = othersFaults(ctx)
      if (state.credentials.length - gone.length >= maxCredentials)
        faults.push({ code: 'TOO_MANY_CREDENTIALS', params: { max: maxCredentials } })
      if (state.credentials.some(({ id }) => id === command.id))
        faults.push({ code: 'CREDENTIAL_EXISTS', params: {} })
      const removed = gone.map(
        ({ id }): Event => ({ e: 'credential.removed', ...about, credentialId: id, by }),
      )
      return unless<Event, Refusal>(faults, ...removed, {
        e: 'credential.registered',
        ...about,
        credential: { id: command.id, kind: command.kind },
      })
    }
    case 'grant_role':
      return grantRole(state, command.grant, ctx)
    case 'approve_role': {
      const request = state.requests.find(({ id }) => id === command.id)
      if (request === undefined) return refuse({ code: 'GRANT_UNKNOWN', params: {} })
      const faults = [...proofFaults(proofFor(request.role), ctx), ...seatFaults(state, request, ctx)]
      // INVARIANT: neither who asked nor who receives approves.
      if (by === null || by === request.by || by === ctx.id)
        faults.push({ code: 'SELF_APPROVAL', params: {} })
      const { by: requestedBy, ...grant } = request
      return unless<Event, Refusal>(faults, {
        e: 'role.granted',
        ...about,
        grant,
        by: requestedBy,
        approvedBy: by,
      })
    }
    case 'revoke_role': {
      if (state.requests.some(({ id }) => id === command.id))
        return unless<Event, Refusal>([], { e: 'role.request_declined', ...about, grantId: command.id, by })
      const grant = state.grants.find(({ id }) => id === command.id)
      if (grant === undefined) return refuse({ code: 'GRANT_UNKNOWN', params: {} })
      const faults = grant.role === 'admin' ? lastFaults(state, ctx) : []
      return unless<Event, Refusal>(faults, { e: 'role.revoked', ...about, grantId: command.id, by })
    }
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  if (event.e === 'person.enrolled') {
    if (state.s !== 'absent') return state
    const { person: id, unit } = event
    return { s: 'active', id, unit, credentials: [], grants: [], requests: [], recovery: null }
  }
  if (state.s === 'absent' || state.s === 'erased' || state.id !== event.person) return state
  switch (event.e) {
    case 'person.moved':
      return { ...state, unit: event.unit }
    case 'person.suspended':
      return { ...state, s: 'suspended' }
    case 'person.reinstated':
      return { ...state, s: 'active' }
    case 'person.erased':
      return { ...state, s: 'erased', grants: [], requests: [], credentials: [], recovery: null }
    case 'credential.registered':
      return { ...state, credentials: [...state.credentials, event.credential] }
    case 'credential.recovery_requested':
      return { ...state, recovery: { by: event.by, at: event.at } }
    case 'credential.recovered':
    case 'installation.recovered':
      return { ...state, credentials: [], recovery: null }
    case 'credential.removed':
      return { ...state, credentials: state.credentials.filter(({ id }) => id !== event.credentialId) }
    case 'role.requested':
      return { ...state, requests: [...state.requests, event.request] }
    case 'role.granted':
      return {
        ...state,
        grants: [...state.grants, event.grant],
        requests: state.requests.filter(({ id }) => id !== event.grant.id),
      }
    case 'role.revoked':
      return { ...state, grants: state.grants.filter(({ id }) => id !== event.grantId) }
    case 'role.request_declined':
      return { ...state, requests: state.requests.filter(({ id }) => id !== event.grantId) }
    default:
      return unreachable(event)
  }
}

/**
 * Whoever gets the token could act as the person. For somebody who decides or administers, that takes two.
 * INVARIANT: a ballot or an approval is never within the reach of one administrator, once there are two.
 */
function recover(state: Person, by: UserId, ctx: Context): Decided<Event, Refusal> {
  const about = { person: ctx.id, at: ctx.now }
  const faults = proofFaults('recent_auth', ctx)
  if (by === ctx.id) faults.push({ code: 'SELF_APPROVAL', params: {} })
  const decides =
    ctx.isSeated || state.grants.some(({ role }) => guarded.includes(role) || role === 'reviewer')
  if (!decides || ctx.otherAdministrators < 2)
    return unless<Event, Refusal>(faults, { e: 'credential.recovered', ...about, by, approvedBy: null })
  const { recovery } = state
  if (recovery === null || ctx.now >= recovery.at + recoveryWaitMs)
    return unless<Event, Refusal>(faults, { e: 'credential.recovery_requested', ...about, by })
  if (by === recovery.by) faults.push({ code: 'SELF_APPROVAL', params: {} })
  return unless<Event, Refusal>(faults, {
    e: 'credential.recovered',
    ...about,
    by: recovery.by,
    approvedBy: by,
  })
}

function grantRole(state: Person, wanted: NewGrant, ctx: Context): Decided<Event, Refusal> {
  const faults = [...proofFaults(proofFor(wanted.role), ctx), ...seatFaults(state, wanted, ctx)]
  if (ctx.actor === ctx.id) faults.push({ code: 'SELF_APPROVAL', params: {} })
  if (wanted.role === 'reviewer' && wanted.fn === null) faults.push({ code: 'FUNCTION_REQUIRED', params: {} })
  if (wanted.role !== 'reviewer' && wanted.fn !== null)
    faults.push({ code: 'FUNCTION_NOT_ALLOWED', params: {} })
  if (wanted.role === 'auditor' && wanted.until === null) faults.push({ code: 'END_REQUIRED', params: {} })
  if (wanted.until !== null && wanted.until <= ctx.now) faults.push({ code: 'END_IN_THE_PAST', params: {} })
  // Who manages people manages all of them: nothing narrows these permissions to a place.
  if (wanted.role === 'admin' && wanted.scope.k !== 'organisation')
    faults.push({ code: 'SCOPE_NOT_ALLOWED', params: {} })
  if (wanted.scope.k === 'unit') faults.push(...unitFaults(wanted.scope.id, ctx))
  const id = ctx.ids.next('roleGrant')
  const about = { person: ctx.id, at: ctx.now }
  const needsSecond = ctx.actor !== null && guarded.includes(wanted.role) && ctx.otherAdministrators >= 2
  return needsSecond && ctx.actor !== null
    ? unless<Event, Refusal>(faults, {
        e: 'role.requested',
        ...about,
        request: { ...wanted, id, by: ctx.actor },
      })
    : unless<Event, Refusal>(faults, {
        e: 'role.granted',
        ...about,
        grant: { ...wanted, id },
        by: ctx.actor,
        approvedBy: null,
      })
}

/** An administrator decides nothing about AI: no seat and no review beside the role, in either order. */
function seatFaults(state: Person, wanted: NewGrant, ctx: Context): Refusal[] {
  const faults: Refusal[] = []
  if (wanted.role === 'admin' && ctx.isSeated) faults.push({ code: 'SEATED_ADMINISTRATOR', params: {} })
  const held = state.grants.map(({ role }) => role)
  const clash =
    (wanted.role === 'admin' && held.includes('reviewer')) ||
    (wanted.role === 'reviewer' && held.includes('admin'))
  if (clash) faults.push({ code: 'REVIEWING_ADMINISTRATOR', params: {} })
  return faults
}

function proofFor(role: Role): Proof {
  return guarded.includes(role) ? 'recent_auth' : 'session_mfa'
}

function proofFaults(proof: Proof, ctx: Context): Refusal[] {
  if (ctx.actor === null || satisfies(ctx.authn, proof, ctx.now)) return []
  return [{ code: 'STEP_UP_REQUIRED', params: {} }]
}

function othersFaults(ctx: Context): Refusal[] {
  return ctx.actor === null || ctx.actor === ctx.id ? [] : [{ code: 'NOT_YOURSELF', params: {} }]
}

/** Some way to sign in stays, and a second factor with everybody whose roles demand one. */
function removalFaults(state: Person, gone: CredentialId, ctx: Context): Refusal[] {
  const left = state.credentials.filter(({ id }) => id !== gone).map(({ kind }) => kind)
  const faults: Refusal[] = []
  if (!left.includes('password') && !left.includes('passkey'))
    faults.push({ code: 'LAST_CREDENTIAL', params: {} })
  const isDemanded = demandsSecondFactor(state.grants, ctx.isSeated)
  if (isDemanded && !left.includes('totp') && !left.includes('passkey'))
    faults.push({ code: 'LAST_SECOND_FACTOR', params: {} })
  return faults
}

function unitFaults(unit: UnitId | null, ctx: Context): Refusal[] {
  return unit === null || ctx.units.has(unit) ? [] : [{ code: 'UNIT_UNKNOWN', params: {} }]
}

function lastFaults(state: Person, ctx: Context): Refusal[] {
  const isAdministrator = state.s === 'active' && state.grants.some(({ role }) => role === 'admin')
  return isAdministrator && ctx.otherAdministrators === 0 ? [{ code: 'LAST_ADMINISTRATOR', params: {} }] : []
}

function wrongState(state: State): Decided<never, Refusal> {
  return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
}
