import {
  refuse,
  unless,
  unreachable,
  type Actor,
  type CaseId,
  type DecisionId,
  type Decided,
  type EpochMs,
  type IdSource,
  type JsonObject,
  type Reason,
  type StopId,
} from '../../kernel/index.ts'
import type { StopScope } from './facts.ts'

/** What a stop holds: one aggregate for each target at each scope. The installation is a target of its own. */
export type StopTarget = { readonly scope: StopScope; readonly targetId: string }
export type OrderedStop = {
  readonly id: StopId
  readonly reasonCode: StopReason
  readonly since: EpochMs
  readonly by: Actor
}

/** Why something is stopped. `prohibited` and `key_compromise` admit no emergency override. */
export const stopReasons = [
  'prohibited',
  'key_compromise',
  'check_failed',
  'condition_breached',
  'digest_mismatch',
  'red_team_failure',
  'score',
  'vendor_notice',
  'incident',
  'training_lapsed',
  'person',
] as const
export type StopReason = (typeof stopReasons)[number]

/** `epoch` counts the orders and lifts so far; it is this target's share of the epoch of each deployment under it. */
export type State =
  | { readonly s: 'clear'; readonly epoch: number }
  | {
      readonly s: 'stopped'
      readonly epoch: number
      readonly target: StopTarget
      readonly stops: readonly OrderedStop[]
    }
export const initial: State = { s: 'clear', epoch: 0 }

/** The target of a stop of everything. */
export const installationTarget = 'installation'

/** Id of the aggregate of one target. */
export function stopStreamId({ scope, targetId }: StopTarget): string {
  return `${scope}:${targetId}`
}

export type Command =
  | {
      readonly c: 'order'
      readonly target: StopTarget
      readonly reasonCode: StopReason
      readonly cause?: string
      readonly sealed?: JsonObject
    }
  | { readonly c: 'lift'; readonly stopId: StopId; readonly cause: string; readonly sealed?: JsonObject }

export type Event =
  | {
      readonly e: 'stop.ordered'
      readonly stopId: StopId
      readonly scope: StopScope
      readonly targetId: string
      readonly epoch: number
      readonly reasonCode: StopReason
      readonly cause: string | null
      readonly by: Actor
      readonly at: EpochMs
      readonly sealed?: JsonObject
    }
  | {
      readonly e: 'stop.lifted'
      readonly stopId: StopId
      readonly scope: StopScope
      readonly targetId: string
      readonly epoch: number
      readonly caseId: CaseId
      readonly decisionId: DecisionId
      readonly cause: string
      readonly by: Actor
      readonly at: EpochMs
      readonly sealed?: JsonObject
    }

/** A decided case of kind `resume`, and the stops that it is about. */
export type ResumeFact = {
  readonly caseId: CaseId
  readonly decisionId: DecisionId
  readonly outcome: 'approved' | 'approved_with_conditions' | 'rejected'
  readonly stopIds: readonly StopId[]
  readonly decidedAt: EpochMs
  readonly expiresAt: EpochMs
  readonly revoked: boolean
}

export type Context = {
  readonly now: EpochMs
  readonly actor: Actor
  readonly ids: IdSource
  readonly resume: ResumeFact | null
  /** Whether two persons of the legal function have cleared the prohibited class on changed answers. */
  readonly prohibitedCleared: boolean
}

export type Refusal =
  | Reason<'WRONG_STATE', { state: State['s'] }>
  | Reason<'STOP_UNKNOWN', { stopId: string }>
  | Reason<'RESUME_NOT_DECIDED' | 'RESUME_OF_OTHER_STOP' | 'RESUME_NOT_IN_FORCE' | 'PROHIBITED_NOT_CLEARED'>
  | Reason<'CAUSE_REQUIRED'>

/** Orders or lifts a stop. An override lifts nothing: it stands beside the stop and ends by itself. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  switch (command.c) {
    case 'order':
      // INVARIANT: stopping needs one person. Neither the state nor anything in `ctx` may refuse a stop.
      return unless<Event, Refusal>([], {
        e: 'stop.ordered',
        stopId: ctx.ids.next('stop'),
        scope: command.target.scope,
        targetId: command.target.targetId,
        epoch: state.epoch + 1,
        reasonCode: command.reasonCode,
        cause: command.cause ?? null,
        by: ctx.actor,
        at: ctx.now,
        ...(command.sealed === undefined ? {} : { sealed: command.sealed }),
      })
    case 'lift':
      if (state.s === 'clear') return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
      return lift(state, command, ctx)
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  // INVARIANT: an epoch never falls, whatever a log says.
  const epoch = Math.max(state.epoch, event.epoch)
  switch (event.e) {
    case 'stop.ordered': {
      const { stopId: id, reasonCode, at: since, by, scope, targetId } = event
      const ordered: OrderedStop = { id, reasonCode, since, by }
      if (state.s === 'clear') return { s: 'stopped', epoch, target: { scope, targetId }, stops: [ordered] }
      if (state.stops.some((stop) => stop.id === id)) return state
      return { ...state, epoch, stops: [...state.stops, ordered] }
    }
    case 'stop.lifted': {
      if (state.s === 'clear') return state
      const stops = state.stops.filter(({ id }) => id !== event.stopId)
      return stops.length === 0 ? { s: 'clear', epoch } : { ...state, epoch, stops }
    }
    default:
      return unreachable(event)
  }
}

/** What a deployment belongs to, from the narrowest to the widest. */
export type StopPlace = {
  readonly deploymentId: string
  readonly routes: readonly string[]
  readonly systemId: string
  readonly useCaseId: string
}

/** Whether a stop of `target` takes hold of the deployment at `place`. */
export function covers(target: StopTarget, place: StopPlace): boolean {
  switch (target.scope) {
    case 'route':
      return place.routes.includes(target.targetId)
    case 'deployment':
      return place.deploymentId === target.targetId
    case 'system':
      return place.systemId === target.targetId
    case 'use_case':
      return place.useCaseId === target.targetId
    case 'installation':
      return true
    default:
      return unreachable(target.scope)
  }
}

/**
 * The epoch that a grant of the deployment at `place` must carry: its own counter and that of each target above it.
 * One order therefore reaches every deployment beneath its target without touching any of them (ADR 0004).
 */
export function effectiveEpoch(
  ownEpoch: number,
  place: StopPlace,
  stops: readonly { readonly target: StopTarget; readonly epoch: number }[],
): number {
  return stops.reduce((sum, { target, epoch }) => sum + (covers(target, place) ? epoch : 0), ownEpoch)
}

function lift(
  state: State & { s: 'stopped' },
  command: Command & { c: 'lift' },
  ctx: Context,
): Decided<Event, Refusal> {
  const stop = state.stops.find(({ id }) => id === command.stopId)
  if (stop === undefined) return refuse({ code: 'STOP_UNKNOWN', params: { stopId: command.stopId } })
  const faults: Refusal[] = []
  if (command.cause === '') faults.push({ code: 'CAUSE_REQUIRED', params: {} })
  if (stop.reasonCode === 'prohibited' && !ctx.prohibitedCleared)
    faults.push({ code: 'PROHIBITED_NOT_CLEARED', params: {} })
  const { resume } = ctx
  if (resume === null || resume.outcome === 'rejected')
    return { ok: false, refused: [...faults, { code: 'RESUME_NOT_DECIDED', params: {} }] }
  // A decision from before the stop cannot have been about it.
  if (!resume.stopIds.includes(stop.id) || resume.decidedAt < stop.since)
    faults.push({ code: 'RESUME_OF_OTHER_STOP', params: {} })
  if (resume.revoked || ctx.now >= resume.expiresAt) faults.push({ code: 'RESUME_NOT_IN_FORCE', params: {} })
  return unless<Event, Refusal>(faults, {
    e: 'stop.lifted',
    stopId: stop.id,
    ...state.target,
    epoch: state.epoch + 1,
    caseId: resume.caseId,
    decisionId: resume.decisionId,
    cause: command.cause,
    by: ctx.actor,
    at: ctx.now,
    ...(command.sealed === undefined ? {} : { sealed: command.sealed }),
  })
}
