import {
  actorText,
  refuse,
  unless,
  type Actor,
  type Decided,
  type DeploymentId,
  type Digest,
  type EpochMs,
  type Reason,
  type RecordId,
} from '../../kernel/index.ts'

/**
 * What an analyst says of a finding: an attack or data that really was there; nothing of the kind; or somebody who tried
 * the guard on purpose, which teaches nothing about traffic.
 */
export const marks = ['true_positive', 'false_positive', 'benign_in_context'] as const
export type Mark = (typeof marks)[number]

/** Why, in a word: free text about what somebody wrote would be content. */
export const markReasons = [
  'attack_confirmed',
  'data_confirmed',
  'quotes_an_attack',
  'security_work',
  'known_template',
  'not_what_it_says',
  'test_by_us',
  'other',
] as const
export type MarkReason = (typeof markReasons)[number]

/** A finding of a record, as the record tells it. */
export type Subject = {
  readonly deploymentId: DeploymentId
  readonly rule: string
  readonly kind: string
  readonly channel: string
  readonly window: Digest | null
  /** Score of the scorer in thousandths of z; null of every other rule. */
  readonly zMilli: number | null
}

export type Marked = { readonly mark: Mark; readonly reason: MarkReason; readonly by: string }

/** The marks of the findings of one record, by their place in it. A later mark takes the place of an earlier one. */
export type State = { readonly marks: { readonly [finding: string]: Marked } }
export const initial: State = { marks: {} }

export type Command = {
  readonly c: 'mark'
  readonly finding: number
  readonly mark: Mark
  readonly reason: MarkReason
}

export type Event = Subject & {
  readonly e: 'guard.feedback.recorded'
  readonly recordId: RecordId
  readonly finding: number
  readonly mark: Mark
  readonly reason: MarkReason
  readonly by: Actor
  readonly at: EpochMs
}

export type Context = {
  readonly now: EpochMs
  readonly actor: Actor
  readonly recordId: RecordId
  /** Null where the record has no such finding. */
  readonly subject: Subject | null
}

export type Refusal = Reason<'FINDING_UNKNOWN', { finding: number }> | Reason<'NOTHING_CHANGED'>

/** Applies one command. A mark changes nothing that the guard does: only a version of the guard policy does. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const { finding, mark, reason } = command
  const { now: at, actor: by, recordId, subject } = ctx
  if (subject === null) return refuse({ code: 'FINDING_UNKNOWN', params: { finding } })
  const known = state.marks[finding]
  const isSame = known?.mark === mark && known.reason === reason && known.by === actorText(by)
  return unless<Event, Refusal>(isSame ? [{ code: 'NOTHING_CHANGED', params: {} }] : [], {
    e: 'guard.feedback.recorded',
    recordId,
    finding,
    mark,
    reason,
    by,
    at,
    ...subject,
  })
}

/** Folds one recorded fact. */
export function evolve(state: State, { finding, mark, reason, by }: Event): State {
  return { marks: { ...state.marks, [finding]: { mark, reason, by: actorText(by) } } }
}
