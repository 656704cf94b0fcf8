import { reviewCase, type Tally } from '../../governance/committee/index.ts'
import {
  AppError,
  isDigest,
  isId,
  type Actor,
  type CaseId,
  type Digest,
  type EpochMs,
  type Fn,
  type JsonObject,
} from '../../kernel/index.ts'
import { databaseNow } from '../clock.ts'
import type { Query } from '../ports/query.ts'
import { requireReadable, type Reader } from '../readable.ts'
import { readState } from '../registry-views.ts'
import { sealedEntries, textIn, type SealedEntry } from '../sealed-texts.ts'
import { conditionTexts } from './condition-texts.ts'

/** Something that happened in a case. */
export type CaseEvent = {
  readonly event: string
  readonly at: EpochMs
  readonly by: string | null
  readonly fn: Fn | null
  /** Choice of a ballot, cause of a void, reason code of an end. */
  readonly what: string | null
  readonly subjectDigest: Digest | null
}

export type CaseRecord = {
  readonly state: reviewCase.Case
  readonly revision: number
  readonly title: string
  readonly tally: Tally
  /** Before this instant the chair closes only when everybody has voted. */
  readonly closableFrom: EpochMs
  /** Texts of ballots, from the sealed halves of their entries; null where they are masked or erased. */
  readonly rationales: { readonly [ballotId: string]: string | null }
  readonly conditionTexts: ReadonlyMap<Digest, string>
  /** The release that was last approved here before. */
  readonly approvedBefore: Digest | null
  readonly events: readonly CaseEvent[]
  readonly own: {
    readonly fn: Fn | null
    readonly isChair: boolean
    readonly refusals: readonly reviewCase.Refusal[]
  }
}

const kinds = [
  'case.opened',
  'case.evidence_evaluated',
  'case.voting_started',
  'ballot.cast',
  'ballot.voided',
  'person.recused',
  'candidate.disqualified',
  'decision.recorded',
  'case.lapsed',
  'case.cancelled',
  'decision.revoked',
] as const satisfies readonly reviewCase.Event['e'][]

/** One case with its tally as it stands, what happened in it, and what the reader is there. */
export async function readCase(query: Query, reader: Reader, id: CaseId): Promise<CaseRecord> {
  const found = await readState<reviewCase.State>(query, `case/${id}`)
  if (found === null || found.state.s === 'absent') throw new AppError('NOT_FOUND')
  const { state, revision } = found
  const { useCaseId } = state.subject
  await requireReadable(query, reader, useCaseId, 'case.read')
  const now = await databaseNow(query)
  const entries = await sealedEntries(query, reader, { useCaseId, stream: `case/${id}`, kinds })
  const [about] = await query<{ title: string; before: Digest | null }>(
    `select u.title, (select d.release from decisions d join cases c on c.id = d.case_id
         left join decision_revocations r on r.decision_id = d.id
       where d.system_id = $2 and d.environment = $3 and d.outcome <> 'rejected' and c.kind <> 'waiver'
         and d.case_id <> $4 and r.decision_id is null and d.decided_at < to_timestamp($5::float8 / 1000)
       order by d.decided_at desc limit 1) as before
     from use_cases u where u.id = $1`,
    [useCaseId, state.subject.systemId, state.subject.environment, id, state.openedAt],
  )
  return {
    state,
    revision,
    title: about?.title ?? '',
    tally: reviewCase.tallyOf(state),
    closableFrom: reviewCase.closableFrom(state),
    rationales: Object.fromEntries(entries.flatMap(rationaleIn)),
    conditionTexts: await conditionTexts(query, reader, [useCaseId], now),
    approvedBefore: about?.before ?? null,
    events: entries.map(eventOf),
    own: ownPart(state, reader, now),
  }
}

function ownPart(state: reviewCase.Case, { person }: Reader, now: EpochMs): CaseRecord['own'] {
  // Whoever is no person has no seat: the engine is a reader without one.
  const actor: Actor = person === null ? { k: 'system', role: 'timer' } : { k: 'person', ref: person }
  return {
    fn: reviewCase.seatOf(state, actor)?.entry.fn ?? null,
    isChair: reviewCase.isChair(state, actor),
    refusals: reviewCase.standingFaults(state, actor, now),
  }
}

function rationaleIn({ kind, facts, sealed }: SealedEntry): [string, string | null][] {
  if (kind !== 'ballot.cast') return []
  const { id } = facts['ballot'] as { readonly id: string } // written by the decider
  return [[id, textIn(sealed, 'rationale')]]
}

function eventOf({ kind, at, facts }: SealedEntry): CaseEvent {
  const about = (facts['ballot'] ?? facts) as JsonObject // a ballot says itself whose it is
  const by = about['by'] ?? facts['person'] ?? null
  const outcome = (facts['decision'] as JsonObject | undefined)?.['outcome']
  const what = about['choice'] ?? facts['cause'] ?? facts['reasonCode'] ?? outcome ?? null
  const { fn = null, subjectDigest = null } = about
  return {
    event: kind,
    at,
    by: actorIn(by),
    fn: typeof fn === 'string' ? (fn as Fn) : null, // written by the decider
    what: typeof what === 'string' ? what : null,
    subjectDigest: isDigest(subjectDigest) ? subjectDigest : null,
  }
}

/** A person's id, also where the event names an actor; null for the system and for services. */
function actorIn(by: unknown): string | null {
  if (isId('user', by)) return by
  const ref = typeof by === 'object' && by !== null ? (by as { readonly ref?: unknown }).ref : null
  return isId('user', ref) ? ref : null
}
