import type { IdentifierRule } from '../stream/scan-plan.ts'
import { isDigits, isUniform, luhn, remainder, weighted } from './check-digits.ts'
import { identifier } from './rule.ts'

/** Issuer ranges by their first digits, with the lengths in use (ISO/IEC 7812; published by the card schemes). */
const issuers: readonly (readonly [from: number, to: number, lengths: readonly number[]])[] = [
  [340000, 349999, [15]],
  [370000, 379999, [15]],
  [300000, 305999, [14, 16]],
  [360000, 369999, [14]],
  [380000, 399999, [14, 16]],
  [352800, 358999, [16]],
  [400000, 499999, [13, 16, 19]],
  [500000, 509999, [12, 13, 14, 15, 16, 17, 18, 19]],
  [510000, 559999, [16]],
  [560000, 589999, [12, 13, 14, 15, 16, 17, 18, 19]],
  [601100, 601199, [16, 19]],
  [620000, 629999, [16, 17, 18, 19]],
  [630000, 639999, [12, 13, 14, 15, 16, 17, 18, 19]],
  [644000, 659999, [16, 19]],
  [670000, 679999, [12, 13, 14, 15, 16, 17, 18, 19]],
  [222100, 272099, [16]],
  [220000, 220499, [16, 17, 18, 19]],
]

function hasIssuer(digits: string): boolean {
  const first = Number(digits.slice(0, 6))
  return issuers.some(
    ([from, to, lengths]) => first >= from && first <= to && lengths.includes(digits.length),
  )
}

/** Groups of a written card number: fours with a shorter end, or 4-6-5 (and 4-6-4). */
function isCardLayout(written: string): boolean {
  const groups = written.split(written.includes('-') ? '-' : ' ')
  const sizes = groups.map((group) => group.length)
  if (groups.length === 1) return true
  if (sizes[0] !== 4) return false
  const isFours = sizes.slice(1, -1).every((size) => size === 4) && (sizes.at(-1) ?? 0) <= 7
  return isFours || (sizes.length === 3 && sizes[1] === 6 && (sizes[2] === 5 || sizes[2] === 4))
}

const card: IdentifierRule = {
  rule: 'card',
  minLength: 12,
  maxLength: 19,
  joints: [0, 2, 3, 4],
  isDistinctive: true,
  context: 'card',
  matches: (compact, written) =>
    isDigits(compact) && !isUniform(compact) && hasIssuer(compact) && luhn(compact) && isCardLayout(written)
      ? compact.length >= 15 || written.length > compact.length
        ? 'check'
        : 'plain_check'
      : null,
}

/** Length of an IBAN by country (ISO 13616 registry). */
const ibanLengths: Readonly<Record<string, number>> = {
  AD: 24,
  AE: 23,
  AL: 28,
  AT: 20,
  AZ: 28,
  BA: 20,
  BE: 16,
  BG: 22,
  BH: 22,
  BR: 29,
  BY: 28,
  CH: 21,
  CR: 22,
  CY: 28,
  CZ: 24,
  DE: 22,
  DK: 18,
  DO: 28,
  EE: 20,
  EG: 29,
  ES: 24,
  FI: 18,
  FO: 18,
  FR: 27,
  GB: 22,
  GE: 22,
  GI: 23,
  GL: 18,
  GR: 27,
  GT: 28,
  HR: 21,
  HU: 28,
  IE: 22,
  IL: 23,
  IQ: 23,
  IS: 26,
  IT: 27,
  JO: 30,
  KW: 30,
  KZ: 20,
  LB: 28,
  LC: 32,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  LY: 25,
  MC: 27,
  MD: 24,
  ME: 22,
  MK: 19,
  MR: 27,
  MT: 31,
  MU: 30,
  NL: 18,
  NO: 15,
  PK: 24,
  PL: 28,
  PS: 29,
  PT: 25,
  QA: 29,
  RO: 24,
  RS: 22,
  SA: 24,
  SC: 31,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  ST: 25,
  SV: 28,
  TL: 23,
  TN: 24,
  TR: 26,
  UA: 29,
  VA: 22,
  VG: 24,
  XK: 20,
}

const iban: IdentifierRule = {
  rule: 'iban',
  minLength: 15,
  maxLength: 32,
  joints: [0, 1, 2, 3, 4, 5, 6, 7, 8],
  isDistinctive: true,
  context: 'bank',
  matches: (compact) => {
    const upper = compact.toUpperCase()
    const isShaped = ibanLengths[upper.slice(0, 2)] === upper.length && isDigits(upper.slice(2, 4))
    return isShaped && remainder(upper.slice(4) + upper.slice(0, 4), 97) === 1 ? 'check' : null
  },
}

/** Bank routing number of the American Bankers Association; the first two digits name a Federal Reserve district. */
const routing = identifier({
  rule: 'us.aba',
  length: 9,
  layouts: ['999999999'],
  context: 'bank',
  check: (digits) => {
    const district = Number(digits.slice(0, 2))
    const isDistrict =
      district <= 12 || (district >= 21 && district <= 32) || (district >= 61 && district <= 72)
    return isDistrict && !isUniform(digits) && weighted(digits, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0
  },
})

export const finance: readonly IdentifierRule[] = [card, iban, routing]
