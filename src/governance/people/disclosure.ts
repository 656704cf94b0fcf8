import {
  refuse,
  satisfies,
  unless,
  unreachable,
  type Actor,
  type AuthnContext,
  type DeploymentId,
  type Decided,
  type EpochMs,
  type EventId,
  type Reason,
  type RecordId,
} from '../../kernel/index.ts'

/** What one reader has opened or taken away. Reading what others typed leaves a trace. */
export type State = {
  readonly reveals: number
  readonly exports: number
  /** Left out in states of before content of calls was kept. */
  readonly contents?: number
}
export const initial: State = { reveals: 0, exports: 0 }

/** Records that are taken away; where it is left out, the ledger. */
export type ExportSubject = 'use_cases' | 'guard_feedback'

export type Command =
  | { readonly c: 'reveal'; readonly entry: EventId; readonly stream: string; readonly reason: string }
  /** The whole ledger, of this size; or so many records of a kind. */
  | { readonly c: 'export'; readonly size: number; readonly subject?: ExportSubject }
  /** The text of a call that was kept. */
  | {
      readonly c: 'read_content'
      readonly record: RecordId
      readonly deployment: DeploymentId
      readonly reason: string
    }
export type Event =
  | {
      readonly e: 'sealed.revealed'
      readonly entry: EventId
      readonly subject: string
      readonly by: Actor
      readonly at: EpochMs
      readonly sealed: { readonly reason: string }
    }
  | {
      readonly e: 'audit.exported'
      readonly size: number
      readonly subject?: ExportSubject
      readonly by: Actor
      readonly at: EpochMs
    }
  | {
      readonly e: 'gateway.content.read'
      readonly record: RecordId
      readonly deployment: DeploymentId
      readonly by: Actor
      readonly at: EpochMs
      readonly sealed: { readonly reason: string }
    }
export type Context = { readonly now: EpochMs; readonly actor: Actor; readonly authn: AuthnContext }
export type Refusal = Reason<'PERSON_REQUIRED' | 'REASON_REQUIRED' | 'STEP_UP_REQUIRED'>

const minReason = 20

/** Records that sealed text was opened, or that the ledger was exported. */
export function decide(_state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const about = { by: ctx.actor, at: ctx.now }
  switch (command.c) {
    case 'reveal': {
      if (ctx.actor.k !== 'person') return refuse({ code: 'PERSON_REQUIRED', params: {} })
      const { entry, stream: subject, reason } = command
      const faults: Refusal[] = []
      if (reason.trim().length < minReason) faults.push({ code: 'REASON_REQUIRED', params: {} })
      if (!satisfies(ctx.authn, 'fresh_passkey', ctx.now))
        faults.push({ code: 'STEP_UP_REQUIRED', params: {} })
      return unless<Event, Refusal>(faults, {
        e: 'sealed.revealed',
        ...about,
        entry,
        subject,
        sealed: { reason },
      })
    }
    case 'read_content': {
      if (ctx.actor.k !== 'person') return refuse({ code: 'PERSON_REQUIRED', params: {} })
      const { record, deployment, reason } = command
      const isStated = reason.trim().length >= minReason
      return unless<Event, Refusal>(isStated ? [] : [{ code: 'REASON_REQUIRED', params: {} }], {
        e: 'gateway.content.read',
        ...about,
        record,
        deployment,
        sealed: { reason },
      })
    }
    case 'export':
      return unless<Event, Refusal>([], {
        e: 'audit.exported',
        ...about,
        size: command.size,
        ...(command.subject === undefined ? {} : { subject: command.subject }),
      })
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  switch (event.e) {
    case 'sealed.revealed':
      return { ...state, reveals: state.reveals + 1 }
    case 'audit.exported':
      return { ...state, exports: state.exports + 1 }
    case 'gateway.content.read':
      return { ...state, contents: (state.contents ?? 0) + 1 }
    default:
      return unreachable(event)
  }
}
