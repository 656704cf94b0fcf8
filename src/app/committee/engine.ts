import type { reviewCase } from '../../governance/committee/index.ts'
import type { PolicySet } from '../../governance/policies/index.ts'
import type { CaseId, UseCaseId } from '../../kernel/index.ts'
import { cases } from '../aggregates/committee.ts'
import type { Work } from '../command.ts'
import { holdPolicies } from '../policies/in-force.ts'
import { evaluateAt, type Evaluated } from '../requirements.ts'
import { readUseCase } from '../use-case-facts.ts'
import { engineContext } from './context.ts'

/** Evaluates every open case of a use case again; a case whose evidence has changed loses its ballots. */
export async function reevaluateCases(work: Work, useCaseId: UseCaseId): Promise<void> {
  for (const id of await openCasesOf(work, useCaseId)) await reevaluateCase(work, id)
}

/** Evaluates one open case at this moment; records something only when it differs from what the case knows. */
export async function reevaluateCase(work: Work, id: CaseId): Promise<void> {
  const { state } = await work.load(cases, id)
  if (state.s !== 'open' && state.s !== 'waiting_evidence' && state.s !== 'voting') return
  const { results, evidenceSet, conditions } = await requirementsOf(work, await holdPolicies(work), state)
  if (state.subject.evidenceSet === evidenceSet) return
  const found = results.map(({ id: requirement, status }) => ({ id: requirement, status }))
  const command = { c: 'evaluate', requirements: found, evidenceSet, conditions } as const
  await work.apply(cases, id, command, engineContext(work, id))
}

/** Cancels open cases whose revision is no longer the one in force, or whose use case has ended. */
export async function cancelOutdatedCases(work: Work, useCaseId: UseCaseId): Promise<void> {
  const { revisionInForce, state: s } = await readUseCase(work, useCaseId)
  for (const id of await openCasesOf(work, useCaseId)) {
    const { state } = await work.load(cases, id)
    if (state.s === 'absent') continue
    if (s === 'triaged' && state.subject.useCaseRevision === revisionInForce) continue
    await work.apply(cases, id, { c: 'cancel', reasonCode: 'subject_changed' }, engineContext(work, id))
  }
}

/** Everything that is required of the subject of a case, as it is now. */
export async function requirementsOf(
  work: Work,
  policies: PolicySet,
  { subject, tier }: reviewCase.Case,
): Promise<Evaluated> {
  const { useCaseId, useCaseRevision, release, environment } = subject
  const { record } = await readUseCase(work, useCaseId)
  const place = { useCaseId, useCaseRevision, release, environment, tier, triggered: record.reviews }
  return evaluateAt((sql, params) => work.tx.query(sql, params), policies, place, work.now)
}

async function openCasesOf(work: Work, useCaseId: UseCaseId): Promise<readonly CaseId[]> {
  const rows = await work.tx.query<{ id: CaseId }>(
    `select id from cases where use_case_id = $1 and state in ('open', 'waiting_evidence', 'voting') order by id`,
    [useCaseId],
  )
  return rows.map(({ id }) => id)
}
