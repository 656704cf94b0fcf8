import {
  accept,
  addMs,
  dayMs,
  unreachable,
  type CaseId,
  type ConditionId,
  type Decided,
  type DecisionId,
  type EpochMs,
  type UseCaseId,
  type WaiverId,
} from '../../kernel/index.ts'

/** Days before the end of a decision at which somebody must hear of it. */
export const reminderDays = [30, 14, 7, 1] as const
export type ReminderDays = (typeof reminderDays)[number]

/** Something that the clock ends, as it stands when it is looked at. */
export type Subject =
  | {
      readonly k: 'decision'
      readonly id: DecisionId
      readonly caseId: CaseId
      readonly startsAt: EpochMs
      readonly endsAt: EpochMs
    }
  | { readonly k: 'waiver'; readonly id: WaiverId; readonly endsAt: EpochMs }
  /** Ends at its due instant: past it and not met it is breached. */
  | {
      readonly k: 'condition'
      readonly id: ConditionId
      readonly decisionId: DecisionId
      readonly endsAt: EpochMs
    }
  /** A tier that was lowered for a time; a use case has one at a time. */
  | { readonly k: 'tier_override'; readonly id: UseCaseId; readonly endsAt: EpochMs }

/**
 * What was recorded about the end of one thing. Nothing is decided by it: authorization is derived from the clock, whether
 * or not anybody has recorded what the clock did. Of several ends of one thing, such as a renewed waiver's, it is the newest.
 */
export type State =
  | { readonly s: 'absent' }
  | { readonly s: 'reminded'; readonly endsAt: EpochMs; readonly daysLeft: ReminderDays }
  | { readonly s: 'ended'; readonly endsAt: EpochMs }
export const initial: State = { s: 'absent' }

export type Command = { readonly c: 'tick'; readonly subject: Subject }

type OfDecision = {
  readonly decisionId: DecisionId
  readonly caseId: CaseId
  readonly expiresAt: EpochMs
  readonly at: EpochMs
}
export type Event =
  | (OfDecision & { readonly e: 'decision.reminder_due'; readonly daysLeft: ReminderDays })
  | (OfDecision & { readonly e: 'decision.expired' })
  | {
      readonly e: 'waiver.expired'
      readonly waiverId: WaiverId
      readonly expiresAt: EpochMs
      readonly at: EpochMs
    }
  | {
      readonly e: 'condition.breached'
      readonly conditionId: ConditionId
      readonly decisionId: DecisionId
      readonly due: EpochMs
      readonly at: EpochMs
    }
  | {
      readonly e: 'tier.override_expired'
      readonly useCaseId: UseCaseId
      readonly expiresAt: EpochMs
      readonly at: EpochMs
    }

export type Context = { readonly now: EpochMs }

/**
 * Records what is due and not yet recorded; nothing, when there is nothing. After a long silence the newest reminder
 * stands for those that nobody heard, and the end for all of them.
 */
export function decide(state: State, { subject }: Command, { now }: Context): Decided<Event> {
  const known = state.s !== 'absent' && state.endsAt === subject.endsAt ? state : initial
  if (known.s === 'ended') return accept()
  if (now >= subject.endsAt) return accept(ended(subject, now))
  const daysLeft = dueReminder(subject, now)
  if (subject.k !== 'decision' || daysLeft === null) return accept()
  if (known.s === 'reminded' && known.daysLeft <= daysLeft) return accept()
  const { id: decisionId, caseId, endsAt: expiresAt } = subject
  return accept({ e: 'decision.reminder_due', decisionId, caseId, expiresAt, at: now, daysLeft })
}

/** Folds one recorded fact. */
export function evolve(_state: State, event: Event): State {
  switch (event.e) {
    case 'decision.reminder_due':
      return { s: 'reminded', endsAt: event.expiresAt, daysLeft: event.daysLeft }
    case 'decision.expired':
    case 'waiver.expired':
    case 'tier.override_expired':
      return { s: 'ended', endsAt: event.expiresAt }
    case 'condition.breached':
      return { s: 'ended', endsAt: event.due }
    default:
      return unreachable(event)
  }
}

/** The newest reminder that is due at `now`; a mark from before the decision was made is none. */
export function dueReminder(subject: Subject, now: EpochMs): ReminderDays | null {
  if (subject.k !== 'decision' || now >= subject.endsAt) return null
  const due = reminderDays.filter((days) => {
    const mark = addMs(subject.endsAt, -days * dayMs)
    return mark > subject.startsAt && mark <= now
  })
  return due.at(-1) ?? null
}

function ended(subject: Subject, at: EpochMs): Event {
  const { endsAt: expiresAt } = subject
  switch (subject.k) {
    case 'decision':
      return { e: 'decision.expired', decisionId: subject.id, caseId: subject.caseId, expiresAt, at }
    case 'waiver':
      return { e: 'waiver.expired', waiverId: subject.id, expiresAt, at }
    case 'condition': {
      const { id: conditionId, decisionId } = subject
      return { e: 'condition.breached', conditionId, decisionId, due: expiresAt, at }
    }
    case 'tier_override':
      return { e: 'tier.override_expired', useCaseId: subject.id, expiresAt, at }
    default:
      return unreachable(subject)
  }
}
