import type { hold, redaction } from '../../governance/retention/index.ts'
import {
  AppError,
  epochMs,
  type EpochMs,
  type EventId,
  type HoldId,
  type JsonObject,
  type UserId,
} from '../../kernel/index.ts'
import { functionsHeld, may, visibilityOf, visibleSql } from '../access.ts'
import { databaseNow } from '../clock.ts'
import type { Query } from '../ports/query.ts'
import type { Reader } from '../readable.ts'
import type { After } from '../registry-views.ts'
import { textIn } from '../sealed-texts.ts'
import { instant, millis } from '../sql.ts'

export type HoldRow = {
  readonly id: HoldId
  readonly state: Exclude<hold.State, { readonly s: 'absent' }>
}

export type HoldFilter = {
  readonly state?: 'in_force' | 'released' | undefined
  readonly subject?: hold.Subject['k'] | undefined
  /** The person or use case that is held. */
  readonly subjectId?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

const holdSql = `select h.id, s.state from holds h join streams s on s.stream = 'hold/' || h.id
  left join use_cases u on u.id = h.use_case_id`

/** Holds by descending id. Those of people and of everything are for who reads holds everywhere. */
export async function listHolds(
  query: Query,
  reader: Reader,
  { state, subject, subjectId, after, limit }: HoldFilter,
): Promise<readonly HoldRow[]> {
  const visibility = await holdVisibility(query, reader)
  return query<HoldRow>(
    `${holdSql}
     where ${visibleSql('u', 1)} and ($2::text is null or s.state ->> 's' = $2)
       and ($3::text is null or h.subject = $3) and ($4::text is null or $4 in (h.person_id, h.use_case_id))
       and ($5::text is null or h.id < $5)
     order by h.id desc limit $6`,
    [visibility, state ?? null, subject ?? null, subjectId ?? null, after ?? null, limit],
  )
}

/** A text about a hold; null where it is masked for the reader. */
export type HoldNote = {
  readonly event: string
  readonly at: EpochMs
  readonly matter: string | null
  readonly reason: string | null
}

/** One hold with why it was placed and released, for the legal and the privacy function; masked for everybody else. */
export async function readHold(
  query: Query,
  reader: Reader,
  id: HoldId,
): Promise<HoldRow & { readonly notes: readonly HoldNote[] }> {
  const visibility = await holdVisibility(query, reader)
  const [row] = await query<HoldRow>(`${holdSql} where ${visibleSql('u', 1)} and h.id = $2`, [visibility, id])
  if (row === undefined) throw new AppError('NOT_FOUND')
  const isOpen = isOfLegalOrPrivacy(reader, await databaseNow(query))
  const entries = await query<{ kind: string; at: number; sealed: JsonObject | null }>(
    `select e.kind, ${millis('c.at')} as at, p.personal::jsonb as sealed
     from ledger.entry e join ledger.payload p on p.event_id = e.id join ledger.command c on c.seq = e.seq
     where e.stream = 'hold/' || $1 order by e.rev`,
    [id],
  )
  const notes = entries.map(({ kind, at, sealed }) => ({
    event: kind,
    at: epochMs(at),
    matter: isOpen ? textIn(sealed, 'matter') : null,
    reason: isOpen ? textIn(sealed, 'reason') : null,
  }))
  return { ...row, notes }
}

export type RedactionRow = {
  readonly entry: EventId
  readonly stream: string
  readonly kind: string
  readonly basis: redaction.Basis
  readonly state: 'requested' | 'redacted'
  readonly requestedBy: UserId
  readonly requestedAt: EpochMs
  readonly redactedBy: UserId | null
  readonly redactedAt: number | null
}

/** Texts that somebody wants to go or that have gone, asked for last first. */
export async function listRedactions(
  query: Query,
  reader: Reader,
  filter: {
    readonly state?: 'requested' | 'redacted' | undefined
    readonly after: After | null
    readonly limit: number
  },
): Promise<readonly RedactionRow[]> {
  return query<RedactionRow>(
    `select r.entry_id as entry, r.stream, r.kind, r.basis, r.state, r.requested_by as "requestedBy",
       ${millis('r.requested_at')} as "requestedAt", r.redacted_by as "redactedBy", ${millis('r.redacted_at')} as "redactedAt"
     from redactions r left join use_cases u on u.id = use_case_of(r.stream)
     where ${visibleSql('u', 1)} and ($2::text is null or r.state = $2)
       and ($3::bigint is null or (r.requested_at, r.entry_id) < (${instant(3)}, $4))
     order by r.requested_at desc, r.entry_id desc limit $5`,
    [
      await holdVisibility(query, reader),
      filter.state ?? null,
      filter.after?.at ?? null,
      filter.after?.id ?? '',
      filter.limit,
    ],
  )
}

/**
 * Who reads holds: administrators, auditors, and of those who review or sit the legal and the privacy function. That one
 * owns what is held opens nothing.
 */
async function holdVisibility(query: Query, reader: Reader): Promise<string> {
  const now = await databaseNow(query)
  const { authority } = reader
  const oversees = may(authority, 'people.manage', null, now) || may(authority, 'audit.read', null, now)
  if (!oversees && !isOfLegalOrPrivacy(reader, now)) throw new AppError('FORBIDDEN')
  return JSON.stringify({ ...visibilityOf(reader, 'hold.read', now), person: null })
}

function isOfLegalOrPrivacy({ authority }: Reader, now: EpochMs): boolean {
  return functionsHeld(authority, now).some((fn) => fn === 'legal' || fn === 'privacy')
}
