import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Secret } from '../../kernel/index.ts'
import { keyFile } from './key-file.ts'

/** Seals texts under a key that only this folder holds. Each belongs to its owner: it opens for no other. */
export type SealingKey = {
  readonly seal: (owner: string, secret: Secret<string>) => Uint8Array
  /** Null when it was sealed under another key, for another owner, or changed. */
  readonly open: (owner: string, sealed: Uint8Array) => Secret<string> | null
}

const algorithm = 'aes-256-gcm'
const [keyBytes, nonceBytes, tagBytes] = [32, 12, 16]

/** The key in `<folder>/<name>`, created when it does not exist. */
export function loadSealingKey(folder: string, name: string): SealingKey {
  return sealingKey(loadKey(folder, name))
}

/** The 32 bytes in `<folder>/<name>`, created when they do not exist. */
export function loadKey(folder: string, name: string): Buffer {
  const path = join(folder, name)
  const key = keyFile(path, () => randomBytes(keyBytes))
  if (key.length !== keyBytes) throw new Error(`\`${path}\` does not hold a key of ${keyBytes} bytes`)
  return key
}

/** Seals under `key`, of 32 bytes. Sealed form: nonce, tag, AES-256-GCM text, with the owner as associated data. */
export function sealingKey(key: Buffer): SealingKey {
  return {
    seal: (owner, secret) => {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(owner))
      const text = Buffer.concat([cipher.update(secret.reveal(), 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), text])
    },
    open: (owner, sealed) => open(key, owner, Buffer.from(sealed)),
  }
}

function open(key: Buffer, owner: string, sealed: Buffer): Secret<string> | null {
  const tagEnd = nonceBytes + tagBytes
  if (sealed.length < tagEnd) return null
  const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(Buffer.from(owner)).setAuthTag(sealed.subarray(nonceBytes, tagEnd))
  try {
    const plain = Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()])
    return new Secret(plain.toString('utf8'))
  } catch {
    return null // the tag does not fit: the caller then denies
  }
}
