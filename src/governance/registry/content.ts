import {
  refuse,
  unless,
  unreachable,
  type Actor,
  type Decided,
  type DeploymentId,
  type EpochMs,
  type Reason,
} from '../../kernel/index.ts'

/** Whether the texts of the calls of one route are kept, and for how many days. They are not unless somebody says so. */
export type State = { readonly s: 'off' } | { readonly s: 'on'; readonly days: number }
export const initial: State = { s: 'off' }

export type Command = { readonly c: 'keep'; readonly days: number } | { readonly c: 'stop' }

type About = { readonly deploymentId: DeploymentId; readonly by: Actor; readonly at: EpochMs }
export type Event =
  | (About & { readonly e: 'gateway.content.kept'; readonly days: number })
  | (About & { readonly e: 'gateway.content.stopped' })

export type Context = {
  readonly now: EpochMs
  readonly actor: Actor
  readonly deploymentId: DeploymentId
  readonly deploymentRetired: boolean
}

export type Refusal =
  | Reason<'WRONG_STATE', { state: State['s'] }>
  | Reason<'DEPLOYMENT_RETIRED'>
  | Reason<'DAYS_OUT_OF_RANGE', { maxDays: number }>

export const maxContentDays = 365

/** Applies one command. What was kept before stays until its own day: another number of days is for what comes. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const about = { deploymentId: ctx.deploymentId, by: ctx.actor, at: ctx.now }
  switch (command.c) {
    case 'keep': {
      const { days } = command
      const inRange = Number.isInteger(days) && days >= 1 && days <= maxContentDays
      const faults: Refusal[] = ctx.deploymentRetired ? [{ code: 'DEPLOYMENT_RETIRED', params: {} }] : []
      if (!inRange)
        faults.push({ code: 'DAYS_OUT_OF_RANGE', params: { maxDays: maxContentDays }, path: '/days' })
      return unless<Event, Refusal>(faults, { e: 'gateway.content.kept', ...about, days })
    }
    case 'stop':
      // INVARIANT: keeping less needs nothing but that something is kept.
      if (state.s === 'off') return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
      return unless<Event, Refusal>([], { e: 'gateway.content.stopped', ...about })
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(_state: State, event: Event): State {
  switch (event.e) {
    case 'gateway.content.kept':
      return { s: 'on', days: event.days }
    case 'gateway.content.stopped':
      return { s: 'off' }
    default:
      return unreachable(event)
  }
}
