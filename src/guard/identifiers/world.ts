import type { IdentifierRule } from '../stream/scan-plan.ts'
import { isMonthAndDay, isUniform, luhn, valuesOf, verhoeff, weighted } from './check-digits.ts'
import { identifier } from './rule.ts'

const context = 'person'

/** Social security number: no check digit; some areas, groups and serials are never given out (SSA, POMS RM 10201). */
const americanSocial = identifier({
  rule: 'us.ssn',
  length: 9,
  layouts: ['999-99-9999', '999 99 9999', '999999999'],
  context,
  check: (digits) => {
    const area = Number(digits.slice(0, 3))
    return (
      area !== 0 && area !== 666 && area < 900 && digits.slice(3, 5) !== '00' && digits.slice(5) !== '0000'
    )
  },
})

/** Individual taxpayer identification number: begins with 9, with a group of 50 to 99 but 89 and 93 (26 CFR 301.6109-1). */
const americanTax = identifier({
  rule: 'us.itin',
  length: 9,
  layouts: ['999-99-9999', '999999999'],
  context,
  check: (digits) => {
    const group = Number(digits.slice(3, 5))
    return digits[0] === '9' && group >= 50 && group !== 89 && group !== 93
  },
})

const canadian = identifier({
  rule: 'ca.sin',
  length: 9,
  layouts: ['999 999 999', '999-999-999', '999999999'],
  context,
  check: (digits) => !isUniform(digits) && digits[0] !== '8' && luhn(digits),
})

/** Cadastro de Pessoas Físicas: two check digits. */
const brazilian = identifier({
  rule: 'br.cpf',
  length: 11,
  layouts: ['999.999.999-99', '99999999999'],
  context,
  check: (digits) =>
    !isUniform(digits) && [9, 10].every((place) => cpfDigit(digits, place) === Number(digits[place])),
})

function cpfDigit(digits: string, place: number): number {
  const sum = valuesOf(digits.slice(0, place)).reduce((total, value, i) => total + value * (place + 1 - i), 0)
  return ((sum * 10) % 11) % 10
}

const chilean = identifier({
  rule: 'cl.rut',
  length: [8, 9],
  layouts: ['99.999.999-X', '9.999.999-X', '99999999-X', '9999999-X'],
  isDistinctive: true,
  context,
  check: (text) => {
    const sum = valuesOf(text.slice(0, -1))
      .toReversed()
      .reduce((total, value, i) => total + value * (2 + (i % 6)), 0)
    return '0123456789K'[(11 - (sum % 11)) % 11] === text.at(-1)
  },
})

const indian = identifier({
  rule: 'in.aadhaar',
  length: 12,
  layouts: ['9999 9999 9999', '9999-9999-9999', '999999999999'],
  context,
  check: (digits) => Number(digits[0]) >= 2 && !isUniform(digits) && verhoeff(digits),
})

/** Resident identity number (GB 11643-1999): region, date of birth, order, check character of MOD 11-2. */
const chinese = identifier({
  rule: 'cn.rid',
  length: 18,
  layouts: ['99999999999999999X'],
  isRare: true,
  isDistinctive: true,
  context,
  check: (text) => {
    const sum = weighted(text.slice(0, 17), [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
    const isBorn =
      ['18', '19', '20'].includes(text.slice(6, 8)) && isMonthAndDay(text.slice(10, 12), text.slice(12, 14))
    return isBorn && '10X98765432'[sum % 11] === text[17]
  },
})

const japanese = identifier({
  rule: 'jp.mynumber',
  length: 12,
  layouts: ['9999 9999 9999', '9999-9999-9999', '999999999999'],
  context,
  check: (digits) => {
    const rest = weighted(digits.slice(0, 11), [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
    return (rest <= 1 ? 0 : 11 - rest) === Number(digits[11])
  },
})

/** Numbers given since October 2020 have no check digit any more, so a written one is a shape. */
const korean = identifier({
  rule: 'kr.rrn',
  length: 13,
  layouts: ['999999-9999999'],
  isDistinctive: true,
  context,
  check: (digits) => {
    const isBorn =
      isMonthAndDay(digits.slice(2, 4), digits.slice(4, 6)) && '12345678'.includes(digits[6] ?? '')
    const check = (11 - (weighted(digits.slice(0, 12), [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11)) % 10
    const isRecent =
      Number(digits.slice(0, 2)) >= 20 && Number(digits.slice(0, 2)) <= 40 && '34'.includes(digits[6] ?? '')
    return isBorn && (isRecent || check === Number(digits[12]))
  },
})

const singaporean = identifier({
  rule: 'sg.nric',
  length: 9,
  layouts: ['A9999999A'],
  isRare: true,
  context,
  check: (text) => {
    const sum = weighted(text.slice(1, 8), [2, 7, 6, 5, 4, 3, 2])
    const [first, last] = [text[0] ?? '', text[8] ?? '']
    if (first === 'S' || first === 'T') return 'JZIHGFEDCBA'[(sum + (first === 'T' ? 4 : 0)) % 11] === last
    if (first === 'F' || first === 'G') return 'XWUTRQPNMLK'[(sum + (first === 'G' ? 4 : 0)) % 11] === last
    return first === 'M' && 'XWUTRQPNJLK'[10 - ((sum + 3) % 11)] === last
  },
})

const southAfrican = identifier({
  rule: 'za.id',
  length: 13,
  layouts: ['9999999999999', '999999 9999 999'],
  context,
  check: (digits) =>
    isMonthAndDay(digits.slice(2, 4), digits.slice(4, 6)) && '01'.includes(digits[10] ?? '') && luhn(digits),
})

const australianTax = identifier({
  rule: 'au.tfn',
  length: 9,
  layouts: ['999 999 999', '999-999-999', '999999999'],
  context,
  check: (digits) => !isUniform(digits) && weighted(digits, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0,
})

/** Mispar zehut: Luhn from the left, to nine digits. */
const israeli = identifier({
  rule: 'il.id',
  length: 9,
  layouts: ['999999999', '99999999-9'],
  context,
  check: (digits) => !isUniform(digits) && luhn(digits),
})

const curpCharacters = '0123456789ABCDEFGHIJKLMN\u00d1OPQRSTUVWXYZ'

/** Clave Unica de Registro de Poblacion: four letters, a date of birth, sex, state, consonants, a check digit. */
const mexican = identifier({
  rule: 'mx.curp',
  length: 18,
  layouts: ['AAAA999999AAAAAAX9'],
  isRare: true,
  isDistinctive: true,
  context,
  check: (text) => {
    const sum = Array.from(text.slice(0, 17)).reduce(
      (total, character, i) => total + curpCharacters.indexOf(character) * (18 - i),
      0,
    )
    const isDate = isMonthAndDay(text.slice(6, 8), text.slice(8, 10))
    return isDate && 'HMX'.includes(text[10] ?? '') && String((10 - (sum % 10)) % 10) === text[17]
  },
})

/** Clave Unica de Identificacion Tributaria, and Laboral: a prefix for the kind of person, a check digit. */
const argentine = identifier({
  rule: 'ar.cuit',
  length: 11,
  layouts: ['99-99999999-9', '99 99999999 9', '99999999999'],
  context,
  check: (digits) => {
    const rest = 11 - (weighted(digits.slice(0, 10), [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)
    const isKind = ['20', '23', '24', '25', '26', '27', '30', '33', '34'].includes(digits.slice(0, 2))
    return isKind && (rest === 11 ? 0 : rest) === Number(digits[10])
  },
})

export const world: readonly IdentifierRule[] = [
  israeli,
  mexican,
  argentine,
  americanSocial,
  americanTax,
  canadian,
  brazilian,
  chilean,
  indian,
  chinese,
  japanese,
  korean,
  singaporean,
  southAfrican,
  australianTax,
]
