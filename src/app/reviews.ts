import { addBusinessDays, charter } from '../governance/committee/index.ts'
import { hasRole } from '../governance/people/index.ts'
import type { PolicySet } from '../governance/policies/index.ts'
import { check, review } from '../governance/reviews/index.ts'
import type { system } from '../governance/registry/index.ts'
import {
  AppError,
  digestOf,
  functions,
  type Digest,
  type ReviewId,
  type SystemId,
  type UseCaseId,
  type UserId,
} from '../kernel/index.ts'
import { functionsHeld } from './access.ts'
import { charterId, charters } from './aggregates/committee.ts'
import { systems } from './aggregates/registry.ts'
import { checks, checkStreamId, reviews } from './aggregates/reviews.ts'
import { personOf, runCommand, type CommandPorts, type Issuer, type Work } from './command.ts'
import { reevaluateCases } from './committee/engine.ts'
import { readUseCase, useCaseFor, type UseCaseFacts } from './use-case-facts.ts'

export type ReviewPorts = CommandPorts

/**
 * Sees to it that every triggered review of the revision in force exists: new kinds are required, earlier ones become
 * stale. With `release` the reviews are of that release alone, because it changes something material.
 */
export async function requireReviews(
  work: Work,
  policies: PolicySet,
  useCaseId: UseCaseId,
  release: Digest | null = null,
): Promise<void> {
  const facts = await readUseCase(work, useCaseId)
  if (facts.revisionInForce === null) return
  const subject = { useCaseRevision: facts.revisionInForce, release }
  const days = policies.forUseCases.policy.policy.controls[facts.tier].reviewBusinessDays
  const due = addBusinessDays(policies.calendar, work.now, days)
  const existing = await work.tx.query<{
    id: ReviewId
    kind: review.ReviewKind
    revision: Digest
    of: string | null
  }>('select id, kind, use_case_revision as revision, release as of from reviews where use_case_id = $1', [
    useCaseId,
  ])
  for (const { kind, triggerIds } of facts.record.reviews) {
    const same = existing.find((row) => row.kind === kind && row.of === release)
    if (same === undefined) {
      const id = work.ids.next('review')
      const context = await reviewContext(work, facts, { id })
      const command = {
        c: 'require',
        useCaseId,
        kind,
        tier: facts.tier,
        subject,
        firedBy: triggerIds,
        due,
      } as const
      await work.apply(reviews, id, command, context)
    } else if (same.revision !== subject.useCaseRevision) {
      const context = await reviewContext(work, facts, {})
      await work.apply(reviews, same.id, { c: 'mark_stale', subject, due }, context)
    }
  }
}

export type ReviewCommand = Exclude<review.Command, { readonly c: 'require' | 'mark_stale' }>
export type SignOffText = { readonly summary: string; readonly conditions: readonly string[] }

/** Assigns, starts, asks, answers, signs off, objects to, or dismisses a review. */
export function commandReview(
  ports: ReviewPorts,
  issuer: Issuer,
  id: ReviewId,
  command: ReviewCommand,
  revision?: number,
): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const { state, rev } = await work.load(reviews, id)
    if (state.s === 'absent') throw new AppError('NOT_FOUND')
    work.expect(rev, revision)
    const permission = command.c === 'answer' ? 'useCase.edit' : 'review.sign'
    const facts = await useCaseFor(work, state.useCaseId, permission)
    const interested = new Set(facts.interested)
    const author = await releaseAuthorOf(work, state.subject.release)
    if (author !== null) interested.add(author)
    if (command.c === 'assign') await assertActive(work, command.lead)
    const context = await reviewContext(work, { interested, tier: state.tier }, { command })
    await work.apply(reviews, id, command, context)
    await reevaluateCases(work, state.useCaseId)
  })
}

export type NewCheck = Omit<check.Command, 'c'>

/** Records what a check found on a release. The cases that it bears on are evaluated again at once. */
export function recordCheck(ports: ReviewPorts, issuer: Issuer, input: NewCheck): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const { id: useCaseId, release } = await releaseIn(work, input.release)
    const facts = await useCaseFor(work, useCaseId, 'check.record')
    const { authority } = issuer
    const isValidator =
      authority.k === 'service' ||
      (authority.k === 'person' && hasRole(authority.grants, 'validator', work.now))
    await work.apply(
      checks,
      checkStreamId(input),
      { c: 'record', ...input },
      {
        now: work.now,
        actor: issuer.actor,
        authn: issuer.authn,
        isValidator,
        tier: facts.tier,
        releaseAuthor: release.author.k === 'person' ? release.author.ref : null,
        owners: facts.interested,
      },
    )
    await reevaluateCases(work, useCaseId)
  })
}

/** The release with its use case; `NOT_FOUND` when nobody has recorded it. */
export async function releaseIn(
  work: Work,
  digest: Digest,
): Promise<{ readonly id: UseCaseId; readonly systemId: SystemId; readonly release: system.Release }> {
  const [row] = await work.tx.query<{ systemId: SystemId }>(
    'select system_id as "systemId" from releases where digest = $1',
    [digest],
  )
  if (row === undefined) throw new AppError('NOT_FOUND', 'there is no such release')
  const state = await work.peek(systems, row.systemId)
  const release = state.s === 'absent' ? undefined : state.releases[digest]
  if (state.s === 'absent' || release === undefined)
    throw new AppError('NOT_FOUND', 'there is no such release')
  return { id: state.useCaseId, systemId: row.systemId, release }
}

const minSummary = 20

/** The text of a report, and the digest under which a signature names it. */
export function reportDigest(text: SignOffText, salt: string): Digest {
  return digestOf({ schema: 'countersign.review-report/1', text, salt })
}

async function reviewContext(
  work: Work,
  { interested, tier }: Pick<UseCaseFacts, 'interested' | 'tier'>,
  more: { readonly id?: ReviewId; readonly command?: ReviewCommand },
): Promise<review.Context> {
  const { authority, authn } = work.issuer
  const person = personOf(work.issuer)
  const inForce = charter.charterInForce(await work.peek(charters, charterId), work.now)
  const seats = inForce?.charter.seats ?? []
  return {
    now: work.now,
    person,
    authn,
    ids: more.id === undefined ? work.ids : work.only('review', more.id),
    holds: functionsHeld(authority, work.now),
    // Whose seat somebody holds, they lead.
    leads: seats.filter(({ holder }) => holder === person).map(({ fn }) => fn),
    interested,
    templateComplete: isReportComplete(more.command),
    vetoes: inForce?.charter.rules.initial[tier].veto ?? functions,
    seatedFor: (fn) => seats.flatMap((seat) => (seat.fn === fn ? [seat.holder, ...seat.alternates] : [])),
  }
}

/** A signature or an objection stands on a report that says more than yes or no. */
function isReportComplete(command: ReviewCommand | undefined): boolean {
  if (command?.c !== 'sign_off' && command?.c !== 'object') return true
  const summary = command.sealed?.['summary']
  return typeof summary === 'string' && summary.trim().length >= minSummary
}

async function releaseAuthorOf(work: Work, digest: Digest | null): Promise<UserId | null> {
  if (digest === null) return null
  const { release } = await releaseIn(work, digest)
  return release.author.k === 'person' ? release.author.ref : null
}

async function assertActive(work: Work, person: UserId): Promise<void> {
  const rows = await work.tx.query(`select 1 from people where id = $1 and state = 'active'`, [person])
  if (rows.length === 0)
    throw new AppError('REFUSED', undefined, {
      reasons: [{ code: 'PERSON_INACTIVE', params: {}, path: '/lead' }],
    })
}
