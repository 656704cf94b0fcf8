/** Check-digit rules that several identifiers share. All take digits and capitals without separators. */

/** The digits of `text`; a letter counts as its place in the alphabet plus ten (ISO 7064, ISO 13616). */
export function valuesOf(text: string): readonly number[] {
  return Array.from(text, (character) => Number.parseInt(character, 36))
}

/** Luhn, ISO/IEC 7812-1 annex B: the last digit makes the sum a multiple of ten. */
export function luhn(digits: string): boolean {
  let sum = 0
  for (let i = digits.length - 1, isDoubled = false; i >= 0; i -= 1, isDoubled = !isDoubled) {
    const value = digits.charCodeAt(i) - 48
    sum += isDoubled ? (value > 4 ? value * 2 - 9 : value * 2) : value
  }
  return sum % 10 === 0
}

/** The sum of each value times its weight. */
export function weighted(digits: string, weights: readonly number[]): number {
  return valuesOf(digits).reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0)
}

/** The remainder of a number too long for arithmetic; letters count as two digits (ISO 7064). */
export function remainder(text: string, divisor: number): number {
  return valuesOf(text).reduce((rest, value) => (rest * (value > 9 ? 100 : 10) + value) % divisor, 0)
}

/** ISO 7064 MOD 11,10: the last digit is the check digit. */
export function mod11And10(digits: string): boolean {
  let product = 10
  for (const value of valuesOf(digits.slice(0, -1))) {
    const sum = (value + product) % 10 || 10
    product = (sum * 2) % 11
  }
  return (11 - product) % 10 === Number(digits.at(-1))
}

const multiplied = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
  [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
  [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
  [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
  [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
  [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
  [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
  [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
  [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
]
const permuted = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]

/** J. Verhoeff, "Error Detecting Decimal Codes" (1969): multiplication in the dihedral group of order ten. */
export function verhoeff(digits: string): boolean {
  let check = 0
  for (const [place, value] of valuesOf(digits).toReversed().entries()) {
    let moved = value
    for (let i = 0; i < place % 8; i += 1) moved = permuted[moved] ?? 0
    check = multiplied[check]?.[moved] ?? 0
  }
  return check === 0
}

export function isDigits(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i)
    if (unit < 48 || unit > 57) return false
  }
  return text.length > 0
}

export function isLetters(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i)
    if (unit < 65 || unit > 90) return false
  }
  return text.length > 0
}

/** Whether all digits are the same one. */
export function isUniform(digits: string): boolean {
  return digits === (digits[0] ?? '').repeat(digits.length)
}

/** Whether `month` and `day`, two digits each, can be a date of some year. */
export function isMonthAndDay(month: string, day: string): boolean {
  const [m, d] = [Number(month), Number(day)]
  return m >= 1 && m <= 12 && d >= 1 && d <= (m === 2 ? 29 : [4, 6, 9, 11].includes(m) ? 30 : 31)
}
