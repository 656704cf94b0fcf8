import {
  refuse,
  unless,
  unreachable,
  type Actor,
  type CanaryId,
  type Decided,
  type DeploymentId,
  type Digest,
  type EpochMs,
  type Reason,
  type RecordId,
} from '../../kernel/index.ts'

/** Where a canary stands, and so where it may be seen: in all traffic of its deployment, its system prompt, a document. */
export const places = ['deployment', 'system_prompt', 'document'] as const
export type Place = (typeof places)[number]

/** What a canary is. Of its token there is nothing but a keyed digest. */
export type Terms = {
  readonly deploymentId: DeploymentId
  readonly place: Place
  /** What the operator calls the text that it stands in; a name, no text. */
  readonly label: string
  readonly digest: Digest
}

/** A retired canary is looked for no more. Where it was seen stays known. */
export type State =
  | { readonly s: 'absent' }
  | { readonly s: 'issued' | 'retired'; readonly terms: Terms; readonly seenIn: readonly DeploymentId[] }
export const initial: State = { s: 'absent' }

export type Command =
  | { readonly c: 'issue'; readonly terms: Terms }
  | { readonly c: 'retire' }
  /** It was seen out of its place; `recordId` is the first call in which it was. */
  | { readonly c: 'leak'; readonly seenIn: DeploymentId; readonly recordId: RecordId }

type About = { readonly canaryId: CanaryId; readonly by: Actor; readonly at: EpochMs }
export type Event =
  | (About & { readonly e: 'guard.canary.issued' } & Terms)
  | (About & { readonly e: 'guard.canary.retired' })
  | (About & {
      readonly e: 'guard.canary.leaked'
      readonly seenIn: DeploymentId
      readonly recordId: RecordId
    })

export type Context = {
  readonly canaryId: CanaryId
  readonly now: EpochMs
  readonly actor: Actor
  readonly deploymentRetired: boolean
  /** Canaries of the deployment that are looked for, besides this one. */
  readonly others: number
}

export type Refusal =
  | Reason<'WRONG_STATE', { state: State['s'] }>
  | Reason<'DEPLOYMENT_RETIRED' | 'NOTHING_CHANGED'>
  | Reason<'TOO_MANY_CANARIES', { max: number }>

/** Every gateway keeps all of them at hand. */
export const maxCanaries = 64

/** Applies one command. A leak is told once for each deployment in which the canary is seen: it is spent then. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const about = { canaryId: ctx.canaryId, by: ctx.actor, at: ctx.now }
  const wrongState: Refusal = { code: 'WRONG_STATE', params: { state: state.s } }
  switch (command.c) {
    case 'issue': {
      if (state.s !== 'absent') return refuse(wrongState)
      const faults: Refusal[] = []
      if (ctx.deploymentRetired) faults.push({ code: 'DEPLOYMENT_RETIRED', params: {} })
      if (ctx.others >= maxCanaries) faults.push({ code: 'TOO_MANY_CANARIES', params: { max: maxCanaries } })
      return unless<Event, Refusal>(faults, { e: 'guard.canary.issued', ...about, ...command.terms })
    }
    case 'retire':
      if (state.s !== 'issued') return refuse(wrongState)
      return unless<Event, Refusal>([], { e: 'guard.canary.retired', ...about })
    case 'leak': {
      // One that was retired meanwhile has leaked all the same.
      if (state.s === 'absent') return refuse(wrongState)
      const { seenIn, recordId } = command
      const faults: Refusal[] = state.seenIn.includes(seenIn) ? [{ code: 'NOTHING_CHANGED', params: {} }] : []
      return unless<Event, Refusal>(faults, { e: 'guard.canary.leaked', ...about, seenIn, recordId })
    }
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  switch (event.e) {
    case 'guard.canary.issued': {
      const { deploymentId, place, label, digest } = event
      return { s: 'issued', terms: { deploymentId, place, label, digest }, seenIn: [] }
    }
    case 'guard.canary.retired':
      return state.s === 'absent' ? state : { ...state, s: 'retired' }
    case 'guard.canary.leaked':
      return state.s === 'absent' ? state : { ...state, seenIn: [...state.seenIn, event.seenIn] }
    default:
      return unreachable(event)
  }
}
