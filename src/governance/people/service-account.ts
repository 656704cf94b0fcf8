import { parseRange } from '../../kernel/address-range.ts'
import {
  addDays,
  refuse,
  satisfies,
  unless,
  unreachable,
  type AuthnContext,
  type Decided,
  type Digest,
  type EpochMs,
  type KeyId,
  type Proof,
  type Reason,
  type ServiceId,
  type UseCaseId,
  type UserId,
} from '../../kernel/index.ts'
import { servicePermissions, type Permission } from './roles.ts'

export const defaultLifetimeDays = 90
export const maxLifetimeDays = 365
/** Two, so that a key can be replaced without an interruption. */
export const maxLiveKeys = 2

export type Key = { readonly id: KeyId; readonly expiresAt: EpochMs }

/** What a program may do here. Its secrets never stand in the state; a revoked key is no longer in `keys`. */
export type ServiceAccount = {
  readonly s: 'active' | 'disabled'
  readonly id: ServiceId
  readonly permissions: readonly Permission[]
  /** Null: every use case. */
  readonly useCaseId: UseCaseId | null
  /** Networks from which the keys work; none stands for all. */
  readonly cidrs: readonly string[]
  readonly keys: readonly Key[]
}
export type State = { readonly s: 'absent' } | ServiceAccount
export const initial: State = { s: 'absent' }

export type Command =
  | {
      readonly c: 'create'
      readonly name: string
      readonly permissions: readonly string[]
      readonly useCaseId: UseCaseId | null
      readonly cidrs: readonly string[]
    }
  | {
      readonly c: 'issue_key'
      readonly id: KeyId
      readonly lifetimeDays: number
      readonly secretDigest: Digest
    }
  | { readonly c: 'revoke_key'; readonly id: KeyId }
  | { readonly c: 'disable' }

type About = { readonly service: ServiceId; readonly by: UserId; readonly at: EpochMs }
export type Event =
  | (About & {
      readonly e: 'service_account.created'
      readonly permissions: readonly Permission[]
      readonly useCaseId: UseCaseId | null
      readonly cidrs: readonly string[]
      readonly sealed: { readonly name: string }
    })
  | (About & { readonly e: 'service_account.disabled' })
  | (About & {
      readonly e: 'api_key.issued'
      readonly keyId: KeyId
      readonly expiresAt: EpochMs
      readonly secretDigest: Digest
    })
  | (About & { readonly e: 'api_key.revoked'; readonly keyId: KeyId })

export type Context = {
  readonly now: EpochMs
  readonly id: ServiceId
  readonly actor: UserId
  readonly authn: AuthnContext
}
export type Refusal =
  | Reason<'WRONG_STATE', { state: State['s'] }>
  | Reason<'PERMISSION_NOT_FOR_SERVICES', { permission: string }>
  | Reason<'CIDR_INVALID', { cidr: string }>
  | Reason<'LIFETIME_OUT_OF_RANGE', { maxDays: number }>
  | Reason<'TOO_MANY_KEYS', { max: number }>
  | Reason<'PERMISSIONS_REQUIRED' | 'KEY_UNKNOWN' | 'KEY_EXISTS' | 'STEP_UP_REQUIRED'>

/** Applies one command. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const about = { service: ctx.id, by: ctx.actor, at: ctx.now }
  if (command.c === 'create') {
    if (state.s !== 'absent') return wrongState(state)
    const { name, useCaseId, cidrs } = command
    const permissions = servicePermissions.filter((permission) => command.permissions.includes(permission))
    return unless<Event, Refusal>([...proofFaults('recent_auth', ctx), ...termFaults(command)], {
      e: 'service_account.created',
      ...about,
      permissions,
      useCaseId,
      cidrs,
      sealed: { name },
    })
  }
  if (state.s !== 'active') return wrongState(state)
  switch (command.c) {
    case 'issue_key': {
      const faults = [...proofFaults('recent_auth', ctx), ...keyFaults(state, command, ctx.now)]
      if (faults.length > 0) return { ok: false, refused: faults }
      const expiresAt = addDays(ctx.now, command.lifetimeDays)
      const { id: keyId, secretDigest } = command
      return unless<Event, Refusal>([], { e: 'api_key.issued', ...about, keyId, expiresAt, secretDigest })
    }
    case 'revoke_key':
      // INVARIANT: stopping needs one person. Only the key itself can be missing.
      if (!state.keys.some(({ id }) => id === command.id)) return refuse({ code: 'KEY_UNKNOWN', params: {} })
      return unless<Event, Refusal>([], { e: 'api_key.revoked', ...about, keyId: command.id })
    case 'disable': {
      const revoked = state.keys.map(({ id }): Event => ({ e: 'api_key.revoked', ...about, keyId: id }))
      return unless<Event, Refusal>([], ...revoked, { e: 'service_account.disabled', ...about })
    }
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  if (event.e === 'service_account.created') {
    if (state.s !== 'absent') return state
    const { service: id, permissions, useCaseId, cidrs } = event
    return { s: 'active', id, permissions, useCaseId, cidrs, keys: [] }
  }
  if (state.s !== 'active' || state.id !== event.service) return state
  switch (event.e) {
    case 'api_key.issued': {
      const { keyId: id, expiresAt, at } = event
      return { ...state, keys: [...liveKeys(state, at), { id, expiresAt }] }
    }
    case 'api_key.revoked':
      return { ...state, keys: state.keys.filter(({ id }) => id !== event.keyId) }
    case 'service_account.disabled':
      return { ...state, s: 'disabled', keys: [] }
    default:
      return unreachable(event)
  }
}

/** The keys that open something at `now`. */
export function liveKeys(state: State, now: EpochMs): readonly Key[] {
  return state.s === 'active' ? state.keys.filter(({ expiresAt }) => now < expiresAt) : []
}

function termFaults({ permissions, cidrs }: Command & { c: 'create' }): Refusal[] {
  const allowed: readonly string[] = servicePermissions
  const faults = permissions
    .filter((permission) => !allowed.includes(permission))
    .map((permission): Refusal => ({ code: 'PERMISSION_NOT_FOR_SERVICES', params: { permission } }))
  if (permissions.length === 0) faults.push({ code: 'PERMISSIONS_REQUIRED', params: {} })
  for (const cidr of cidrs)
    if (parseRange(cidr) === null) faults.push({ code: 'CIDR_INVALID', params: { cidr } })
  return faults
}

function keyFaults(
  state: ServiceAccount,
  { id, lifetimeDays }: Command & { c: 'issue_key' },
  now: EpochMs,
): Refusal[] {
  const faults: Refusal[] = []
  if (!Number.isInteger(lifetimeDays) || lifetimeDays < 1 || lifetimeDays > maxLifetimeDays)
    faults.push({ code: 'LIFETIME_OUT_OF_RANGE', params: { maxDays: maxLifetimeDays } })
  if (liveKeys(state, now).length >= maxLiveKeys)
    faults.push({ code: 'TOO_MANY_KEYS', params: { max: maxLiveKeys } })
  if (state.keys.some((key) => key.id === id)) faults.push({ code: 'KEY_EXISTS', params: {} })
  return faults
}

function proofFaults(proof: Proof, { authn, now }: Context): Refusal[] {
  return satisfies(authn, proof, now) ? [] : [{ code: 'STEP_UP_REQUIRED', params: {} }]
}

function wrongState(state: State): Decided<never, Refusal> {
  return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
}
