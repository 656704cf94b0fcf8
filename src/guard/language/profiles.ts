import { profileBytes } from './tables/profiles.ts'

/**
 * Languages written in Latin letters that are told apart by their trigrams; the first is the one that the scorer was
 * trained on. All others are told by their script.
 */
export const profiled = [
  'en',
  'de',
  'fr',
  'es',
  'it',
  'pt',
  'nl',
  'pl',
  'tr',
  'ro',
  'ca',
  'id',
  'vi',
  'cs',
  'bs',
  'hu',
  'fi',
  'sw',
  'da',
  'sv',
  'no',
] as const
export type Profiled = (typeof profiled)[number]

/** Trigrams are counted by the upper 12 bits of their hash. */
export const buckets = 4_096
/** Steps of a profile in one natural logarithm, and its largest step either way: four bits. */
export const [stepsPerNat, largestStep] = [2, 7]

/** Which bucket the three folded units `a`, `b`, `c` are counted in; what is no letter is a space. */
export function bucketOf(a: number, b: number, c: number): number {
  return Math.imul(Math.imul(Math.imul(a, 31) + b, 31) + c, 0x9e3779b1) >>> 20
}

/**
 * How much likelier a trigram is in a language than in all of them, in half nats: of language `l` and bucket `b` at
 * `b * profiled.length + l`.
 */
export const profiles: Int8Array = unpacked(profileBytes)

function unpacked(packed: string): Int8Array {
  const bytes = atob(packed)
  const all = new Int8Array(buckets * profiled.length)
  for (let i = 0; i < all.length; i += 1) {
    const nibble = (bytes.charCodeAt(i >> 1) >> ((i & 1) * 4)) & 15
    all[i] = nibble - 8
  }
  return all
}
