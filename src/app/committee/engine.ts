import { waiver } from '../../governance/authorization/index.ts'
import type { reviewCase } from '../../governance/committee/index.ts'
import type { PolicySet } from '../../governance/policies/index.ts'
import { digestOf, type CaseId, type UseCaseId } from '../../kernel/index.ts'
import { waivers } from '../aggregates/authorization.ts'
import { cases } from '../aggregates/committee.ts'
import type { Work } from '../command.ts'
import { gapNow, noGap } from '../gaps.ts'
import { holdPolicies } from '../policies/in-force.ts'
import { evaluateAt, type Evaluated } from '../requirements.ts'
import { readUseCase } from '../use-case-facts.ts'
import { engineContext } from './context.ts'

type Evidence = Omit<Extract<reviewCase.Command, { readonly c: 'evaluate' }>, 'c'>

/** Evaluates every open case of a use case again; a case whose evidence has changed loses its ballots. */
export async function reevaluateCases(work: Work, useCaseId: UseCaseId): Promise<void> {
  for (const id of await openCasesOf(work, useCaseId)) await reevaluateCase(work, id)
}

/** Evaluates one open case at this moment; records something only when it differs from what the case knows. */
export async function reevaluateCase(work: Work, id: CaseId): Promise<void> {
  const { state } = await work.load(cases, id)
  if (state.s !== 'open' && state.s !== 'waiting_evidence' && state.s !== 'voting') return
  const { requirements, evidenceSet, conditions } =
    state.subject.kind === 'waiver'
      ? await waiverRequirements(work, state.subject)
      : await releaseRequirements(work, state)
  if (state.subject.evidenceSet === evidenceSet) return
  const command = { c: 'evaluate', requirements, evidenceSet, conditions } as const
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
  return evaluateAt((sql, params) => work.states(sql, params), policies, place, work.now)
}

async function releaseRequirements(work: Work, state: reviewCase.Case): Promise<Evidence> {
  const { results, evidenceSet, conditions } = await requirementsOf(work, await holdPolicies(work), state)
  return { requirements: results.map(({ id, status }) => ({ id, status })), evidenceSet, conditions }
}

/** A case about a waiver asks that it is still asked for in these terms, and that the gap is still as it was weighed. */
async function waiverRequirements(
  work: Work,
  { waiver: about, useCaseId }: reviewCase.Subject,
): Promise<Evidence> {
  const asked = about === null ? waiver.initial : await work.peek(waivers, about.id)
  const isSame =
    about !== null && asked.s === 'requested' && waiver.waiverDocument(about.id, asked) === about.document
  const gap =
    asked.s === 'requested' ? await gapNow(work, await readUseCase(work, useCaseId), asked.terms) : noGap
  const isUnchanged = asked.s === 'requested' && gap === asked.terms.stateDigest
  const requirements: readonly reviewCase.Requirement[] = [
    { id: 'waiver/requested', status: isSame ? 'met' : 'unmet' },
    { id: 'waiver/gap_unchanged', status: isUnchanged ? 'met' : 'unmet' },
  ]
  return { requirements, evidenceSet: digestOf({ requirements, gap }), conditions: [] }
}

async function openCasesOf(work: Work, useCaseId: UseCaseId): Promise<readonly CaseId[]> {
  const rows = await work.tx.query<{ id: CaseId }>(
    `select id from cases where use_case_id = $1 and state in ('open', 'waiting_evidence', 'voting') order by id`,
    [useCaseId],
  )
  return rows.map(({ id }) => id)
}
