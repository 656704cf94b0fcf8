import { Pool as PgPool, types } from 'pg'
import type { Address } from './embedded.ts'

export type Pool = PgPool
/** What each part of the program may do stands in the migrations, by role. */
export type Role = 'countersign_app' | 'countersign_integrator' | 'countersign_gateway'

/** A server of ours by its address, or the operator's by its URL. */
export type Database = Address | { readonly connectionString: string }

/** The second one is ours: a server that is frozen or cut off never says that it has taken too long. */
const limits = { statement_timeout: 10_000, query_timeout: 11_000 }

types.setTypeParser(types.builtins.INT8, (text) => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('a database number exceeds 2^53')
  return value
})

/** Connections of `database` that act as `role`, or as the owner when it is left out. */
export function createPool(database: Database, role?: Role, max = 10): Pool {
  const pool = new PgPool({
    ...database,
    max,
    connectionTimeoutMillis: 5_000,
    application_name: role ?? 'countersign',
    ...(role === undefined ? { statement_timeout: 30_000 } : { options: `-c role=${role}`, ...limits }),
  })
  // A connection that is lost while it changes hands has no listener for a moment, and would take the process with it.
  // Whoever holds it learns from the next query.
  pool.on('connect', (client) => client.on('error', () => undefined))
  pool.on('error', () => undefined) // an idle connection was lost; the next query opens another or reports
  return pool
}
