import { refuse, unless, type Actor, type Decided, type DeploymentId } from '../../kernel/index.ts'
import type { Digest, EpochMs, Reason } from '../../kernel/index.ts'

/** Which other definitions of a tool were told to those who answer for its deployment, since it was pinned. */
export type State = { readonly pinned: Digest | null; readonly told: readonly Digest[] }
export const initial: State = { pinned: null, told: [] }

/** The gateway has seen a tool of a deployment with a definition that its release does not pin. */
export type Command = { readonly c: 'observe'; readonly pinned: Digest; readonly seen: Digest }

export type Event = {
  readonly e: 'gateway.tool.changed'
  readonly deploymentId: DeploymentId
  readonly toolId: string
  readonly pinned: Digest
  readonly seen: Digest
  readonly by: Actor
  readonly at: EpochMs
}

export type Context = {
  readonly deploymentId: DeploymentId
  readonly toolId: string
  readonly actor: Actor
  readonly now: EpochMs
}

export type Refusal = Reason<'NOTHING_CHANGED'>

/** UNTRUSTED: a server can change its tools as often as it likes; people are told this often of one pin. */
export const mostTold = 8

/** Applies one command. */
export function decide(state: State, { pinned, seen }: Command, ctx: Context): Decided<Event, Refusal> {
  if (!isNews(state, pinned, seen)) return refuse({ code: 'NOTHING_CHANGED', params: {} })
  const { deploymentId, toolId, actor: by, now: at } = ctx
  return unless<Event, Refusal>([], {
    e: 'gateway.tool.changed',
    deploymentId,
    toolId,
    pinned,
    seen,
    by,
    at,
  })
}

/** Folds one recorded fact. */
export function evolve(state: State, { pinned, seen }: Event): State {
  return { pinned, told: [...(state.pinned === pinned ? state.told : []), seen] }
}

/** Whether a definition is another than the pinned one and was not told yet. */
export function isNews(state: State, pinned: Digest, seen: Digest): boolean {
  if (seen === pinned) return false
  const told = state.pinned === pinned ? state.told : []
  return told.length < mostTold && !told.includes(seen)
}
