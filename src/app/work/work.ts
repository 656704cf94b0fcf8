import type { EpochMs, UserId } from '../../kernel/index.ts'
import { databaseNow } from '../clock.ts'
import type { PolicySet } from '../../governance/policies/index.ts'
import type { Query } from '../ports/query.ts'
import type { Reader } from '../readable.ts'
import { caseWork, charterWork, conditionWork, expiringDecisions } from './committee.ts'
import { blockedWork, overrideWork, waiverWork } from './exceptions.ts'
import { byUrgency, type Asking, type WorkItem } from './item.ts'
import { peopleWork } from './people.ts'
import { informationWork, nextOwnDate, reviewWork, triageWork } from './reviews.ts'

const sources = [
  caseWork,
  conditionWork,
  expiringDecisions,
  charterWork,
  triageWork,
  informationWork,
  reviewWork,
  waiverWork,
  overrideWork,
  blockedWork,
  peopleWork,
] as const

/** Everything that waits for one person, most urgent first, and the next date on which something of theirs ends. */
export async function readWork(
  query: Query,
  policies: PolicySet,
  reader: Reader & { readonly person: UserId },
): Promise<{
  readonly now: EpochMs
  readonly items: readonly WorkItem[]
  readonly nextDate: EpochMs | null
}> {
  const now = await databaseNow(query)
  const asking: Asking = { query, policies, reader, now }
  const found = await Promise.all(sources.map((source) => source(asking)))
  return { now, items: found.flat().toSorted(byUrgency), nextDate: await nextOwnDate(asking) }
}
