import { useCase } from '../governance/intake/index.ts'
import type { requirements } from '../governance/reviews/index.ts'
import { AppError, type Digest, type Environment, type Tier, type UseCaseId } from '../kernel/index.ts'
import { databaseNow } from './clock.ts'
import { policiesInForce } from './policies/in-force.ts'
import type { Query } from './ports/query.ts'
import { requireReadable, type Reader } from './readable.ts'
import { committed, evaluateAt, gapDigest } from './requirements.ts'

/** One requirement as it is, and the gap that a waiver of it would name. */
export type RequirementRow = requirements.RequirementResult & { readonly gap: Digest }

export type Requirements = {
  readonly useCaseId: UseCaseId
  readonly useCaseRevision: Digest
  readonly tier: Tier
  readonly evidenceSet: Digest
  readonly items: readonly RequirementRow[]
}

/**
 * Everything that is required of a release in an environment, under the revision in force. `USE_CASE_NOT_TRIAGED` before
 * there is one: nothing is known to be required then, so nothing is met.
 */
export async function readRequirements(
  query: Query,
  reader: Reader,
  { release, environment }: { readonly release: Digest; readonly environment: Environment },
): Promise<Requirements> {
  const [row] = await query<{ state: useCase.UseCase }>(
    `select s.state from releases r join systems y on y.id = r.system_id
       join streams s on s.stream = 'useCase/' || y.use_case_id where r.digest = $1`,
    [release],
  )
  if (row === undefined) throw new AppError('NOT_FOUND')
  const { id: useCaseId, inForce, reviews: triggered } = row.state
  await requireReadable(query, reader, useCaseId, 'useCase.read')
  if (inForce === null)
    throw new AppError('REFUSED', undefined, { reasons: [{ code: 'USE_CASE_NOT_TRIAGED', params: {} }] })
  const now = await databaseNow(query)
  const tier = useCase.effectiveTier(row.state, now)
  const useCaseRevision = inForce.revisionDigest
  const place = { useCaseId, useCaseRevision, release, environment, tier, triggered }
  const { results, bare, evidenceSet } = await evaluateAt(
    committed(query),
    await policiesInForce(query),
    place,
    now,
  )
  const gaps = new Map(bare.map((result) => [result.id, gapDigest(result)]))
  const items = results.map((result) => ({ ...result, gap: gaps.get(result.id) ?? gapDigest(result) }))
  return { useCaseId, useCaseRevision, tier, evidenceSet, items }
}
