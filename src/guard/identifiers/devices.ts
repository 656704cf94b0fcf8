import type { IdentifierRule } from '../stream/scan-plan.ts'
import { isUniform, luhn } from './check-digits.ts'
import { identifier } from './rule.ts'

const imei = identifier({
  rule: 'imei',
  length: 15,
  layouts: ['999999999999999', '99-999999-999999-9', '99 999999 999999 9'],
  context: 'device',
  check: (digits) => !isUniform(digits) && luhn(digits),
})

const vinValues: Readonly<Record<string, number>> = {
  A: 1,
  B: 2,
  C: 3,
  D: 4,
  E: 5,
  F: 6,
  G: 7,
  H: 8,
  J: 1,
  K: 2,
  L: 3,
  M: 4,
  N: 5,
  P: 7,
  R: 9,
  S: 2,
  T: 3,
  U: 4,
  V: 5,
  W: 6,
  X: 7,
  Y: 8,
  Z: 9,
}
const vinWeights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]

/** Vehicle identification number (ISO 3779) with the check digit of North America (49 CFR 565.15). */
const vin = identifier({
  rule: 'vin',
  length: 17,
  layouts: ['XXXXXXXXXXXXXXXXX'],
  context: 'device',
  check: (text) => {
    const characters = text.split('')
    const sum = characters.reduce(
      (total, character, i) => total + (vinValues[character] ?? Number(character)) * (vinWeights[i] ?? 0),
      0,
    )
    return '0123456789X'[sum % 11] === text[8]
  },
})

export const devices: readonly IdentifierRule[] = [imei, vin]
