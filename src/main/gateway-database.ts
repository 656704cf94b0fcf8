import { createPool, excessOf, migrationGap, readTrustBundle, type Pool } from '../adapters/postgres/index.ts'
import { verifyTrustBundle, type TrustBundle } from '../governance/authorization/index.ts'
import type { TrustAnchor } from '../gateway/snapshot.ts'
import { migrationsFolder } from './database.ts'
import type { GatewayEquipment } from './gateway-equipment.ts'
import { AppError } from '../kernel/index.ts'

/** Connections of a gateway that has nothing but its own login. */
export function gatewayPool({ databaseUrl }: GatewayEquipment): Pool {
  return createPool({ connectionString: databaseUrl }, 'countersign_gateway', 3)
}

/**
 * Each demand that a gateway makes on its database, in the order in which they are looked at. A check answers what it has
 * found, or throws what is wrong.
 */
export function databaseChecks(
  pool: Pool,
  trust: TrustAnchor,
): readonly { readonly name: string; readonly run: () => Promise<string> }[] {
  return [
    { name: 'database', run: () => reached(pool) },
    { name: 'login', run: () => narrow(pool) },
    { name: 'schema', run: () => fits(pool) },
    { name: 'trust bundle', run: async () => told(await trustedBundle(pool, trust)) },
  ]
}

async function reached(pool: Pool): Promise<string> {
  try {
    const { rows } = await pool.query<{ version: string; role: string }>(
      "select current_setting('server_version') as version, current_user as role",
    )
    return `PostgreSQL ${rows[0]?.version} acts as ${rows[0]?.role}`
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown'
    throw new AppError('UNAVAILABLE', `the database cannot be reached as countersign_gateway: ${why}`, {
      cause,
    })
  }
}

async function narrow(pool: Pool): Promise<string> {
  const excess = await excessOf(pool)
  if (excess.length === 0) return 'may act as countersign_gateway alone'
  throw new AppError(
    'INVALID_INPUT',
    `the login of DATABASE_URL ${excess.join(', ')}: a gateway uses one that may act as countersign_gateway alone`,
  )
}

async function fits(pool: Pool): Promise<string> {
  const { missing, unknown } = await migrationGap(pool, migrationsFolder)
  if (missing.length > 0)
    throw new AppError(
      'UNAVAILABLE',
      `the database lacks ${missing.length} migrations, the first is \`${missing[0]}\`: start a process with the role api or worker of this version first`,
    )
  if (unknown.length > 0)
    throw new AppError(
      'INVALID_INPUT',
      `the database has migration \`${unknown[0]}\`, which this version does not know; start a newer version`,
    )
  return 'as this version has it'
}

async function trustedBundle(pool: Pool, { issuer, rootFingerprint }: TrustAnchor): Promise<TrustBundle> {
  const bundle = verifyTrustBundle(await readTrustBundle(pool), rootFingerprint)
  if (bundle === null)
    throw new AppError(
      'FAIL_CLOSED',
      `the trust bundle in the database is not signed by the root key ${rootFingerprint}`,
    )
  if (bundle.iss !== issuer)
    throw new AppError(
      'FAIL_CLOSED',
      `the trust bundle in the database is of \`${bundle.iss}\`, not of \`${issuer}\``,
    )
  return bundle
}

function told({ iss, keys }: TrustBundle): string {
  return `${iss}, keys that sign grants: ${keys.length}`
}
