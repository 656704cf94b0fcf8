import { permits, permittingStates } from '../../governance/authorization/index.ts'
import type { PolicySet } from '../../governance/policies/index.ts'
import type {
  DeploymentId,
  Environment,
  EpochMs,
  Reason,
  SystemId,
  Tier,
  UseCaseId,
  UserId,
} from '../../kernel/index.ts'
import { visibleSql, type Visibility } from '../access.ts'
import type { Query } from '../ports/query.ts'
import { millis } from '../sql.ts'
import { judge } from './facts.ts'
import { placesSql, type Standing } from './standing.ts'

/** One deployment in service with what lists may say of it. */
export type InService = {
  readonly id: DeploymentId
  readonly systemId: SystemId
  readonly useCaseId: UseCaseId
  readonly title: string
  readonly environment: Environment
  readonly op: string
  readonly owner: UserId
  readonly tier: Tier
  readonly state: Standing
  readonly until: EpochMs | null
  /** When the issuer derived it; null when it has not yet. */
  readonly asOf: EpochMs | null
  /** Whether a grant is live at this moment that no stop has outdated. */
  readonly hasGrant: boolean
  readonly isObserved: boolean
  /** Why it has no leave, or what limits it. */
  readonly reasons: readonly Reason[]
}

/** How many are in service alike. */
export type Tally = Pick<InService, 'tier' | 'state' | 'hasGrant' | 'isObserved'> & { readonly count: number }

const permittedSql = `state in (${permittingStates.map((state) => `'${state}'`).join()})`

/** Whether what is said of it is a permission. Unknown is none. */
export function isPermitted({ state }: Pick<InService, 'state'>): boolean {
  return permittingStates.some((one) => one === state)
}

/** What is in service and the reader of $1 may see; who is not assessed is of the highest tier. */
function inServiceSql(where = 'true'): string {
  return `with live as materialized (
      select distinct deployment_id, epoch from grants where expires_at > statement_timestamp()
    ), seen as not materialized (
      select p.id, p.system_id as "systemId", p.use_case_id as "useCaseId", u.title, p.environment, p.op,
        p.owner_id as owner, coalesce(u.tier, 3) as tier, p.state, p.rank, ${millis('p.until_at')} as until,
        ${millis('p.settled_at')} as "asOf", g.deployment_id is not null as "hasGrant",
        p.observed is distinct from 'unknown' as "isObserved"
      from (${placesSql}) p join use_cases u on u.id = p.use_case_id
        join deployment_epochs e on e.deployment_id = p.id
        left join live g on g.deployment_id = p.id and g.epoch = e.epoch
      where ${visibleSql('u', 1)} and p.op in ('shadow', 'canary', 'live') and ${where}
    )`
}

const columns = `id, "systemId", "useCaseId", title, environment, op, owner, tier, state, until, "asOf", "hasGrant", "isObserved",
  case when state = 'unknown' then '[{"code": "NOT_DERIVED", "params": {}}]'::jsonb
    else (select y.reasons from deployment_standings y where y.deployment_id = seen.id) end as reasons`

/** All of it counted, and what is not permitted, the highest tier and the worst first: both of one moment. */
export async function tallyInService(
  query: Query,
  visibility: Visibility,
  limit: number,
): Promise<{ readonly tallies: readonly Tally[]; readonly withoutLeave: readonly InService[] }> {
  const [row] = await query<{ tallies: readonly Tally[]; withoutLeave: readonly InService[] }>(
    `${inServiceSql()}
     select coalesce((select jsonb_agg(t) from (select tier, state, "hasGrant", "isObserved", count(*) as count from seen
         group by tier, state, "hasGrant", "isObserved" order by tier, state) t), '[]') as tallies,
       coalesce((select jsonb_agg(to_jsonb(w) - 'rank' order by w.tier desc, w.rank, w.id) from (select ${columns}, rank from seen
         where not ${permittedSql} order by tier desc, rank, id limit $2) w), '[]') as "withoutLeave"`,
    [JSON.stringify(visibility), limit],
  )
  if (row === undefined) throw new Error('the database has not answered')
  return row
}

/** A page of it, by id. */
export async function listInService(
  query: Query,
  visibility: Visibility,
  filter: {
    readonly tier?: number | undefined
    readonly state?: Standing | undefined
    readonly environment?: Environment | undefined
    readonly after?: string | undefined
    readonly limit: number
  },
): Promise<readonly InService[]> {
  const { tier, state, environment, after, limit } = filter
  return query<InService>(
    `${inServiceSql()} select ${columns} from seen
     where ($2::int is null or tier = $2) and ($3::text is null or state = $3)
       and ($4::text is null or environment = $4) and ($5::text is null or id > $5) order by id limit $6`,
    [JSON.stringify(visibility), tier ?? null, state ?? null, environment ?? null, after ?? null, limit],
  )
}

/** What a person is responsible for, runs, and has no leave now: each that lists do not call permitted is derived. */
export async function blockedOf(
  query: Query,
  policies: PolicySet,
  person: UserId,
  limit: number,
): Promise<readonly InService[]> {
  const own: Visibility = { all: false, units: [], useCases: [], person }
  const candidates = await query<InService>(
    `${inServiceSql('$2 in (p.owner_id, u.business_owner_id, u.technical_owner_id)')}
     select ${columns} from seen where not ${permittedSql} order by rank, id limit $3`,
    [JSON.stringify(own), person, limit],
  )
  const blocked: InService[] = []
  for (const candidate of candidates) {
    const judged = await judge(query, policies, candidate.id)
    if (judged !== null && permits(judged.authorization)) continue
    blocked.push({ ...candidate, state: judged?.authorization.s ?? 'unknown' })
  }
  return blocked
}
