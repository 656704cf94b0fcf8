import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createUnitOfWork, queryOn, type Pool } from '../adapters/postgres/index.ts'
import { issueRecoveryToken } from '../app/identity/enrolment.ts'
import { createRefusalLog } from '../app/refusal-log.ts'
import { exitCodes, UsageError, type CliCommand } from '../cli/cli.ts'
import { readConfig } from './config.ts'
import { reachDatabase } from './reach-database.ts'

/** `admin recover`: for whoever has a shell on the machine, when an administrator has lost everything. */
export const adminRecoverCommand: CliCommand = {
  name: 'admin recover',
  summary: 'Give an administrator who has lost everything a token for new credentials; the ledger says so',
  options: { email: { type: 'string', help: 'e-mail address of the administrator', required: true } },
  run: async ({ io, values, print }) => {
    const config = readConfig(io.env)
    if (config.databaseUrl === null && !existsSync(join(config.home, 'postgres-password')))
      throw new UsageError(`there is no installation in \`${config.home}\`; set COUNTERSIGN_HOME`)
    const { pool, close } = await reachDatabase(config)
    try {
      const { token, person, expiresAt } = await recover(pool, String(values['email']))
      const until = new Date(expiresAt).toISOString()
      print(
        { person, token, expiresAt: until },
        [
          `All credentials and sessions of ${person} have ended, and the ledger says so.`,
          `Token for new ones (one use, until ${until}): ${token}`,
          'Use it with `countersign call enrolments.complete`; docs/guides/operations.md shows how.',
        ].join('\n'),
      )
      return exitCodes.ok
    } finally {
      await close()
    }
  },
}

async function recover(pool: Pool, email: string): ReturnType<typeof issueRecoveryToken> {
  const { rows } = await pool.query<{ id: string }>(
    "select value as id from settings where name = 'installation_id'",
  )
  const [row] = rows
  if (row === undefined) throw new UsageError('the database holds no installation')
  const random = (bytes: number) => randomBytes(bytes)
  const query = queryOn(pool)
  const unitOfWork = createUnitOfWork(pool, { origin: `countersign/${row.id}`, random })
  return issueRecoveryToken({ unitOfWork, random, query, refusalLog: createRefusalLog(query, random) }, email)
}
