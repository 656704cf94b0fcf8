import {
  refuse,
  satisfies,
  unless,
  unreachable,
  type AuthnContext,
  type Decided,
  type EpochMs,
  type EventId,
  type Fn,
  type HoldId,
  type Reason,
  type UserId,
} from '../../kernel/index.ts'
import { isRedactable } from './record-texts.ts'

export const bases = ['gdpr_17', 'retention_expired', 'court_order', 'contract'] as const
/** Why a text must go. */
export type Basis = (typeof bases)[number]

/** The sealed half of one entry on its way out. The entry itself, its facts and its proof stay. */
export type State =
  | { readonly s: 'absent' }
  | { readonly s: 'requested'; readonly entry: EventId; readonly by: UserId; readonly basis: Basis }
  | { readonly s: 'redacted'; readonly entry: EventId; readonly by: UserId; readonly basis: Basis }
export const initial: State = { s: 'absent' }

/** The first person who gives it asks, the second one does it. */
export type Command = { readonly c: 'redact'; readonly basis: Basis; readonly reason: string }

type About = {
  readonly entry: EventId
  /** Stream and kind of the entry whose text goes. */
  readonly subject: string
  readonly kind: string
  readonly basis: Basis
  readonly by: UserId
  readonly at: EpochMs
  readonly sealed: { readonly reason: string }
}
export type Event =
  | (About & { readonly e: 'sealed.redaction_requested' })
  | (About & { readonly e: 'sealed.redacted'; readonly requestedBy: UserId })

export type Context = {
  readonly now: EpochMs
  readonly person: UserId | null
  readonly authn: AuthnContext
  /** Functions that the person holds where the entry belongs. */
  readonly functions: readonly Fn[]
  readonly entry: {
    readonly id: EventId
    readonly stream: string
    readonly kind: string
    readonly isSealed: boolean
  }
  /** Legal holds in force that concern the entry. */
  readonly holds: readonly HoldId[]
}
export type Refusal =
  | Reason<'WRONG_STATE', { state: State['s'] }>
  | Reason<'FUNCTION_REQUIRED', { fn: Fn }>
  | Reason<'NOT_REDACTABLE', { kind: string }>
  | Reason<'ON_HOLD', { holdId: HoldId }>
  | Reason<'PERSON_REQUIRED' | 'NOTHING_SEALED' | 'REASON_REQUIRED' | 'SELF_APPROVAL' | 'STEP_UP_REQUIRED'>

const minReason = 20
const entitled: readonly Fn[] = ['privacy', 'legal']

/** Applies one command. It takes two people of the privacy or the legal function. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  if (state.s === 'redacted') return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
  const { person, entry } = ctx
  if (person === null) return refuse({ code: 'PERSON_REQUIRED', params: {} })
  const faults: Refusal[] = ctx.holds.map((holdId) => ({ code: 'ON_HOLD', params: { holdId } }))
  if (!entitled.some((fn) => ctx.functions.includes(fn)))
    faults.push({ code: 'FUNCTION_REQUIRED', params: { fn: 'privacy' } })
  if (!isRedactable(entry.kind)) faults.push({ code: 'NOT_REDACTABLE', params: { kind: entry.kind } })
  if (!entry.isSealed) faults.push({ code: 'NOTHING_SEALED', params: {} })
  if (command.reason.trim().length < minReason) faults.push({ code: 'REASON_REQUIRED', params: {} })
  if (!satisfies(ctx.authn, 'recent_auth', ctx.now)) faults.push({ code: 'STEP_UP_REQUIRED', params: {} })
  const about = {
    entry: entry.id,
    subject: entry.stream,
    kind: entry.kind,
    by: person,
    at: ctx.now,
    sealed: { reason: command.reason },
  }
  if (state.s === 'absent')
    return unless<Event, Refusal>(faults, {
      e: 'sealed.redaction_requested',
      ...about,
      basis: command.basis,
    })
  // INVARIANT: no text goes by one person's will.
  if (state.by === person) faults.push({ code: 'SELF_APPROVAL', params: {} })
  const { basis, by: requestedBy } = state
  return unless<Event, Refusal>(faults, { e: 'sealed.redacted', ...about, basis, requestedBy })
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  const { entry, by, basis } = event
  switch (event.e) {
    case 'sealed.redaction_requested':
      return state.s === 'absent' ? { s: 'requested', entry, by, basis } : state
    case 'sealed.redacted':
      return state.s === 'requested' && state.entry === entry ? { s: 'redacted', entry, by, basis } : state
    default:
      return unreachable(event)
  }
}
