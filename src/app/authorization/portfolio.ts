import type { Authorization } from '../../governance/authorization/index.ts'
import type { override, stop, waiver } from '../../governance/authorization/index.ts'
import type { condition, reviewCase } from '../../governance/committee/index.ts'
import { useCase } from '../../governance/intake/index.ts'
import type { deployment, system } from '../../governance/registry/index.ts'
import {
  epochMs,
  type CaseId,
  type DeploymentId,
  type Environment,
  type EpochMs,
  type SystemId,
  type Tier,
  type UseCaseId,
  type UserId,
} from '../../kernel/index.ts'
import { visibleSql, type Visibility } from '../access.ts'
import type { PolicySet } from '../../governance/policies/index.ts'
import type { Query } from '../ports/query.ts'
import { millis } from '../sql.ts'
import { judgeRows } from './facts.ts'
import type { AuthorizationRows } from './rows.ts'

/** One deployment in service with what it may do now. */
export type Standing = {
  readonly id: DeploymentId
  readonly systemId: SystemId
  readonly useCaseId: UseCaseId
  readonly title: string
  readonly environment: Environment
  readonly op: deployment.Deployment['op']
  readonly owner: UserId
  readonly tier: Tier
  /** Null when the facts do not suffice to tell. It then has no leave. */
  readonly authorization: Authorization | null
  /** Whether a grant is live at this moment that no stop has outdated. */
  readonly hasGrant: boolean
  readonly isObserved: boolean
}

/** Every deployment in service that the reader may see, at one moment of the database. */
export type Portfolio = { readonly now: EpochMs; readonly standings: readonly Standing[] }

type Placed = {
  readonly state: deployment.Deployment
  readonly title: string
  readonly systemId: SystemId
  readonly useCaseId: UseCaseId
  readonly environment: Environment
  readonly owner: UserId
  readonly epoch: number
  readonly hasGrant: boolean
}
type Part =
  | { readonly part: 'now'; readonly key: ''; readonly body: number }
  | { readonly part: 'deployment'; readonly key: DeploymentId; readonly body: Placed }
  | { readonly part: 'useCase'; readonly key: string; readonly body: useCase.UseCase }
  | { readonly part: 'system'; readonly key: string; readonly body: system.AiSystem }
  | { readonly part: 'stop'; readonly key: string; readonly body: stop.State & { readonly s: 'stopped' } }
  | { readonly part: 'override'; readonly key: string; readonly body: override.State }
  | { readonly part: 'decided'; readonly key: string; readonly body: reviewCase.Case }
  | { readonly part: 'openCase'; readonly key: string; readonly body: CaseId }
  | { readonly part: 'condition'; readonly key: string; readonly body: condition.State }
  | {
      readonly part: 'waiver'
      readonly key: string
      readonly body: AuthorizationRows['waivers'][number] & { readonly state: waiver.State }
    }

/**
 * Derives the authorization of everything in service, of which `owner` is responsible when one is named. All facts come
 * from one statement, so from one moment; nothing that was derived before is believed.
 */
export async function judgePortfolio(
  query: Query,
  policies: PolicySet,
  visibility: Visibility,
  owner: UserId | null = null,
): Promise<Portfolio> {
  const parts = await query<Part>(portfolioSql, [JSON.stringify(visibility), owner])
  const { now, placed, rowsOf } = arranged(parts)
  const standings: Standing[] = []
  for (const { state, hasGrant, title, ...place } of placed) {
    const rows = rowsOf(state, place)
    const judged = rows === null ? null : await judgeRows(query, policies, rows)
    standings.push({
      id: state.id,
      systemId: place.systemId,
      useCaseId: place.useCaseId,
      environment: place.environment,
      owner: place.owner,
      title,
      op: state.op,
      tier: rows === null ? 3 : useCase.effectiveTier(rows.useCase, now),
      authorization: judged?.authorization ?? null,
      hasGrant,
      isObserved: state.observed !== 'unknown',
    })
  }
  return { now, standings }
}

/** Of each state only what a derivation reads. `offset 0`: a large state is unpacked once, not for each member. */
const portfolioSql = `with d as materialized (
    select t.id, t.system_id, t.use_case_id, t.environment, t.owner_id, u.title
    from deployments t join use_cases u on u.id = t.use_case_id
    where ${visibleSql('u', 1)} and t.op in ('shadow', 'canary', 'live')
      and ($2::text is null or $2 in (t.owner_id, u.business_owner_id, u.technical_owner_id))
  ), live as materialized (
    select distinct g.deployment_id, g.epoch from grants g where g.expires_at > clock_timestamp()
  ), places as materialized (select distinct system_id, environment from d)
  select 'now' as part, '' as key, to_jsonb(${millis('clock_timestamp()')}) as body
  union all
  select 'deployment', d.id, jsonb_build_object('state', s.state, 'title', d.title, 'systemId', d.system_id,
    'useCaseId', d.use_case_id, 'environment', d.environment, 'owner', d.owner_id, 'epoch', e.epoch,
    'hasGrant', exists (select 1 from live where live.deployment_id = d.id and live.epoch = e.epoch))
  from d join streams s on s.stream = 'deployment/' || d.id join deployment_epochs e on e.deployment_id = d.id
  union all
  select 'useCase', substr(s.stream, 9), (v - array['assessment', 'inForce', 'owners']) || jsonb_build_object(
    'assessment', case when v -> 'assessment' <> 'null' then jsonb_build_object(
      'tier', v -> 'assessment' -> 'tier', 'floor', v -> 'assessment' -> 'floor') end,
    'inForce', case when v -> 'inForce' <> 'null' then (v -> 'inForce') - 'answers' end)
  from streams s cross join lateral (select s.state - array['answers', 'sealed', 'asked'] as v offset 0) as once
  where s.stream in (select 'useCase/' || use_case_id from d)
  union all
  select 'system', substr(s.stream, 8), s.state - array['releases', 'changes']
  from streams s where s.stream in (select 'system/' || system_id from d)
  union all
  select 'stop', st.scope || ':' || coalesce(r.deployment_id, st.target), s.state
  from stops st join streams s on s.stream = 'stop/' || st.scope || ':' || st.target
    left join routes r on st.scope = 'route' and r.id = st.target
  where st.is_in_force
  union all
  select 'override', o.deployment_id, s.state
  from overrides o join streams s on s.stream = 'override/' || o.id
  where o.state in ('active', 'revoked') and o.deployment_id in (select id from d)
  union all
  select 'decided', c.system_id || '/' || c.environment, jsonb_build_object('s', v -> 's', 'tier', v -> 'tier',
    'subject', v -> 'subject', 'decision', (v -> 'decision') - array['tally', 'conditions'],
    'requirements', jsonb_path_query_array(v -> 'requirements', '$[*] ? (@.status == "waived")'))
  from places join cases c using (system_id, environment) join streams s on s.stream = 'case/' || c.id
    cross join lateral (select s.state - array['roster', 'ballots', 'rule'] as v offset 0) as once
  where c.state = 'decided' and c.kind not in ('resume', 'waiver')
  union all
  select 'openCase', c.system_id || '/' || c.environment, to_jsonb(min(c.id))
  from places join cases c using (system_id, environment)
  where c.state in ('open', 'waiting_evidence', 'voting') and c.kind not in ('resume', 'waiver')
  group by c.system_id, c.environment
  union all
  select 'condition', n.use_case_id, s.state
  from conditions n join streams s on s.stream = 'condition/' || n.id
  where n.use_case_id in (select use_case_id from d)
  union all
  select 'waiver', w.use_case_id, jsonb_build_object('id', w.id, 'state', s.state)
  from waivers w join streams s on s.stream = 'waiver/' || w.id
  where w.use_case_id in (select use_case_id from d)`

type Place = Omit<Placed, 'state' | 'title' | 'hasGrant'>

function arranged(parts: readonly Part[]) {
  let now = epochMs(0)
  const placed: Placed[] = []
  const useCases = new Map<string, useCase.UseCase>()
  const systems = new Map<string, system.AiSystem>()
  const openCases = new Map<string, CaseId>()
  const stops = new Lists<AuthorizationRows['stops'][number]>()
  const overrides = new Lists<override.State>()
  const decided = new Lists<reviewCase.Case>()
  const conditions = new Lists<condition.State>()
  const waivers = new Lists<AuthorizationRows['waivers'][number]>()
  for (const item of parts)
    switch (item.part) {
      case 'now':
        now = epochMs(item.body)
        break
      case 'deployment':
        placed.push(item.body)
        break
      case 'useCase':
        useCases.set(item.key, item.body)
        break
      case 'system':
        systems.set(item.key, item.body)
        break
      case 'stop':
        stops.add(item.key, item.body)
        break
      case 'override':
        overrides.add(item.key, item.body)
        break
      case 'decided':
        decided.add(item.key, item.body)
        break
      case 'openCase':
        openCases.set(item.key, item.body)
        break
      case 'condition':
        conditions.add(item.key, item.body)
        break
      case 'waiver':
        waivers.add(item.key, item.body)
        break
    }
  const rowsOf = (state: deployment.Deployment, place: Place): AuthorizationRows | null => {
    const record = useCases.get(place.useCaseId)
    const ai = systems.get(place.systemId)
    if (record === undefined || ai === undefined) return null
    const at = `${place.systemId}/${place.environment}`
    return {
      now,
      deployment: state,
      useCase: record,
      system: ai,
      epoch: place.epoch,
      stops: [
        ...stops.of('installation:installation'),
        ...stops.of(`use_case:${place.useCaseId}`),
        ...stops.of(`system:${place.systemId}`),
        ...stops.of(`deployment:${state.id}`),
        ...stops.of(`route:${state.id}`),
      ],
      overrides: overrides.of(state.id),
      decided: decided.of(at),
      openCase: openCases.get(at) ?? null,
      conditions: conditions.of(place.useCaseId),
      waivers: waivers.of(place.useCaseId),
    }
  }
  return { now, placed, rowsOf }
}

class Lists<T> {
  readonly #lists = new Map<string, T[]>()
  add(key: string, item: T): void {
    const list = this.#lists.get(key)
    if (list === undefined) this.#lists.set(key, [item])
    else list.push(item)
  }
  of(key: string): readonly T[] {
    return this.#lists.get(key) ?? []
  }
}
