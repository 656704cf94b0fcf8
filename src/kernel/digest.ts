import { hash, timingSafeEqual } from 'node:crypto'
import type { Brand } from './brand.ts'
import { canonicalBytes } from './canonical-json.ts'

/** `sha256:` and 64 lower-case hex digits. */
export type Digest = Brand<`sha256:${string}`, 'digest'>

const digestForm = /^sha256:[0-9a-f]{64}$/

/** Whether `text` has the form of a digest. */
export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && digestForm.test(text)
}

/** SHA-256 of bytes (or of the UTF-8 of a text), 32 bytes. */
export function sha256(data: Uint8Array | string): Uint8Array {
  return Buffer.from(hash('sha256', data, 'hex'), 'hex')
}

/** SHA-256 of bytes (or of the UTF-8 of a text) in the digest form. */
export function digestOfBytes(data: Uint8Array | string): Digest {
  return `sha256:${hash('sha256', data, 'hex')}` as Digest // brand constructor
}

/** Digest of a document: SHA-256 over its RFC 8785 form. Throws `NotCanonical` outside that profile. */
export function digestOf(document: unknown): Digest {
  return digestOfBytes(canonicalBytes(document))
}

/** HMAC-SHA-256 over `parts` joined, 32 bytes. */
export function hmacSha256(key: Uint8Array, ...parts: readonly (Uint8Array | string)[]): Uint8Array {
  return Buffer.from(hmacSha256Hex(key, parts), 'hex')
}

/** HMAC-SHA-256 over `parts` joined, in the digest form. */
export function hmacDigest(key: Uint8Array, ...parts: readonly (Uint8Array | string)[]): Digest {
  return `sha256:${hmacSha256Hex(key, parts)}` as Digest // brand constructor
}

/** HKDF-SHA-256 with an empty salt (RFC 5869), 32 bytes. */
export function hkdfSha256(key: Uint8Array, info: Uint8Array): Uint8Array {
  const pseudoRandomKey = hmacSha256(new Uint8Array(0), key)
  return hmacSha256(pseudoRandomKey, info, Uint8Array.of(1)) // 32 bytes are one block
}

/**
 * SPEC: RFC 2104. Two one-shot hashes cost a quarter of the key and hash objects that `createHmac` makes for each code,
 * and entries and traffic records need dozens of codes each. What is hashed is put together in one place that is used
 * again; of the key nothing stays there.
 */
function hmacSha256Hex(key: Uint8Array, parts: readonly (Uint8Array | string)[]): string {
  const short = key.length > blockBytes ? sha256(key) : key
  const { inner, outer } = roomFor(parts)
  for (let i = 0; i < blockBytes; i += 1) {
    const unit = short[i] ?? 0
    inner[i] = unit ^ 0x36
    outer[i] = unit ^ 0x5c
  }
  let length = blockBytes
  for (const part of parts) {
    if (typeof part === 'string') length += inner.write(part, length, 'utf8')
    else {
      inner.set(part, length)
      length += part.length
    }
  }
  outer.write(hash('sha256', inner.subarray(0, length), 'hex'), blockBytes, 'hex')
  const code = hash('sha256', outer, 'hex')
  inner.fill(0, 0, blockBytes)
  outer.fill(0)
  return code
}

const blockBytes = 64
/** Made with the first code: the console has this file too, and a browser has no `Buffer`. */
let room: { readonly inner: Buffer; readonly outer: Buffer } | null = null

/** Room for the block of the key and for `parts`. A text takes three bytes for each UTF-16 unit at most. */
function roomFor(parts: readonly (Uint8Array | string)[]): {
  readonly inner: Buffer
  readonly outer: Buffer
} {
  room ??= {
    inner: Buffer.allocUnsafeSlow(blockBytes + 16_384),
    outer: Buffer.allocUnsafeSlow(blockBytes + 32),
  }
  let most = blockBytes
  for (const part of parts) most += typeof part === 'string' ? part.length * 3 : part.length
  return most <= room.inner.length ? room : { ...room, inner: Buffer.allocUnsafe(most) }
}

/** Compares two byte strings in time that depends on their lengths only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
