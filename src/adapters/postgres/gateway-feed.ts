import type { PoolClient } from 'pg'
import { scopeNamedBy, type GrantScope } from '../../governance/authorization/index.ts'
import type { OwnModel } from '../../governance/registry/index.ts'
import type {
  GuardData,
  Limit,
  RegisteredTool,
  Route,
  SnapshotData,
  SnapshotFeed,
  Target,
  ToolData,
  VirtualKey,
  WatchedCanary,
} from '../../app/ports/gateway.ts'
import type { ToolPolicyDocument } from '../../guard/tools/document.ts'
import {
  epochMs,
  type DataClass,
  type DeploymentId,
  type Digest,
  type Environment,
  type KeyId,
  type RouteId,
  type UpstreamApi,
  type UpstreamId,
} from '../../kernel/index.ts'
import { upstreamSecretRef } from '../files/upstream-secrets.ts'
import { listen } from './listen.ts'
import type { Pool } from './pool.ts'

export const gatewayChannel = 'countersign_gateway'

/**
 * What the gateway decides by, read in one snapshot of the database by the role `countersign_gateway`. Grants carry
 * their own signatures; everything else can only narrow what they permit, or is refused by them.
 */
export function createGatewayFeed(
  pool: Pool,
  { trustBundle }: { readonly trustBundle: () => Promise<string> },
): SnapshotFeed {
  return {
    load: async () => {
      const bundle = await trustBundle()
      const client = await pool.connect()
      let lost: Error | undefined
      const note = (error: Error) => (lost = error)
      client.on('error', note)
      try {
        await client.query('begin isolation level repeatable read read only')
        const data = await readAll(client, bundle)
        await client.query('commit')
        return data
      } catch (error) {
        await client.query('rollback').catch(note)
        throw error
      } finally {
        client.off('error', note)
        client.release(lost)
      }
    },
    subscribe: (onNotify) => listen(pool, gatewayChannel, onNotify),
  }
}

/** The trust bundle that the installation has published. Throws before there is one: the gateway then refuses all. */
export async function readTrustBundle(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ bundle: string }>('select bundle from trust_bundle')
  const [row] = rows
  if (row === undefined) throw new Error('no trust bundle is published')
  return row.bundle
}

async function readAll(client: PoolClient, trustBundle: string): Promise<SnapshotData> {
  const many = async <R extends object>(sql: string) => (await client.query<R>(sql)).rows
  const [head] = await many<{ version: number; now: number }>(
    `select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as version,
       floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now`,
  )
  if (head === undefined) throw new Error('the database gave no version')
  const grants = await many<{ token: string }>(
    `select g.token from routes r cross join lateral (
       select token from grants where deployment_id = r.deployment_id and expires_at > now()
       order by issued_at desc limit 1) g`,
  )
  const scopes = await client.query<{ scope: GrantScope }>(
    'select scope from grant_scopes where digest = any($1)',
    [grants.flatMap(({ token }) => scopeNamedBy(token) ?? [])], // without its scope a grant is taken for none
  )
  return {
    version: head.version,
    dbNow: epochMs(head.now),
    trustBundle,
    keys: await readKeys(many),
    grants: grants.map(({ token }) => token),
    scopes: scopes.rows.map(({ scope }) => scope),
    minEpochs: await many<{ deployment: DeploymentId; epoch: number }>(
      'select deployment_id as deployment, epoch from deployment_epochs',
    ),
    routes: await readRoutes(many),
    limits: await readLimits(many),
    canaries: await many<WatchedCanary>(
      'select id, deployment_id as deployment, place, digest from canaries where retired_at is null',
    ),
    tools: await readTools(
      client,
      scopes.rows.map(({ scope }) => scope),
    ),
    guard: await readGuard(
      client,
      scopes.rows.map(({ scope }) => scope),
    ),
    ownModels: (await many<{ entry: OwnModel }>('select entry from own_models')).map(({ entry }) => entry),
  }
}

type Many = <R extends object>(sql: string) => Promise<R[]>

async function readKeys(many: Many): Promise<readonly VirtualKey[]> {
  const rows = await many<{
    id: KeyId
    secretDigest: Digest
    deployment: DeploymentId
    expires: number
    sources: string[]
    revokedAt: number | null
  }>(
    `select id, secret_digest as "secretDigest", deployment_id as deployment, sources,
       (extract(epoch from expires_at) * 1000)::bigint as expires,
       (extract(epoch from revoked_at) * 1000)::bigint as "revokedAt"
     from gateway_keys where expires_at > now()`,
  )
  return rows.map((row) => ({
    ...row,
    expires: epochMs(row.expires),
    revokedAt: row.revokedAt === null ? null : epochMs(row.revokedAt),
  }))
}

async function readRoutes(many: Many): Promise<readonly Route[]> {
  const routes = await many<{
    id: RouteId
    deployment: DeploymentId
    environment: Environment
    release: Digest
  }>(
    `select r.id, d.id as deployment, d.environment, d.desired as release
     from routes r join deployments d on d.id = r.deployment_id where d.desired is not null`,
  )
  const models = await many<Way>(
    `select m.route_id as route, m.alias as name, m.model, m.declared_as as "declaredAs", u.id as upstream, u.origin,
       u.base_path as "basePath", u.api, u.region, u.ceiling, u.api_version as "apiVersion",
       u.private_cidrs as "privateCidrs", u.secret_sealed as sealed
     from route_models m join upstreams u on u.id = m.upstream_id where u.disabled_at is null
     order by m.route_id, m.alias, m.position`,
  )
  const servers = await many<Way>(
    `select m.route_id as route, m.server as name, '' as model, u.id as upstream, u.origin, u.base_path as "basePath",
       u.api, u.region, u.ceiling, u.private_cidrs as "privateCidrs", u.secret_sealed as sealed
     from route_servers m join upstreams u on u.id = m.upstream_id where u.disabled_at is null`,
  )
  const [byAlias, byServer] = [targetsOf(models), targetsOf(servers)]
  const contents = await many<{ route: RouteId; days: number }>(
    'select route_id as route, days from route_content',
  )
  const kept = new Map(contents.map(({ route, days }) => [route, days]))
  return routes.map((route) => ({
    ...route,
    models: grouped(byAlias.get(route.id) ?? []),
    servers: Object.fromEntries(byServer.get(route.id) ?? []),
    ...(kept.has(route.id) ? { contentDays: kept.get(route.id) ?? 0 } : {}),
  }))
}

/** One upstream of a route, and the name by which callers mean it. */
type Way = {
  readonly route: RouteId
  readonly name: string
  readonly model: string
  readonly upstream: UpstreamId
  readonly origin: string
  readonly basePath: string
  readonly api: UpstreamApi
  readonly region: string
  readonly ceiling: DataClass
  readonly apiVersion?: string | null
  /** Null where the model is the one of the alias. */
  readonly declaredAs?: string | null
  readonly privateCidrs: readonly string[]
  readonly sealed: Buffer | null
}

/** The targets of each name in their order. */
function grouped(targets: readonly (readonly [string, Target])[]): Record<string, readonly Target[]> {
  const names = new Map<string, Target[]>()
  for (const [name, target] of targets) names.set(name, [...(names.get(name) ?? []), target])
  return Object.fromEntries(names)
}

function targetsOf(ways: readonly Way[]): ReadonlyMap<RouteId, readonly (readonly [string, Target])[]> {
  const targets = new Map<RouteId, [string, Target][]>()
  for (const { route, name, upstream: id, sealed, declaredAs = null, ...target } of ways) {
    const secretRef = sealed === null ? null : upstreamSecretRef(id, sealed)
    const known = targets.get(route) ?? []
    known.push([name, { id, ...target, ...(declaredAs === null ? {} : { declaredAs }), secretRef }])
    targets.set(route, known)
  }
  return targets
}

/** Own policies that the scopes name, those in shadow, and what is said of the tools of the scopes. */
async function readTools(client: PoolClient, scopes: readonly GrantScope[]): Promise<ToolData> {
  const documents = await client.query<ToolPolicyDocument & { readonly stage: string }>(
    `select key, version, policies, stage from tool_policies
     where digest = any($1) and stage in ('active', 'retired') or stage = 'shadow' order by key, version`,
    [scopes.map(({ toolPolicy }) => toolPolicy)],
  )
  const ofStage = (isShadow: boolean) =>
    documents.rows
      .filter(({ stage }) => (stage === 'shadow') === isShadow)
      .map(({ key, version, policies }) => ({ key, version, policies }))
  const tools = scopes.flatMap((scope) => scope.tools)
  const registrations = await client.query<RegisteredTool>(
    `select r.tool_id as "toolId", r.definition, r.terms from tool_registrations r
       join unnest($1::text[], $2::text[]) as t (tool_id, definition) using (tool_id, definition)
     group by 1, 2, 3 order by 1, 2`,
    [tools.map(({ toolId }) => toolId), tools.map(({ definitionSha256 }) => definitionSha256)],
  )
  return { policies: ofStage(false), shadows: ofStage(true), registrations: registrations.rows }
}

/** The guard policy in force, the one in shadow, and those that the scopes name. */
async function readGuard(client: PoolClient, scopes: readonly GrantScope[]): Promise<GuardData> {
  const { rows } = await client.query<{ digest: Digest; policy: unknown; stage: string }>(
    `select digest, policy, stage from guard_policies
     where digest = any($1) and stage in ('active', 'retired') or stage in ('active', 'shadow') order by version`,
    [scopes.map(({ guardPolicy }) => guardPolicy)],
  )
  const [named, inStage] = [
    new Set(scopes.map(({ guardPolicy }) => guardPolicy)),
    new Map<string, (typeof rows)[0]>(),
  ]
  for (const row of rows) inStage.set(row.stage, row)
  const told = (row: (typeof rows)[0] | undefined) =>
    row === undefined ? null : { digest: row.digest, policy: row.policy }
  return {
    inForce: told(inStage.get('active')),
    shadow: told(inStage.get('shadow')),
    named: rows
      .filter(({ stage, digest }) => stage !== 'shadow' && named.has(digest))
      .map(({ digest, policy }) => ({ digest, policy })),
  }
}

async function readLimits(many: Many): Promise<readonly Limit[]> {
  return many<Limit>(
    `select id, unit, amount,
       case scope when 'key' then jsonb_build_object('scope', scope, 'keyId', key_id)
         when 'deployment' then jsonb_build_object('scope', scope, 'deploymentId', deployment_id)
         else jsonb_build_object('scope', scope) end as target,
       case window_kind when 'sliding' then jsonb_build_object('k', window_kind, 'ms', window_ms)
         when 'calendar' then jsonb_build_object('k', window_kind, 'period', window_period, 'zone', window_zone)
         else jsonb_build_object('k', window_kind) end as window
     from limits`,
  )
}
