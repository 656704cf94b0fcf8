import {
  actorText,
  canonicalJson,
  documentFault,
  refuse,
  unless,
  unreachable,
  type Actor,
  type Decided,
  type Digest,
  type DocumentFault,
  type EpochMs,
  type Reason,
} from '../../kernel/index.ts'

/**
 * What an organisation says of a tool beyond its definition. It holds for one definition alone: of a tool that has
 * changed nothing is known. What is not stated is taken as the worse.
 */
export type Terms = {
  /** Whether its result is trusted like the operator's own text. */
  readonly vouchedFor?: boolean
  /** Whether a call of it can carry data out of the organisation. */
  readonly sendsOutside?: boolean
  readonly destination?: { readonly argument: string; readonly listed: readonly string[] }
  readonly target?: { readonly argument: string; readonly registered: readonly string[] }
}

type Proposal = { readonly terms: Terms; readonly by: string }
export type State = { readonly inForce: Terms; readonly proposed: Proposal | null }
export const initial: State = { inForce: {}, proposed: null }

/** `state` puts stricter terms in force at once and looser ones up for a second person. */
export type Command =
  | { readonly c: 'state'; readonly terms: Terms }
  | { readonly c: 'confirm' }
  | { readonly c: 'drop' }

type About = {
  readonly toolId: string
  readonly definition: Digest
  readonly by: Actor
  readonly at: EpochMs
}
export type Event =
  | (About & { readonly e: 'gateway.tool.registered'; readonly terms: Terms })
  | (About & { readonly e: 'gateway.tool.proposed'; readonly terms: Terms })
  | (About & { readonly e: 'gateway.tool.proposal_dropped' })

export type Context = {
  readonly toolId: string
  readonly definition: Digest
  readonly now: EpochMs
  readonly actor: Actor
}

export type Refusal =
  | Reason<'WRONG_STATE', { state: string }>
  | Reason<'NOTHING_CHANGED' | 'SELF_APPROVAL'>
  | DocumentFault

export const maxListed = 200

/** Applies one command. INVARIANT: no one person lets a tool do more than before (checked by a law). */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const about = { toolId: ctx.toolId, definition: ctx.definition, by: ctx.actor, at: ctx.now }
  switch (command.c) {
    case 'state': {
      const { terms } = command
      const faults = faultsIn(terms)
      const isSame = canonicalJson(terms) === canonicalJson(state.inForce)
      if (isSame) faults.push({ code: 'NOTHING_CHANGED', params: {} })
      const e = isLooser(state.inForce, terms) ? 'gateway.tool.proposed' : 'gateway.tool.registered'
      return unless<Event, Refusal>(faults, { e, ...about, terms })
    }
    case 'confirm': {
      const { proposed } = state
      if (proposed === null) return refuse({ code: 'WRONG_STATE', params: { state: 'nothing_proposed' } })
      const isOwn = proposed.by === actorText(ctx.actor)
      const faults: Refusal[] = isOwn ? [{ code: 'SELF_APPROVAL', params: {} }] : []
      return unless<Event, Refusal>(faults, { e: 'gateway.tool.registered', ...about, terms: proposed.terms })
    }
    case 'drop':
      if (state.proposed === null)
        return refuse({ code: 'WRONG_STATE', params: { state: 'nothing_proposed' } })
      return unless<Event, Refusal>([], { e: 'gateway.tool.proposal_dropped', ...about })
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  switch (event.e) {
    case 'gateway.tool.registered':
      return { inForce: event.terms, proposed: null }
    case 'gateway.tool.proposed':
      return { ...state, proposed: { terms: event.terms, by: actorText(event.by) } }
    case 'gateway.tool.proposal_dropped':
      return { ...state, proposed: null }
    default:
      return unreachable(event)
  }
}

/** Whether `after` lets a tool do anything that `before` does not. */
export function isLooser(before: Terms, after: Terms): boolean {
  if (after.vouchedFor === true && before.vouchedFor !== true) return true
  if (freedom(after.sendsOutside) > freedom(before.sendsOutside)) return true
  return (
    adds(
      before.destination?.argument,
      before.destination?.listed,
      after.destination?.argument,
      after.destination?.listed,
    ) ||
    adds(before.target?.argument, before.target?.registered, after.target?.argument, after.target?.registered)
  )
}

/** A tool that sends nothing outside is stopped by the least. Unstated, it does what its deployment may do. */
function freedom(sendsOutside: boolean | undefined): number {
  if (sendsOutside === undefined) return 1
  return sendsOutside ? 0 : 2
}

function adds(
  argumentBefore: string | undefined,
  before: readonly string[] = [],
  argumentAfter: string | undefined,
  after: readonly string[] = [],
): boolean {
  if (after.length === 0) return false
  return argumentBefore !== argumentAfter || after.some((value) => !before.includes(value))
}

function faultsIn({ destination, target }: Terms): Refusal[] {
  const places = [
    { path: ['destination', 'listed'], values: destination?.listed ?? [] },
    { path: ['target', 'registered'], values: target?.registered ?? [] },
  ]
  return places
    .filter(({ values }) => values.length > maxListed || new Set(values).size < values.length)
    .map(({ path }) => documentFault(path, `at most ${maxListed} different values`))
}
