import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadSigningKey, tokenSigner } from '../adapters/files/signing-keys.ts'
import { createGatewayLogin, withLogin, type Pool } from '../adapters/postgres/index.ts'
import { exitCodes, UsageError, type CliCommand } from '../cli/cli.ts'
import { rootFingerprint } from '../governance/authorization/index.ts'
import { AppError } from '../kernel/index.ts'
import { readConfig, type Config } from './config.ts'
import { equipmentFiles, equipmentKeys } from './gateway-equipment.ts'
import { reachDatabase } from './reach-database.ts'

/** `gateway equip`: makes the folder of a gateway that runs in a process of its own, beside the control plane or elsewhere. */
export const gatewayEquipCommand: CliCommand = {
  name: 'gateway equip',
  summary: 'Make the folder of a gateway that runs in a process of its own',
  positionals: ['folder'],
  options: {
    'database-url': {
      type: 'string',
      help: 'a login that exists and may act as countersign_gateway alone; unless given, one is created',
    },
  },
  run: async ({ io, positionals, values, print }) => {
    const config = readConfig(io.env)
    const folder = resolve(positionals[0] ?? '')
    const url = values['database-url']
    assertFree(folder)
    const keys = join(config.home, 'keys')
    if (!existsSync(join(keys, 'root.pem')) || keyNames.some((name) => !existsSync(join(keys, name))))
      throw new UsageError(`\`${keys}\` holds no keys of an installation; set COUNTERSIGN_HOME to its folder`)
    const root = tokenSigner(loadSigningKey(keys, 'root'), 'root')
    const { issuer, databaseUrl } = await fromDatabase(config, typeof url === 'string' ? url : null)
    const trust = { v: 1, issuer, rootFingerprint: rootFingerprint(root.kid) }
    mkdirSync(join(folder, 'keys'), { recursive: true, mode: 0o700 })
    const write = (name: string, content: string | Uint8Array) =>
      writeFileSync(join(folder, name), content, { mode: 0o600, flag: 'wx' })
    write(equipmentFiles.trust, `${JSON.stringify(trust)}\n`)
    write(equipmentFiles.databaseUrl, `${databaseUrl}\n`)
    for (const name of keyNames) write(join('keys', name), readFileSync(join(keys, name)))
    print(
      { folder, issuer, rootFingerprint: trust.rootFingerprint },
      [
        `\`${folder}\` holds what a gateway needs, and no key that signs:`,
        `  ${equipmentFiles.trust}       whose grants it believes, and the fingerprint of the root key`,
        `  ${equipmentFiles.databaseUrl}       a login that may act as countersign_gateway alone`,
        ...Object.entries(equipmentKeys).map(([name, use]) => `  keys/${name}  ${use}`),
        '',
        'Start it, on a port of its own:',
        `  COUNTERSIGN_HOME=${folder} COUNTERSIGN_GATEWAY_PORT=… countersign serve --roles gateway`,
      ].join('\n'),
    )
    return exitCodes.ok
  },
}

const keyNames = Object.keys(equipmentKeys)

function assertFree(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new UsageError(`\`${folder}\` is not empty; name a folder that does not exist yet`)
}

/** Who signs here, and the address with the login of the new gateway. */
async function fromDatabase(
  config: Config,
  url: string | null,
): Promise<{ readonly issuer: string; readonly databaseUrl: string }> {
  const { pool, url: own, close } = await reachDatabase(config, 'owner')
  try {
    const { rows } = await pool.query<{ id: string }>(
      "select value as id from settings where name = 'installation_id'",
    )
    const [row] = rows
    if (row === undefined) throw new AppError('UNAVAILABLE', 'the database holds no installation yet')
    const issuer = `urn:countersign:${row.id}`
    return { issuer, databaseUrl: url ?? withLogin(own, await login(pool)) }
  } finally {
    await close()
  }
}

async function login(pool: Pool): Promise<{ readonly user: string; readonly password: string }> {
  try {
    return await createGatewayLogin(pool)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown'
    throw new AppError(
      'UNAVAILABLE',
      `a login for the gateway could not be created (${why}); have one created, grant it countersign_gateway, and name it with --database-url`,
      { cause },
    )
  }
}
