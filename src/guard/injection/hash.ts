/**
 * Hash of the scorer: FNV-1a (32 bit) over UTF-16 units; n-grams of tokens combine as `h = imul(h, 31) ^ next`; the bucket is
 * the high 18 bits of `imul(h, 0x9E3779B1)`.
 */
export const bucketBits = 18

export const fnvOffset = 0x811c9dc5 | 0
export const fnvPrime = 0x01000193

/** Digits all read as `0`, because no number makes an attack. */
export function readAs(unit: number): number {
  return unit >= 48 && unit <= 57 ? 48 : unit
}

/** FNV-1a of a text as it is read. */
export function hashOf(text: string): number {
  let hash = fnvOffset
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ readAs(text.charCodeAt(i)), fnvPrime)
  return hash
}

/** Hash of an n-gram of tokens that ends with `next`. */
export function combined(hash: number, next: number): number {
  return Math.imul(hash, 31) ^ next
}

/** Bucket of the hash of an n-gram, in its block. */
export function bucketOf(hash: number): number {
  return Math.imul(hash, 0x9e3779b1) >>> (32 - bucketBits)
}
