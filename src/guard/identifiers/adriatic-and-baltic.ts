import type { IdentifierRule } from '../stream/scan-plan.ts'
import { isMonthAndDay, isUniform, mod11And10, weighted } from './check-digits.ts'
import { identifier } from './rule.ts'

const context = 'person'

/** Osobni identifikacijski broj: ISO 7064 MOD 11,10. */
const croatian = identifier({
  rule: 'hr.oib',
  length: 11,
  layouts: ['99999999999'],
  context,
  check: (digits) => !isUniform(digits) && mod11And10(digits),
})

/** Isikukood and asmens kodas: sex and century, a date of birth, a serial, a check digit of two rounds of weights. */
const baltic = identifier({
  rule: 'ee.isikukood',
  length: 11,
  layouts: ['99999999999'],
  context,
  check: (digits) => {
    const first = weighted(digits.slice(0, 10), [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11
    const second = weighted(digits.slice(0, 10), [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11
    const check = first < 10 ? first : second % 10
    const isDate = '123456'.includes(digits[0] ?? '') && isMonthAndDay(digits.slice(3, 5), digits.slice(5, 7))
    return isDate && check === Number(digits[10])
  },
})

export const adriaticAndBaltic: readonly IdentifierRule[] = [croatian, baltic]
