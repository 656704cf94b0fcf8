import { useCase } from '../governance/intake/index.ts'
import type { DeclaredAction } from '../governance/registry/index.ts'
import { valueOf, type Answers } from '../governance/tiering/index.ts'
import {
  AppError,
  autonomies,
  effects,
  type Digest,
  type JsonObject,
  type Json,
  type LegalClass,
  type Tier,
  type UnitId,
  type UseCaseId,
  type UserId,
} from '../kernel/index.ts'
import type { Permission } from '../governance/people/index.ts'
import { requireAt } from './access.ts'
import { useCases } from './aggregates/intake.ts'
import { personOf, type Work } from './command.ts'

/** What other aggregates need to know of a use case, read under its lock. */
export type UseCaseFacts = {
  readonly id: UseCaseId
  readonly state: useCase.UseCase['s']
  /** Digest of what was last triaged; null before. */
  readonly revisionInForce: Digest | null
  readonly tier: Tier
  readonly legal: { readonly class: LegalClass; readonly cleared: boolean }
  readonly unit: UnitId | null
  readonly requester: UserId
  readonly owners: readonly UserId[]
  readonly technicalOwner: UserId | null
  readonly interested: ReadonlySet<UserId>
  /** Null until the use case is triaged. */
  readonly actions: readonly DeclaredAction[] | null
  readonly record: useCase.UseCase
}

/**
 * Locks a use case and demands `permission` there. `NOT_FOUND` when there is none or the caller may not read it, else
 * `FORBIDDEN`.
 */
export async function useCaseFor(work: Work, id: UseCaseId, permission: Permission): Promise<UseCaseFacts> {
  const facts = await readUseCase(work, id)
  const { authority } = work.issuer
  const caller = { authority, person: personOf(work.issuer) }
  await requireAt((sql, params) => work.tx.query(sql, params), caller, permission, facts, work.now)
  return facts
}

/** The facts without asking who wants to know: for rules of the engine. */
export async function readUseCase(work: Work, id: UseCaseId): Promise<UseCaseFacts> {
  const { state } = await work.load(useCases, id)
  if (state.s === 'absent') throw new AppError('NOT_FOUND')
  const { owners, requester, inForce } = state
  const named = [owners.business, owners.technical, owners.backup].filter((person) => person !== null)
  return {
    id,
    state: state.s,
    revisionInForce: inForce?.revisionDigest ?? null,
    tier: useCase.effectiveTier(state, work.now),
    legal: useCase.legalOf(state),
    unit: state.unit,
    requester,
    owners: named,
    technicalOwner: owners.technical,
    interested: new Set([requester, ...named]),
    actions: inForce === null ? null : actionsIn(inForce.answers),
    record: state,
  }
}

/** The declared actions that are known in full: an unknown cell declares nothing, so it permits nothing. */
export function actionsIn(answers: Answers): readonly DeclaredAction[] {
  return rowsIn(answers, 'actions').flatMap((row) => {
    const { toolId } = row
    const effect = effects.find((option) => option === row['effect'])
    const autonomy = autonomies.find((option) => option === row['autonomy'])
    return typeof toolId === 'string' && effect !== undefined && autonomy !== undefined
      ? [{ toolId, effect, autonomy }]
      : []
  })
}

/** The rows of a table among the answers; none when nobody stands behind one. */
export function rowsIn(answers: Answers, key: string): readonly JsonObject[] {
  const value = valueOf(answers, key)
  if (!Array.isArray(value)) return []
  return (value as readonly Json[]).filter(
    (row): row is JsonObject => typeof row === 'object' && row !== null && !Array.isArray(row),
  )
}
