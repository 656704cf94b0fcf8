import type { override, stop, waiver } from '../../governance/authorization/index.ts'
import type { condition, reviewCase } from '../../governance/committee/index.ts'
import type { useCase } from '../../governance/intake/index.ts'
import type { deployment, system } from '../../governance/registry/index.ts'
import type { CaseId, DeploymentId, EpochMs } from '../../kernel/index.ts'
import type { Query } from '../ports/query.ts'
import { millis } from '../sql.ts'

/** Everything that the authorization of a deployment rests on, read in one statement, so at one moment. */
export type AuthorizationRows = {
  readonly now: EpochMs
  readonly deployment: deployment.Deployment
  readonly useCase: useCase.UseCase
  readonly system: system.AiSystem
  /** Sum of the deployment's own epoch and those of every stop target above it. */
  readonly epoch: number
  readonly stops: readonly (stop.State & { readonly s: 'stopped' })[]
  readonly overrides: readonly override.State[]
  /** Decided cases on releases: neither those that only resumed something nor those about a waiver. */
  readonly decided: readonly reviewCase.Case[]
  readonly openCase: CaseId | null
  readonly conditions: readonly condition.State[]
  readonly waivers: readonly { readonly id: string; readonly state: waiver.State }[]
}

/** Null when there is no such deployment. */
export async function readAuthorizationRows(
  query: Query,
  id: DeploymentId,
): Promise<AuthorizationRows | null> {
  const [row] = await query<AuthorizationRows>(
    `with d as (
       select s.state, t.system_id, t.use_case_id, t.environment
       from deployments t join streams s on s.stream = 'deployment/' || t.id where t.id = $1
     )
     select ${millis('clock_timestamp()')} as now,
       d.state as deployment,
       (select state from streams where stream = 'useCase/' || d.use_case_id) as "useCase",
       (select state from streams where stream = 'system/' || d.system_id) as system,
       (select epoch from deployment_epochs where deployment_id = $1) as epoch,
       coalesce((select jsonb_agg(s.state order by s.stream) from stops st
         join streams s on s.stream = 'stop/' || st.scope || ':' || st.target
         where st.is_in_force and (st.scope = 'installation'
           or (st.scope = 'use_case' and st.target = d.use_case_id)
           or (st.scope = 'system' and st.target = d.system_id)
           or (st.scope = 'deployment' and st.target = $1)
           or (st.scope = 'route' and st.target in (select r.id from routes r where r.deployment_id = $1)))), '[]') as stops,
       coalesce((select jsonb_agg(s.state order by s.stream) from overrides o
         join streams s on s.stream = 'override/' || o.id
         where o.deployment_id = $1 and o.state in ('active', 'revoked')), '[]') as overrides,
       coalesce((select jsonb_agg(s.state order by s.stream) from cases c join streams s on s.stream = 'case/' || c.id
         where c.system_id = d.system_id and c.environment = d.environment and c.state = 'decided'
           and c.kind not in ('resume', 'waiver')), '[]') as decided,
       (select c.id from cases c where c.system_id = d.system_id and c.environment = d.environment
         and c.kind not in ('resume', 'waiver') and c.state in ('open', 'waiting_evidence', 'voting') order by c.id limit 1) as "openCase",
       coalesce((select jsonb_agg(s.state order by s.stream) from conditions n
         join streams s on s.stream = 'condition/' || n.id where n.use_case_id = d.use_case_id), '[]') as conditions,
       coalesce((select jsonb_agg(jsonb_build_object('id', w.id, 'state', s.state) order by w.id) from waivers w
         join streams s on s.stream = 'waiver/' || w.id where w.use_case_id = d.use_case_id), '[]') as waivers
     from d`,
    [id],
  )
  return row ?? null
}
