import { hash } from './crypto.ts'

/*
 * Proofs computed with what a browser has. It is a second implementation on purpose: it shares no code with the one that
 * made the proof but SHA-256 and the canonical form.
 */
type Bytes = Uint8Array<ArrayBuffer>

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text)
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Bytes of an even number of hex digits; null for every other text. */
export function fromHex(text: string): Bytes | null {
  if (!/^([0-9a-f]{2})*$/.test(text)) return null
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** Bytes of base64 or base64url, padded or not; null for every other text. */
export function fromBase64(text: string): Bytes | null {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return null
  try {
    const standard = text.replaceAll('-', '+').replaceAll('_', '/').replaceAll('=', '')
    return Uint8Array.from(atob(standard), (character) => character.charCodeAt(0))
  } catch {
    return null // a length that base64 does not have
  }
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

export function sha256(data: Uint8Array): Bytes {
  return fromHex(hash('sha256', data, 'hex')) ?? new Uint8Array() // hex digits in pairs
}

/** SPEC: RFC 2104, for keys of at most one block of 64 bytes. */
export function hmacSha256(key: Uint8Array, data: Uint8Array): Bytes {
  if (key.length > 64) throw new RangeError('a key has at most 64 bytes')
  const block = (mask: number) => Uint8Array.from({ length: 64 }, (_, i) => mask ^ (key[i] ?? 0))
  return sha256(concat(block(0x5c), sha256(concat(block(0x36), data))))
}

/** SPEC: RFC 6962 2.1. */
export function leafHash(leaf: Uint8Array): Bytes {
  return sha256(concat(Uint8Array.of(0), leaf))
}

/**
 * The root that the audit path of leaf `index` leads to; null when path, index and size do not fit together.
 * SPEC: RFC 9162 2.1.3.2.
 */
export function rootFrom(
  index: number,
  size: number,
  leaf: Uint8Array,
  path: readonly (Uint8Array | null)[],
): Uint8Array | null {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return null
  let [node, last, root] = [BigInt(index), BigInt(size - 1), leaf]
  for (const neighbour of path) {
    if (neighbour === null || neighbour.length !== 32 || last === 0n) return null
    if (node % 2n === 1n || node === last) {
      root = sha256(concat(Uint8Array.of(1), neighbour, root))
      while (node % 2n === 0n && node !== 0n) {
        node /= 2n
        last /= 2n
      }
    } else root = sha256(concat(Uint8Array.of(1), root, neighbour))
    node /= 2n
    last /= 2n
  }
  return last === 0n ? root : null
}
