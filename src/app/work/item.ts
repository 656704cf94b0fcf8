import type { WorkKind } from '../../kernel/work-kinds.ts'
import type { Reason, Tier, UserId } from '../../kernel/index.ts'
import type { EpochMs } from '../../kernel/index.ts'
import type { PolicySet } from '../../governance/policies/index.ts'
import type { Query } from '../ports/query.ts'
import type { Reader } from '../readable.ts'

/** One thing that waits for the person, with why it is theirs. */
export type WorkItem = {
  readonly kind: WorkKind
  /** Id or digest of the record that the action is about. */
  readonly id: string
  /** The record to read, as the ledger names it, where `id` is not one with a screen. */
  readonly about?: string
  /** Title of the use case, or name of the person; null when there is none. */
  readonly title: string | null
  readonly tier: Tier | null
  readonly due: EpochMs | null
  readonly since: EpochMs | null
  readonly why: Reason
}

/** For whom work is derived, and by what. */
export type Asking = {
  readonly query: Query
  readonly policies: PolicySet
  readonly reader: Reader & { readonly person: UserId }
  readonly now: EpochMs
}

/** How many items of one source are shown; more of them are not work, they are a list of their own. */
export const perSource = 100

/** Overdue first, then what is due next, then the higher tier, then what has waited longest. */
export function byUrgency(a: WorkItem, b: WorkItem): number {
  const later = Number.MAX_SAFE_INTEGER
  return (
    (a.due ?? later) - (b.due ?? later) ||
    (b.tier ?? 0) - (a.tier ?? 0) ||
    (a.since ?? later) - (b.since ?? later) ||
    (a.id < b.id ? -1 : 1)
  )
}
