import { unless, type Decided, type EpochMs, type Reason, type UserId } from '../../kernel/index.ts'
import { isTimeZone } from '../../kernel/time-zone.ts'

/** What the whole organisation calls itself, and the zone in which its people read times. */
export type State = { readonly name: string; readonly timeZone: string } | null
export const initial: State = null

export type Command = { readonly c: 'describe'; readonly name: string; readonly timeZone: string }

export type Event = {
  readonly e: 'organisation.described'
  readonly name: string
  readonly timeZone: string
  readonly by: UserId | null
  readonly at: EpochMs
}

export type Refusal = Reason<'TIME_ZONE_UNKNOWN'> | Reason<'NOTHING_CHANGED'>

export type Context = { readonly now: EpochMs; readonly actor: UserId | null }

/** Applies one command. */
export function decide(state: State, { name, timeZone }: Command, ctx: Context): Decided<Event, Refusal> {
  const faults: Refusal[] = isTimeZone(timeZone) ? [] : [{ code: 'TIME_ZONE_UNKNOWN', params: {} }]
  if (state?.name === name && state.timeZone === timeZone)
    faults.push({ code: 'NOTHING_CHANGED', params: {} })
  return unless<Event, Refusal>(faults, {
    e: 'organisation.described',
    name,
    timeZone,
    by: ctx.actor,
    at: ctx.now,
  })
}

/** Folds one recorded fact. */
export function evolve(_state: State, { name, timeZone }: Event): State {
  return { name, timeZone }
}
