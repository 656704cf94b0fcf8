import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
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
  return createHash('sha256').update(data).digest()
}

/** SHA-256 of bytes (or of the UTF-8 of a text) in the digest form. */
export function digestOfBytes(data: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(data).digest('hex')}` as Digest // brand constructor
}

/** Digest of a document: SHA-256 over its RFC 8785 form. Throws `NotCanonical` outside that profile. */
export function digestOf(document: unknown): Digest {
  return digestOfBytes(canonicalBytes(document))
}

/** HMAC-SHA-256, 32 bytes. */
export function hmacSha256(key: Uint8Array, data: Uint8Array | string): Uint8Array {
  return createHmac('sha256', key).update(data).digest()
}

/** HKDF-SHA-256 with an empty salt (RFC 5869), 32 bytes. */
export function hkdfSha256(key: Uint8Array, info: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, new Uint8Array(0), info, 32))
}

/** Compares two byte strings in time that depends on their lengths only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
