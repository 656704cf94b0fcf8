import {
  addDays,
  addMs,
  epochMs,
  refuse,
  unless,
  unreachable,
  type Actor,
  type Decided,
  type EpochMs,
  type Reason,
} from '../../kernel/index.ts'
import type { TrustedKey } from './grant.ts'

/** Days for which one key signs, and how long before its end the next one is published. */
export const signDays = 90
export const overlapDays = 14
/** A new key is known everywhere before it signs; a grant of the old one runs out before it is no longer believed. */
const publishAheadDays = 1
const verifyAfterMs = 900_000

export type Key = TrustedKey & { readonly custody: 'file'; readonly isCompromised: boolean }
/** All keys that ever signed grants, oldest first. */
export type State = { readonly keys: readonly Key[] }
export const initial: State = { keys: [] }

export type Command =
  | { readonly c: 'publish'; readonly kid: string; readonly publicKey: string; readonly custody: 'file' }
  | { readonly c: 'compromise'; readonly kid: string }
export type Event =
  | ({ readonly e: 'grant_key.published'; readonly custody: 'file'; readonly at: EpochMs } & TrustedKey)
  | {
      readonly e: 'grant_key.compromised'
      readonly kid: string
      readonly by: Actor
      readonly at: EpochMs
    }
export type Context = { readonly now: EpochMs; readonly actor: Actor }
export type Refusal = Reason<'KEY_PUBLISHED' | 'KEY_UNKNOWN' | 'NOT_DUE'>

/** Publishes the next key when it is due, or ends the belief in one at once. */
export function decide(state: State, command: Command, { now, actor }: Context): Decided<Event, Refusal> {
  switch (command.c) {
    case 'publish': {
      const { kid, publicKey, custody } = command
      const faults: Refusal[] = []
      if (state.keys.some((key) => key.kid === kid)) faults.push({ code: 'KEY_PUBLISHED', params: {} })
      if (!isDue(state, now)) faults.push({ code: 'NOT_DUE', params: {} })
      // INVARIANT: a grant says in whole seconds when it was issued, so its key begins on a whole second too. A grant of
      // the key's first second would otherwise be older than the key, and refused.
      const second = epochMs(now - (now % 1_000))
      const signFrom = signingKey(state, now) === null ? second : addDays(second, publishAheadDays)
      const signUntil = addDays(signFrom, signDays)
      const verifyUntil = addMs(signUntil, verifyAfterMs)
      const times = { signFrom, signUntil, verifyUntil }
      return unless<Event, Refusal>(faults, {
        e: 'grant_key.published',
        kid,
        publicKey,
        use: 'grant',
        ...times,
        custody,
        at: now,
      })
    }
    case 'compromise': {
      const known = state.keys.find((key) => key.kid === command.kid)
      if (known === undefined || known.isCompromised) return refuse({ code: 'KEY_UNKNOWN', params: {} })
      return unless<Event, Refusal>([], { e: 'grant_key.compromised', kid: command.kid, by: actor, at: now })
    }
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  switch (event.e) {
    case 'grant_key.published': {
      const { e: _, at: _at, ...key } = event
      return { keys: [...state.keys, { ...key, isCompromised: false }] }
    }
    case 'grant_key.compromised': {
      const { kid, at } = event
      return {
        keys: state.keys.map((key) =>
          key.kid === kid ? { ...key, signUntil: at, verifyUntil: at, isCompromised: true } : key,
        ),
      }
    }
    default:
      return unreachable(event)
  }
}

/** The key that signs at `now`: the newest whose time has come. */
export function signingKey(state: State, now: EpochMs): Key | null {
  return (
    state.keys.findLast((key) => key.signFrom <= now && now < key.signUntil && !key.isCompromised) ?? null
  )
}

/** Whether the next key should be published: none signs now, or the last one ends soon. */
export function isDue(state: State, now: EpochMs): boolean {
  const last = state.keys.findLast((key) => !key.isCompromised)
  return signingKey(state, now) === null || last === undefined || now >= addDays(last.signUntil, -overlapDays)
}

/** What enforcement points need: every key that is still believed at `now`. */
export function trustedKeys(state: State, now: EpochMs): readonly TrustedKey[] {
  return state.keys
    .filter(({ verifyUntil }) => now < verifyUntil)
    .map(({ kid, publicKey, use, signFrom, signUntil, verifyUntil }) => ({
      kid,
      publicKey,
      use,
      signFrom,
      signUntil,
      verifyUntil,
    }))
}
