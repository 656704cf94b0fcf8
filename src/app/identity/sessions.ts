import type { Chartered, RoleGrant } from '../../governance/people/index.ts'
import type { person } from '../../governance/people/index.ts'
import type { charter } from '../../governance/committee/index.ts'
import {
  addMs,
  AppError,
  digestOfBytes,
  epochMs,
  hourMs,
  idFrom,
  minuteMs,
  type AuthnContext,
  type AuthnMethod,
  type Digest,
  type EpochMs,
  type SessionId,
  type UserId,
} from '../../kernel/index.ts'
import type { Query } from '../ports/query.ts'
import { instant, millis } from '../sql.ts'
import { seatOf } from './seats.ts'

/** How long a session lasts without use, and at most. Who decides or administers is signed out sooner. */
export const idleMs = { usual: 8 * hourMs, guarded: 30 * minuteMs }
export const absoluteMs = 12 * hourMs

/** A signed-in person with everything that `authorize` asks. */
export type SignedIn = {
  readonly person: UserId
  readonly session: SessionId
  readonly authn: AuthnContext
  readonly grants: readonly RoleGrant[]
  /** What the charter in force makes of the person, as holder, alternate or delegate of a seat, or as an executive. */
  readonly seat: Chartered
  /** The database clock when the session was read. */
  readonly readAt: EpochMs
  /** When the session ends, unless it is used again. */
  readonly idleEndsAt: EpochMs
}

export type Session = {
  readonly createdAt: EpochMs
  readonly seenAt: EpochMs
  readonly isGuarded: boolean
}

/** Whether a session still counts at `now`. */
export function isLive({ createdAt, seenAt, isGuarded }: Session, now: EpochMs): boolean {
  const idle = isGuarded ? idleMs.guarded : idleMs.usual
  return now < createdAt + absoluteMs && now < seenAt + idle && now >= createdAt
}

/** What is stored of a session token: it has 256 random bits, so a fast hash is enough. */
export function tokenDigest(token: string): Digest {
  return digestOfBytes(`countersign token\n${token}`)
}

export type NewSession = {
  readonly person: UserId
  readonly method: AuthnMethod
  readonly mfa: boolean
  readonly now: EpochMs
  /** The session that goes on under a new token: its greatest age counts from its own beginning. */
  readonly continues?: SessionId
}

/** Creates a session and returns its token, which is shown to the browser once and stored as a digest. */
export async function createSession(
  query: Query,
  random: (bytes: number) => Uint8Array,
  { person: who, method, mfa, now, continues }: NewSession,
): Promise<{ readonly id: SessionId; readonly token: string }> {
  const token = Buffer.from(random(32)).toString('base64url')
  const id = idFrom('session', now, random(10))
  await query(
    `insert into sessions (id, token_digest, person_id, method, mfa, authenticated_at, created_at, seen_at)
     values ($1, $2, $3, $4, $5, ${instant(6)},
       coalesce((select created_at from sessions where id = $7), ${instant(6)}), ${instant(6)})`,
    [id, tokenDigest(token), who, method, mfa, now, continues ?? null],
  )
  return { id, token }
}

/** Who holds `token` at this moment; null for everybody else, at equal cost. Notes the use. */
export async function readSession(query: Query, token: string): Promise<SignedIn | null> {
  const found = await findSession(query, 's.token_digest = $1', tokenDigest(token))
  if (found === null) return null
  if (found.readAt - found.seenAt > minuteMs)
    await query('update sessions set seen_at = clock_timestamp() where id = $1', [found.session])
  return found
}

/** Whose session it is, as long as it lasts. Looking is no use: a session that is only looked at ends by itself. */
export function lookAtSession(query: Query, id: SessionId): Promise<SignedIn | null> {
  return findSession(query, 's.id = $1', id)
}

async function findSession(
  query: Query,
  where: string,
  named: string,
): Promise<(SignedIn & { readonly seenAt: EpochMs }) | null> {
  const [row] = await query<{
    id: SessionId
    person: UserId
    method: AuthnMethod
    mfa: boolean
    authenticatedAt: number
    createdAt: number
    seenAt: number
    now: number
    state: person.State
    charters: charter.State | null
  }>(
    `select s.id, s.person_id as person, s.method, s.mfa, ${millis('s.authenticated_at')} as "authenticatedAt",
       ${millis('s.created_at')} as "createdAt", ${millis('s.seen_at')} as "seenAt",
       ${millis('clock_timestamp()')} as now, p.state, c.state as charters
     from sessions s join streams p on p.stream = 'person/' || s.person_id
       left join streams c on c.stream = 'charter/main'
     where ${where} and s.ended_at is null`,
    [named],
  )
  if (row === undefined || row.state.s !== 'active') return null
  const now = epochMs(row.now)
  const seenAt = epochMs(row.seenAt)
  const grants = row.state.grants
  const seat = seatOf(row.charters, row.person, now)
  const isGuarded = seat !== null || grants.some(({ role }) => role === 'admin')
  const session = { createdAt: epochMs(row.createdAt), seenAt, isGuarded }
  if (!isLive(session, now)) return null
  const idleEndsAt = endsAt({ ...session, seenAt: now })
  const authn: AuthnContext = { method: row.method, mfa: row.mfa, at: epochMs(row.authenticatedAt) }
  return { person: row.person, session: row.id, authn, grants, seat, readAt: now, idleEndsAt, seenAt }
}

/** Ends a session; its token opens nothing from then on. */
export async function endSession(query: Query, id: SessionId): Promise<void> {
  await query('update sessions set ended_at = clock_timestamp() where id = $1 and ended_at is null', [id])
}

/** Ends a session of `who`; `NOT_FOUND` for anybody else's. */
export async function endOwnSession(query: Query, who: UserId, id: SessionId): Promise<void> {
  const ended = await query(
    `update sessions set ended_at = clock_timestamp() where id = $1 and person_id = $2 and ended_at is null
     returning id`,
    [id, who],
  )
  if (ended.length === 0) throw new AppError('NOT_FOUND')
}

/** Ends every session of `who` but `kept`. */
export async function endOtherSessions(query: Query, who: UserId, kept: SessionId): Promise<void> {
  await query(
    'update sessions set ended_at = clock_timestamp() where person_id = $1 and id <> $2 and ended_at is null',
    [who, kept],
  )
}

/** Live sessions of a person, newest first. */
export function listSessions(
  query: Query,
  who: UserId,
): Promise<
  readonly {
    readonly id: SessionId
    readonly method: AuthnMethod
    readonly mfa: boolean
    readonly createdAt: number
    readonly seenAt: number
  }[]
> {
  return query(
    `select id, method, mfa, ${millis('created_at')} as "createdAt", ${millis('seen_at')} as "seenAt" from sessions
     where person_id = $1 and ended_at is null and created_at > clock_timestamp() - interval '12 hours'
     order by created_at desc limit 100`,
    [who],
  )
}

/** When a session that is not used again ends. */
export function endsAt({ createdAt, seenAt, isGuarded }: Session): EpochMs {
  const idle = addMs(seenAt, isGuarded ? idleMs.guarded : idleMs.usual)
  const last = addMs(createdAt, absoluteMs)
  return idle < last ? idle : last
}
