import { digestOf, type Digest, type Environment, type EpochMs } from '../../kernel/index.ts'
import type { reviewCase } from '../committee/index.ts'
import { checkStatus, type State as CheckState } from './check.ts'
import type { ReviewKind, State as ReviewRecord, Subject } from './review.ts'

export type RequirementResult = {
  readonly id: string
  readonly status: 'met' | 'waived' | 'unmet' | 'unknown'
  readonly why: string
  readonly artefact?: Digest
}
/** A waiver as far as it stands for a requirement. `current` is false when the gap has changed since. */
export type WaiverFact = {
  readonly requirementId: string
  readonly state: string
  readonly expiresAt: EpochMs
  readonly current: boolean
}
export type RequirementFacts = {
  readonly subject: Subject
  readonly environment: Environment
  readonly requiredReviews: readonly ReviewKind[]
  readonly requiredChecks: readonly string[]
  readonly reviews: readonly ReviewRecord[]
  readonly checks: readonly CheckState[]
  readonly waivers: readonly WaiverFact[]
  readonly now: EpochMs
}

/** Every requirement of a case with its state. Only `met` and `waived` let a case vote. */
export function evaluateRequirements(facts: RequirementFacts): RequirementResult[] {
  // A review that was required once is required, whatever the list of kinds says now.
  const kinds = new Set(facts.requiredReviews)
  for (const review of facts.reviews) if (review.s !== 'absent') kinds.add(review.kind)
  const results = [
    ...[...kinds].map((kind) => reviewResult(kind, facts)),
    ...[...new Set(facts.requiredChecks)].map((checkId) => checkResult(checkId, facts)),
  ]
  return results
    .map((result) => underWaiver(result, facts))
    .sort((a, b) => (a.id === b.id ? 0 : a.id < b.id ? -1 : 1))
}

/** Digest of the results and of the conditions of reviews: ballots bind to it, so that changed evidence voids them. */
export function evidenceSetDigest(
  results: readonly RequirementResult[],
  conditions: readonly reviewCase.Condition[],
): Digest {
  return digestOf({
    results: results.toSorted((a, b) => (a.id === b.id ? 0 : a.id < b.id ? -1 : 1)),
    conditions,
  })
}

function reviewResult(kind: ReviewKind, { reviews, subject }: RequirementFacts): RequirementResult {
  const id = `review/${kind}`
  const ofKind = reviews.filter((review) => review.s !== 'absent').filter((review) => review.kind === kind)
  if (ofKind.length === 0) return { id, status: 'unknown', why: 'missing' }
  // A review of one release says nothing about another; one without a release covers the whole revision.
  const records = ofKind.filter(
    (review) =>
      review.subject.useCaseRevision === subject.useCaseRevision &&
      (review.subject.release === null || review.subject.release === subject.release),
  )
  if (records.length === 0) return { id, status: 'unmet', why: 'other_subject' }
  // Of several reviews of one kind each must be done: the first that is not decides.
  const results = records.map((review): RequirementResult => {
    const done =
      review.s === 'signed_off' || review.s === 'signed_off_with_conditions' || review.s === 'not_needed'
    const artefact = review.report === null ? {} : { artefact: review.report }
    return { id, status: done ? 'met' : 'unmet', why: review.s, ...artefact }
  })
  return (
    results.find(({ status }) => status !== 'met') ?? results[0] ?? { id, status: 'unknown', why: 'missing' }
  )
}

function checkResult(
  checkId: string,
  { checks, subject, environment, now }: RequirementFacts,
): RequirementResult {
  const id = `check/${checkId}`
  const matching = checks
    .filter(
      (check) =>
        check.s === 'recorded' &&
        check.checkId === checkId &&
        check.release === subject.release &&
        check.environment === environment,
    )
    .map((check): RequirementResult => {
      const status = checkStatus(check, now)
      const artefact = check.s === 'recorded' ? { artefact: check.artefactDigest } : {}
      return { id, status: status === 'pass' ? 'met' : 'unmet', why: status, ...artefact }
    })
  return (
    matching.find(({ status }) => status !== 'met') ??
    matching[0] ?? { id, status: 'unknown', why: 'missing' }
  )
}

function underWaiver(result: RequirementResult, { waivers, now }: RequirementFacts): RequirementResult {
  // What is not known cannot have been weighed: a waiver covers only a gap that was seen.
  if (result.status !== 'unmet' || result.why === 'objected') return result
  const covered = waivers.some(
    (waiver) =>
      waiver.requirementId === result.id &&
      waiver.state === 'accepted' &&
      waiver.current &&
      now < waiver.expiresAt,
  )
  return covered ? { ...result, status: 'waived' } : result
}
