import {
  answersUnchanged,
  classifyChange,
  type Change,
  type deployment,
  type ReleaseManifest,
  type system,
} from '../governance/registry/index.ts'
import {
  type CaseId,
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
import { holding, millis } from './sql.ts'

/** Position in a list that is ordered by instant, then id, newest first. */
export type After = { readonly at: EpochMs; readonly id: string }

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

export type DeploymentRow = {
  readonly state: deployment.Deployment
  readonly revision: number
  /** Title of the use case. */
  readonly title: string
}

/** Deployments, newest first. */
export function listDeployments(
  query: Query,
  visibility: Visibility,
  filter: {
    readonly systemId?: SystemId
    readonly useCaseId?: UseCaseId
    readonly environment?: Environment
    /** A part of the title of the use case, or the id of the deployment or its system. */
    readonly q?: string
    readonly after?: string
    readonly limit: number
  },
): Promise<readonly DeploymentRow[]> {
  return query(
    `select s.state, s.rev as revision, u.title from deployments d join streams s on s.stream = 'deployment/' || d.id
       join use_cases u on u.id = d.use_case_id
     where ${visibleSql('u', 5)} and ($1::text is null or d.system_id = $1) and ($2::text is null or d.environment = $2)
       and ($3::text is null or d.id < $3) and ($6::text is null or d.use_case_id = $6)
       and ($7::text is null or u.title ilike $8 or $7 in (d.id, d.system_id))
     order by d.id desc limit $4`,
    [
      filter.systemId ?? null,
      filter.environment ?? null,
      filter.after ?? null,
      filter.limit,
      JSON.stringify(visibility),
      filter.useCaseId ?? null,
      filter.q ?? null,
      filter.q === undefined ? null : holding(filter.q),
    ],
  )
}

/** One deployment; null when there is none. */
export async function readDeployment(query: Query, id: DeploymentId): Promise<DeploymentRow | null> {
  const [row] = await query<DeploymentRow>(
    `select s.state, s.rev as revision, u.title from deployments d join streams s on s.stream = 'deployment/' || d.id
       join use_cases u on u.id = d.use_case_id where d.id = $1`,
    [id],
  )
  return row ?? null
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

export type ReleaseRow = {
  readonly digest: Digest
  readonly systemId: SystemId
  readonly useCaseId: UseCaseId
  readonly title: string
  readonly tier: Tier | null
  readonly parent: Digest | null
  readonly author: string
  readonly createdAt: EpochMs
  readonly manifest: ReleaseManifest
  /** Decisions on it, newest first. */
  readonly decisions: readonly {
    readonly caseId: CaseId
    readonly environment: Environment
    readonly outcome: string
    readonly decidedAt: EpochMs
    readonly expiresAt: EpochMs
    readonly revokedAt: EpochMs | null
  }[]
  /** Places that are to run it or tell that they do. */
  readonly places: readonly {
    readonly id: DeploymentId
    readonly environment: Environment
    readonly op: string
    readonly isDesired: boolean
    readonly isObserved: boolean
  }[]
}

/** One release with what was decided on it and where it runs; null when there is none. */
export async function readRelease(query: Query, digest: Digest): Promise<ReleaseRow | null> {
  const [row] = await query<ReleaseRow>(
    `select r.digest, r.system_id as "systemId", y.use_case_id as "useCaseId", u.title, u.tier, r.parent, r.author,
       ${millis('r.created_at')} as "createdAt", r.manifest,
       coalesce((select jsonb_agg(jsonb_build_object('caseId', d.case_id, 'environment', d.environment, 'outcome', d.outcome,
         'decidedAt', ${millis('d.decided_at')}, 'expiresAt', ${millis('d.expires_at')}, 'revokedAt', ${millis('v.revoked_at')})
         order by d.decided_at desc) from decisions d left join decision_revocations v on v.decision_id = d.id
         join cases c on c.id = d.case_id
         where d.release = r.digest and d.system_id = r.system_id and c.kind not in ('resume', 'waiver')), '[]') as decisions,
       coalesce((select jsonb_agg(jsonb_build_object('id', d.id, 'environment', d.environment, 'op', d.op,
         'isDesired', d.desired is not distinct from r.digest, 'isObserved', d.observed is not distinct from r.digest)
         order by d.id) from deployments d
         where d.system_id = r.system_id and r.digest in (d.desired, d.observed)), '[]') as places
     from releases r join systems y on y.id = r.system_id join use_cases u on u.id = y.use_case_id
     where r.digest = $1`,
    [digest],
  )
  return row ?? null
}
