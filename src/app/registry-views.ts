import type { deployment, system } from '../governance/registry/index.ts'
import {
  epochMs,
  type DeploymentId,
  type Environment,
  type EpochMs,
  type SystemId,
  type UseCaseId,
} from '../kernel/index.ts'
import type { Query } from './ports/query.ts'
import { millis } from './sql.ts'

export type SystemRow = {
  readonly id: SystemId
  readonly useCaseId: UseCaseId
  readonly kind: system.SystemKind
  readonly state: 'registered' | 'retired'
  readonly createdAt: EpochMs
}

/** Position in a list that is ordered by instant, then id, newest first. */
export type After = { readonly at: EpochMs; readonly id: string }

/** Systems, newest first; one row more than `limit` is not added here. */
export async function listSystems(
  query: Query,
  filter: {
    readonly useCaseId?: UseCaseId
    readonly state?: string
    readonly after?: After
    readonly limit: number
  },
): Promise<readonly SystemRow[]> {
  const rows = await query<SystemRow & { createdAt: number }>(
    `select id, use_case_id as "useCaseId", kind, state, ${millis('created_at')} as "createdAt" from systems
     where ($1::text is null or use_case_id = $1) and ($2::text is null or state = $2)
       and ($3::bigint is null or (created_at, id) < (to_timestamp($3::float8 / 1000), $4))
     order by created_at desc, id desc limit $5`,
    [
      filter.useCaseId ?? null,
      filter.state ?? null,
      filter.after?.at ?? null,
      filter.after?.id ?? '',
      filter.limit,
    ],
  )
  return rows.map((row) => ({ ...row, createdAt: epochMs(row.createdAt) }))
}

/** The folded state of one aggregate with its revision; null when there is none. */
export async function readState<S>(
  query: Query,
  stream: string,
): Promise<{ readonly state: S; readonly revision: number } | null> {
  const [row] = await query<{ state: S; revision: number }>(
    'select state, rev as revision from streams where stream = $1',
    [stream],
  )
  return row ?? null
}

/** Deployments, newest first. */
export function listDeployments(
  query: Query,
  filter: {
    readonly systemId?: SystemId
    readonly environment?: Environment
    readonly after?: string
    readonly limit: number
  },
): Promise<readonly { readonly state: deployment.Deployment; readonly revision: number }[]> {
  return query(
    `select s.state, s.rev as revision from deployments d join streams s on s.stream = 'deployment/' || d.id
     where ($1::text is null or d.system_id = $1) and ($2::text is null or d.environment = $2)
       and ($3::text is null or d.id < $3)
     order by d.id desc limit $4`,
    [filter.systemId ?? null, filter.environment ?? null, filter.after ?? null, filter.limit],
  )
}

/** One deployment. */
export async function readDeployment(query: Query, id: DeploymentId) {
  const found = await readState<deployment.State>(query, `deployment/${id}`)
  return found === null || found.state.s === 'absent' ? null : { ...found, state: found.state }
}

/** One system with all its releases. */
export async function readSystem(query: Query, id: SystemId) {
  const found = await readState<system.State>(query, `system/${id}`)
  return found === null || found.state.s === 'absent' ? null : { ...found, state: found.state }
}
