import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** Signs bytes with one Ed25519 key, wherever that key lives. */
export type Signer = { readonly publicKey: Uint8Array; readonly sign: (message: Uint8Array) => Uint8Array }

/** DER of PKCS #8 and SubjectPublicKeyInfo up to the key, RFC 8410. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

/** A signer over a seed of 32 bytes held in this process. */
export function ed25519FromSeed(seed: Uint8Array): Signer {
  if (seed.length !== 32) throw new RangeError('a seed has 32 bytes')
  return ed25519FromKey(
    createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' }),
  )
}

/** A signer over a private key of `node:crypto`. */
export function ed25519FromKey(key: KeyObject): Signer {
  if (key.type !== 'private' || key.asymmetricKeyType !== 'ed25519')
    throw new TypeError('not an Ed25519 private key')
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return {
    publicKey: new Uint8Array(spki.subarray(spkiPrefix.length)),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  }
}

/** Whether `signature` is one of the 32-byte `publicKey` over `message`. False for a key that cannot be read. */
export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  try {
    const key = createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: 'der', type: 'spki' })
    return verify(null, message, key, signature)
  } catch {
    return false // not a point of the curve
  }
}
