import {
  refuse,
  unless,
  unreachable,
  type CaseId,
  type ConditionId,
  type Decided,
  type DecisionId,
  type Digest,
  type EpochMs,
  type Fn,
  type Reason,
  type UserId,
} from '../../kernel/index.ts'

export type Terms = {
  readonly id: ConditionId
  readonly caseId: CaseId
  readonly decisionId: DecisionId
  readonly phase: 'before_deploy' | 'after_deploy'
  readonly due: EpochMs
  readonly owner: UserId
  readonly attester: Fn
  readonly proposedBy: Fn
  readonly onBreach: 'suspend' | 'shadow' | 'notify'
}

/** Breach is derived from `due`: nothing has to run for it. */
export type State =
  | { readonly s: 'absent' }
  | { readonly s: 'open'; readonly terms: Terms }
  | {
      readonly s: 'met'
      readonly terms: Terms
      readonly by: UserId
      readonly evidence: Digest
      readonly at: EpochMs
    }
  | { readonly s: 'withdrawn'; readonly terms: Terms; readonly by: UserId }
export const initial: State = { s: 'absent' }

export type Command =
  | { readonly c: 'impose'; readonly terms: Terms }
  | { readonly c: 'attest'; readonly evidence: Digest }
  | { readonly c: 'withdraw' }

export type Event =
  | { readonly e: 'condition.imposed'; readonly terms: Terms; readonly at: EpochMs }
  | {
      readonly e: 'condition.met'
      readonly conditionId: ConditionId
      readonly by: UserId
      readonly evidence: Digest
      readonly at: EpochMs
    }
  | {
      readonly e: 'condition.withdrawn'
      readonly conditionId: ConditionId
      readonly by: UserId
      readonly at: EpochMs
    }

export type Context = {
  readonly now: EpochMs
  readonly person: UserId | null
  /** Functions that the person holds as reviewer or seat. */
  readonly functions: readonly Fn[]
}
export type Refusal =
  | Reason<'WRONG_STATE', { state: State['s'] }>
  | Reason<'OWNER_CONFLICT' | 'PERSON_REQUIRED'>
  | Reason<'FUNCTION_REQUIRED', { fn: Fn }>

/** Applies one command. A condition is met by its attester, never by its owner. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  if (command.c === 'impose') {
    if (state.s !== 'absent') return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
    return unless<Event, Refusal>([], { e: 'condition.imposed', terms: command.terms, at: ctx.now })
  }
  if (state.s !== 'open') return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
  const { person } = ctx
  if (person === null) return refuse({ code: 'PERSON_REQUIRED', params: {} })
  const about = { conditionId: state.terms.id, by: person, at: ctx.now }
  const fn = command.c === 'attest' ? state.terms.attester : state.terms.proposedBy
  const faults: Refusal[] = ctx.functions.includes(fn) ? [] : [{ code: 'FUNCTION_REQUIRED', params: { fn } }]
  if (state.terms.owner === person) faults.push({ code: 'OWNER_CONFLICT', params: {} })
  switch (command.c) {
    case 'attest':
      return unless<Event, Refusal>(faults, { e: 'condition.met', ...about, evidence: command.evidence })
    case 'withdraw':
      return unless<Event, Refusal>(faults, { e: 'condition.withdrawn', ...about })
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  if (event.e === 'condition.imposed') return state.s === 'absent' ? { s: 'open', terms: event.terms } : state
  if (state.s !== 'open' || state.terms.id !== event.conditionId) return state
  const { terms } = state
  switch (event.e) {
    case 'condition.met':
      return { s: 'met', terms, by: event.by, evidence: event.evidence, at: event.at }
    case 'condition.withdrawn':
      return { s: 'withdrawn', terms, by: event.by }
    default:
      return unreachable(event)
  }
}

/** Whether the condition is past due and not met: at that millisecond, whether or not a job has run. */
export function isBreached(state: State, now: EpochMs): boolean {
  return state.s === 'open' && now >= state.terms.due
}
