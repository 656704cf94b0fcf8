import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { loadCanaryMaker } from '../adapters/files/canary-maker.ts'
import { signingKeysIn } from '../adapters/files/installation-keys.ts'
import { loadKey } from '../adapters/files/sealing-key.ts'
import { loadUpstreamSecrets } from '../adapters/files/upstream-secrets.ts'
import type { UpstreamSecrets } from '../gateway/ports.ts'
import type { TrustAnchor } from '../gateway/snapshot.ts'
import { AppError, isDigest, type Digest } from '../kernel/index.ts'
import type { Config } from './config.ts'

/** What a gateway without the control plane has of its own, in its folder and its environment. */
export type GatewayEquipment = {
  readonly trust: TrustAnchor
  readonly databaseUrl: string
  readonly upstreamSecrets: UpstreamSecrets
  /** 32 bytes: what seals the values that placeholders stand for. */
  readonly conversationKey: Buffer
  /** How the control plane names canary tokens. */
  readonly canaryDigestOf: (token: string) => Digest
}

/** Names of the files in the folder of such a gateway; `countersign gateway equip` writes them. */
export const equipmentFiles = {
  trust: 'gateway.json',
  databaseUrl: 'database-url',
} as const
/** The keys that it shares with the control plane, and what each is for. */
export const equipmentKeys = {
  'upstream.key': 'opens the secrets of upstreams',
  'conversation.key': 'seals what is kept of calls, knows held ones again, and names canary tokens',
} as const

const trustFile = z.strictObject({
  v: z.literal(1),
  issuer: z.string().startsWith('urn:countersign:'),
  rootFingerprint: z.string().refine(isDigest),
})

/** Everything that is missing or wrong, or the equipment. Nothing is made, and the database is not asked. */
export function readEquipment(
  config: Config,
): { readonly faults: readonly string[] } | { readonly equipment: GatewayEquipment } {
  const { home } = config
  const faults: string[] = []
  const trust = trustOf(config, faults)
  const databaseUrl = config.databaseUrl ?? textIn(join(home, equipmentFiles.databaseUrl))
  if (databaseUrl === null)
    faults.push(
      'DATABASE_URL is not set: a gateway has no PostgreSQL of its own; name a login that may act as countersign_gateway',
    )
  const keys = join(home, 'keys')
  const missing = Object.entries(equipmentKeys).filter(([name]) => !existsSync(join(keys, name)))
  for (const [name, use] of missing)
    faults.push(`\`${join(keys, name)}\` is missing: it ${use}; copy it from the control plane`)
  const signing = signingKeysIn(keys)
  if (signing.length > 0)
    faults.push(
      `\`${keys}\` holds keys that sign (${signing.join(', ')}): a gateway has none; give it a folder of its own`,
    )
  const opened = missing.length === 0 ? keysIn(keys, faults) : null
  if (trust === null || databaseUrl === null || opened === null || faults.length > 0) return { faults }
  return { equipment: { trust, databaseUrl, ...opened } }
}

/** The equipment. Throws `INVALID_INPUT` with every fault. */
export function requireEquipment(config: Config): GatewayEquipment {
  const read = readEquipment(config)
  if ('equipment' in read) return read.equipment
  throw new AppError(
    'INVALID_INPUT',
    [
      'this gateway lacks what it needs:',
      ...read.faults.map((fault) => `  - ${fault}`),
      '`countersign gateway equip <folder>`, run beside the control plane, makes a folder with all of it',
    ].join('\n'),
  )
}

function trustOf({ home, trust }: Config, faults: string[]): TrustAnchor | null {
  const path = join(home, equipmentFiles.trust)
  const text = textIn(path)
  const file = text === null ? null : readTrust(text)
  if (text !== null && file === null) faults.push(`\`${path}\` does not have its documented form`)
  const issuer = trust.issuer ?? file?.issuer ?? null
  const rootFingerprint = trust.rootFingerprint ?? file?.rootFingerprint ?? null
  if (issuer === null) faults.push('COUNTERSIGN_ISSUER is not set: whose grants this gateway believes')
  if (rootFingerprint === null)
    faults.push('COUNTERSIGN_ROOT_FINGERPRINT is not set: the root key by which it knows them')
  return issuer === null || rootFingerprint === null ? null : { issuer, rootFingerprint }
}

function readTrust(text: string): z.output<typeof trustFile> | null {
  try {
    return trustFile.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

function textIn(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null
}

function keysIn(
  keys: string,
  faults: string[],
): Pick<GatewayEquipment, 'upstreamSecrets' | 'conversationKey' | 'canaryDigestOf'> | null {
  try {
    return {
      upstreamSecrets: loadUpstreamSecrets(keys),
      conversationKey: loadKey(keys, 'conversation.key'),
      canaryDigestOf: loadCanaryMaker(keys).digestOf,
    }
  } catch (error) {
    faults.push(error instanceof Error ? error.message : 'a key of this gateway cannot be read')
    return null
  }
}
