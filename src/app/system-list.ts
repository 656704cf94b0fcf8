import type { system } from '../governance/registry/index.ts'
import {
  epochMs,
  type DeploymentId,
  type Digest,
  type Environment,
  type EpochMs,
  type LegalClass,
  type SystemId,
  type Tier,
  type UseCaseId,
  type UserId,
} from '../kernel/index.ts'
import { visibleSql, type Visibility } from './access.ts'
import { placesSql, rankOf, standings, type Standing } from './authorization/standing.ts'
import type { Query } from './ports/query.ts'
import { holding, millis } from './sql.ts'

export type PlaceRow = {
  readonly id: DeploymentId
  readonly environment: Environment
  readonly op: string
  readonly desired: Digest | null
  readonly observed: Digest | 'unknown' | null
  readonly state: Standing
  readonly until: EpochMs | null
  /** When the issuer derived it; null when it has not yet. */
  readonly asOf: EpochMs | null
}

/** One system as a list shows it. */
export type SystemRow = {
  readonly id: SystemId
  readonly useCaseId: UseCaseId
  /** Title of the use case. */
  readonly name: string
  readonly kind: system.SystemKind
  readonly state: 'registered' | 'retired'
  readonly createdAt: EpochMs
  readonly tier: Tier | null
  readonly legalClass: LegalClass | null
  readonly owner: UserId | null
  /** Places that are not retired, the worst first. */
  readonly places: readonly PlaceRow[]
  /** The release that was approved last, as long as that approval holds. */
  readonly approved: Digest | null
  readonly next: { readonly at: EpochMs; readonly what: 'authorization_ends' | 'condition_due' } | null
}

export const systemSorts = [
  '-createdAt',
  'createdAt',
  'name',
  '-name',
  'tier',
  '-tier',
  'authorization',
  '-authorization',
  'next',
  '-next',
] as const
export type SystemSort = (typeof systemSorts)[number]

export type SystemFilter = {
  readonly useCaseId?: UseCaseId | undefined
  readonly state?: string | undefined
  readonly tier?: number | undefined
  readonly legalClass?: LegalClass | undefined
  /** A place with this standing, in this environment when both are given. */
  readonly authorization?: Standing | undefined
  readonly environment?: Environment | undefined
  readonly owner?: UserId | undefined
  readonly q?: string | undefined
  readonly sort: SystemSort
  readonly after?: SystemKey | undefined
  readonly limit: number
}
/** Position in a list: the value that it is ordered by, then the id. */
export type SystemKey = readonly [value: string | number, id: string]

type Key = { readonly sql: string; readonly type: 'text' | 'bigint'; readonly joins?: string }

const never = Number.MAX_SAFE_INTEGER
const worst = `left join (select system_id, min(rank) as rank, min(until_at) as until_at from place group by system_id) w
  on w.system_id = s.id`
const dueSql = `left join (select use_case_id, min(due_at) as due_at from conditions where state = 'open' group by use_case_id) c
  on c.use_case_id = s.use_case_id`
const keys: { readonly [name: string]: Key } = {
  createdAt: { sql: millis('s.created_at'), type: 'bigint' },
  name: { sql: 'lower(u.title) collate "C"', type: 'text' },
  tier: { sql: 'coalesce(u.tier, 0)::bigint', type: 'bigint' },
  authorization: { sql: `coalesce(w.rank, ${standings.length + 1})::bigint`, type: 'bigint', joins: worst },
  next: {
    sql: `coalesce(${millis('least(w.until_at, c.due_at)')}, ${never})`,
    type: 'bigint',
    joins: `${worst} ${dueSql}`,
  },
}

/** Whether `value` can be the value of a key of this order. */
export function isKeyOf(sort: SystemSort, value: unknown): value is string | number {
  return keys[nameOf(sort)]?.type === 'text' ? typeof value === 'string' : Number.isSafeInteger(value)
}

/** Systems that the reader may see with the key of each row. One row more than `limit` is not added here. */
export async function listSystems(
  query: Query,
  visibility: Visibility,
  filter: SystemFilter,
): Promise<readonly { readonly row: SystemRow; readonly key: SystemKey }[]> {
  const key = keys[nameOf(filter.sort)]
  if (key === undefined) throw new RangeError('no such order')
  const params: unknown[] = [JSON.stringify(visibility), filter.limit]
  const bound = (value: unknown) => `$${params.push(value)}`
  const descends = filter.sort.startsWith('-')
  const where = [visibleSql('u', 1), ...clausesOf(filter, bound)]
  if (filter.after !== undefined) {
    const [value, id] = [bound(filter.after[0]), bound(filter.after[1])]
    where.push(`(${key.sql}, s.id) ${descends ? '<' : '>'} (${value}::${key.type}, ${id})`)
  }
  const direction = descends ? 'desc' : 'asc'
  const found = await query<{ id: SystemId; value: string | number }>(
    `with place as (${placesSql})
     select s.id, ${key.sql} as value from systems s join use_cases u on u.id = s.use_case_id ${key.joins ?? ''}
     where ${where.join(' and ')} order by 2 ${direction}, s.id ${direction} limit $2`,
    params,
  )
  const rows = await readSystemRows(
    query,
    found.map(({ id }) => id),
  )
  return found.flatMap(({ id, value }) => {
    const row = rows.get(id)
    return row === undefined ? [] : [{ row, key: [value, id] as const }]
  })
}

function clausesOf(filter: SystemFilter, bound: (value: unknown) => string): string[] {
  const { useCaseId, state, tier, legalClass, authorization, environment, owner, q } = filter
  const place = [
    ...(authorization === undefined ? [] : [`rank = ${bound(rankOf(authorization))}`]),
    ...(environment === undefined ? [] : [`environment = ${bound(environment)}`]),
  ]
  return [
    ...(useCaseId === undefined ? [] : [`s.use_case_id = ${bound(useCaseId)}`]),
    ...(state === undefined ? [] : [`s.state = ${bound(state)}`]),
    ...(tier === undefined ? [] : [`u.tier = ${bound(tier)}`]),
    ...(legalClass === undefined ? [] : [`u.legal_class = ${bound(legalClass)}`]),
    ...(place.length === 0 ? [] : [`s.id in (select system_id from place where ${place.join(' and ')})`]),
    ...(owner === undefined
      ? []
      : [`${bound(owner)} in (u.business_owner_id, u.technical_owner_id, u.backup_owner_id)`]),
    ...(q === undefined
      ? []
      : [`(u.title ilike ${bound(holding(q))} or ${bound(q)} in (s.id, s.use_case_id))`]),
  ]
}

function nameOf(sort: SystemSort): string {
  return sort.replace('-', '')
}

export type SystemSummary = {
  readonly systems: number
  readonly byState: readonly { readonly state: Standing; readonly places: number }[]
  readonly at: EpochMs
}

/** How many places of the systems that the reader may see have which standing, the worst first. */
export async function summariseSystems(query: Query, visibility: Visibility): Promise<SystemSummary> {
  const [row] = await query<SystemSummary>(
    `with place as (${placesSql}), seen as (
       select s.id from systems s join use_cases u on u.id = s.use_case_id where ${visibleSql('u', 1)}
     )
     select (select count(*) from seen) as systems, ${millis('clock_timestamp()')} as at,
       coalesce((select jsonb_agg(jsonb_build_object('state', g.state, 'places', g.n) order by g.rank) from (
         select p.state, p.rank, count(*) as n from place p where p.system_id in (select id from seen)
         group by p.state, p.rank) g), '[]') as "byState"`,
    [JSON.stringify(visibility)],
  )
  if (row === undefined) throw new Error('the database has not answered')
  return { ...row, at: epochMs(row.at) }
}

type Instants<T, K extends keyof T> = Omit<T, K> & { readonly [N in K]: number | null }
type RawPlace = Instants<PlaceRow, 'until' | 'asOf'>
type RawRow = Omit<SystemRow, 'createdAt' | 'places' | 'next'> & {
  readonly createdAt: number
  readonly places: readonly RawPlace[]
  readonly due: number | null
}

/** What lists say of these systems. Visibility is the caller's to judge. */
export async function readSystemRows(
  query: Query,
  ids: readonly SystemId[],
): Promise<ReadonlyMap<SystemId, SystemRow>> {
  const rows = await query<RawRow>(
    `with place as (${placesSql} where p.system_id = any($1))
     select s.id, s.use_case_id as "useCaseId", u.title as name, s.kind, s.state, ${millis('s.created_at')} as "createdAt",
       u.tier, u.legal_class as "legalClass", coalesce(u.business_owner_id, u.requester_id) as owner,
       coalesce((select jsonb_agg(jsonb_build_object('id', p.id, 'environment', p.environment, 'op', p.op,
         'desired', p.desired, 'observed', p.observed, 'state', p.state, 'until', ${millis('p.until_at')},
         'asOf', ${millis('p.settled_at')}) order by p.rank, p.id) from place p where p.system_id = s.id), '[]') as places,
       (select d.release from decisions d join cases c on c.id = d.case_id
        where d.system_id = s.id and d.outcome <> 'rejected' and c.kind not in ('resume', 'waiver')
          and d.not_before_at <= clock_timestamp() and d.expires_at > clock_timestamp()
          and not exists (select 1 from decision_revocations r where r.decision_id = d.id)
        order by d.decided_at desc limit 1) as approved,
       (select ${millis('min(n.due_at)')} from conditions n
        where n.use_case_id = s.use_case_id and n.state = 'open') as due
     from systems s join use_cases u on u.id = s.use_case_id where s.id = any($1)`,
    [[...ids]],
  )
  return new Map(rows.map((row) => [row.id, rowOf(row)]))
}

function rowOf({ due, places, createdAt, ...row }: RawRow): SystemRow {
  const known = places.map(
    ({ until, asOf, ...place }): PlaceRow => ({ ...place, until: atOf(until), asOf: atOf(asOf) }),
  )
  const ends = known.flatMap(({ until }) => (until === null ? [] : [until]))
  const next = [
    ...ends.map((at) => ({ at, what: 'authorization_ends' as const })),
    ...(due === null ? [] : [{ at: epochMs(due), what: 'condition_due' as const }]),
  ].toSorted((a, b) => a.at - b.at)[0]
  return { ...row, createdAt: epochMs(createdAt), places: known, next: next ?? null }
}

function atOf(value: number | null): EpochMs | null {
  return value === null ? null : epochMs(value)
}
