import { route, type upstream } from '../governance/registry/index.ts'
import type { Permission } from '../governance/people/index.ts'
import {
  AppError,
  Secret,
  type DataClass,
  type EpochMs,
  type KeyId,
  type RouteId,
  type UpstreamApi,
  type UpstreamId,
} from '../kernel/index.ts'
import { makeKeyToken, secretDigest } from '../kernel/key-token.ts'
import { gatewayRoutes, upstreams } from './aggregates/gateway.ts'
import { personOf, runCommand, type CommandPorts, type Issuer, type Work } from './command.ts'
import type { Query } from './ports/query.ts'
import type { UpstreamVault } from './ports/upstream-vault.ts'
import {
  declaredAliases,
  declaredServers,
  placeOfKey,
  placeOfRoute,
  requireAtPlace,
  type RoutePlace,
} from './route-place.ts'

export type GatewayAdminPorts = CommandPorts & { readonly vault: UpstreamVault }

/** The ways of a route to its models, by alias. */
export type RouteModels = route.Models

export type UpstreamInput = {
  readonly name: string
  readonly origin: string
  readonly basePath: string
  readonly api: UpstreamApi
  readonly region: string
  /** Highest class of data that it may be sent; left out: what a grant allows. */
  readonly ceiling?: DataClass
  /** Version by which the older paths of Azure are addressed. */
  readonly apiVersion?: string
  readonly privateCidrs: readonly string[]
  /** Null: the upstream takes no credential. */
  readonly secret: Secret<string> | null
}

/** Makes a provider known to the gateway. Its secret is sealed before it reaches the database. */
export function registerUpstream(
  ports: GatewayAdminPorts,
  issuer: Issuer,
  input: UpstreamInput,
): Promise<{ readonly id: UpstreamId }> {
  return runCommand(ports, issuer, async (work) => {
    const id = work.ids.next('upstream')
    const { secret, ...facts } = input
    const taken = await work.tx.query('select 1 from upstreams where name = $1 and disabled_at is null', [
      input.name,
    ])
    await work.apply(
      upstreams,
      id,
      { c: 'register', upstreamId: id, ...facts, hasSecret: secret !== null },
      { now: work.now, actor: issuer.actor, nameTaken: taken.length > 0 },
    )
    if (secret !== null) await storeSecret(ports, work, id, secret)
    return { id }
  })
}

/** Replaces the secret of an upstream; calls that begin after the next snapshot use the new one. */
export function changeUpstreamSecret(
  ports: GatewayAdminPorts,
  issuer: Issuer,
  id: UpstreamId,
  input: { readonly secret: Secret<string>; readonly revision?: number },
): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    await applyToUpstream(work, id, { c: 'change_secret' }, input.revision)
    await storeSecret(ports, work, id, input.secret)
  })
}

/** Sets what a provider may be sent at most; calls that begin after the next snapshot keep to it. */
export function setUpstreamCeiling(
  ports: GatewayAdminPorts,
  issuer: Issuer,
  id: UpstreamId,
  input: { readonly ceiling: DataClass; readonly revision?: number },
): Promise<void> {
  return runCommand(ports, issuer, (work) =>
    applyToUpstream(work, id, { c: 'set_ceiling', ceiling: input.ceiling }, input.revision),
  )
}

/** Takes a provider away from every route for good, and forgets its secret. One person is enough. */
export function disableUpstream(ports: GatewayAdminPorts, issuer: Issuer, id: UpstreamId): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    await applyToUpstream(work, id, { c: 'disable' })
    await work.tx.query('update upstreams set secret_sealed = null where id = $1', [id])
  })
}

/** Replaces the models of a route, and its servers where they are given. The grant still decides what may be called. */
export function configureRoute(
  ports: GatewayAdminPorts,
  issuer: Issuer,
  routeId: RouteId,
  input: {
    readonly models: RouteModels
    readonly servers?: route.Servers
    readonly revision?: number
  },
): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const place = await placeOfRoute(queryOf(work), routeId)
    await requireOneOf(work, place, managing)
    work.expect((await work.load(gatewayRoutes, routeId)).rev, input.revision)
    const { models, servers } = input
    const context = await routeContext(work, place, { models, ...(servers === undefined ? {} : { servers }) })
    const command = { c: 'configure', models, ...(servers === undefined ? {} : { servers }) } as const
    await work.apply(gatewayRoutes, routeId, command, context)
  })
}

/** Issues a key for the deployment of a route. The token is returned this once; only its digest is kept. */
export function issueGatewayKey(
  ports: GatewayAdminPorts,
  issuer: Issuer,
  routeId: RouteId,
  input: { readonly agent: string; readonly expiresAt: EpochMs; readonly sources: readonly string[] },
): Promise<{ readonly id: KeyId; readonly token: Secret<string> }> {
  return runCommand(ports, issuer, async (work) => {
    const place = await placeOfRoute(queryOf(work), routeId)
    await requireOneOf(work, place, managing)
    const keyId = work.ids.next('key')
    const token = makeKeyToken(keyId, work.random(32))
    const digest = secretDigest(token)
    if (digest === null) throw new Error('a fresh key has no digest')
    const command = { c: 'issue_key', keyId, secretDigest: digest, ...input } as const
    await work.apply(gatewayRoutes, routeId, command, await routeContext(work, place, {}))
    return { id: keyId, token: new Secret(token) }
  })
}

/** Revokes a key; the gateway refuses it within a second. Whoever may stop the deployment may do this. */
export function revokeGatewayKey(ports: GatewayAdminPorts, issuer: Issuer, id: KeyId): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const place = await placeOfKey(queryOf(work), id)
    await requireOneOf(work, place, [...managing, 'stop.order'])
    const context = await routeContext(work, place, {})
    await work.apply(gatewayRoutes, place.routeId, { c: 'revoke_key', keyId: id }, context)
  })
}

const managing = ['gateway.manage', 'deployment.manage'] as const satisfies readonly Permission[]

async function applyToUpstream(
  work: Work,
  id: UpstreamId,
  command: Exclude<upstream.Command, { readonly c: 'register' }>,
  revision?: number,
): Promise<void> {
  const { state, rev } = await work.load(upstreams, id)
  if (state.s === 'absent') throw new AppError('NOT_FOUND')
  work.expect(rev, revision)
  await work.apply(upstreams, id, command, { now: work.now, actor: work.issuer.actor, nameTaken: false })
}

async function storeSecret(
  { vault }: GatewayAdminPorts,
  work: Work,
  id: UpstreamId,
  secret: Secret<string>,
): Promise<void> {
  const sealed = Buffer.from(vault.seal(id, secret))
  await work.tx.query('update upstreams set secret_sealed = $2 where id = $1', [id, sealed])
}

async function requireOneOf(
  work: Work,
  place: RoutePlace,
  permissions: readonly [Permission, ...Permission[]],
): Promise<void> {
  const caller = { authority: work.issuer.authority, person: personOf(work.issuer) }
  await requireAtPlace(queryOf(work), caller, permissions, place, work.now)
}

async function routeContext(
  work: Work,
  place: RoutePlace,
  named: { readonly models?: route.Models; readonly servers?: route.Servers },
): Promise<route.Context> {
  const aliases = await declaredAliases(queryOf(work), place.systemId)
  const servers = await declaredServers(queryOf(work), place.systemId)
  const ways = Object.values(named.models ?? {}).flatMap(route.waysOf)
  const targets = [...ways, ...Object.values(named.servers ?? {})]
  const known = await work.tx.query<{ id: UpstreamId; disabled: boolean; api: UpstreamApi }>(
    'select id, disabled_at is not null as disabled, api from upstreams where id = any($1)',
    [targets.map(({ upstreamId }) => upstreamId)],
  )
  const speaking = (wanted: UpstreamApi) =>
    new Set(known.filter(({ api }) => api === wanted).map(({ id }) => id))
  return {
    now: work.now,
    actor: work.issuer.actor,
    routeId: place.routeId,
    deploymentId: place.deploymentId,
    deploymentRetired: place.isRetired,
    aliases: new Set(aliases),
    servers: new Set(servers),
    upstreams: new Map(known.map(({ id, disabled }) => [id, disabled ? 'disabled' : 'active'])),
    toolUpstreams: speaking('mcp'),
    anthropicUpstreams: speaking('anthropic'),
  }
}

function queryOf(work: Work): Query {
  return (sql, params) => work.tx.query(sql, params)
}
