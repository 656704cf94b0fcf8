import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { loadSigningKey } from '../adapters/files/signing-keys.ts'
import {
  createIdempotencyStore,
  createLedgerStore,
  exportLog,
  startIntegrator,
} from '../adapters/postgres/index.ts'
import { createAuthentication } from '../api/authentication.ts'
import { committeeHandlers } from '../api/handlers/committee.ts'
import { enforcementHandlers } from '../api/handlers/enforcement.ts'
import { gatewayHandlers } from '../api/handlers/gateway.ts'
import { identityHandlers } from '../api/handlers/identity.ts'
import { intakeHandlers } from '../api/handlers/intake.ts'
import { ledgerHandlers } from '../api/handlers/ledger.ts'
import { registryHandlers } from '../api/handlers/registry.ts'
import { reviewHandlers } from '../api/handlers/reviews.ts'
import { safetyHandlers } from '../api/handlers/safety.ts'
import { apiLogger, createApiServer } from '../api/server.ts'
import { isBootstrap } from '../app/identity/bootstrap.ts'
import { issueSetupToken } from '../app/identity/setup.ts'
import type { Ledger } from '../app/ports/ledger.ts'
import { routes } from '../contracts/routes/index.ts'
import { epochMs, type Digest } from '../kernel/index.ts'
import { encodeVkey, verifierKey } from '../ledger/index.ts'
import type { Config } from './config.ts'
import { createControlPlane } from './control-plane.ts'
import { openDatabase } from './database.ts'
import { startGateway } from './gateway.ts'
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

const { version } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8')) as {
  readonly version: string
} // our own file

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
    const logKey = loadSigningKey(join(config.home, 'keys'), 'log')
    const ledgerOrigin = `countersign/${database.installationId}`
    const vkey = encodeVkey(verifierKey(ledgerOrigin, logKey.publicKey))
    const integrator = startIntegrator({
      pool: database.integrator,
      origin: ledgerOrigin,
      signer: logKey,
      anchorPath: join(config.home, 'ledger-anchor'),
      log: (level, message) => log[level](message),
    })
    closers.push(integrator.stop)
    const ledger: Ledger = {
      ...createLedgerStore(database.app),
      state: integrator.state,
      vkey,
      export: async () => {
        await integrator.drain()
        return exportLog(database.app, { signer: logKey, withSealed: false })
      },
    }
    const plane = await createControlPlane({
      config,
      pool: database.app,
      installationId: database.installationId,
      ledgerOrigin,
      log: (level, message) => log[level](message),
    })
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
      log: (level, event, facts) => log[level]({ ...facts }, event),
    })
    closers.push(gateway.close)
    const authentication = createAuthentication({ query, origin: config.origin })
    const published = { bundle: plane.signedBundle, rootFingerprint, issuer: grantIssuer, logVkey: vkey }
    const server = await createApiServer({
      routes,
      handlers: {
        ...identityHandlers(plane, config.origin),
        ...intakeHandlers(plane, query),
        ...registryHandlers(plane, query),
        ...reviewHandlers(plane),
        ...committeeHandlers(plane, query),
        ...safetyHandlers(plane),
        ...enforcementHandlers(plane, published),
        ...gatewayHandlers({ ...plane, ledger, now: () => epochMs(Date.now()) }),
        ...ledgerHandlers(ledger),
      },
      ...authentication,
      idempotency: createIdempotencyStore(database.app),
      info: {
        title: 'Countersign',
        version,
        state: async () => ((await isBootstrap(query)) ? 'bootstrap mode' : 'running'),
      },
      origins: [config.origin],
      rateLimit: { max: 3_000, windowMs: 60_000 },
      log,
    })
    closers.push(() => server.close())
    const address = await server.listen({ host: config.host, port: config.port })
    const setupToken = await issueSetupToken(query, plane.random)
    return { origin: address, gateway: gateway.origin, vkey, rootFingerprint, setupToken, close }
  } catch (error) {
    await close()
    throw error
  }
}
