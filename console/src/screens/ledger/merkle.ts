import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { hash, timingSafeEqual } from '../../platform/crypto.ts'

/** One step of an audit path: the neighbour, on which side it stands, and the node that both make. */
export type Step = {
  readonly side: 'left' | 'right'
  readonly neighbour: Uint8Array
  readonly node: Uint8Array
}

function sha256(data: Uint8Array): Uint8Array {
  return hexToBytes(hash('sha256', data, 'hex'))
}

/** The hash of a leaf. SPEC: RFC 9162 2.1.1. */
export function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(0), leaf))
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(1), left, right))
}

/** The steps from a leaf hash to the root. SPEC: RFC 9162 2.1.3.2; null when the path has another length than its place demands. */
export function stepsToRoot(
  index: bigint,
  size: bigint,
  leaf: Uint8Array,
  path: readonly Uint8Array[],
): readonly Step[] | null {
  if (index < 0n || index >= size) return null
  let [fn, sn, node] = [index, size - 1n, leaf]
  const steps: Step[] = []
  for (const neighbour of path) {
    if (sn === 0n || neighbour.length !== 32) return null
    const isRight = (fn & 1n) === 1n || fn === sn
    node = isRight ? nodeHash(neighbour, node) : nodeHash(node, neighbour)
    steps.push({ side: isRight ? 'left' : 'right', neighbour, node })
    while (isRight && (fn & 1n) === 0n && fn !== 0n) {
      fn >>= 1n
      sn >>= 1n
    }
    fn >>= 1n
    sn >>= 1n
  }
  return sn === 0n ? steps : null
}

/** The root over leaf hashes. SPEC: RFC 9162 2.1.1. */
export function rootOfHashes(hashes: readonly Uint8Array[]): Uint8Array {
  const [first] = hashes
  if (first === undefined) return sha256(new Uint8Array(0))
  if (hashes.length === 1) return first
  let split = 1
  while (split * 2 < hashes.length) split *= 2
  return nodeHash(rootOfHashes(hashes.slice(0, split)), rootOfHashes(hashes.slice(split)))
}

/** HMAC-SHA-256. SPEC: RFC 2104. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(64)
  block.set(key.length > 64 ? sha256(key) : key)
  const inner = sha256(
    concatBytes(
      block.map((byte) => byte ^ 0x36),
      message,
    ),
  )
  return sha256(
    concatBytes(
      block.map((byte) => byte ^ 0x5c),
      inner,
    ),
  )
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return timingSafeEqual(a, b)
}

/** Lower-case hex of bytes. */
export function hex(bytes: Uint8Array): string {
  return bytesToHex(bytes)
}

/** SHA-256 of bytes in the digest form. */
export function fingerprint(bytes: Uint8Array): string {
  return `sha256:${hex(sha256(bytes))}`
}

export function utf8(text: string): Uint8Array {
  return utf8ToBytes(text)
}

/** Bytes of base64, standard or for URLs; null for text that is neither. */
export function fromBase64(text: string): Uint8Array | null {
  try {
    const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0))
  } catch {
    return null // no base64
  }
}
