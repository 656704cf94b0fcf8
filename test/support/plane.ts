import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { loadGuard } from '../../src/adapters/files/guard-catalogue.ts'
import { createPasswords, passwordFault } from '../../src/adapters/identity/password.ts'
import {
  createIdempotencyStore,
  createPool,
  type Database,
  type Pool,
} from '../../src/adapters/postgres/index.ts'
import { apiLogger } from '../../src/api/server.ts'
import { issueSetupToken } from '../../src/app/identity/setup.ts'
import type { Ledger } from '../../src/app/ports/ledger.ts'
import { createApi } from '../../src/main/api.ts'
import { catalogueFolder } from '../../src/main/catalogue-folder.ts'
import type { MailConfig } from '../../src/main/config.ts'
import { createControlPlane, type ControlPlane } from '../../src/main/control-plane.ts'
import { foundOrganisation, type Organisation } from '../../src/main/demo/organisation.ts'
import { startLedger } from '../../src/main/ledger.ts'

/** The control plane as `serve` composes it, on a database of its own, listening on loopback; no worker, no gateway. */
export type Plane = {
  readonly app: FastifyInstance
  readonly plane: ControlPlane
  readonly ledger: Ledger
  readonly pool: Pool
  readonly database: Database
  readonly origin: string
  /** Folder of its keys. */
  readonly home: string
  /** A fictitious organisation in which everybody has signed in over HTTP. */
  readonly org: Organisation
  readonly close: () => Promise<void>
}
/** The same before anybody is enrolled, with the token that `serve` would print. */
export type EmptyPlane = Omit<Plane, 'org'> & { readonly setupToken: string }

const guard = loadGuard(catalogueFolder)

export async function startPlane(own?: Database, mail?: MailConfig): Promise<Plane> {
  const { setupToken, ...plane } = await startEmptyPlane(own, mail)
  const org = await foundOrganisation(plane.origin, setupToken, 'http://127.0.0.1:9', () => undefined)
  return { ...plane, org }
}

export async function startEmptyPlane(own?: Database, mail?: MailConfig): Promise<EmptyPlane> {
  const home = mkdtempSync(join(tmpdir(), 'cs-plane-'))
  const database = own ?? (await freshDatabase())
  const pool = createPool(database, 'countersign_app', 8)
  const lead = createPool(database, 'countersign_integrator', 3)
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const ledgerOrigin = 'countersign/test'
  const log = () => undefined
  const { ledger, stop } = startLedger({ app: pool, integrator: lead, home, origin: ledgerOrigin, log })
  const config = {
    home,
    host: 'localhost',
    port,
    gatewayPort: 0,
    origin,
    gatewayOrigin: null,
    mcpOrigins: [],
    logLevel: 'silent',
    trustedProxies: [],
    isDemo: false,
    mayHostDemo: false,
    databaseUrl: null,
    mail: mail ?? null,
    telemetry: { admin: null, traces: null },
    digestHour: 8,
    guardShadow: { hours: 0, requests: 0 },
  }
  const composed = await createControlPlane({
    config,
    guard,
    pool,
    installationId: 'test',
    ledgerOrigin,
    log,
  })
  const passwords = createPasswords({ memoryKiB: 64, passes: 1, lanes: 1 })
  const plane = { ...composed, passwords: { ...passwords, faultOf: passwordFault } }
  const app = await createApi({
    plane,
    ledger,
    idempotency: createIdempotencyStore(pool),
    origin,
    gatewayOrigin: 'http://127.0.0.1:8788',
    rateLimit: { max: 1_000_000, windowMs: 60_000 },
    log: apiLogger(undefined, 'fatal'),
  })
  await app.listen({ host: 'localhost', port })
  const setupToken = (await issueSetupToken(plane.query, plane.random)) ?? ''
  const close = async () => {
    await app.close()
    plane.mailer?.close()
    await stop()
    await Promise.all([pool.end(), lead.end()])
    rmSync(home, { recursive: true })
  }
  return { app, plane, ledger, pool, database, origin, home, setupToken, close }
}

/** Of the server that the test runner has started; benches bring their own. */
async function freshDatabase(): Promise<Database> {
  const { cloneDatabase } = await import('./database.ts')
  return cloneDatabase()
}

/** The origin is part of passkeys and cookies, so it must be known before anything listens. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, 'localhost', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
