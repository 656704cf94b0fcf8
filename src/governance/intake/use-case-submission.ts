import { digestOf, unless, type Decided, type Tier } from '../../kernel/index.ts'
import { assessmentOf } from '../tiering/index.ts'
import { missingAnswers, outdatedAnswers } from './questionnaire.ts'
import type { Owners, UseCase, Command, Event, Context, Refusal } from './use-case-model.ts'
import { wrongState } from './use-case-rules.ts'

/** From this score on the requester must say whether it is the same. */
export const mustDecideBp = 8_000

/** Submits a draft or what was asked for, with every fault of the whole form at once. */
export function submit(
  state: UseCase,
  command: Command & { c: 'submit' },
  owner: readonly Refusal[],
  ctx: Context,
): Decided<Event, Refusal> {
  if (state.s !== 'draft' && state.s !== 'needs_info') return wrongState(state)
  const { questionnaire, policy } = ctx.catalogue
  const outdated = outdatedAnswers(questionnaire, state.answers)
  const faults: Refusal[] = [...owner, ...outdated]
  for (const key of missingAnswers(questionnaire, state))
    if (!outdated.some(({ params }) => params.key === key))
      faults.push({ code: 'ANSWER_REQUIRED', params: { key }, path: `/answers/${key}` })
  const assessment = assessmentOf(state.answers, policy)
  faults.push(...ownerFaults(state.owners, assessment.tier, ctx))
  const dismissed = command.notDuplicates ?? []
  for (const { id, scoreBp } of ctx.similar)
    if (scoreBp >= mustDecideBp && !dismissed.includes(id))
      faults.push({ code: 'DUPLICATE_UNDECIDED', params: { id, scoreBp } })
  const revisionDigest = digestOf({
    schema: 'countersign.use-case-revision/1',
    useCaseId: state.id,
    revision: state.revision,
    questionnaire: questionnaire.digest,
    answers: state.answers,
    sealed: state.sealed,
    owners: state.owners,
    salt: ctx.salt,
  })
  return unless<Event, Refusal>(faults, {
    e: state.submittedAt === null ? 'intake.submitted' : 'intake.resubmitted',
    useCaseId: state.id,
    by: ctx.actor,
    at: ctx.now,
    revision: state.revision,
    questionnaire: questionnaire.digest,
    revisionDigest,
    triageDue: ctx.triageDue(assessment.tier),
    notDuplicates: [...dismissed].sort(),
    sealed: { salt: ctx.salt, ...(command.text === undefined ? {} : { text: command.text }) },
  })
}

/** What speaks against these owners in this tier. */
export function ownerFaults(owners: Owners, tier: Tier, ctx: Context): Refusal[] {
  const faults: Refusal[] = []
  for (const role of ['business', 'technical', 'backup'] as const) {
    const person = owners[role]
    if (person === null) {
      if (role !== 'backup') faults.push({ code: 'OWNER_REQUIRED', params: { role } })
    } else if (!ctx.isActive(person)) faults.push({ code: 'OWNER_INACTIVE', params: { role } })
  }
  if (tier > 1 && owners.business !== null && owners.business === owners.technical)
    faults.push({ code: 'OWNERS_MUST_DIFFER', params: {} })
  if (tier === 3 && owners.backup === null) faults.push({ code: 'BACKUP_OWNER_REQUIRED', params: {} })
  return faults
}
