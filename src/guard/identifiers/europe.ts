import type { IdentifierRule } from '../stream/scan-plan.ts'
import {
  isDigits,
  isMonthAndDay,
  isUniform,
  luhn,
  mod11And10,
  remainder,
  valuesOf,
  weighted,
} from './check-digits.ts'
import { identifier } from './rule.ts'

const context = 'person'

/** Steuerliche Identifikationsnummer: of the first ten digits one occurs twice or thrice, the others once (§ 139b AO). */
const germanTax = identifier({
  rule: 'de.steuer-id',
  length: 11,
  layouts: ['99999999999', '99 999 999 999'],
  context,
  check: (digits) => {
    const counts = '0123456789'.split('').map((digit) => digits.slice(0, 10).split(digit).length - 1)
    const isMixed = counts.filter((count) => count > 1).length === 1 && Math.max(...counts) <= 3
    return digits[0] !== '0' && isMixed && mod11And10(digits)
  },
})

/** Numéro d'inscription au répertoire: sex, year, month, department, commune, order, key of two digits. */
const frenchSocial = identifier({
  rule: 'fr.nir',
  length: 15,
  layouts: [
    '9 99 99 99 999 999 99',
    '9 99 99 9A 999 999 99',
    '9999999999999 99',
    '999999999999999',
    '999999A99999999',
  ],
  isRare: true,
  context,
  check: (digits) => {
    const number = digits.replace('2A', '19').replace('2B', '18')
    const month = Number(number.slice(3, 5))
    const isMonth = (month >= 1 && month <= 12) || (month >= 20 && month <= 42) || month >= 50
    if (!'1234789'.includes(digits[0] ?? '') || !isMonth || !isDigits(number)) return false
    return 97 - remainder(number.slice(0, 13), 97) === Number(number.slice(13))
  },
})

const spanishLetters = 'TRWAGMYFPDXBNJZSQVHLCKE'
const hasSpanishLetter = (digits: string, letter: string) => spanishLetters[Number(digits) % 23] === letter

const spanishNational = identifier({
  rule: 'es.dni',
  length: 9,
  layouts: ['99999999A', '99999999-A', '99999999 A', '99.999.999-A'],
  isRare: true,
  context,
  check: (text) => hasSpanishLetter(text.slice(0, 8), text.slice(8)),
})
const spanishForeigner = identifier({
  rule: 'es.nie',
  length: 9,
  layouts: ['A9999999A', 'A-9999999-A', 'A-9999999A'],
  isRare: true,
  context,
  check: (text) => {
    const first = 'XYZ'.indexOf(text[0] ?? '')
    return first >= 0 && hasSpanishLetter(`${first}${text.slice(1, 8)}`, text.slice(8))
  },
})

const italianOdd = [
  1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
]
/** Codice fiscale; digits may be replaced by letters where two people have the same one (D.M. 23 December 1976). */
const italianTax = identifier({
  rule: 'it.cf',
  length: 16,
  layouts: ['AAAAAAXXAXXAXXXA', 'AAA AAA XXAXX AXXXA'],
  isRare: true,
  isDistinctive: true,
  context,
  check: (text) => {
    const sum = text
      .slice(0, 15)
      .split('')
      .reduce((total, character, i) => {
        const value = Number.parseInt(character, 36) // a digit counts as the letter at its place
        const place = value > 9 ? value - 10 : value
        return total + (i % 2 === 0 ? (italianOdd[place] ?? 0) : place)
      }, 0)
    return 'ABCDEHLMPRST'.includes(text[8] ?? '') && String.fromCharCode(65 + (sum % 26)) === text[15]
  },
})

/** Burgerservicenummer: the eleven test, with -1 for the last digit. */
const dutch = identifier({
  rule: 'nl.bsn',
  length: 9,
  layouts: ['999999999', '9999.99.999', '999 999 999'],
  context,
  check: (digits) => !isUniform(digits) && weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0,
})

/** Rijksregisternummer: births from 2000 put a 2 in front before the remainder is taken. */
const belgian = identifier({
  rule: 'be.nrn',
  length: 11,
  layouts: ['99.99.99-999.99', '99999999999'],
  context,
  check: (digits) => {
    const key = Number(digits.slice(9))
    const isKey = ['', '2'].some((century) => 97 - remainder(century + digits.slice(0, 9), 97) === key)
    return isMonthOf(digits.slice(2, 4), [0, 20, 40]) && isKey
  },
})

const polish = identifier({
  rule: 'pl.pesel',
  length: 11,
  layouts: ['99999999999'],
  context,
  check: (digits) =>
    isMonthOf(digits.slice(2, 4), [0, 20, 40, 60, 80]) &&
    isDayOf(digits.slice(4, 6)) &&
    weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0,
})

const swedish = identifier({
  rule: 'se.personnummer',
  length: [10, 12],
  layouts: ['999999-9999', '99999999-9999', '9999999999', '999999999999'],
  context,
  check: (digits) => {
    const short = digits.slice(-10)
    const day = Number(short.slice(4, 6))
    // A coordination number adds 60 to the day.
    return isMonthAndDay(short.slice(2, 4), String(day > 60 ? day - 60 : day)) && luhn(short)
  },
})

const finnishKeys = '0123456789ABCDEFHJKLMNPRSTUVWXY'
const finnish = identifier({
  rule: 'fi.hetu',
  length: [10, 11],
  layouts: ['999999-999X', '999999A999X'],
  isRare: true,
  isDistinctive: true,
  context,
  check: (text) => {
    const number = text.slice(0, 6) + text.slice(-4, -1)
    const isSign = text.length === 10 || 'ABCDEFYXWVU'.includes(text[6] ?? '')
    return (
      isSign &&
      isMonthAndDay(text.slice(2, 4), text.slice(0, 2)) &&
      finnishKeys[Number(number) % 31] === text.at(-1)
    )
  },
})

/** Fødselsnummer: two check digits; a D-number adds 40 to the day. */
const norwegian = identifier({
  rule: 'no.fnr',
  length: 11,
  layouts: ['99999999999', '999999 99999'],
  context,
  check: (digits) => {
    const day = Number(digits.slice(0, 2))
    return (
      isMonthAndDay(digits.slice(2, 4), String(day > 40 ? day - 40 : day)) &&
      weighted(digits, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 === 0 &&
      weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0
    )
  },
})

/** The civil registration number has had no check digit since 2007. */
const danish = identifier({
  rule: 'dk.cpr',
  length: 10,
  layouts: ['999999-9999', '9999999999'],
  context,
  check: (digits) => isMonthAndDay(digits.slice(2, 4), digits.slice(0, 2)),
})

const portuguese = identifier({
  rule: 'pt.nif',
  length: 9,
  layouts: ['999999999', '999 999 999'],
  context,
  check: (digits) => {
    const rest = 11 - (weighted(digits.slice(0, 8), [9, 8, 7, 6, 5, 4, 3, 2]) % 11)
    return '1235689'.includes(digits[0] ?? '') && (rest > 9 ? 0 : rest) === Number(digits[8])
  },
})

const irish = identifier({
  rule: 'ie.pps',
  length: [8, 9],
  layouts: ['9999999A', '9999999AA'],
  isRare: true,
  context,
  check: (text) => {
    const second = text.length === 9 ? (text.charCodeAt(8) - 64) * 9 : 0
    const sum = weighted(text.slice(0, 7), [8, 7, 6, 5, 4, 3, 2]) + second
    return 'WABCDEFGHIJKLMNOPQRSTUV'[sum % 23] === text[7]
  },
})

/** AHV-Nummer: an EAN-13 under the prefix of Switzerland. */
const swiss = identifier({
  rule: 'ch.ahv',
  length: 13,
  layouts: ['999.9999.9999.99', '999 9999 9999 99', '9999999999999'],
  isRare: true,
  isDistinctive: true,
  context,
  check: (digits) =>
    digits.startsWith('756') && weighted(digits, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0,
})

/** Sozialversicherungsnummer: the check digit stands fourth, and a remainder of ten is not issued. */
const austrian = identifier({
  rule: 'at.svnr',
  length: 10,
  layouts: ['9999 999999', '9999999999', '9999-999999'],
  context,
  check: (digits) =>
    isDayOf(digits.slice(4, 6)) &&
    weighted(digits, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 === Number(digits[3]) &&
    digits[0] !== '0',
})

const czech = identifier({
  rule: 'cz.rc',
  length: 10,
  layouts: ['999999/9999', '9999999999'],
  context,
  check: (digits) => isMonthOf(digits.slice(2, 4), [0, 20, 50, 70]) && remainder(digits, 11) === 0,
})

const romanian = identifier({
  rule: 'ro.cnp',
  length: 13,
  layouts: ['9999999999999'],
  context,
  check: (digits) => {
    const rest = weighted(digits.slice(0, 12), [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11
    const isDate = isMonthAndDay(digits.slice(3, 5), digits.slice(5, 7))
    return digits[0] !== '0' && isDate && (rest === 10 ? 1 : rest) === Number(digits[12])
  },
})

const bulgarian = identifier({
  rule: 'bg.egn',
  length: 10,
  layouts: ['9999999999'],
  context,
  check: (digits) =>
    isMonthOf(digits.slice(2, 4), [0, 20, 40]) &&
    isDayOf(digits.slice(4, 6)) &&
    (weighted(digits.slice(0, 9), [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10 === Number(digits[9]),
})

const turkish = identifier({
  rule: 'tr.tckn',
  length: 11,
  layouts: ['99999999999'],
  context,
  check: (digits) => {
    const d = valuesOf(digits)
    const at = (i: number) => d[i] ?? 0
    const odd = at(0) + at(2) + at(4) + at(6) + at(8)
    const even = at(1) + at(3) + at(5) + at(7)
    const tenth = (((odd * 7 - even) % 10) + 10) % 10
    return at(0) !== 0 && tenth === at(9) && (odd + even + at(9)) % 10 === at(10)
  },
})

/** National Insurance number: no check digit, and prefixes that are not given out. */
const british = identifier({
  rule: 'gb.nino',
  length: 9,
  layouts: ['AA999999A', 'AA 99 99 99 A'],
  context,
  check: (text) => {
    const [first, second] = [text[0] ?? '', text[1] ?? '']
    const isGiven = !'DFIQUV'.includes(first) && !'DFIQUVO'.includes(second)
    return (
      isGiven &&
      !['BG', 'GB', 'NK', 'KN', 'TN', 'NT', 'ZZ'].includes(first + second) &&
      'ABCD'.includes(text[8] ?? '')
    )
  },
})

export const europe: readonly IdentifierRule[] = [
  germanTax,
  frenchSocial,
  spanishNational,
  spanishForeigner,
  italianTax,
  dutch,
  belgian,
  polish,
  swedish,
  finnish,
  norwegian,
  danish,
  portuguese,
  irish,
  swiss,
  austrian,
  czech,
  romanian,
  bulgarian,
  turkish,
  british,
]

/** Whether a month stands there, with what some registers add to it for a sex or a century. */
function isMonthOf(text: string, added: readonly number[]): boolean {
  return added.some((more) => Number(text) - more >= 1 && Number(text) - more <= 12)
}

function isDayOf(text: string): boolean {
  return Number(text) >= 1 && Number(text) <= 31
}
