import { charter } from '../governance/committee/index.ts'
import type { Environment, EpochMs, Tier } from '../kernel/index.ts'
import { visibilityOf, visibleSql } from './access.ts'
import {
  isPermitted,
  listInService,
  tallyInService,
  type InService,
  type Tally,
} from './authorization/in-service.ts'
import type { Standing } from './authorization/standing.ts'
import { databaseNow } from './clock.ts'
import { readCharters } from './committee/views.ts'
import type { Query } from './ports/query.ts'
import type { Reader } from './readable.ts'
import { instant, millis } from './sql.ts'

/** The answer to whether everything that runs is permitted at this moment, and where not. */
export type Overview = {
  readonly at: EpochMs
  readonly inService: number
  /** Permitted and with a live grant. */
  readonly underGrant: number
  /** Permitted, but no grant is live yet. */
  readonly withoutGrant: number
  /** In service without telling which release runs. */
  readonly unobserved: number
  readonly matrix: readonly { readonly tier: Tier; readonly state: Standing; readonly count: number }[]
  readonly withoutLeave: readonly InService[]
  readonly waiting: readonly Waiting[]
  readonly changes: readonly Change[]
  readonly deadlines: readonly Deadline[]
  readonly exceptions: readonly Exception[]
  readonly gateway: Gateway
  readonly setup: readonly SetupStep[]
}

/** Where people hold something up, whoever they are. */
export type Waiting = {
  readonly kind: string
  readonly count: number
  readonly overdue: number
  readonly oldest: EpochMs | null
}
export type Change = {
  readonly kind: 'decision' | 'revocation' | 'stop' | 'release' | 'override'
  readonly id: string
  readonly at: EpochMs
  readonly title: string
  readonly detail: string
}
export type Deadline = {
  readonly kind: string
  readonly id: string
  readonly at: EpochMs
  readonly title: string
}
export type Exception = {
  readonly kind: 'override' | 'waiver' | 'stop'
  readonly id: string
  readonly title: string
  readonly detail: string
  readonly since: EpochMs
  readonly until: EpochMs | null
}
/** Traffic of the last 24 hours. `calls` is null for whoever does not see all of it. */
export type Gateway = {
  readonly calls: number | null
  readonly refused: number | null
  readonly lastAt: EpochMs | null
}

export const setupSteps = [
  'second_administrator',
  'charter',
  'provider',
  'intake',
  'release',
  'check',
  'decision',
  'calls',
] as const
export type SetupStep = { readonly step: (typeof setupSteps)[number]; readonly isDone: boolean }

const listed = 20
const weekMs = 7 * 86_400_000

/**
 * Everything on the first screen for one reader. What is in service counts as what the issuer has derived of it, or as
 * unknown (ADR 0018); all else is derived at this moment.
 */
export async function readOverview(query: Query, reader: Reader): Promise<Overview> {
  const at = await databaseNow(query)
  const visibility = visibilityOf(reader, 'useCase.read', at)
  const seen = JSON.stringify(visibility)
  const [{ tallies, withoutLeave }, waiting, changes, deadlines, exceptions, gateway, setup] =
    await Promise.all([
      tallyInService(query, visibility, listed),
      query<Waiting>(waitingSql, [seen, at]),
      query<Change>(changesSql, [seen]),
      query<Deadline>(deadlinesSql, [seen, at, at + weekMs]),
      query<Exception>(exceptionsSql, [seen, at]),
      readGateway(query, visibility.all),
      readSetup(query),
    ])
  const countOf = (isCounted: (tally: Tally) => boolean) =>
    tallies.reduce((sum, tally) => (isCounted(tally) ? sum + tally.count : sum), 0)
  return {
    at,
    inService: countOf(() => true),
    underGrant: countOf((tally) => isPermitted(tally) && tally.hasGrant),
    withoutGrant: countOf((tally) => isPermitted(tally) && !tally.hasGrant),
    unobserved: countOf(({ isObserved }) => !isObserved),
    matrix: matrixOf(tallies),
    withoutLeave,
    waiting: waiting.filter(({ count }) => count > 0),
    changes,
    deadlines,
    exceptions,
    gateway,
    setup,
  }
}

/** A page of what is in service, by id, with what it may do. */
export async function listStandings(
  query: Query,
  reader: Reader,
  filter: {
    readonly tier?: number | undefined
    readonly state?: Standing | undefined
    readonly environment?: Environment | undefined
    readonly after?: string | undefined
    readonly limit: number
  },
): Promise<readonly InService[]> {
  const visibility = visibilityOf(reader, 'useCase.read', await databaseNow(query))
  return listInService(query, visibility, filter)
}

function matrixOf(tallies: readonly Tally[]): Overview['matrix'] {
  const cells = new Map<string, { tier: Tier; state: Standing; count: number }>()
  for (const { tier, state, count } of tallies) {
    const key = `${tier} ${state}`
    cells.set(key, { tier, state, count: count + (cells.get(key)?.count ?? 0) })
  }
  return [...cells.values()]
}

const openReview = `r.state in ('required', 'assigned', 'in_progress', 'info_requested', 'stale')`
const openOverride = `(o.state = 'active' and o.expires_at > ${instant(2)})`

const waitingSql = `select kind, count(*)::int as count, count(*) filter (where due <= ${instant(2)})::int as overdue,
    ${millis('min(since)')} as oldest
  from (
    select 'triage' as kind, u.triage_due_at as due, u.updated_at as since from use_cases u
    where ${visibleSql('u', 1)} and u.state = 'submitted'
    union all
    select 'review', r.due_at, r.created_at from reviews r join use_cases u on u.id = r.use_case_id
    where ${visibleSql('u', 1)} and ${openReview}
    union all
    select 'ballot', c.deadline_at, c.opened_at from cases c join use_cases u on u.id = c.use_case_id
    where ${visibleSql('u', 1)} and c.state in ('open', 'voting')
    union all
    select 'evidence', c.deadline_at, c.opened_at from cases c join use_cases u on u.id = c.use_case_id
    where ${visibleSql('u', 1)} and c.state = 'waiting_evidence'
    union all
    select 'condition', n.due_at, null from conditions n join use_cases u on u.id = n.use_case_id
    where ${visibleSql('u', 1)} and n.state = 'open'
    union all
    select 'waiver', null, null from waivers w join use_cases u on u.id = w.use_case_id
    where ${visibleSql('u', 1)} and w.state = 'requested'
    union all
    select 'override_second', null, null
    from overrides o join deployments d on d.id = o.deployment_id join use_cases u on u.id = d.use_case_id
    where ${visibleSql('u', 1)} and o.state = 'requested'
    union all
    select 'override_review', o.review_due_at, o.expires_at
    from overrides o join deployments d on d.id = o.deployment_id join use_cases u on u.id = d.use_case_id
    where ${visibleSql('u', 1)} and o.state in ('active', 'revoked') and not ${openOverride}
  ) as waits group by kind order by overdue desc, count desc`

const changesSql = `select kind, id, ${millis('at')} as at, title, detail from (
    select * from (select 'decision' as kind, d.case_id as id, d.decided_at as at, u.title, d.outcome as detail
      from decisions d join use_cases u on u.id = d.use_case_id where ${visibleSql('u', 1)}
      order by d.decided_at desc limit 12) as a
    union all
    select * from (select 'revocation', d.case_id, r.revoked_at, u.title, 'revoked'
      from decision_revocations r join decisions d on d.id = r.decision_id join use_cases u on u.id = d.use_case_id
      where ${visibleSql('u', 1)} order by r.revoked_at desc limit 12) as b
    union all
    select * from (select 'stop', st.id, st.since_at, coalesce(u.title, ''), st.scope
      from stops st left join use_cases u on u.id = use_case_of('stop/' || st.id)
      where st.is_in_force and (st.scope = 'installation' or ${visibleSql('u', 1)})
      order by st.since_at desc limit 12) as c
    union all
    select * from (select 'release', r.digest, r.created_at, u.title, r.digest
      from releases r join systems y on y.id = r.system_id join use_cases u on u.id = y.use_case_id
      where ${visibleSql('u', 1)} order by r.created_at desc limit 12) as e
  ) as changes order by at desc limit 12`

const deadlinesSql = `select kind, id, ${millis('at')} as at, title from (
    select 'triage' as kind, u.id, u.triage_due_at as at, u.title from use_cases u
    where ${visibleSql('u', 1)} and u.state = 'submitted'
    union all
    select 'review', r.id, r.due_at, u.title from reviews r join use_cases u on u.id = r.use_case_id
    where ${visibleSql('u', 1)} and ${openReview}
    union all
    select 'case', c.id, c.deadline_at, u.title from cases c join use_cases u on u.id = c.use_case_id
    where ${visibleSql('u', 1)} and c.state in ('open', 'waiting_evidence', 'voting')
    union all
    select 'condition', n.id, n.due_at, u.title from conditions n join use_cases u on u.id = n.use_case_id
    where ${visibleSql('u', 1)} and n.state = 'open'
    union all
    select 'decision', d.case_id, d.expires_at, u.title from decisions d join use_cases u on u.id = d.use_case_id
    where ${visibleSql('u', 1)} and d.outcome <> 'rejected'
      and not exists (select 1 from decision_revocations r where r.decision_id = d.id)
      and not exists (select 1 from decisions l where l.system_id = d.system_id and l.environment = d.environment
        and l.decided_at > d.decided_at)
    union all
    select 'waiver', w.id, w.expires_at, u.title from waivers w join use_cases u on u.id = w.use_case_id
    where ${visibleSql('u', 1)} and w.state = 'accepted'
    union all
    select 'override', o.id, o.expires_at, u.title
    from overrides o join deployments d on d.id = o.deployment_id join use_cases u on u.id = d.use_case_id
    where ${visibleSql('u', 1)} and ${openOverride}
    union all
    select 'override_review', o.id, o.review_due_at, u.title
    from overrides o join deployments d on d.id = o.deployment_id join use_cases u on u.id = d.use_case_id
    where ${visibleSql('u', 1)} and o.state in ('active', 'revoked') and not ${openOverride}
  ) as dates where at > ${instant(2)} and at <= ${instant(3)} order by at, id limit 100`

const exceptionsSql = `select kind, id, title, detail, ${millis('since')} as since, ${millis('until')} as until from (
    select 'stop' as kind, st.id, coalesce(u.title, '') as title, st.scope as detail, st.since_at as since,
      null::timestamptz as until
    from stops st left join use_cases u on u.id = use_case_of('stop/' || st.id)
    where st.is_in_force and (st.scope = 'installation' or ${visibleSql('u', 1)})
    union all
    select 'override', o.id, u.title, d.environment,
      to_timestamp((s.state ->> 'activatedAt')::float8 / 1000), o.expires_at
    from overrides o join deployments d on d.id = o.deployment_id join use_cases u on u.id = d.use_case_id
      join streams s on s.stream = 'override/' || o.id
    where ${visibleSql('u', 1)} and ${openOverride}
    union all
    select 'waiver', w.id, u.title, s.state -> 'terms' -> 'subject' ->> 'id', s.updated_at, w.expires_at
    from waivers w join use_cases u on u.id = w.use_case_id join streams s on s.stream = 'waiver/' || w.id
    where ${visibleSql('u', 1)} and w.state = 'accepted' and w.expires_at > ${instant(2)}
  ) as exceptions order by since desc limit 100`

async function readGateway(query: Query, seesAll: boolean): Promise<Gateway> {
  const [row] = await query<{ calls: number; refused: number; lastAt: number | null }>(
    `select coalesce(sum(b.n), 0)::int as calls,
       (select coalesce(sum(t.n), 0)::int from traffic_tallies t
         where t.mark = 'action:block' and t.minute > now() - interval '24 hours') as refused,
       (select ${millis('max(sealed_at)')} from gateway_batches) as "lastAt"
     from gateway_batches b where b.sealed_at > clock_timestamp() - interval '24 hours'`,
  )
  const { calls, refused, lastAt } = row ?? { calls: 0, refused: 0, lastAt: null }
  const shown = seesAll ? { calls, refused } : { calls: null, refused: null }
  return { ...shown, lastAt: lastAt as EpochMs | null } // whole milliseconds of our own column
}

/** How far the first walk through the whole chain is, from facts alone. */
async function readSetup(query: Query): Promise<readonly SetupStep[]> {
  const { versions } = await readCharters(query)
  const [row] = await query<{ [S in (typeof setupSteps)[number]]: boolean }>(
    `select (select count(*) from people where is_admin and state = 'active') >= 2 as second_administrator,
       exists (select 1 from upstreams where disabled_at is null) and exists (select 1 from route_models) as provider,
       exists (select 1 from use_cases where state <> 'draft') as intake,
       exists (select 1 from releases) as release,
       exists (select 1 from checks) as check,
       exists (select 1 from decisions) as decision,
       exists (select 1 from gateway_records where marks @> array['action:allow'])
         and exists (select 1 from gateway_records where marks @> array['action:block']) as calls`,
  )
  const now = await databaseNow(query)
  const state = { ...charter.initial, versions }
  return setupSteps.map((step) => ({
    step,
    isDone: step === 'charter' ? charter.charterInForce(state, now) !== null : row?.[step] === true,
  }))
}
