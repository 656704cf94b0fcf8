import {
  dayMs,
  refuse,
  secondMs,
  unless,
  unreachable,
  type Actor,
  type Decided,
  type DeploymentId,
  type EpochMs,
  type KeyId,
  type LimitId,
  type Reason,
} from '../../kernel/index.ts'
import { isTimeZone } from '../../kernel/time-zone.ts'

/** Whose calls count. */
export type Target =
  | { readonly scope: 'key'; readonly keyId: KeyId }
  | { readonly scope: 'deployment'; readonly deploymentId: DeploymentId }
  | { readonly scope: 'org' }

/** `micro_usd` is a millionth of a US dollar; `concurrent` are calls that run at the same time. */
export const units = ['requests', 'tokens', 'micro_usd', 'concurrent'] as const
export type Unit = (typeof units)[number]

/** Over what an amount is counted: the last `ms`, the day or month of a zone, or everything since the limit was set. */
export type Window =
  | { readonly k: 'sliding'; readonly ms: number }
  | { readonly k: 'calendar'; readonly period: 'day' | 'month'; readonly zone: string }
  | { readonly k: 'none' }

export type Terms = { readonly unit: Unit; readonly amount: number; readonly window: Window }

/** How much may be spent. Removing it is final; a new one begins to count at nothing. */
export type State =
  | { readonly s: 'absent' }
  | { readonly s: 'in_force'; readonly target: Target; readonly terms: Terms }
  | { readonly s: 'removed'; readonly target: Target }
export const initial: State = { s: 'absent' }

export type Command =
  | { readonly c: 'set'; readonly target: Target; readonly terms: Terms }
  /** The unit stays: what is spent is counted in it. */
  | { readonly c: 'change'; readonly amount: number; readonly window: Window }
  | { readonly c: 'remove' }

type About = { readonly limitId: LimitId; readonly by: Actor; readonly at: EpochMs }
export type Event =
  | (About & { readonly e: 'gateway.limit.set'; readonly target: Target; readonly terms: Terms })
  | (About & { readonly e: 'gateway.limit.changed'; readonly terms: Terms })
  | (About & { readonly e: 'gateway.limit.removed' })

export type Context = {
  readonly limitId: LimitId
  readonly now: EpochMs
  readonly actor: Actor
  /** The deployment is retired, or that of the key; and whether the key still opens anything. */
  readonly deploymentRetired: boolean
  readonly keyLive: boolean
  /** Limits that the target has besides this one. */
  readonly others: number
}

export type Refusal =
  | Reason<'WRONG_STATE', { state: State['s'] }>
  | Reason<'DEPLOYMENT_RETIRED' | 'KEY_UNKNOWN' | 'TIME_ZONE_UNKNOWN' | 'NOTHING_CHANGED' | 'WINDOW_UNFIT'>
  | Reason<'TOO_MANY_LIMITS', { max: number }>
  | Reason<'AMOUNT_OUT_OF_RANGE', { max: number }>

/** A caller may meet those of its key, its deployment and the organisation: each call looks at all of them. */
export const maxLimits = 8
export const maxAmount = 1e15
export const windowRange = { minMs: secondMs, maxMs: 31 * dayMs }

/** Applies one command. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const about = { limitId: ctx.limitId, by: ctx.actor, at: ctx.now }
  const wrongState: Refusal = { code: 'WRONG_STATE', params: { state: state.s } }
  switch (command.c) {
    case 'set': {
      if (state.s !== 'absent') return refuse(wrongState)
      const { target, terms } = command
      const faults = [...targetFaults(target, ctx), ...termFaults(terms)]
      return unless<Event, Refusal>(faults, { e: 'gateway.limit.set', ...about, target, terms })
    }
    case 'change': {
      if (state.s !== 'in_force') return refuse(wrongState)
      const terms = { unit: state.terms.unit, amount: command.amount, window: command.window }
      const faults = termFaults(terms)
      if (isSame(terms, state.terms)) faults.push({ code: 'NOTHING_CHANGED', params: {} })
      return unless<Event, Refusal>(faults, { e: 'gateway.limit.changed', ...about, terms })
    }
    case 'remove':
      if (state.s !== 'in_force') return refuse(wrongState)
      return unless<Event, Refusal>([], { e: 'gateway.limit.removed', ...about })
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  switch (event.e) {
    case 'gateway.limit.set':
      return { s: 'in_force', target: event.target, terms: event.terms }
    case 'gateway.limit.changed':
      return state.s === 'in_force' ? { ...state, terms: event.terms } : state
    case 'gateway.limit.removed':
      return state.s === 'in_force' ? { s: 'removed', target: state.target } : state
    default:
      return unreachable(event)
  }
}

function targetFaults(target: Target, ctx: Context): Refusal[] {
  const faults: Refusal[] = []
  if (ctx.deploymentRetired) faults.push({ code: 'DEPLOYMENT_RETIRED', params: {} })
  if (target.scope === 'key' && !ctx.keyLive) faults.push({ code: 'KEY_UNKNOWN', params: {} })
  if (ctx.others >= maxLimits) faults.push({ code: 'TOO_MANY_LIMITS', params: { max: maxLimits } })
  return faults
}

function termFaults({ unit, amount, window }: Terms): Refusal[] {
  const faults: Refusal[] = []
  if (!Number.isInteger(amount) || amount < 1 || amount > maxAmount)
    faults.push({ code: 'AMOUNT_OUT_OF_RANGE', params: { max: maxAmount }, path: '/amount' })
  if (unit === 'concurrent' && window.k !== 'none')
    faults.push({ code: 'WINDOW_UNFIT', params: {}, path: '/window' })
  if (window.k === 'calendar' && !isTimeZone(window.zone))
    faults.push({ code: 'TIME_ZONE_UNKNOWN', params: {}, path: '/window/zone' })
  const { minMs, maxMs } = windowRange
  if (window.k === 'sliding' && !(Number.isInteger(window.ms) && window.ms >= minMs && window.ms <= maxMs))
    faults.push({ code: 'WINDOW_UNFIT', params: {}, path: '/window/ms' })
  return faults
}

function isSame(a: Terms, b: Terms): boolean {
  const text = ({ amount, window: w }: Terms) =>
    w.k === 'sliding'
      ? `${amount} ${w.ms}`
      : w.k === 'calendar'
        ? `${amount} ${w.period} ${w.zone}`
        : `${amount}`
  return a.window.k === b.window.k && text(a) === text(b)
}
