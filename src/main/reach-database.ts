import { runningServer, startEmbedded } from '../adapters/postgres/embedded.ts'
import { createPool, databaseUrlOf, type Database, type Pool, type Role } from '../adapters/postgres/index.ts'
import type { Config } from './config.ts'

/** A way to the database of an installation. */
export type Reached = { readonly pool: Pool; readonly url: string; readonly close: () => Promise<void> }

/**
 * The database of this installation for a command beside it: that of the running process, or else one that is started
 * for the command. Nothing is migrated.
 */
export async function reachDatabase(
  config: Config,
  role: Role | 'owner' = 'countersign_app',
): Promise<Reached> {
  const own = (database: Database) => createPool(database, role === 'owner' ? undefined : role, 1)
  const running =
    config.databaseUrl === null ? runningServer(config.home) : { connectionString: config.databaseUrl }
  if (running !== null) {
    const pool = own(running)
    const isReached = await pool.query('select 1').then(
      () => true,
      () => false, // what a killed server left behind; a database of the operator reports below
    )
    if (isReached || config.databaseUrl !== null)
      return { pool, url: urlOf(running), close: () => pool.end() }
    await pool.end()
  }
  const server = await startEmbedded({ home: config.home, log: () => undefined })
  const pool = own(server.address)
  const close = async () => {
    await pool.end()
    await server.stop()
  }
  return { pool, url: urlOf(server.address), close }
}

function urlOf(database: Database): string {
  return 'connectionString' in database ? database.connectionString : databaseUrlOf(database)
}
