import { route, type upstream } from '../governance/registry/index.ts'
import {
  epochMs,
  type DataClass,
  type DeploymentId,
  type Environment,
  type EpochMs,
  type KeyId,
  type RouteId,
  type SystemId,
  type UpstreamApi,
  type UpstreamId,
} from '../kernel/index.ts'
import { visibleSql, type Visibility } from './access.ts'
import type { Query } from './ports/query.ts'
import { readState, type After } from './registry-views.ts'
import { declaredAliases, declaredServers } from './route-place.ts'
import { holding, millis } from './sql.ts'

export type UpstreamRow = {
  readonly state: upstream.Upstream
  readonly revision: number
  readonly createdAt: EpochMs
}

/** Upstreams, newest first, the disabled ones too. */
export async function listUpstreams(
  query: Query,
  filter: { readonly after?: string; readonly limit: number },
): Promise<readonly UpstreamRow[]> {
  const rows = await query<UpstreamRow & { createdAt: number }>(
    `${upstreamSql} where $1::text is null or u.id < $1 order by u.id desc limit $2`,
    [filter.after ?? null, filter.limit],
  )
  return rows.map((row) => ({ ...row, createdAt: epochMs(row.createdAt) }))
}

/** One upstream; null when there is none. */
export async function readUpstream(query: Query, id: UpstreamId): Promise<UpstreamRow | null> {
  const [row] = await query<UpstreamRow & { createdAt: number }>(`${upstreamSql} where u.id = $1`, [id])
  return row === undefined ? null : { ...row, createdAt: epochMs(row.createdAt) }
}

const upstreamSql = `select s.state || jsonb_build_object('api', u.api, 'ceiling', u.ceiling, 'apiVersion', u.api_version) as state, s.rev as revision, ${millis('u.created_at')} as "createdAt"
  from upstreams u join streams s on s.stream = 'upstream/' || u.id`

export type RouteRow = {
  readonly id: RouteId
  readonly deploymentId: DeploymentId
  readonly systemId: SystemId
  readonly title: string
  readonly environment: Environment
  readonly op: string
  /** In the order in which they are tried, alias by alias. */
  readonly models: readonly {
    readonly alias: string
    readonly position: number
    readonly model: string
    readonly upstream: string
    readonly ceiling: DataClass
  }[]
  readonly servers: readonly { readonly server: string; readonly upstream: string }[]
}

/** Routes of the deployments that the reader may see, newest first. */
export function listRoutes(
  query: Query,
  filter: {
    readonly visibility: Visibility
    readonly environment?: Environment | undefined
    readonly deploymentId?: DeploymentId | undefined
    readonly after?: string | undefined
    readonly limit: number
  },
): Promise<readonly RouteRow[]> {
  return query<RouteRow>(
    `select r.id, d.id as "deploymentId", d.system_id as "systemId", u.title, d.environment, d.op,
       coalesce((select jsonb_agg(jsonb_build_object('alias', m.alias, 'position', m.position, 'model', m.model,
         'upstream', p.name, 'ceiling', p.ceiling) order by m.alias, m.position)
         from route_models m join upstreams p on p.id = m.upstream_id where m.route_id = r.id), '[]') as models,
       coalesce((select jsonb_agg(jsonb_build_object('server', m.server, 'upstream', p.name) order by m.server)
         from route_servers m join upstreams p on p.id = m.upstream_id where m.route_id = r.id), '[]') as servers
     from routes r join deployments d on d.id = r.deployment_id join use_cases u on u.id = d.use_case_id
     where ${visibleSql('u', 1)} and ($2::text is null or d.environment = $2) and ($3::text is null or d.id = $3)
       and ($4::text is null or r.id < $4)
     order by r.id desc limit $5`,
    [
      JSON.stringify(filter.visibility),
      filter.environment ?? null,
      filter.deploymentId ?? null,
      filter.after ?? null,
      filter.limit,
    ],
  )
}

/** A provider as those see it who choose one for a model. */
export type UpstreamChoice = {
  readonly id: UpstreamId
  readonly name: string
  readonly region: string
  readonly ceiling: DataClass
  readonly api: UpstreamApi
  readonly state: 'active' | 'disabled'
}

/** A route with its revision, what its deployment's releases declare, and the choice of providers. */
export async function readRoute(
  query: Query,
  place: { readonly routeId: RouteId; readonly systemId: SystemId },
): Promise<{
  readonly models: route.Models
  readonly servers: route.Servers
  readonly revision: number
  readonly aliases: readonly string[]
  readonly declaredServers: readonly string[]
  readonly upstreams: readonly UpstreamChoice[]
}> {
  const found = await readState<route.State>(query, `route/${place.routeId}`)
  const { models = {}, servers = {} } = found?.state ?? {}
  const upstreams = await query<UpstreamChoice>(
    `select id, name, region, ceiling, api, case when disabled_at is null then 'active' else 'disabled' end as state
     from upstreams where disabled_at is null or id = any($1) order by name, id`,
    [
      [...Object.values(models).flatMap(route.waysOf), ...Object.values(servers)].map(
        ({ upstreamId }) => upstreamId,
      ),
    ],
  )
  return {
    models,
    servers,
    upstreams,
    revision: found?.revision ?? 0,
    aliases: await declaredAliases(query, place.systemId),
    declaredServers: await declaredServers(query, place.systemId),
  }
}

export type KeyRow = {
  readonly id: KeyId
  readonly routeId: RouteId
  readonly deploymentId: DeploymentId
  readonly agent: string
  readonly sources: readonly string[]
  readonly createdBy: string
  readonly createdAt: EpochMs
  readonly expiresAt: EpochMs
  readonly revokedAt: EpochMs | null
}

/** Keys of the deployments that the reader may see, newest first. Nothing in a row opens anything. */
export async function listKeys(
  query: Query,
  filter: {
    readonly visibility: Visibility
    readonly deploymentId?: DeploymentId
    /** A part of the agent's name or of the title of the use case, or the id of the key. */
    readonly q?: string
    readonly after?: After
    readonly limit: number
  },
): Promise<readonly KeyRow[]> {
  const rows = await query<KeyRow & { createdAt: number; expiresAt: number; revokedAt: number | null }>(
    `select k.id, r.id as "routeId", k.deployment_id as "deploymentId", k.agent, k.sources, k.created_by as "createdBy",
       ${millis('k.created_at')} as "createdAt", ${millis('k.expires_at')} as "expiresAt",
       ${millis('k.revoked_at')} as "revokedAt"
     from gateway_keys k join routes r on r.deployment_id = k.deployment_id
       join deployments d on d.id = k.deployment_id join use_cases u on u.id = d.use_case_id
     where ${visibleSql('u', 1)} and ($2::text is null or k.deployment_id = $2)
       and ($3::bigint is null or (k.created_at, k.id) < (to_timestamp($3::float8 / 1000), $4))
       and ($6::text is null or k.agent ilike $7 or u.title ilike $7 or k.id = $6)
     order by k.created_at desc, k.id desc limit $5`,
    [
      JSON.stringify(filter.visibility),
      filter.deploymentId ?? null,
      filter.after?.at ?? null,
      filter.after?.id ?? '',
      filter.limit,
      filter.q ?? null,
      filter.q === undefined ? null : holding(filter.q),
    ],
  )
  return rows.map((row) => ({
    ...row,
    createdAt: epochMs(row.createdAt),
    expiresAt: epochMs(row.expiresAt),
    revokedAt: row.revokedAt === null ? null : epochMs(row.revokedAt),
  }))
}
