import type { DeclaredAction } from '../governance/registry/index.ts'
import type { Digest, LegalClass, Tier, UnitId, UseCaseId, UserId } from '../kernel/index.ts'
import type { Work } from './command.ts'

/** What other aggregates need to know of a use case, read under its lock. */
export type UseCaseFacts = {
  readonly id: UseCaseId
  readonly state: string
  readonly revision: number
  readonly revisionDigest: Digest | null
  readonly tier: Tier
  readonly legal: { readonly class: LegalClass; readonly cleared: boolean }
  readonly unit: UnitId | null
  readonly requester: UserId
  readonly owners: readonly UserId[]
  /** Null until the use case is triaged. */
  readonly actions: readonly DeclaredAction[] | null
}

/** Reads the facts of a use case; `NOT_FOUND` when there is none. */
export type ReadUseCase = (work: Work, id: UseCaseId) => Promise<UseCaseFacts>

/** Requester and owners: whoever has an interest in the answer. */
export function interestedIn(useCase: Pick<UseCaseFacts, 'requester' | 'owners'>): ReadonlySet<UserId> {
  return new Set([useCase.requester, ...useCase.owners])
}
