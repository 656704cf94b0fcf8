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
 * SPEC: RFC 2104. Two one-shot hashes cost a tenth of the key and hash objects that `createHmac` makes for each code,
 * and entries and traffic records need dozens of codes each.
 */
function hmacSha256Hex(key: Uint8Array, parts: readonly (Uint8Array | string)[]): string {
  const short = key.length > blockBytes ? sha256(key) : key
  const inner = Buffer.concat([keyBlock(short, 0x36), ...parts.map(bytesOf)])
  return hash('sha256', Buffer.concat([keyBlock(short, 0x5c), sha256(inner)]), 'hex')
}

const blockBytes = 64

function keyBlock(key: Uint8Array, mask: number): Uint8Array {
  const block = Buffer.allocUnsafe(blockBytes).fill(mask)
  for (let i = 0; i < key.length; i += 1) block[i] = mask ^ (key[i] ?? 0)
  return block
}

function bytesOf(part: Uint8Array | string): Uint8Array {
  return typeof part === 'string' ? Buffer.from(part, 'utf8') : part
}

/** Compares two byte strings in time that depends on their lengths only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
