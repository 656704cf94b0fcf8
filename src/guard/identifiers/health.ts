import type { IdentifierRule } from '../stream/scan-plan.ts'
import { isUniform, luhn, valuesOf, weighted } from './check-digits.ts'
import { identifier } from './rule.ts'

const context = 'health'

const british = identifier({
  rule: 'uk.nhs',
  length: 10,
  layouts: ['999 999 9999', '999-999-9999', '9999999999'],
  context,
  check: (digits) => {
    const check = 11 - (weighted(digits.slice(0, 9), [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)
    return !isUniform(digits) && (check === 11 ? 0 : check) === Number(digits[9])
  },
})

/** National provider identifier: Luhn with the prefix of the United States in front (45 CFR 162.406). */
const americanProvider = identifier({
  rule: 'us.npi',
  length: 10,
  layouts: ['9999999999'],
  context,
  check: (digits) => (digits[0] === '1' || digits[0] === '2') && luhn(`80840${digits}`),
})

const americanPrescriber = identifier({
  rule: 'us.dea',
  length: 9,
  layouts: ['AA9999999', 'A99999999'],
  isRare: true,
  context,
  check: (text) => {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, check] = valuesOf(text.slice(2))
    return 'ABCDEFGHJKLMPRSTUX'.includes(text[0] ?? '') && (a + c + e + 2 * (b + d + f)) % 10 === check
  },
})

const australian = identifier({
  rule: 'au.medicare',
  length: [10, 11],
  layouts: ['9999 99999 9', '9999 99999 9 9', '9999 99999 9/9', '9999999999', '99999999999'],
  context,
  check: (digits) =>
    '23456'.includes(digits[0] ?? '') &&
    weighted(digits.slice(0, 8), [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === Number(digits[8]),
})

export const health: readonly IdentifierRule[] = [british, americanProvider, americanPrescriber, australian]
