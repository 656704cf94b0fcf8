import type { thread } from '../../governance/collaboration/index.ts'
import type { charter } from '../../governance/committee/index.ts'
import type { Permission, person } from '../../governance/people/index.ts'
import { AppError, type EpochMs, type UseCaseId, type UserId } from '../../kernel/index.ts'
import type { Authority } from '../access.ts'
import { databaseNow } from '../clock.ts'
import { seatOf } from '../identity/seats.ts'
import type { Query } from '../ports/query.ts'
import { permittedOn, type Reader } from '../readable.ts'

const streamOf: { readonly [K in thread.Subject['k']]: string } = {
  use_case: 'useCase',
  system: 'system',
  case: 'case',
  review: 'review',
}
const permissionFor: { readonly [K in thread.Subject['k']]: Permission } = {
  use_case: 'useCase.read',
  system: 'useCase.read',
  case: 'case.read',
  review: 'review.read',
}

/** The record as the ledger names it. */
export function aboutOf({ k, id }: thread.Subject): string {
  return `${streamOf[k]}/${id}`
}

/** A record that can be talked about, with what the reader may do there. */
export type Talk = {
  readonly useCaseId: UseCaseId
  /** Whether texts are open to the reader; for others they are masked, and they cannot write. */
  readonly canWrite: boolean
}

/** The record for a reader. Whoever may not read it is told the same as about one that does not exist: `NOT_FOUND`. */
export async function talkAbout(query: Query, reader: Reader, subject: thread.Subject): Promise<Talk> {
  const [row] = await query<{ useCaseId: UseCaseId | null }>('select use_case_of($1) as "useCaseId"', [
    aboutOf(subject),
  ])
  const useCaseId = row?.useCaseId ?? null
  if (useCaseId === null) throw new AppError('NOT_FOUND')
  const permitted = await permittedOn(query, reader, useCaseId)
  if (!permitted.includes(permissionFor[subject.k])) throw new AppError('NOT_FOUND')
  return { useCaseId, canWrite: permitted.includes('text.read') }
}

/** The same for whoever wants to write there. */
export async function requireTalk(query: Query, reader: Reader, subject: thread.Subject): Promise<Talk> {
  const talk = await talkAbout(query, reader, subject)
  if (!talk.canWrite) throw new AppError('FORBIDDEN')
  return talk
}

/** Of these people, those who may read the record and what is written about it. */
export async function readersAmong(
  query: Query,
  subject: thread.Subject,
  people: readonly UserId[],
): Promise<ReadonlySet<UserId>> {
  const readers = new Set<UserId>()
  for (const [id, authority] of await authoritiesOf(query, people)) {
    const talk = await talkAbout(query, { authority, person: id }, subject).catch(ofNobody)
    if (talk?.canWrite === true) readers.add(id)
  }
  return readers
}

function ofNobody(error: unknown): null {
  if (error instanceof AppError && error.code === 'NOT_FOUND') return null
  throw error
}

/** What people may do who are not the ones asking; nobody who is suspended or erased is among them. */
export async function authoritiesOf(
  query: Query,
  people: readonly UserId[],
): Promise<ReadonlyMap<UserId, Authority>> {
  if (people.length === 0) return new Map()
  const now: EpochMs = await databaseNow(query)
  const rows = await query<{ id: UserId; state: person.State; charters: charter.State | null }>(
    `select p.id, s.state, c.state as charters from people p join streams s on s.stream = 'person/' || p.id
       left join streams c on c.stream = 'charter/main'
     where p.id = any($1) and p.state = 'active'`,
    [people],
  )
  return new Map(
    rows.flatMap(({ id, state, charters }): [UserId, Authority][] =>
      state.s === 'active'
        ? [[id, { k: 'person', grants: state.grants, seat: seatOf(charters, id, now) }]]
        : [],
    ),
  )
}

const candidates = 40
const offered = 8

/** A few people who may be named in what is written about the record, by a part of the name. */
export async function mentionable(
  query: Query,
  reader: Reader,
  subject: thread.Subject,
  part: string,
): Promise<readonly { readonly id: UserId; readonly name: string }[]> {
  await requireTalk(query, reader, subject)
  const pattern = `%${part.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`
  const rows = await query<{ id: UserId; name: string }>(
    `select id, name from people where state = 'active' and name ilike $1
     order by lower(name), id limit $2`,
    [pattern, candidates],
  )
  const readers = await readersAmong(
    query,
    subject,
    rows.map(({ id }) => id),
  )
  return rows.filter(({ id }) => readers.has(id)).slice(0, offered)
}
