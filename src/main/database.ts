import { randomBytes } from 'node:crypto'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  createPool,
  databaseUrlOf,
  migrate,
  startEmbedded,
  type Database,
  type Pool,
} from '../adapters/postgres/index.ts'
import { AppError, epochMs, idFrom } from '../kernel/index.ts'
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

export const migrationsFolder = resolve(import.meta.dirname, '../../migrations')

/** Starts or reaches PostgreSQL, migrates it, and opens one pool for each role. */
export async function openDatabase({ config, log, onLost }: DatabaseOptions): Promise<OpenDatabase> {
  mkdirSync(config.home, { recursive: true, mode: 0o700 })
  const server =
    config.databaseUrl === null ? await startEmbedded({ home: config.home, log, onExit: onLost }) : null
  const database: Database = server?.address ?? { connectionString: config.databaseUrl ?? '' }
  const pools: Pool[] = []
  const close = async () => {
    await Promise.all(pools.map((pool) => pool.end()))
    await server?.stop()
  }
  if (server !== null) noteUrl(config.home, databaseUrlOf(server.address))
  try {
    const owner = createPool(database, undefined, 1)
    try {
      for (const name of await migrate(owner, migrationsFolder)) log(`applied migration ${name}`)
    } finally {
      await owner.end()
    }
    const app = createPool(database, 'countersign_app', 16)
    pools.push(app)
    const integrator = createPool(database, 'countersign_integrator', 3)
    pools.push(integrator)
    const gateway = createPool(database, 'countersign_gateway', 3)
    pools.push(gateway)
    return { database, app, integrator, gateway, installationId: await installationIdIn(app, config), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Tells other processes of this machine how to reach the embedded server. It acts as the owner, so nobody else may read it. */
function noteUrl(home: string, url: string): void {
  const draft = join(home, 'database-url.new')
  writeFileSync(draft, `${url}\n`, { mode: 0o600 })
  renameSync(draft, join(home, 'database-url'))
}

const demoPrefix = 'demo-'

/**
 * Created once; later starts and other processes read the same one. That of a demo says so, and with it the origin of its
 * log and the issuer of its grants. Neither kind of installation ever runs as the other.
 */
async function installationIdIn(pool: Pool, { isDemo, home }: Config): Promise<string> {
  const name = idFrom('service', epochMs(Date.now()), randomBytes(10)).slice('svc_'.length)
  const fresh = isDemo ? `${demoPrefix}${name}` : name
  await pool.query(
    "insert into settings (name, value) values ('installation_id', $1) on conflict do nothing",
    [fresh],
  )
  const { rows } = await pool.query<{ value: string }>(
    "select value from settings where name = 'installation_id'",
  )
  const [row] = rows
  if (row === undefined) throw new Error('the installation has no id')
  if (row.value.startsWith(demoPrefix) && !isDemo)
    throw new AppError(
      'INVALID_INPUT',
      `\`${home}\` is a demo installation: start it with \`countersign demo --again\`, or set COUNTERSIGN_HOME to another folder`,
    )
  if (!row.value.startsWith(demoPrefix) && isDemo)
    throw new AppError(
      'INVALID_INPUT',
      `\`${home}\` holds an installation already; name another COUNTERSIGN_HOME`,
    )
  return row.value
}
