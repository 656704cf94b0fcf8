import { join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { loadKey } from '../adapters/files/sealing-key.ts'
import { loadModels } from '../adapters/files/model-catalogue.ts'
import { loadToolPolicies } from '../adapters/files/tool-policies.ts'
import { createIdempotencyStore, queryOn, startLeader, type Pool } from '../adapters/postgres/index.ts'
import { apiLogger } from '../api/server.ts'
import { issueSetupToken } from '../app/identity/setup.ts'
import type { Ledger } from '../app/ports/ledger.ts'
import type { Drain } from '../gateway/server.ts'
import type { Guard } from '../guard/inspect.ts'
import { secondMs, type Digest } from '../kernel/index.ts'
import { createApi } from './api.ts'
import type { Config } from './config.ts'
import { catalogueFolder } from './catalogue-folder.ts'
import { createControlPlane, type ControlPlane } from './control-plane.ts'
import { openDatabase, type OpenDatabase } from './database.ts'
import { demoBeside } from './demo/beside.ts'
import { castOf } from './demo/cast.ts'
import { databaseChecks, gatewayPool } from './gateway-database.ts'
import { requireEquipment } from './gateway-equipment.ts'
import { startGateway, type GatewaySettings, type RunningGateway } from './gateway.ts'
import { assertKeys } from './installation-keys.ts'
import { startLedger } from './ledger.ts'
import { isGatewayAlone } from './roles.ts'
import { startTasks } from './tasks.ts'
import { startWorker } from './worker.ts'
import { pinnedGuard } from './pinned-guard.ts'

export type Started = {
  /** Address of the management API; null without that role. */
  readonly origin: string | null
  /** Address that model clients use; null without that role. */
  readonly gateway: string | null
  /** Verifier key of the log, to be kept apart from its exports; null where its key is not. */
  readonly vkey: string | null
  /** What enforcement points pin. */
  readonly rootFingerprint: Digest
  /** One-time token for the first administrator; null once there is one. */
  readonly setupToken: string | null
  readonly close: (drain?: Drain) => Promise<void>
}
/** A process with every role. */
export type Running = Started & { readonly origin: string; readonly gateway: string; readonly vkey: string }

/** Composes and starts every role in this process. */
export async function startCountersign(
  config: Config,
  onLost: (cause: string) => void,
  log: FastifyBaseLogger = apiLogger(undefined, config.logLevel),
): Promise<Running> {
  const { origin, gateway, vkey, ...started } = await startRoles(config, onLost, log)
  if (origin === null || gateway === null || vkey === null) throw new Error('a role is missing')
  return { ...started, origin, gateway, vkey }
}

/** Starts what `config.roles` names. Whatever was started is closed again when a later part fails. */
export async function startRoles(
  config: Config,
  onLost: (cause: string) => void,
  log: FastifyBaseLogger = apiLogger(undefined, config.logLevel),
): Promise<Started> {
  const closers: Closer[] = []
  const close = async (drain?: Drain) => {
    for (const closer of closers.splice(0).toReversed()) await closer(drain)
  }
  const keep = (...closer: Closer[]) => void closers.push(...closer)
  try {
    const guard = pinnedGuard(catalogueFolder, config.guard.expected) // before anything is published by another one
    const parts = isGatewayAlone(config.roles)
      ? await startAlone({ config, guard, log, keep })
      : await startControlPlane({ config, guard, log, keep, onLost })
    return { ...parts, close }
  } catch (error) {
    await close()
    throw error
  }
}

type Closer = (drain?: Drain) => Promise<unknown>
type Starting = {
  readonly config: Config
  readonly log: FastifyBaseLogger
  /** Has something closed, the last one first, when the process ends. */
  readonly keep: (...closer: Closer[]) => void
}

/** What every role of this process reads by. */
type Guarded = { readonly guard: Guard }

/** A gateway and nothing else. It holds no signing key, and its login reaches nothing but what a gateway needs. */
async function startAlone({ config, guard, log, keep }: Starting & Guarded): Promise<Omit<Started, 'close'>> {
  const equipment = requireEquipment(config)
  const { trust, upstreamSecrets, conversationKey, canaryDigestOf } = equipment
  const pool = gatewayPool(equipment)
  keep(() => pool.end())
  for (const { run } of databaseChecks(pool, trust)) await run()
  const ledgerOrigin = trust.issuer.replace('urn:countersign:', 'countersign/')
  const gateway = await startGateway(
    gatewaySettings({
      config,
      guard,
      log,
      pool,
      ledgerOrigin,
      trust,
      upstreamSecrets,
      conversationKey,
      canaryDigestOf,
    }),
  )
  keep(gateway.close)
  const { rootFingerprint } = trust
  return { origin: null, gateway: gateway.origin, vkey: null, rootFingerprint, setupToken: null }
}

/** Any other combination of roles: all of them hold the keys of the installation. */
async function startControlPlane({
  config,
  guard,
  log,
  keep,
  onLost,
}: Starting & Guarded & { readonly onLost: (cause: string) => void }): Promise<Omit<Started, 'close'>> {
  const { roles } = config
  const tell = (level: 'info' | 'warn' | 'error', message: string) => log[level](message)
  const database = await openDatabase({ config, log: (message) => log.info(message), onLost })
  keep(database.close)
  await assertKeys(join(config.home, 'keys'), queryOn(database.app))
  const { installationId } = database
  const ledgerOrigin = `countersign/${installationId}`
  // Wherever the key of the log is, a process stands by to integrate; one does.
  const { ledger, stop } = startLedger({ ...database, home: config.home, origin: ledgerOrigin, log: tell })
  keep(stop)
  const plane = await createControlPlane({
    config,
    guard,
    pool: database.app,
    installationId,
    ledgerOrigin,
    log: tell,
  })
  keep(async () => plane.mailer?.close())
  keep(
    startTasks([{ name: 'keys of others', everyMs: 2 * secondMs, run: () => plane.followKeys() }], tell).stop,
  )
  if (roles.has('worker'))
    keep(
      startLeader({ pool: database.app, lockKey: workerLockKey, work: () => startWorker(plane), log: tell })
        .stop,
    )
  const gateway = roles.has('gateway')
    ? await gatewayOf({ config, guard, log, database, plane, ledgerOrigin })
    : null
  let origin: string | null = null
  try {
    if (roles.has('api'))
      origin = await startApi({
        config,
        log,
        keep,
        database,
        plane,
        ledger,
        gateway: gateway?.origin ?? null,
      })
  } finally {
    // Kept last, so that it ends first: as long as calls run, people can stop what makes them.
    if (gateway !== null) keep(gateway.close)
  }
  return {
    origin,
    gateway: gateway?.origin ?? null,
    vkey: ledger.vkey,
    rootFingerprint: plane.rootFingerprint,
    setupToken: origin === null ? null : await issueSetupToken(plane.query, plane.random),
  }
}

const workerLockKey = 7_316_403

function gatewayOf(
  parts: Guarded & {
    readonly config: Config
    readonly log: FastifyBaseLogger
    readonly database: OpenDatabase
    readonly plane: ControlPlane
    readonly ledgerOrigin: string
  },
): Promise<RunningGateway> {
  const { config, guard, log, database, plane, ledgerOrigin } = parts
  const { grantIssuer: issuer, rootFingerprint, vault: upstreamSecrets } = plane
  const trust = { issuer, rootFingerprint }
  const canaryDigestOf = plane.canaryMaker.digestOf
  const conversationKey = loadKey(join(config.home, 'keys'), 'conversation.key')
  const { gateway: pool } = database
  return startGateway(
    gatewaySettings({
      config,
      guard,
      log,
      pool,
      ledgerOrigin,
      trust,
      upstreamSecrets,
      conversationKey,
      canaryDigestOf,
    }),
  )
}

function gatewaySettings(
  parts: Guarded & {
    readonly config: Config
    readonly log: FastifyBaseLogger
    readonly pool: Pool
    readonly ledgerOrigin: string
    readonly trust: GatewaySettings['trust']
    readonly upstreamSecrets: GatewaySettings['upstreamSecrets']
    readonly conversationKey: GatewaySettings['conversationKey']
    readonly canaryDigestOf: GatewaySettings['canaryDigestOf']
  },
): GatewaySettings {
  const { config, log, ...own } = parts
  return {
    ...own,
    host: config.host,
    port: config.gatewayPort,
    sharesPort: config.sharesGatewayPort,
    home: config.home,
    classifierFile: config.guard.classifier,
    toolPolicies: loadToolPolicies(catalogueFolder),
    models: loadModels(catalogueFolder),
    telemetry: config.telemetry,
    mcpOrigins: config.mcpOrigins,
    log: (level, event, facts) => log[level]({ ...facts }, event),
  }
}

async function startApi(
  parts: Starting & {
    readonly database: OpenDatabase
    readonly plane: ControlPlane
    readonly ledger: Ledger
    readonly gateway: string | null
  },
): Promise<string> {
  const { config, log, keep, database, plane, ledger, gateway } = parts
  const { installationId } = database
  const demo = demoBeside({ config, query: plane.query, installationId, log })
  keep(demo.close)
  const gatewayOrigin = config.gatewayOrigin ?? gateway
  const server = await createApi({
    demo,
    plane,
    ledger,
    idempotency: createIdempotencyStore(database.app),
    origin: config.origin,
    ...(gatewayOrigin === null ? {} : { gatewayOrigin }),
    rateLimit: { max: 3_000, windowMs: 60_000 },
    trustedProxies: config.trustedProxies,
    ...(config.isDemo ? { cast: castOf(config) } : {}),
    log,
  })
  keep(() => server.close())
  return await server.listen({ host: config.host, port: config.port })
}
