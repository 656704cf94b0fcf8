import type { PoolClient } from 'pg'
import type { GrantScope } from '../../governance/authorization/index.ts'
import type { Route, SnapshotData, SnapshotFeed, Target, VirtualKey } from '../../app/ports/gateway.ts'
import {
  epochMs,
  type DeploymentId,
  type Digest,
  type Environment,
  type KeyId,
  type RouteId,
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
    [grants.flatMap(({ token }) => scopeNamedBy(token))],
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
  }
}

type Many = <R extends object>(sql: string) => Promise<R[]>

/** The digest in the claim `scp` of a token whose signature nobody has checked yet: enough to fetch a document by. */
function scopeNamedBy(token: string): readonly string[] {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const named = typeof claims === 'object' && claims !== null && 'scp' in claims ? claims.scp : null
    return typeof named === 'string' ? [named] : []
  } catch {
    return [] // without its scope the gateway takes the grant for none
  }
}

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
  const models = await many<{
    route: RouteId
    alias: string
    model: string
    upstream: UpstreamId
    origin: string
    basePath: string
    region: string
    privateCidrs: string[]
    sealed: Buffer | null
  }>(
    `select m.route_id as route, m.alias, m.model, u.id as upstream, u.origin, u.base_path as "basePath", u.region,
       u.private_cidrs as "privateCidrs", u.secret_sealed as sealed
     from route_models m join upstreams u on u.id = m.upstream_id where u.disabled_at is null`,
  )
  const targets = new Map<RouteId, [string, Target][]>()
  for (const { route, alias, upstream: id, sealed, ...target } of models) {
    const secretRef = sealed === null ? null : upstreamSecretRef(id, sealed)
    const known = targets.get(route) ?? []
    known.push([alias, { id, ...target, secretRef }])
    targets.set(route, known)
  }
  return routes.map((route) => ({ ...route, models: Object.fromEntries(targets.get(route.id) ?? []) }))
}
