import { caseWork, charterWork, conditionWork, expiringDecisions } from './committee.ts'
import { blockedWork, overrideWork, waiverWork } from './exceptions.ts'
import { byUrgency, type Asking, type WorkItem } from './item.ts'
import { mentionWork } from './mentions.ts'
import { peopleWork } from './people.ts'
import { informationWork, reviewWork, triageWork } from './reviews.ts'

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
  mentionWork,
] as const

/** Everything that waits for one person, most urgent first. */
export async function deriveWork(asking: Asking): Promise<readonly WorkItem[]> {
  const found = await Promise.all(sources.map((source) => source(asking)))
  return found.flat().toSorted(byUrgency)
}
