import {
  addDays,
  unless,
  type Decided,
  type EpochMs,
  type LegalClass,
  type Tier,
} from '../../kernel/index.ts'
import { confirmedClass } from '../tiering/index.ts'
import type { UseCase, State, Command, Event, Context, Refusal } from './use-case-model.ts'
import { functionFaults, personOf, reasonFaults, wrongState } from './use-case-rules.ts'

/** Days for which a tier may be lowered at most. */
export const maxDownDays = 90

/** The tier that counts at `now`: raised by an up override, lowered by one while a down override is in force. */
export function effectiveTier(state: State, now: EpochMs): Tier {
  if (state.s === 'absent' || state.assessment === null) return 3 // not assessed is the worst
  const { tier, floor } = state.assessment
  if (state.up !== null) return state.up.to > tier ? state.up.to : tier
  const lowered = state.down?.expiresAt !== null && state.down !== null && now < state.down.expiresAt
  if (!lowered || tier === 1) return tier
  const below: Tier = tier === 3 ? 2 : 1
  return below < floor ? floor : below
}

/** The legal class that counts. What was prohibited stays so until it is cleared. */
export function legalOf(state: State): { readonly class: LegalClass; readonly cleared: boolean } {
  if (state.s === 'absent' || state.legal === null) return { class: 'undetermined', cleared: false }
  if (state.prohibited !== null && !state.prohibited.cleared) return { class: 'prohibited', cleared: false }
  return { class: confirmedClass(state.legal, state.confirmation, false), cleared: state.prohibited !== null }
}

/** Signs for lowering the tier by one for a time; with security and risk it takes effect. */
export function lower(
  state: UseCase,
  command: Command & { c: 'lower_tier' },
  conflict: readonly Refusal[],
  ctx: Context,
): Decided<Event, Refusal> {
  if (state.s !== 'triaged' || state.assessment === null) return wrongState(state)
  const person = personOf(ctx.actor)
  const pending = state.down?.expiresAt === null ? state.down : null
  const missing = (['security', 'risk'] as const).filter(
    (fn) => !pending?.signed.some((signature) => signature.fn === fn),
  )
  const faults: Refusal[] = [...conflict, ...functionFaults(ctx, missing), ...reasonFaults(command.text)]
  if (state.up !== null) faults.push({ code: 'UP_OVERRIDE_STANDS', params: {} })
  if (state.assessment.tier === 1 || state.assessment.tier === state.assessment.floor)
    faults.push({ code: 'NOTHING_TO_LOWER', params: {} })
  if (
    !Number.isInteger(command.days) ||
    command.days < 1 ||
    command.days > maxDownDays ||
    (pending !== null && pending.days !== command.days)
  )
    faults.push({ code: 'LIFETIME_OUT_OF_RANGE', params: { maxDays: pending?.days ?? maxDownDays } })
  if (person !== null && pending?.signed.some(({ by }) => by === person))
    faults.push({ code: 'ALREADY_SIGNED', params: {} })
  const fn = missing.find((candidate) => ctx.functions.includes(candidate)) ?? 'risk'
  return unless<Event, Refusal>(faults, {
    e: 'tier.override_signed',
    useCaseId: state.id,
    by: ctx.actor,
    at: ctx.now,
    fn,
    days: command.days,
    expiresAt: pending === null ? null : addDays(ctx.now, command.days),
    sealed: { reason: command.text },
  })
}
