import type { charter } from '../../governance/committee/index.ts'
import { person, type Chartered, type Role } from '../../governance/people/index.ts'
import { epochMs, type EpochMs, type UnitId, type UserId } from '../../kernel/index.ts'
import type { Query } from '../ports/query.ts'
import { millis } from '../sql.ts'
import { seatOf } from './seats.ts'

export type PersonView = {
  readonly id: UserId
  readonly revision: number
  readonly state: 'active' | 'suspended' | 'erased'
  /** Null once erased. */
  readonly name: string | null
  readonly email: string | null
  readonly unit: UnitId | null
  readonly grants: person.Person['grants']
  readonly requests: person.Person['requests']
  /** Null too once it has waited for longer than it may. */
  readonly recovery: person.Person['recovery']
  readonly credentials: readonly person.Credential['kind'][]
  readonly seat: Chartered
  readonly createdAt: EpochMs
}

type Row = {
  id: UserId
  revision: number
  name: string | null
  email: string | null
  state: person.Person
  charters: charter.State | null
  createdAt: number
  now: number
}

const select = `select p.id, s.rev as revision, p.name, p.email, s.state, c.state as charters,
    ${millis('p.created_at')} as "createdAt", ${millis('clock_timestamp()')} as now
  from people p join streams s on s.stream = 'person/' || p.id left join streams c on c.stream = 'charter/main'`

/** One person; null when there is none. */
export async function readPerson(query: Query, id: UserId): Promise<PersonView | null> {
  const [row] = await query<Row>(`${select} where p.id = $1`, [id])
  return row === undefined ? null : viewOf(row)
}

export type PeopleFilter = {
  readonly state?: PersonView['state'] | undefined
  readonly unit?: UnitId | undefined
  readonly role?: Role | undefined
  /** With a role or a recovery that waits for a second administrator. */
  readonly isWaiting?: boolean
  /** Part of the name or the address. */
  readonly q?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** People in the order in which they were enrolled. */
export async function listPeople(query: Query, filter: PeopleFilter): Promise<readonly PersonView[]> {
  const rows = await query<Row>(
    `${select}
     where ($1::text is null or p.state = $1) and ($2::text is null or p.unit_id = $2)
       and ($3::text is null or s.state -> 'grants' @> jsonb_build_array(jsonb_build_object('role', $3::text)))
       and ($4::text is null or position(lower($4) in lower(p.name || ' ' || p.email)) > 0)
       and ($5::text is null or p.id > $5)
       and (not $7::boolean or (p.state <> 'erased'
         and (s.state -> 'requests' <> '[]'::jsonb
           or coalesce((s.state -> 'recovery' ->> 'at')::bigint > ${millis('clock_timestamp()')} - ${person.recoveryWaitMs}, false))))
     order by p.id limit $6`,
    [
      filter.state ?? null,
      filter.unit ?? null,
      filter.role ?? null,
      filter.q ?? null,
      filter.after ?? null,
      filter.limit,
      filter.isWaiting ?? false,
    ],
  )
  return rows.map(viewOf)
}

function viewOf({ state, charters, createdAt, now, ...row }: Row): PersonView {
  const { s, unit, grants, requests, recovery, credentials } = state
  const kinds = credentials.map(({ kind }) => kind)
  const seat = seatOf(charters, row.id, epochMs(now))
  return {
    ...row,
    state: s,
    unit,
    grants,
    requests,
    recovery: recovery !== null && now < recovery.at + person.recoveryWaitMs ? recovery : null,
    credentials: kinds,
    seat,
    createdAt: epochMs(createdAt),
  }
}
