import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { digestOfBytes, type Digest } from '../../kernel/index.ts'
import { loadKey } from './sealing-key.ts'
import { loadSigningKey } from './signing-keys.ts'

/** The keys that every process of the control plane has in common, by the names of their files. */
export const sharedKeys = ['root.pem', 'log.pem', 'upstream.key', 'webhook.key', 'conversation.key'] as const
export type SharedKey = (typeof sharedKeys)[number]

export function hasKey(folder: string, name: SharedKey): boolean {
  return existsSync(join(folder, name))
}

/** The fingerprint of a key in `folder`, which is made when it is not there. The key cannot be told from it. */
export function keyFingerprint(folder: string, name: SharedKey): Digest {
  if (name === 'root.pem') return digestOfBytes(loadSigningKey(folder, 'root').publicKey)
  if (name === 'log.pem') return digestOfBytes(loadSigningKey(folder, 'log').publicKey)
  return digestOfBytes(Buffer.concat([Buffer.from(`fingerprint of ${name}\n`), loadKey(folder, name)]))
}

/** The files in `folder` that sign: a gateway has none. */
export function signingKeysIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.pem')) : []
}
