import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { AppError, isDigest, secondMs, Secret, type Digest } from '../kernel/index.ts'
import { everyRole, rolesIn, type Role } from './roles.ts'
import { readTelemetry, type TelemetryConfig } from './telemetry.ts'

const port = z.coerce.number().int().min(0).max(65_535)

const environment = z.object({
  COUNTERSIGN_HOME: z.string().min(1).default('./data'),
  COUNTERSIGN_HOST: z.string().min(1).default('127.0.0.1'),
  COUNTERSIGN_PORT: port.default(8787),
  COUNTERSIGN_GATEWAY_PORT: port.default(8788),
  COUNTERSIGN_ORIGIN: z.url({ protocol: /^https?$/ }).optional(),
  COUNTERSIGN_GATEWAY_ORIGIN: z.url({ protocol: /^https?$/ }).optional(),
  COUNTERSIGN_MCP_ORIGINS: z.string().default(''),
  COUNTERSIGN_DEMO: z.enum(['on', 'off']).default('on'),
  COUNTERSIGN_LOG: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('warn'),
  COUNTERSIGN_TRUSTED_PROXY: z.string().min(1).optional(),
  COUNTERSIGN_SMTP_HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:-]+$/)
    .optional(),
  COUNTERSIGN_SMTP_PORT: z.coerce.number().int().min(1).max(65_535).default(587),
  COUNTERSIGN_SMTP_TLS: z.enum(['starttls', 'implicit', 'none']).default('starttls'),
  COUNTERSIGN_SMTP_USER: z.string().min(1).optional(),
  COUNTERSIGN_SMTP_PASSWORD_FILE: z.string().min(1).optional(),
  COUNTERSIGN_SMTP_CA_FILE: z.string().min(1).optional(),
  COUNTERSIGN_MAIL_FROM: z
    .string()
    .regex(/^[^\p{Cc}]{3,300}$/u)
    .optional(),
  COUNTERSIGN_ROLES: z.string().default(everyRole.join(',')),
  COUNTERSIGN_GATEWAY_SHARE_PORT: z.enum(['on', 'off']).default('off'),
  COUNTERSIGN_DRAIN_ACCEPT_SECONDS: z.coerce.number().int().min(0).max(120).default(5),
  COUNTERSIGN_ISSUER: z
    .string()
    .regex(/^urn:countersign:[a-z0-9-]{1,80}$/)
    .optional(),
  COUNTERSIGN_ROOT_FINGERPRINT: z
    .string()
    .refine(isDigest, 'sha256:<64 hexadecimal digits> is wanted')
    .optional(),
  COUNTERSIGN_GUARD_DIGEST: z.custom<Digest>(isDigest, 'a digest such as sha256:…').optional(),
  COUNTERSIGN_GUARD_CLASSIFIER: z.string().min(1).optional(),
  COUNTERSIGN_GUARD_SHADOW_HOURS: z.coerce.number().int().min(0).max(2_160).default(24),
  COUNTERSIGN_GUARD_SHADOW_REQUESTS: z.coerce.number().int().min(0).max(1_000_000).default(1_000),
  COUNTERSIGN_DIGEST_HOUR: z.coerce.number().int().min(0).max(23).default(8),
  DATABASE_URL: z.string().min(1).optional(),
})

/** The mail server to which mails are handed. */
export type MailConfig = {
  readonly host: string
  readonly port: number
  readonly tls: 'starttls' | 'implicit' | 'none'
  readonly login: { readonly user: string; readonly password: Secret<string> } | null
  readonly from: string
  /** Certificates in PEM that are believed instead of those of Node; null: those of Node. */
  readonly ca: string | null
}

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
  /** Origins of pages that may speak to tool servers through the gateway. */
  readonly mcpOrigins: readonly string[]
  readonly logLevel: string
  /** Addresses or ranges of the proxies in front, whose `X-Forwarded-For` is believed; none unless named. */
  readonly trustedProxies: readonly string[]
  /** A demo installation: said by the command that starts it and by nothing else. */
  readonly isDemo: boolean
  /** Whether an administrator may load a demo organisation beside an empty installation. */
  readonly mayHostDemo: boolean
  /** Null: run the embedded PostgreSQL. */
  readonly databaseUrl: string | null
  /** Null: nothing goes by e-mail. */
  readonly mail: MailConfig | null
  /** What is told of the gateway, and to whom. */
  readonly telemetry: TelemetryConfig
  /** What this process does. */
  readonly roles: ReadonlySet<Role>
  /** Whether other gateways of this machine listen on the same port. */
  readonly sharesGatewayPort: boolean
  /** For how long a gateway that ends is not ready but still accepts. */
  readonly drainAcceptMs: number
  /** What a gateway without the control plane trusts; null: what its folder says. */
  readonly trust: { readonly issuer: string | null; readonly rootFingerprint: Digest | null }
  /** What the guard is: `expected`, else nothing starts; `classifier`, the file of a model that looks at what is doubtful. */
  readonly guard: { readonly expected: Digest | null; readonly classifier: string | null }
  /** Least time and calls in shadow before a guard policy may become active. */
  readonly guardShadow: { readonly hours: number; readonly requests: number }
  /** The hour at which the mails of a day go out, in the zone of the organisation. */
  readonly digestHour: number
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
    mcpOrigins: originsIn(read.COUNTERSIGN_MCP_ORIGINS),
    logLevel: read.COUNTERSIGN_LOG,
    trustedProxies: (read.COUNTERSIGN_TRUSTED_PROXY ?? '').split(',').flatMap((text) => text.trim() || []),
    isDemo: false,
    mayHostDemo: read.COUNTERSIGN_DEMO === 'on',
    databaseUrl: read.DATABASE_URL ?? null,
    mail: mailIn(read),
    telemetry: readTelemetry(env),
    roles: rolesIn(read.COUNTERSIGN_ROLES),
    sharesGatewayPort: read.COUNTERSIGN_GATEWAY_SHARE_PORT === 'on',
    drainAcceptMs: read.COUNTERSIGN_DRAIN_ACCEPT_SECONDS * secondMs,
    trust: {
      issuer: read.COUNTERSIGN_ISSUER ?? null,
      rootFingerprint: read.COUNTERSIGN_ROOT_FINGERPRINT ?? null,
    },
    guard: {
      expected: read.COUNTERSIGN_GUARD_DIGEST ?? null,
      classifier: read.COUNTERSIGN_GUARD_CLASSIFIER ?? null,
    },
    guardShadow: {
      hours: read.COUNTERSIGN_GUARD_SHADOW_HOURS,
      requests: read.COUNTERSIGN_GUARD_SHADOW_REQUESTS,
    },
    digestHour: read.COUNTERSIGN_DIGEST_HOUR,
  }
}

/** Origins in their one spelling, as browsers send them. */
function originsIn(list: string): readonly string[] {
  const origins = list.split(',').flatMap((text) => text.trim() || [])
  const wrongOne = origins.find((text) => URL.parse(text)?.origin !== text)
  if (wrongOne !== undefined)
    throw wrong(
      `\`COUNTERSIGN_MCP_ORIGINS\`: \`${wrongOne}\` is not an origin such as https://app.example.com`,
    )
  return origins
}

/** A password goes over TLS alone, and comes from a file, since an environment is easily shown. */
function mailIn(read: z.output<typeof environment>): MailConfig | null {
  const { COUNTERSIGN_SMTP_HOST: host, COUNTERSIGN_SMTP_TLS: tls, COUNTERSIGN_MAIL_FROM: from } = read
  const { COUNTERSIGN_SMTP_USER: user, COUNTERSIGN_SMTP_PASSWORD_FILE: passwordFile } = read
  if (host === undefined) return null
  if (from === undefined) throw wrong('`COUNTERSIGN_MAIL_FROM`: needed with `COUNTERSIGN_SMTP_HOST`')
  if ((user === undefined) !== (passwordFile === undefined))
    throw wrong('`COUNTERSIGN_SMTP_USER` and `COUNTERSIGN_SMTP_PASSWORD_FILE` belong together')
  if (user !== undefined && tls === 'none')
    throw wrong('`COUNTERSIGN_SMTP_TLS`: a password is not sent without TLS')
  const login =
    user === undefined || passwordFile === undefined
      ? null
      : { user, password: new Secret(fileIn('COUNTERSIGN_SMTP_PASSWORD_FILE', passwordFile).trim()) }
  const caFile = read.COUNTERSIGN_SMTP_CA_FILE
  const ca = caFile === undefined ? null : fileIn('COUNTERSIGN_SMTP_CA_FILE', caFile)
  return { host, port: read.COUNTERSIGN_SMTP_PORT, tls, login, from, ca }
}

function fileIn(variable: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new AppError('INVALID_INPUT', `\`${variable}\`: the file cannot be read`, { cause })
  }
}

function wrong(what: string): AppError {
  return new AppError('INVALID_INPUT', `the environment has faults: ${what}`)
}
