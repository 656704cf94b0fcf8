import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { UpstreamVault } from '../../app/ports/upstream-vault.ts'
import { Secret, isId, type UpstreamId } from '../../kernel/index.ts'

/** Both sides of the vault: the control plane seals, the gateway opens by reference. */
export type UpstreamSecretBox = UpstreamVault & {
  /** The secret behind a reference; null when it was sealed under another key, for another upstream, or changed. */
  readonly open: (ref: string) => Secret<string> | null
}

const algorithm = 'aes-256-gcm'
const [keyBytes, nonceBytes, tagBytes] = [32, 12, 16]
const maxOpened = 256

/** A reference carries the sealed secret itself, so that opening one needs the key and nothing else. */
export function upstreamSecretRef(id: UpstreamId, sealed: Uint8Array): string {
  return `${id}.${Buffer.from(sealed).toString('base64url')}`
}

/**
 * The vault whose key stands in `<folder>/upstream.key`, created (mode 0600, fsync) when it does not exist. Sealed form:
 * nonce, tag, AES-256-GCM text, with the upstream's id as associated data, so that no secret moves to another upstream.
 */
export function loadUpstreamSecrets(folder: string): UpstreamSecretBox {
  const path = join(folder, 'upstream.key')
  if (!existsSync(path)) createKeyFile(folder, path)
  const key = readFileSync(path)
  if (key.length !== keyBytes) throw new Error(`\`${path}\` does not hold a key of ${keyBytes} bytes`)
  const opened = new Map<string, Secret<string>>() // opening costs more than a call may spend each time
  return {
    seal: (id, secret) => {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(id))
      const text = Buffer.concat([cipher.update(secret.reveal(), 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), text])
    },
    open: (ref) => {
      const known = opened.get(ref)
      if (known !== undefined) return known
      const secret = openOnce(key, ref)
      if (secret === null) return null
      if (opened.size >= maxOpened) opened.clear()
      opened.set(ref, secret)
      return secret
    },
  }
}

function openOnce(key: Buffer, ref: string): Secret<string> | null {
  const [id, text] = ref.split('.')
  const sealed = Buffer.from(text ?? '', 'base64url')
  if (!isId('upstream', id) || sealed.length < nonceBytes + tagBytes) return null
  const tagEnd = nonceBytes + tagBytes
  const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(Buffer.from(id)).setAuthTag(sealed.subarray(nonceBytes, tagEnd))
  try {
    const plain = Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()])
    return new Secret(plain.toString('utf8'))
  } catch {
    return null // the tag does not fit: the caller then denies
  }
}

function createKeyFile(folder: string, path: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const draft = `${path}.new`
  const file = openSync(draft, 'w', 0o600)
  writeSync(file, randomBytes(keyBytes))
  fsyncSync(file)
  closeSync(file)
  renameSync(draft, path)
}
