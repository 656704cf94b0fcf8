import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { loadSigningKey } from '../adapters/files/signing-keys.ts'
import {
  createIdempotencyStore,
  createLedgerStore,
  createUnitOfWork,
  exportLog,
  startIntegrator,
} from '../adapters/postgres/index.ts'
import { apiLogger, createApiServer } from '../api/server.ts'
import { ledgerHandlers } from '../api/handlers/ledger.ts'
import type { Ledger } from '../app/ports/ledger.ts'
import { routes } from '../contracts/routes/index.ts'
import { encodeVkey, verifierKey } from '../ledger/index.ts'
import type { Config } from './config.ts'
import { openDatabase } from './database.ts'

export type Running = {
  /** Address of the management API. */
  readonly origin: string
  /** Verifier key of the log, to be kept apart from its exports. */
  readonly vkey: string
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
    const origin = `countersign/${database.installationId}`
    const vkey = encodeVkey(verifierKey(origin, logKey.publicKey))
    const integrator = startIntegrator({
      pool: database.integrator,
      origin,
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
    createUnitOfWork(database.app, { origin, random: randomBytes })
    const server = await createApiServer({
      routes,
      handlers: ledgerHandlers(ledger),
      authenticate: async () => null,
      authorize: () => 'ok',
      idempotency: createIdempotencyStore(database.app),
      info: { title: 'Countersign', version, state: () => 'running' },
      origins: [config.origin],
      log,
    })
    closers.push(() => server.close())
    const address = await server.listen({ host: config.host, port: config.port })
    return { origin: address, vkey, close }
  } catch (error) {
    await close()
    throw error
  }
}
