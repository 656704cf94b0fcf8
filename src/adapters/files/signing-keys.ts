import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { join } from 'node:path'
import { digestOfBytes } from '../../kernel/index.ts'
import type { JwsSigner } from '../../kernel/jws.ts'
import { keyFile } from './key-file.ts'

/** An Ed25519 key whose private half never leaves this object. */
export type SigningKey = {
  /** 32 bytes, raw. */
  readonly publicKey: Uint8Array
  readonly custody: 'file'
  readonly sign: (message: Uint8Array) => Uint8Array
}

/** Different keys for different promises: the root vouches, a grant key lets in, the log key orders. */
export type KeyName = 'root' | `grant-${number}` | 'log'

/** Loads the key `name` from `<folder>/<name>.pem`, creating it when it does not exist. */
export function loadSigningKey(folder: string, name: KeyName): SigningKey {
  return signingKey(createPrivateKey(keyFile(join(folder, `${name}.pem`), freshPem)))
}

/** A key as signer of tokens. A grant key is named by the digest of its public half, the root by that half itself. */
export function tokenSigner(key: SigningKey, use: 'root' | 'grant'): JwsSigner {
  const raw = Buffer.from(key.publicKey).toString('base64url')
  const kid = use === 'root' ? raw : digestOfBytes(key.publicKey).slice('sha256:'.length).slice(0, 16)
  return { kid, sign: key.sign }
}

function freshPem(): Uint8Array {
  return Buffer.from(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
}

function signingKey(privateKey: KeyObject): SigningKey {
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' })
  if (jwk.crv !== 'Ed25519' || jwk.x === undefined)
    throw new Error('the key file does not hold an Ed25519 key')
  return {
    publicKey: new Uint8Array(Buffer.from(jwk.x, 'base64url')),
    custody: 'file',
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  }
}
