import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOfBytes } from '../../kernel/index.ts'
import type { Pool } from './pool.ts'

type Migration = {
  readonly version: number
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

const lockKey = 7_316_402

/**
 * Brings the database to the version of this program, forward only, one transaction a file. Refuses a database that is
 * newer than the program or whose applied files have changed since. Returns the names that it applied.
 */
export async function migrate(pool: Pool, folder: string): Promise<readonly string[]> {
  const migrations = readMigrations(folder)
  const client = await pool.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [lockKey])
    await client.query(`create table if not exists schema_migrations (
      version integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())`)
    const { rows } = await client.query<{ version: number; name: string; checksum: string }>(
      'select version, name, checksum from schema_migrations order by version',
    )
    for (const row of rows) {
      const known = migrations.find(({ version }) => version === row.version)
      if (known === undefined)
        throw new Error(
          `the database has migration \`${row.name}\`, which this version does not know; start a newer version`,
        )
      if (known.checksum !== row.checksum)
        throw new Error(`migration \`${row.name}\` was edited after it was applied`)
    }
    const due = migrations.filter(({ version }) => !rows.some((row) => row.version === version))
    for (const migration of due) {
      await client.query('begin')
      try {
        await client.query("set local lock_timeout = '10s'")
        await client.query(migration.sql)
        await client.query('insert into schema_migrations (version, name, checksum) values ($1, $2, $3)', [
          migration.version,
          migration.name,
          migration.checksum,
        ])
        await client.query('commit')
      } catch (cause) {
        await client.query('rollback')
        throw new Error(`migration \`${migration.name}\` failed`, { cause })
      }
    }
    return due.map(({ name }) => name)
  } finally {
    await client.query('select pg_advisory_unlock($1)', [lockKey]).catch(() => undefined) // the connection may be gone
    client.release()
  }
}

/** What lies between the database and this program, by the names of migrations: none is applied. */
export async function migrationGap(
  pool: Pool,
  folder: string,
): Promise<{ readonly missing: readonly string[]; readonly unknown: readonly string[] }> {
  const { rows } = await pool.query<{ version: number; name: string }>(
    'select version, name from schema_migrations order by version',
  )
  const known = readMigrations(folder)
  return {
    missing: known.filter((one) => !rows.some((row) => row.version === one.version)).map(({ name }) => name),
    unknown: rows.filter((row) => !known.some((one) => one.version === row.version)).map(({ name }) => name),
  }
}

function readMigrations(folder: string): readonly Migration[] {
  return readdirSync(folder)
    .filter((file) => /^\d{4}_[a-z0-9-]+\.sql$/.test(file))
    .sort()
    .map((file) => {
      const sql = readFileSync(join(folder, file), 'utf8')
      return { version: Number(file.slice(0, 4)), name: file, sql, checksum: digestOfBytes(sql) }
    })
}
