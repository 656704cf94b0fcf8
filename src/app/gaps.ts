import type { waiver } from '../governance/authorization/index.ts'
import { digestOf, type Digest } from '../kernel/index.ts'
import { conditions } from './aggregates/committee.ts'
import type { Work } from './command.ts'
import { holdPolicies } from './policies/in-force.ts'
import { gapDigest, requirementsFor } from './requirements.ts'
import type { UseCaseFacts } from './use-case-facts.ts'

/** What stands for a gap that does not exist, or is closed: no waiver names it. */
export const noGap = digestOf({ none: true })

/** Digest of the gap that a waiver is about, as it is at this moment. */
export async function gapNow(
  work: Work,
  facts: UseCaseFacts,
  { subject, scope }: Pick<waiver.Terms, 'subject' | 'scope'>,
): Promise<Digest> {
  if (subject.k === 'condition') {
    const state = await work.peek(conditions, subject.id)
    return state.s === 'open' ? digestOf({ condition: subject.id, terms: state.terms }) : noGap
  }
  if (facts.revisionInForce === null || scope.release === null) return noGap
  const { release, environment } = scope
  const { bare } = await requirementsFor(work, await holdPolicies(work), facts, { release, environment })
  const gap = bare.find(({ id }) => id === subject.id)
  return gap === undefined || gap.status === 'met' ? noGap : gapDigest(gap)
}
