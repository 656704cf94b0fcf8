import type { route } from '../governance/registry/index.ts'
import type { Permission } from '../governance/people/index.ts'
import { AppError, Secret, type EpochMs, type KeyId, type RouteId, type UpstreamId } from '../kernel/index.ts'
import { makeKeyToken, secretDigest } from '../kernel/key-token.ts'
import { gatewayRoutes, upstreams } from './aggregates/gateway.ts'
import { personOf, runCommand, type CommandPorts, type Issuer, type Work } from './command.ts'
import type { Query } from './ports/query.ts'
import type { UpstreamVault } from './ports/upstream-vault.ts'
import { declaredAliases, placeOfKey, placeOfRoute, requireAtPlace, type RoutePlace } from './route-place.ts'

export type GatewayAdminPorts = CommandPorts & { readonly vault: UpstreamVault }

export type UpstreamInput = {
  readonly name: string
  readonly origin: string
  readonly basePath: string
  readonly region: string
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

/** Takes a provider away from every route for good, and forgets its secret. One person is enough. */
export function disableUpstream(ports: GatewayAdminPorts, issuer: Issuer, id: UpstreamId): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    await applyToUpstream(work, id, { c: 'disable' })
    await work.tx.query('update upstreams set secret_sealed = null where id = $1', [id])
  })
}

/** Replaces the models of a route. The scope of the grant still decides which of them may be called. */
export function configureRoute(
  ports: GatewayAdminPorts,
  issuer: Issuer,
  routeId: RouteId,
  input: { readonly models: route.Models; readonly revision?: number },
): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const place = await placeOfRoute(queryOf(work), routeId)
    await requireOneOf(work, place, managing)
    work.expect((await work.load(gatewayRoutes, routeId)).rev, input.revision)
    const { models } = input
    const context = await routeContext(work, place, models)
    await work.apply(gatewayRoutes, routeId, { c: 'configure', models }, context)
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
  command: { readonly c: 'change_secret' | 'disable' },
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

async function routeContext(work: Work, place: RoutePlace, models: route.Models): Promise<route.Context> {
  const aliases = await declaredAliases(queryOf(work), place.systemId)
  const known = await work.tx.query<{ id: UpstreamId; disabled: boolean }>(
    'select id, disabled_at is not null as disabled from upstreams where id = any($1)',
    [Object.values(models).map(({ upstreamId }) => upstreamId)],
  )
  return {
    now: work.now,
    actor: work.issuer.actor,
    routeId: place.routeId,
    deploymentId: place.deploymentId,
    deploymentRetired: place.isRetired,
    aliases: new Set(aliases),
    upstreams: new Map(known.map(({ id, disabled }) => [id, disabled ? 'disabled' : 'active'])),
  }
}

function queryOf(work: Work): Query {
  return (sql, params) => work.tx.query(sql, params)
}
