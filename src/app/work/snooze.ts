import { addDays, type EpochMs, type Reason } from '../../kernel/index.ts'
import type { WorkKind } from '../../kernel/work-kinds.ts'
import type { WorkItem } from './item.ts'

/** A wish of a person not to see something until an instant, and since when it waited when they wished so. */
export type Snooze = { readonly until: EpochMs; readonly since: EpochMs | null }

/** Until when at most something can be put off, or why it cannot. */
export type SnoozeLimit =
  | { readonly k: 'until'; readonly at: EpochMs }
  | { readonly k: 'never'; readonly why: 'MANDATORY' | 'OVERDUE' | 'ENDS_SOON' }

export type Fault =
  | Reason<'SNOOZE_NOT_POSSIBLE', { why: string }>
  | Reason<'SNOOZE_TOO_LONG', { until: EpochMs }>
  | Reason<'SNOOZE_IN_THE_PAST'>

type Waiting = Pick<WorkItem, 'kind' | 'due' | 'since'>

/** What nobody can switch off as a notice, nobody puts off as work: ballots, overrides, what runs without leave. */
const mandatory: ReadonlySet<WorkKind> = new Set([
  'ballot',
  'override_second',
  'override_review',
  'release_blocked',
  'recovery_request',
])
/** These end rather than fall due; of an end that is this near everybody is told. */
const ending: ReadonlySet<WorkKind> = new Set(['decision_expiring', 'waiver_expiring'])
const nearDays = 7
/** What has no date is put off for this long at most. */
export const maxSnoozeDays = 30

/** INVARIANT: nothing is put off past the instant at which it is due (law in `snooze.test.ts`). */
export function snoozeLimit({ kind, due }: Waiting, now: EpochMs): SnoozeLimit {
  if (mandatory.has(kind)) return { k: 'never', why: 'MANDATORY' }
  if (due === null) return { k: 'until', at: addDays(now, maxSnoozeDays) }
  if (due <= now) return { k: 'never', why: 'OVERDUE' }
  if (!ending.has(kind)) return { k: 'until', at: due }
  const near = addDays(due, -nearDays)
  return near <= now ? { k: 'never', why: 'ENDS_SOON' } : { k: 'until', at: near }
}

/** Everything that speaks against putting it off until then. */
export function faultsIn(item: Waiting, until: EpochMs, now: EpochMs): readonly Fault[] {
  const limit = snoozeLimit(item, now)
  if (limit.k === 'never') return [{ code: 'SNOOZE_NOT_POSSIBLE', params: { why: limit.why } }]
  if (until <= now) return [{ code: 'SNOOZE_IN_THE_PAST', params: {} }]
  return until > limit.at ? [{ code: 'SNOOZE_TOO_LONG', params: { until: limit.at } }] : []
}

/**
 * Whether it is still put off. It wakes at its instant, when it waits anew, and when it may not be put off that long any
 * more because it is now due earlier.
 */
export function isAsleep(item: Waiting, snooze: Snooze, now: EpochMs): boolean {
  return snooze.since === item.since && faultsIn(item, snooze.until, now).length === 0
}
