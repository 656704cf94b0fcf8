import {
  answersUnchanged,
  classifyChange,
  type Change,
  type deployment,
  type ReleaseManifest,
  type system,
} from '../governance/registry/index.ts'
import {
  epochMs,
  type DeploymentId,
  type Digest,
  type Environment,
  type EpochMs,
  type SystemId,
  type Tier,
  type UseCaseId,
} from '../kernel/index.ts'
import { visibleSql, type Visibility } from './access.ts'
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
  visibility: Visibility,
  filter: {
    readonly useCaseId?: UseCaseId
    readonly state?: string
    readonly after?: After
    readonly limit: number
  },
): Promise<readonly SystemRow[]> {
  const rows = await query<SystemRow & { createdAt: number }>(
    `select s.id, s.use_case_id as "useCaseId", s.kind, s.state, ${millis('s.created_at')} as "createdAt"
     from systems s join use_cases u on u.id = s.use_case_id
     where ${visibleSql('u', 6)} and ($1::text is null or s.use_case_id = $1) and ($2::text is null or s.state = $2)
       and ($3::bigint is null or (s.created_at, s.id) < (to_timestamp($3::float8 / 1000), $4))
     order by s.created_at desc, s.id desc limit $5`,
    [
      filter.useCaseId ?? null,
      filter.state ?? null,
      filter.after?.at ?? null,
      filter.after?.id ?? '',
      filter.limit,
      JSON.stringify(visibility),
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
  visibility: Visibility,
  filter: {
    readonly systemId?: SystemId
    readonly environment?: Environment
    readonly after?: string
    readonly limit: number
  },
): Promise<readonly { readonly state: deployment.Deployment; readonly revision: number }[]> {
  return query(
    `select s.state, s.rev as revision from deployments d join streams s on s.stream = 'deployment/' || d.id
       join use_cases u on u.id = d.use_case_id
     where ${visibleSql('u', 5)} and ($1::text is null or d.system_id = $1) and ($2::text is null or d.environment = $2)
       and ($3::text is null or d.id < $3)
     order by d.id desc limit $4`,
    [
      filter.systemId ?? null,
      filter.environment ?? null,
      filter.after ?? null,
      filter.limit,
      JSON.stringify(visibility),
    ],
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

/** What differs between two releases of one use case, judged for its tier; null when they are not of one. */
export async function diffReleases(
  query: Query,
  a: Digest,
  b: Digest,
): Promise<{ readonly useCaseId: UseCaseId; readonly change: Change } | null> {
  const rows = await query<{
    digest: Digest
    useCaseId: UseCaseId
    tier: Tier | null
    manifest: ReleaseManifest
  }>(
    `select r.digest, y.use_case_id as "useCaseId", u.tier, r.manifest
     from releases r join systems y on y.id = r.system_id join use_cases u on u.id = y.use_case_id
     where r.digest = any($1)`,
    [[a, b]],
  )
  const [from, to] = [a, b].map((digest) => rows.find((row) => row.digest === digest))
  if (from === undefined || to === undefined || from.useCaseId !== to.useCaseId) return null
  const change = classifyChange(from.manifest, to.manifest, answersUnchanged, to.tier ?? 3)
  return { useCaseId: to.useCaseId, change }
}
