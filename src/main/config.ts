import { resolve } from 'node:path'
import { z } from 'zod'
import { AppError } from '../kernel/index.ts'

const port = z.coerce.number().int().min(0).max(65_535)

const environment = z.object({
  COUNTERSIGN_HOME: z.string().min(1).default('./data'),
  COUNTERSIGN_HOST: z.string().min(1).default('127.0.0.1'),
  COUNTERSIGN_PORT: port.default(8787),
  COUNTERSIGN_GATEWAY_PORT: port.default(8788),
  COUNTERSIGN_ORIGIN: z.url({ protocol: /^https?$/ }).optional(),
  COUNTERSIGN_GATEWAY_ORIGIN: z.url({ protocol: /^https?$/ }).optional(),
  COUNTERSIGN_DEMO: z.enum(['on', 'off']).default('on'),
  COUNTERSIGN_LOG: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('warn'),
  COUNTERSIGN_TRUSTED_PROXY: z.string().min(1).optional(),
  DATABASE_URL: z.string().min(1).optional(),
})

export type Config = {
  /** Folder of the embedded database, the keys and the anchor file. */
  readonly home: string
  readonly host: string
  readonly port: number
  readonly gatewayPort: number
  /** What browsers see; decides the cookie's form and the passkeys' relying party. */
  readonly origin: string
  /** What model clients see; null: as the gateway listens. */
  readonly gatewayOrigin: string | null
  readonly logLevel: string
  /** Addresses or ranges of the proxies in front, whose `X-Forwarded-For` is believed; none unless named. */
  readonly trustedProxies: readonly string[]
  /** A demo installation: said by the command that starts it and by nothing else. */
  readonly isDemo: boolean
  /** Whether an administrator may load a demo organisation beside an empty installation. */
  readonly mayHostDemo: boolean
  /** Null: run the embedded PostgreSQL. */
  readonly databaseUrl: string | null
}

/** Reads the configuration from the environment. Throws `INVALID_INPUT` naming every variable at fault. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const parsed = environment.safeParse(env)
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `\`${issue.path.join('.')}\`: ${issue.message}`)
    throw new AppError('INVALID_INPUT', `the environment has faults: ${faults.join('; ')}`)
  }
  const read = parsed.data
  return {
    home: resolve(read.COUNTERSIGN_HOME),
    host: read.COUNTERSIGN_HOST,
    port: read.COUNTERSIGN_PORT,
    gatewayPort: read.COUNTERSIGN_GATEWAY_PORT,
    origin: new URL(read.COUNTERSIGN_ORIGIN ?? `http://localhost:${read.COUNTERSIGN_PORT}`).origin,
    gatewayOrigin:
      read.COUNTERSIGN_GATEWAY_ORIGIN === undefined ? null : new URL(read.COUNTERSIGN_GATEWAY_ORIGIN).origin,
    logLevel: read.COUNTERSIGN_LOG,
    trustedProxies: (read.COUNTERSIGN_TRUSTED_PROXY ?? '').split(',').flatMap((text) => text.trim() || []),
    isDemo: false,
    mayHostDemo: read.COUNTERSIGN_DEMO === 'on',
    databaseUrl: read.DATABASE_URL ?? null,
  }
}
