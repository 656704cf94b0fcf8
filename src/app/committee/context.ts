import {
  charter,
  type ConflictCode,
  type ConflictFacts,
  type reviewCase,
} from '../../governance/committee/index.ts'
import type { person } from '../../governance/people/index.ts'
import type { PolicySet } from '../../governance/policies/index.ts'
import type { Actor, CaseId, Digest, Environment, SystemId, UnitId, UserId } from '../../kernel/index.ts'
import { waivers } from '../aggregates/authorization.ts'
import { charterId, charters } from '../aggregates/committee.ts'
import type { Work } from '../command.ts'
import type { UseCaseFacts } from '../use-case-facts.ts'

type Plain = Pick<reviewCase.Context, 'now' | 'id' | 'actor' | 'authn' | 'ids' | 'legalClass'>
type Opening = Omit<reviewCase.Context, keyof Plain>

/** What holds when nothing about the opening of a case was looked up: every fact speaks against it. */
const nothing: Omit<Opening, 'calendar'> = {
  charter: null,
  charters: charter.initial,
  people: { conflictsOf: () => ['inactive'], unitOf: () => null, ownerUnit: null },
  useCaseState: 'absent',
  releaseExists: false,
  sameCaseOpen: true,
  rejected: null,
  ownerConsents: false,
}
export const engineActor: Actor = { k: 'system', role: 'timer' }
const noCalendar = { key: 'none', version: 1, weekend: [], holidays: [], utcOffsetMinutes: 0 }

/** The context of a command on a case that asks nothing of people: to cancel it, or to revoke its decision. */
export function caseContext(work: Work, id: CaseId): reviewCase.Context {
  return {
    ...nothing,
    calendar: noCalendar,
    now: work.now,
    id,
    actor: work.issuer.actor,
    authn: work.issuer.authn,
    ids: work.ids,
    legalClass: 'prohibited',
  }
}

/** The context in which the engine evaluates or cancels a case. */
export function engineContext(work: Work, id: CaseId): reviewCase.Context {
  return { ...caseContext(work, id), actor: engineActor }
}

/** The context of a command that depends on who may vote now. The engine closes a case with `engineActor`. */
export async function votingContext(
  work: Work,
  state: reviewCase.Case,
  useCase: UseCaseFacts,
  actor: Actor = work.issuer.actor,
): Promise<reviewCase.Context> {
  const { state: all } = await work.load(charters, charterId)
  const candidates = state.roster.flatMap((entry) => entry.candidates.map(({ person: who }) => who))
  return {
    ...caseContext(work, state.id),
    actor,
    legalClass: useCase.legal.class,
    people: await conflictFacts(work, all, candidates, {
      useCase,
      release: state.subject.release,
      waiver: await waiverOf(work, state),
    }),
  }
}

export type OpeningSubject = {
  readonly useCase: UseCaseFacts
  readonly systemId: SystemId
  readonly release: Digest
  readonly environment: Environment
  readonly kind: reviewCase.Subject['kind']
  /** The waiver that the case is about, and who asked for it. */
  readonly waiver?: (NonNullable<reviewCase.Subject['waiver']> & { readonly by: UserId }) | undefined
}

/** Everything that opening a case depends on: charter, roster conflicts, what is open or was rejected before. */
export async function openingContext(
  work: Work,
  policies: PolicySet,
  id: CaseId,
  subject: OpeningSubject,
): Promise<reviewCase.Context> {
  const { useCase, systemId, environment, kind, waiver } = subject
  const { state: all } = await work.load(charters, charterId)
  const inForce = charter.charterInForce(all, work.now)
  const seated = inForce?.charter.seats.flatMap(({ holder, alternates }) => [holder, ...alternates]) ?? []
  const [same] = await work.tx.query<{ yes: boolean }>(
    `select exists (select 1 from cases where system_id = $1 and environment = $2 and kind = $3
       and waiver_id is not distinct from $4 and state in ('open', 'waiting_evidence', 'voting')) as yes`,
    [systemId, environment, kind, waiver?.id ?? null],
  )
  const [rejected] = await work.tx.query<{ state: reviewCase.Case }>(
    `select s.state from decisions d join streams s on s.stream = 'case/' || d.case_id
       join cases c on c.id = d.case_id
     where d.system_id = $1 and d.environment = $2 and d.outcome = 'rejected' and c.waiver_id is not distinct from $3
     order by d.decided_at desc limit 1`,
    [systemId, environment, waiver?.id ?? null],
  )
  const latest = rejected?.state.decision ?? null
  const isOfOtherTerms = waiver !== undefined && latest?.subject.waiver?.document !== waiver.document
  const decision = isOfOtherTerms ? null : latest
  return {
    ...caseContext(work, id),
    legalClass: useCase.legal.class,
    calendar: policies.calendar,
    charter: inForce,
    charters: all,
    people: await conflictFacts(work, all, seated, subject),
    useCaseState: useCase.state,
    releaseExists: true,
    sameCaseOpen: same?.yes ?? true, // what cannot be read counts as open
    rejected:
      decision === null
        ? null
        : {
            at: decision.decidedAt,
            useCaseRevision: decision.subject.useCaseRevision,
            release: decision.subject.release,
          },
    // Whoever owns the system technically and asks for the resume consents by asking.
    ownerConsents: work.issuer.actor.k === 'person' && work.issuer.actor.ref === useCase.technicalOwner,
  }
}

/** The waiver that a case is about, with whoever asked for it: they have no vote on their own wish. */
async function waiverOf(work: Work, { subject }: reviewCase.Case): Promise<OpeningSubject['waiver']> {
  if (subject.kind !== 'waiver' || subject.waiver === null) return undefined
  const state = await work.peek(waivers, subject.waiver.id)
  return state.s === 'absent' ? undefined : { ...subject.waiver, by: state.by }
}

/**
 * What speaks against each of `candidates` at this moment. The charter is locked by then, and with it every command on
 * people; checks and owners change under the lock of the use case. So the log says the same in the same order.
 */
async function conflictFacts(
  work: Work,
  all: charter.State,
  candidates: readonly UserId[],
  { useCase, release, waiver }: Pick<OpeningSubject, 'useCase' | 'release' | 'waiver'>,
): Promise<ConflictFacts> {
  const rows = await work.tx.query<{ state: person.State }>(
    `select state from streams where stream = any($1)`,
    [candidates.map((who) => `person/${who}`)],
  )
  const people = new Map<UserId, person.Person>()
  for (const { state } of rows) if (state.s !== 'absent') people.set(state.id, state)
  const validators = new Set(
    (
      await work.tx.query<{ by: string | null }>(
        `select s.state -> 'by' ->> 'ref' as by from checks c join streams s on s.stream = 'check/' || c.id
         where c.release = $1`,
        [release],
      )
    ).map(({ by }) => by),
  )
  const [made] = await work.tx.query<{ vendor: string | null; author: string | null }>(
    `select s.state ->> 'vendorRef' as vendor, s.state -> 'releases' -> r.digest -> 'author' ->> 'ref' as author
     from releases r join streams s on s.stream = 'system/' || r.system_id where r.digest = $1`,
    [release],
  )
  const subjects = new Set<string | null>([useCase.id, made?.vendor ?? null])
  const interests = all.interests.filter(({ subject }) => subjects.has(subject))
  return {
    ownerUnit: useCase.unit,
    unitOf: (who): UnitId | null => people.get(who)?.unit ?? null,
    conflictsOf: (who) => {
      const known = people.get(who)
      const conflicts: ConflictCode[] = []
      if (who === useCase.requester || who === waiver?.by) conflicts.push('requester')
      if (useCase.owners.includes(who)) conflicts.push('owner')
      if (who === made?.author) conflicts.push('release_author')
      if (validators.has(who)) conflicts.push('validator')
      if (interests.some(({ person: declared }) => declared === who)) conflicts.push('interest')
      if (known?.grants.some(({ role }) => role === 'admin') === true) conflicts.push('administrator')
      if (known?.s !== 'active') conflicts.push('inactive')
      return conflicts
    },
  }
}
