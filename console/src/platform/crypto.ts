import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/** SHA-256 with the signature of `node:crypto`, as far as the kernel asks for it. */
export function hash(algorithm: string, data: Uint8Array | string, encoding: string): string {
  if (algorithm !== 'sha256' || encoding !== 'hex')
    throw new Error(`no ${algorithm} as ${encoding} in the browser`)
  return bytesToHex(sha256(typeof data === 'string' ? utf8ToBytes(data) : data))
}

/** Compares in time that depends on the length only. */
export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}
