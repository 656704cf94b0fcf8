import {
  unless,
  type Actor,
  type Decided,
  type Digest,
  type EpochMs,
  type JsonObject,
} from '../../kernel/index.ts'

/** Weights of the scorer that this installation has read with. */
export type State = { readonly s: 'absent' } | { readonly s: 'registered' }
export const initial: State = { s: 'absent' }

export type Command = { readonly c: 'register'; readonly header: JsonObject }
export type Event = {
  readonly e: 'guard.model.registered'
  readonly digest: Digest
  /** What it calls itself; its digest covers everything else that it says. */
  readonly header: JsonObject
  readonly by: Actor
  readonly at: EpochMs
}
export type Context = { readonly now: EpochMs; readonly actor: Actor; readonly digest: Digest }

/** Applies one command. Weights are registered once; the same again is no fact. */
export function decide(
  state: State,
  { header }: Command,
  { now: at, actor: by, digest }: Context,
): Decided<Event> {
  return state.s === 'registered'
    ? unless([])
    : unless([], { e: 'guard.model.registered', digest, header, by, at })
}

/** Folds one recorded fact. */
export function evolve(): State {
  return { s: 'registered' }
}
