import { refuse, type Actor, type Decided, type Fn, type UserId } from '../../kernel/index.ts'
import type { UseCase, State, Context, Refusal } from './use-case-model.ts'

/** Requester and owners: whoever has an interest in the answer. */
export function interestedIn({ requester, owners }: UseCase): readonly UserId[] {
  const all = [requester, owners.business, owners.technical, owners.backup].filter(
    (person) => person !== null,
  )
  return [...new Set(all)]
}

/** Refuses whoever holds none of the wanted functions. */
export function functionFaults(ctx: Context, wanted: readonly Fn[]): Refusal[] {
  return wanted.some((fn) => ctx.functions.includes(fn)) ? [] : [{ code: 'FUNCTION_REQUIRED', params: {} }]
}

/** Refuses a reason that says next to nothing. */
export function reasonFaults(text: string): Refusal[] {
  return text.trim().length >= 20 ? [] : [{ code: 'REASON_REQUIRED', params: {} }]
}

export function wrongState(state: State): Decided<never, Refusal> {
  return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
}

export function personOf(actor: Actor): UserId | null {
  return actor.k === 'person' ? actor.ref : null
}
