import type { EpochMs, UserId } from '../../kernel/index.ts'
import { databaseNow } from '../clock.ts'
import { readCharters } from '../committee/views.ts'
import type { PolicySet } from '../../governance/policies/index.ts'
import type { Query } from '../ports/query.ts'
import type { Reader } from '../readable.ts'
import { delegationOf, type Delegation } from './delegation.ts'
import type { Asking, WorkItem } from './item.ts'
import { nextOwnDate } from './reviews.ts'
import { snoozeLimit, type SnoozeLimit } from './snooze.ts'
import { asleepUntil, snoozesOf } from './snoozes.ts'
import { deriveWork } from './sources.ts'

/** Something that waits, with what the person may do about waiting. */
export type OwnItem = WorkItem & {
  /** Until when they have put it off; null for what they see. */
  readonly asleepUntil: EpochMs | null
  readonly snoozeLimit: SnoozeLimit
  readonly delegation: Delegation
}

/** Everything that waits for one person, most urgent first, and the next date on which something of theirs ends. */
export async function readWork(
  query: Query,
  policies: PolicySet,
  reader: Reader & { readonly person: UserId },
): Promise<{
  readonly now: EpochMs
  readonly items: readonly OwnItem[]
  readonly nextDate: EpochMs | null
}> {
  const now = await databaseNow(query)
  const asking: Asking = { query, policies, reader, now }
  const snoozes = await snoozesOf(asking)
  const charters = await readCharters(query)
  const { person } = reader
  const items = (await deriveWork(asking)).map((item) => ({
    ...item,
    asleepUntil: asleepUntil(item, snoozes, now),
    snoozeLimit: snoozeLimit(item, now),
    delegation: delegationOf(item, { charters, person, now }),
  }))
  return { now, items, nextDate: await nextOwnDate(asking) }
}
