import {
  refuse,
  satisfies,
  unless,
  unreachable,
  type AuthnContext,
  type Decided,
  type EpochMs,
  type Fn,
  type HoldId,
  type Reason,
  type UseCaseId,
  type UserId,
} from '../../kernel/index.ts'

/** What must be kept: everything of one person, everything about one use case, or everything there is. */
export type Subject =
  | { readonly k: 'person'; readonly id: UserId }
  | { readonly k: 'use_case'; readonly id: UseCaseId }
  | { readonly k: 'installation' }

/** A legal hold. While it is in force, nothing that it concerns is erased or redacted. */
export type State =
  | { readonly s: 'absent' }
  | InForce
  | (Omit<InForce, 's'> & {
      readonly s: 'released'
      readonly releasedBy: UserId
      readonly releasedAt: EpochMs
    })
export type InForce = {
  readonly s: 'in_force'
  readonly id: HoldId
  readonly subject: Subject
  readonly placedBy: UserId
  readonly placedAt: EpochMs
}
export const initial: State = { s: 'absent' }

export type Command =
  | { readonly c: 'place'; readonly subject: Subject; readonly matter: string; readonly reason: string }
  | { readonly c: 'release'; readonly reason: string }

export type Event =
  | {
      readonly e: 'hold.placed'
      readonly holdId: HoldId
      readonly subject: Subject
      readonly by: UserId
      readonly at: EpochMs
      /** The matter is the reference of the dispute or request; it often names somebody. */
      readonly sealed: { readonly matter: string; readonly reason: string }
    }
  | {
      readonly e: 'hold.released'
      readonly holdId: HoldId
      readonly by: UserId
      readonly at: EpochMs
      readonly sealed: { readonly reason: string }
    }

export type Context = {
  readonly now: EpochMs
  readonly id: HoldId
  readonly person: UserId | null
  readonly authn: AuthnContext
  /** Functions that the person holds where the subject is. */
  readonly functions: readonly Fn[]
  readonly isAdministrator: boolean
  readonly subject: 'known' | 'unknown' | 'erased'
}
export type Refusal =
  | Reason<'WRONG_STATE', { state: State['s'] }>
  | Reason<'FUNCTION_REQUIRED', { fn: Fn }>
  | Reason<'CONFLICT_OF_INTEREST', { conflict: 'subject' }>
  | Reason<
      | 'PERSON_REQUIRED'
      | 'SUBJECT_UNKNOWN'
      | 'SUBJECT_ERASED'
      | 'REASON_REQUIRED'
      | 'SELF_APPROVAL'
      | 'STEP_UP_REQUIRED'
    >

const minReason = 20

/** Applies one command. To keep needs one person; to let go needs another one, of the legal function. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const { person } = ctx
  if (person === null) return refuse({ code: 'PERSON_REQUIRED', params: {} })
  const about = { holdId: ctx.id, by: person, at: ctx.now }
  const faults: Refusal[] = []
  const isOfLegal = ctx.functions.includes('legal')
  if (command.reason.trim().length < minReason) faults.push({ code: 'REASON_REQUIRED', params: {} })
  switch (command.c) {
    case 'place': {
      if (state.s !== 'absent') return wrongState(state)
      const { subject, matter, reason } = command
      if (!isOfLegal && !ctx.isAdministrator)
        faults.push({ code: 'FUNCTION_REQUIRED', params: { fn: 'legal' } })
      if (ctx.subject === 'unknown') faults.push({ code: 'SUBJECT_UNKNOWN', params: {} })
      if (ctx.subject === 'erased') faults.push({ code: 'SUBJECT_ERASED', params: {} })
      return unless<Event, Refusal>(faults, {
        e: 'hold.placed',
        ...about,
        subject,
        sealed: { matter, reason },
      })
    }
    case 'release': {
      if (state.s !== 'in_force') return wrongState(state)
      if (!isOfLegal) faults.push({ code: 'FUNCTION_REQUIRED', params: { fn: 'legal' } })
      // INVARIANT: two people stand behind a release, and neither is the one whose records are held.
      if (person === state.placedBy) faults.push({ code: 'SELF_APPROVAL', params: {} })
      if (state.subject.k === 'person' && person === state.subject.id)
        faults.push({ code: 'CONFLICT_OF_INTEREST', params: { conflict: 'subject' } })
      if (!satisfies(ctx.authn, 'recent_auth', ctx.now)) faults.push({ code: 'STEP_UP_REQUIRED', params: {} })
      return unless<Event, Refusal>(faults, {
        e: 'hold.released',
        ...about,
        sealed: { reason: command.reason },
      })
    }
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  switch (event.e) {
    case 'hold.placed': {
      if (state.s !== 'absent') return state
      const { holdId: id, subject, by: placedBy, at: placedAt } = event
      return { s: 'in_force', id, subject, placedBy, placedAt }
    }
    case 'hold.released':
      if (state.s !== 'in_force' || state.id !== event.holdId) return state
      return { ...state, s: 'released', releasedBy: event.by, releasedAt: event.at }
    default:
      return unreachable(event)
  }
}

/** Whose records are asked about: a person, the use cases that the record belongs to, or both. */
export type Concerned = {
  readonly person: UserId | null
  readonly useCases: ReadonlySet<UseCaseId>
}

/** Whether the hold forbids that something of `concerned` goes. */
export function concerns(state: State, { person, useCases }: Concerned): boolean {
  if (state.s !== 'in_force') return false
  switch (state.subject.k) {
    case 'installation':
      return true
    case 'person':
      return state.subject.id === person
    case 'use_case':
      return useCases.has(state.subject.id)
    default:
      return unreachable(state.subject)
  }
}

function wrongState(state: State): Decided<never, Refusal> {
  return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
}
