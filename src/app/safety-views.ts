import { waiver, type override, type stop, type StopScope } from '../governance/authorization/index.ts'
import {
  AppError,
  isId,
  type CaseId,
  type DeploymentId,
  type EpochMs,
  type OverrideId,
  type StopId,
  type UseCaseId,
  type UserId,
  type WaiverId,
} from '../kernel/index.ts'
import { visibilityOf, visibleSql } from './access.ts'
import { databaseNow } from './clock.ts'
import type { Query } from './ports/query.ts'
import { requireReadable, type Reader } from './readable.ts'
import type { After } from './registry-views.ts'
import { sealedEntries, textIn, type SealedEntry } from './sealed-texts.ts'
import { instant, millis } from './sql.ts'

/** One target that is or was stopped. */
export type StopRow = {
  readonly id: string
  readonly scope: StopScope
  readonly targetId: string
  /** Null for the installation. */
  readonly useCaseId: UseCaseId | null
  /** Title of the use case; null for the installation. */
  readonly title: string | null
  readonly isInForce: boolean
  readonly epoch: number
  /** Key of the list: since when it is stopped, 0 when it is not. */
  readonly since: number
  readonly stops: readonly (stop.OrderedStop & { readonly reason: string | null })[]
}

/** Targets that are or were stopped, stopped last first. A stop of the installation concerns everybody. */
export async function listStops(
  query: Query,
  reader: Reader,
  filter: {
    readonly isInForce?: boolean | undefined
    readonly scope?: StopScope | undefined
    readonly after: After | null
    readonly limit: number
  },
): Promise<readonly StopRow[]> {
  const since = 'coalesce(st.since_at, to_timestamp(0))'
  const rows = await query<Omit<StopRow, 'stops'> & { state: stop.State }>(
    `select st.id, st.scope, st.target as "targetId", u.id as "useCaseId", u.title, st.is_in_force as "isInForce", st.epoch,
       ${millis(since)} as since, s.state
     from stops st join streams s on s.stream = 'stop/' || st.id
       left join use_cases u on u.id = use_case_of('stop/' || st.id)
     where (st.scope = 'installation' or ${visibleSql('u', 1)})
       and ($2::boolean is null or st.is_in_force = $2) and ($3::text is null or st.scope = $3)
       and ($4::bigint is null or (${since}, st.id) < (${instant(4)}, $5))
     order by ${since} desc, st.id desc limit $6`,
    [
      JSON.stringify(visibilityOf(reader, 'useCase.read', await databaseNow(query))),
      filter.isInForce ?? null,
      filter.scope ?? null,
      filter.after?.at ?? null,
      filter.after?.id ?? '',
      filter.limit,
    ],
  )
  const reasons = await reasonsOf(
    query,
    rows.map(({ id }) => id),
  )
  return rows.map(({ state, ...row }) => ({
    ...row,
    stops:
      state.s === 'clear'
        ? []
        : state.stops.map((item) => ({ ...item, reason: reasons.get(item.id) ?? null })),
  }))
}

async function reasonsOf(query: Query, targets: readonly string[]): Promise<ReadonlyMap<StopId, string>> {
  const rows = await query<{ id: StopId; reason: string }>(
    `select p.facts::jsonb ->> 'stopId' as id, p.personal::jsonb ->> 'reason' as reason
     from ledger.entry e join ledger.payload p on p.event_id = e.id
     where e.stream = any($1) and e.kind = 'stop.ordered' and p.personal is not null`,
    [targets.map((id) => `stop/${id}`)],
  )
  return new Map(rows.map(({ id, reason }) => [id, reason]))
}

/** A text with the kind of event that it belongs to; null once it is erased. */
export type Note = {
  readonly event: string
  readonly at: EpochMs
  readonly by: UserId
  readonly text: string | null
}

export type OverrideState = 'requested' | 'active' | 'expired' | 'revoked' | 'reviewed' | 'withdrawn'
export type OverrideRow = {
  readonly id: OverrideId
  readonly revision: number
  readonly useCaseId: UseCaseId
  readonly deploymentId: DeploymentId
  readonly requestedBy: UserId
  readonly state: override.State
  /** The state at this moment: nothing has to run for an override to expire. */
  readonly current: OverrideState
  readonly isReviewOverdue: boolean
}

const currentOverride = `case when o.state = 'active' and o.expires_at <= ${instant(2)} then 'expired' else o.state end`
const overrideSql = `select o.id, s.rev as revision, d.use_case_id as "useCaseId", o.deployment_id as "deploymentId",
    o.requested_by as "requestedBy", s.state, ${currentOverride} as current,
    (o.state in ('active', 'revoked') and o.review_due_at <= ${instant(2)}) is true as "isReviewOverdue"
  from overrides o join deployments d on d.id = o.deployment_id join use_cases u on u.id = d.use_case_id
    join streams s on s.stream = 'override/' || o.id`

/** Overrides on deployments that the reader may see, by descending id. */
export async function listOverrides(
  query: Query,
  reader: Reader,
  filter: {
    readonly deploymentId?: DeploymentId | undefined
    readonly state?: OverrideState | undefined
    /** Ended and not yet reviewed. */
    readonly isUnreviewed?: boolean | undefined
    readonly after?: string | undefined
    readonly limit: number
  },
): Promise<readonly OverrideRow[]> {
  const now = await databaseNow(query)
  return query<OverrideRow>(
    `${overrideSql}
     where ${visibleSql('u', 1)} and ($3::text is null or o.deployment_id = $3)
       and ($4::text is null or ${currentOverride} = $4)
       and ($5::boolean is null or (${currentOverride} in ('expired', 'revoked')) = $5)
       and ($6::text is null or o.id < $6)
     order by o.id desc limit $7`,
    [
      JSON.stringify(visibilityOf(reader, 'useCase.read', now)),
      now,
      filter.deploymentId ?? null,
      filter.state ?? null,
      filter.isUnreviewed ?? null,
      filter.after ?? null,
      filter.limit,
    ],
  )
}

/** One override with why it was asked for and what its review says. */
export async function readOverride(
  query: Query,
  reader: Reader,
  id: OverrideId,
): Promise<OverrideRow & { readonly notes: readonly Note[] }> {
  const [row] = await query<OverrideRow>(`${overrideSql} where o.id = $1`, [id, await databaseNow(query)])
  if (row === undefined) throw new AppError('NOT_FOUND')
  await requireReadable(query, reader, row.useCaseId, 'useCase.read')
  const entries = await sealedEntries(query, reader, {
    useCaseId: row.useCaseId,
    stream: `override/${id}`,
    kinds: ['override.requested', 'override.reviewed'],
  })
  return { ...row, notes: entries.map((entry) => noteOf(entry, row.requestedBy)) }
}

export type WaiverState = 'requested' | 'accepted' | 'expired' | 'refused' | 'revoked'
export type WaiverRow = {
  readonly id: WaiverId
  readonly revision: number
  /** Title of the use case. */
  readonly title: string
  readonly requestedBy: UserId
  /** The newest case about it. */
  readonly caseId: CaseId | null
  readonly state: Exclude<waiver.State, { readonly s: 'absent' }>
  /** The state at this moment: nothing has to run for a waiver to expire. */
  readonly current: WaiverState
}

const currentWaiver = `case when w.state = 'accepted' and w.expires_at <= ${instant(2)} then 'expired' else w.state end`
const waiverSql = `select w.id, s.rev as revision, u.title, w.requested_by as "requestedBy", s.state, ${currentWaiver} as current,
    (select c.id from cases c where c.waiver_id = w.id order by c.opened_at desc, c.id desc limit 1) as "caseId"
  from waivers w join use_cases u on u.id = w.use_case_id join streams s on s.stream = 'waiver/' || w.id`

/** Waivers of use cases that the reader may see, newest first. */
export async function listWaivers(
  query: Query,
  reader: Reader,
  filter: {
    readonly useCaseId?: UseCaseId | undefined
    readonly state?: WaiverState | undefined
    readonly after?: string | undefined
    readonly limit: number
  },
): Promise<readonly WaiverRow[]> {
  const now = await databaseNow(query)
  return query<WaiverRow>(
    `${waiverSql}
     where ${visibleSql('u', 1)} and ($3::text is null or w.use_case_id = $3)
       and ($4::text is null or ${currentWaiver} = $4) and ($5::text is null or w.id < $5)
     order by w.id desc limit $6`,
    [
      JSON.stringify(visibilityOf(reader, 'useCase.read', now)),
      now,
      filter.useCaseId ?? null,
      filter.state ?? null,
      filter.after ?? null,
      filter.limit,
    ],
  )
}

/** One waiver with its justifications. */
export async function readWaiver(
  query: Query,
  reader: Reader,
  id: WaiverId,
): Promise<WaiverRow & { readonly notes: readonly Note[] }> {
  const [row] = await query<WaiverRow>(`${waiverSql} where w.id = $1`, [id, await databaseNow(query)])
  if (row === undefined) throw new AppError('NOT_FOUND')
  await requireReadable(query, reader, row.state.terms.scope.useCaseId, 'useCase.read')
  const entries = await sealedEntries(query, reader, {
    useCaseId: row.state.terms.scope.useCaseId,
    stream: `waiver/${id}`,
    kinds: ['waiver.requested', 'waiver.refused'],
  })
  return { ...row, notes: entries.map((entry) => noteOf(entry, row.requestedBy)) }
}

/** Whose acceptance is still missing from a request; none for every other state. */
export function missingAcceptors({ state }: WaiverRow): readonly waiver.Acceptor[] {
  if (state.s !== 'requested') return []
  return waiver
    .acceptorsOf(state.terms.residual)
    .filter((acceptor) => !state.acceptances.some(({ as }) => as === acceptor))
}

/** Whether a request needs the approval of a case before anybody accepts it. */
export function waitsForCase({ state }: WaiverRow): boolean {
  return state.s === 'requested' && waiver.needsCase(state)
}

function noteOf({ kind, at, facts, sealed }: SealedEntry, requestedBy: UserId): Note {
  const { by } = facts
  const text = textIn(sealed, 'text') ?? textIn(sealed, 'reason') ?? textIn(sealed, 'justification')
  return { event: kind, at, by: isId('user', by) ? by : requestedBy, text }
}
