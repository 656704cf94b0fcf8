import {
  canonicalJson,
  refuse,
  schemaFaults,
  unless,
  unreachable,
  type Actor,
  type Decided,
  type DocumentFault,
  type EpochMs,
  type JsonObject,
  type Reason,
} from '../../kernel/index.ts'
import { ownModelEntry, type OwnModel } from './model-catalogue.ts'

/** A model as an operator describes it, above all its prices. It comes before the shipped one of the same name. */
export type State =
  | { readonly s: 'absent' }
  | { readonly s: 'described'; readonly model: OwnModel }
  | { readonly s: 'withdrawn' }
export const initial: State = { s: 'absent' }

/** The whole entry each time: what it says of before stays in the ledger. */
export type Command = { readonly c: 'describe'; readonly model: JsonObject } | { readonly c: 'withdraw' }

type About = { readonly name: string; readonly by: Actor; readonly at: EpochMs }
export type Event =
  | (About & { readonly e: 'gateway.model.described'; readonly model: OwnModel })
  | (About & { readonly e: 'gateway.model.withdrawn' })

/** `name` is `provider/id`. */
export type Context = { readonly name: string; readonly now: EpochMs; readonly actor: Actor }

export type Refusal = Reason<'WRONG_STATE', { state: State['s'] }> | Reason<'NOTHING_CHANGED'> | DocumentFault

/** Applies one command. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const about = { name: ctx.name, by: ctx.actor, at: ctx.now }
  switch (command.c) {
    case 'describe': {
      const parsed = ownModelEntry.safeParse(command.model)
      if (!parsed.success) return { ok: false, refused: schemaFaults(parsed.error) }
      const model = parsed.data
      const isSame = state.s === 'described' && canonicalJson(state.model) === canonicalJson(model)
      const faults: Refusal[] = isSame ? [{ code: 'NOTHING_CHANGED', params: {} }] : []
      return unless<Event, Refusal>(faults, { e: 'gateway.model.described', ...about, model })
    }
    case 'withdraw':
      if (state.s !== 'described') return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
      return unless<Event, Refusal>([], { e: 'gateway.model.withdrawn', ...about })
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(_state: State, event: Event): State {
  return event.e === 'gateway.model.described' ? { s: 'described', model: event.model } : { s: 'withdrawn' }
}
