import type { Span } from '../text.ts'

/**
 * A canary token: a word that means nothing and stands where only one place may have it, so that it tells of a leak
 * wherever else it is seen. Sixteen letters of 15 (62 bits), of which leet writing changes none and which spell no word,
 * and two that check them.
 */
const alphabet = 'CDFHJKMNPQRVWXY'
export const canaryLength = 18
const dataLength = canaryLength - 2
/** The greatest prime below 15^2: it divides no difference that a single wrong or swapped letter makes. */
const modulus = 223
/** So that a letter that is repeated checks for nothing. */
const offset = 101

/** Where a canary stands, and so where it may be seen. */
export const canaryPlaces = ['deployment', 'system_prompt', 'document'] as const
export type CanaryPlace = (typeof canaryPlaces)[number]

/** A new token. `random` gives so many bytes; those that would favour a letter are left out. */
export function newCanary(random: (bytes: number) => Uint8Array): string {
  const values: number[] = []
  while (values.length < dataLength)
    for (const byte of random(dataLength))
      if (byte < 240 && values.length < dataLength) values.push(byte % 15)
  return [...values, ...checkOf(values)].map((value) => alphabet.charAt(value)).join('')
}

/** Whether the two letters at the end check the others. `values`: places in the alphabet, from 0. */
export function isCanary(values: readonly number[]): boolean {
  const [first, second] = checkOf(values.slice(0, dataLength))
  return values.length === canaryLength && values[dataLength] === first && values[dataLength + 1] === second
}

function checkOf(values: readonly number[]): readonly [number, number] {
  const rest = values.reduce((sum, value) => (sum * 15 + value) % modulus, offset)
  return [Math.floor(rest / 15), rest % 15]
}

/** A letter or digit that no token has, and what is neither. */
const [breaks, parts] = [-1, -2]

const classes: Int8Array = Int8Array.from({ length: 128 }, (_, unit) => {
  const character = String.fromCharCode(unit).toUpperCase()
  const at = alphabet.indexOf(character)
  if (at >= 0) return at
  return (unit >= 48 && unit <= 57) || (character >= 'A' && character <= 'Z') ? breaks : parts
})

/** What a unit is to a token: a value from 0, `breaks` or `parts`. Beyond ASCII nothing is a letter of a token. */
export function readUnit(unit: number): number {
  return unit < 128 ? (classes[unit] ?? breaks) : parts
}

export function isPart(value: number): boolean {
  return value === parts
}

/** The token of 18 values. */
export function tokenOf(values: readonly number[]): string {
  return values.map((value) => alphabet.charAt(value)).join('')
}

/** A token that was found, in units of the text. */
export type FoundToken = Span & { readonly token: string }
