import { createPublicKey } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readAnchor } from '../adapters/postgres/ledger/anchor-file.ts'
import type { Pool } from '../adapters/postgres/index.ts'
import { checkLedger, type LedgerReport } from '../app/ledger-check/check.ts'
import type { Query } from '../app/ports/query.ts'
import { printable, UsageError, type CliCommand } from '../cli/cli.ts'
import { parseVkey, verifierKey, type VerifierKey } from '../ledger/index.ts'
import { readConfig, type Config } from './config.ts'
import { reachDatabase } from './reach-database.ts'

const exitOf = { sound: 0, mismatch: 40, unverifiable: 50 } as const

/** `ledger fsck`: checks the ledger in the database itself, also while the product runs. It changes nothing. */
export const ledgerFsckCommand: CliCommand = {
  name: 'ledger fsck',
  summary: 'Check the ledger in the database from its leaves up: exit 0 sound, 40 mismatch, 50 unverifiable',
  options: {
    vkey: { type: 'string', help: 'public key of the log; else that of the key in COUNTERSIGN_HOME' },
  },
  run: async ({ values, io, print }) => {
    const config = readConfig(io.env)
    const given = values['vkey']
    if (config.databaseUrl === null && !existsSync(join(config.home, 'postgres-password'))) {
      print({ verdict: 'unverifiable' }, `there is no database in \`${config.home}\``)
      return exitOf.unverifiable
    }
    const { pool, close } = await reachDatabase(config)
    try {
      const key = typeof given === 'string' ? parseVkey(given) : await ownKey(config, pool)
      if (key === null) throw new UsageError('one usable verifier key is needed: --vkey')
      const report = await checkSnapshot(config, pool, key)
      print(report, textOf(report))
      return exitOf[report.verdict]
    } finally {
      await close()
    }
  },
}

async function checkSnapshot({ home }: Config, pool: Pool, key: VerifierKey): Promise<LedgerReport> {
  const anchor = readAnchor(join(home, 'ledger-anchor')) // before the snapshot, which then is at least as long
  const client = await pool.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    const query: Query = async <R extends object>(sql: string, params: readonly unknown[] = []) =>
      (await client.query(sql, [...params])).rows as R[] // the statement names the columns of R
    return await checkLedger(query, { key, anchors: anchor === null ? [] : [anchor] })
  } finally {
    client.release(true) // ends the transaction with the session
  }
}

/** The key of this installation's log, for the log of this installation; null when its file is not here. */
async function ownKey({ home }: Config, pool: Pool): Promise<VerifierKey | null> {
  const path = join(home, 'keys', 'log.pem')
  if (!existsSync(path)) return null
  const { x } = createPublicKey(readFileSync(path)).export({ format: 'jwk' })
  const { rows } = await pool.query<{ id: string }>(
    "select value as id from settings where name = 'installation_id'",
  )
  const [row] = rows
  if (x === undefined || row === undefined) return null
  return verifierKey(`countersign/${row.id}`, Buffer.from(x, 'base64url'))
}

function textOf(report: LedgerReport): string {
  const { verdict, entries, queued, streams, checkpoints, erased, findings, found } = report
  const counts = `${entries} entries (${queued} queued), ${streams} streams, ${checkpoints} checkpoints, ${erased} erased halves`
  const lines = [`${verdict.toUpperCase()}: ${counts}`]
  for (const { code, subject, expected, found: is } of findings)
    lines.push(`${code} at ${subject}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(is)}`)
  if (found > findings.length) lines.push(`and ${found - findings.length} more`)
  return printable(lines.join('\n'))
}
