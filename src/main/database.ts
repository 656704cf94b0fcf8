import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { createPool, migrate, startEmbedded, type Database, type Pool } from '../adapters/postgres/index.ts'
import { epochMs, idFrom } from '../kernel/index.ts'
import type { Config } from './config.ts'

export type OpenDatabase = {
  readonly database: Database
  readonly app: Pool
  readonly integrator: Pool
  readonly gateway: Pool
  /** Random name of this installation; issuer of its grants and part of its log's origin. */
  readonly installationId: string
  readonly close: () => Promise<void>
}

export type DatabaseOptions = {
  readonly config: Config
  readonly log: (message: string) => void
  readonly onLost: (cause: string) => void
}

const migrationsFolder = resolve(import.meta.dirname, '../../migrations')

/** Starts or reaches PostgreSQL, migrates it, and opens one pool for each role. */
export async function openDatabase({ config, log, onLost }: DatabaseOptions): Promise<OpenDatabase> {
  mkdirSync(config.home, { recursive: true, mode: 0o700 })
  const server =
    config.databaseUrl === null ? await startEmbedded({ home: config.home, log, onExit: onLost }) : null
  const database: Database = server?.address ?? { connectionString: config.databaseUrl ?? '' }
  try {
    const owner = createPool(database, undefined, 1)
    try {
      for (const name of await migrate(owner, migrationsFolder)) log(`applied migration ${name}`)
    } finally {
      await owner.end()
    }
    const app = createPool(database, 'countersign_app', 16)
    const integrator = createPool(database, 'countersign_integrator', 3)
    const gateway = createPool(database, 'countersign_gateway', 3)
    const close = async () => {
      await Promise.all([app.end(), integrator.end(), gateway.end()])
      await server?.stop()
    }
    return { database, app, integrator, gateway, installationId: await installationIdIn(app), close }
  } catch (error) {
    await server?.stop()
    throw error
  }
}

/** Created once; later starts and other processes read the same one. */
async function installationIdIn(pool: Pool): Promise<string> {
  const fresh = idFrom('service', epochMs(Date.now()), randomBytes(10)).slice('svc_'.length)
  await pool.query(
    "insert into settings (name, value) values ('installation_id', $1) on conflict do nothing",
    [fresh],
  )
  const { rows } = await pool.query<{ value: string }>(
    "select value from settings where name = 'installation_id'",
  )
  const [row] = rows
  if (row === undefined) throw new Error('the installation has no id')
  return row.value
}
