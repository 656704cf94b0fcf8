import type { FastifyBaseLogger } from 'fastify'
import { createIdempotencyStore } from '../adapters/postgres/index.ts'
import { apiLogger } from '../api/server.ts'
import { issueSetupToken } from '../app/identity/setup.ts'
import type { Digest } from '../kernel/index.ts'
import { createApi } from './api.ts'
import type { Config } from './config.ts'
import { loadGuard } from '../adapters/files/guard-catalogue.ts'
import { catalogueFolder, createControlPlane } from './control-plane.ts'
import { openDatabase } from './database.ts'
import { demoBeside } from './demo/beside.ts'
import { castOf } from './demo/cast.ts'
import { startGateway } from './gateway.ts'
import { startLedger } from './ledger.ts'
import { startWorker } from './worker.ts'

export type Running = {
  /** Address of the management API. */
  readonly origin: string
  /** Address that model clients use. */
  readonly gateway: string
  /** Verifier key of the log, to be kept apart from its exports. */
  readonly vkey: string
  /** What enforcement points pin. */
  readonly rootFingerprint: Digest
  /** One-time token for the first administrator; null once there is one. */
  readonly setupToken: string | null
  readonly close: () => Promise<void>
}

/** Composes and starts everything in this process. Whatever was started is closed again when a later part fails. */
export async function startCountersign(
  config: Config,
  onLost: (cause: string) => void,
  log: FastifyBaseLogger = apiLogger(undefined, config.logLevel),
): Promise<Running> {
  const closers: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const closer of closers.splice(0).toReversed()) await closer()
  }
  try {
    const database = await openDatabase({ config, log: (message) => log.info(message), onLost })
    closers.push(database.close)
    const ledgerOrigin = `countersign/${database.installationId}`
    const { ledger, stop } = startLedger({
      ...database,
      home: config.home,
      origin: ledgerOrigin,
      log: (level, message) => log[level](message),
    })
    closers.push(stop)
    const plane = await createControlPlane({
      config,
      pool: database.app,
      installationId: database.installationId,
      ledgerOrigin,
      log: (level, message) => log[level](message),
    })
    closers.push(async () => plane.mailer?.close())
    const worker = startWorker(plane)
    closers.push(worker.stop)
    const { query, rootFingerprint, grantIssuer } = plane
    const gateway = await startGateway({
      host: config.host,
      port: config.gatewayPort,
      pool: database.gateway,
      ledgerOrigin,
      trust: { issuer: grantIssuer, rootFingerprint },
      upstreamSecrets: plane.vault,
      guard: loadGuard(catalogueFolder),
      log: (level, event, facts) => log[level]({ ...facts }, event),
    })
    closers.push(gateway.close)
    const demo = demoBeside({ config, query, installationId: database.installationId, log })
    closers.push(demo.close)
    const server = await createApi({
      demo,
      plane,
      ledger,
      idempotency: createIdempotencyStore(database.app),
      origin: config.origin,
      gatewayOrigin: config.gatewayOrigin ?? gateway.origin,
      rateLimit: { max: 3_000, windowMs: 60_000 },
      trustedProxies: config.trustedProxies,
      ...(config.isDemo ? { cast: castOf(config) } : {}),
      log,
    })
    closers.push(() => server.close())
    const address = await server.listen({ host: config.host, port: config.port })
    const setupToken = await issueSetupToken(query, plane.random)
    return { origin: address, gateway: gateway.origin, vkey: ledger.vkey, rootFingerprint, setupToken, close }
  } catch (error) {
    await close()
    throw error
  }
}
