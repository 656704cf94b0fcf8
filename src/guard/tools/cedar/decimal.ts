import type { ExtensionFunction } from './extension.ts'
import { digitsIn } from './digits.ts'
import { isLong } from './long.ts'

/** A decimal of Cedar: ten-thousandths in 64 bits. */
export type CedarDecimal = { readonly k: 'decimal'; readonly units: bigint }

const places = 4

/** Reads `-12.345`: digits, a point and one to four digits. */
export function decimalOf(text: string): CedarDecimal | null {
  const isNegative = text.startsWith('-')
  const [whole = '', fraction = '', ...rest] = (isNegative ? text.slice(1) : text).split('.')
  if (rest.length > 0 || digitsIn(whole) !== whole.length || whole === '') return null
  if (digitsIn(fraction) !== fraction.length || fraction === '' || fraction.length > places) return null
  if (whole.length > 64) return null // beyond any value, and long numbers are slow to read
  const units = BigInt(whole + fraction.padEnd(places, '0'))
  const signed = isNegative ? -units : units
  return isLong(signed) ? { k: 'decimal', units: signed } : null
}

/** Decimals have no `<`: they are compared by name. */
export const decimalFunctions: Readonly<Record<string, ExtensionFunction>> = {
  lessThan: comparing((a, b) => a < b),
  lessThanOrEqual: comparing((a, b) => a <= b),
  greaterThan: comparing((a, b) => a > b),
  greaterThanOrEqual: comparing((a, b) => a >= b),
}

function comparing(holds: (a: bigint, b: bigint) => boolean): ExtensionFunction {
  return {
    arity: 2,
    call: (a, b) => {
      if (typeof a !== 'object' || a.k !== 'decimal' || typeof b !== 'object' || b.k !== 'decimal')
        return null
      return holds(a.units, b.units)
    },
  }
}
