import { isDigit, isLetter, isUpperLetter } from '../stream/candidate.ts'
import type { Trigger } from '../stream/scan-plan.ts'
import { isMonthAndDay } from './check-digits.ts'
import { isCountry } from './countries.ts'
import { labelled } from './labelled.ts'
import { numbersIn } from './numbers-in.ts'

const dates = [
  '[digit*1-2]/[digit*1-2]/[digit*4]',
  '[digit*1-2]/[digit*1-2]/[digit*2]',
  '[digit*1-2].[digit*1-2].[digit*4]',
  '[digit*1-2].[digit*1-2].[digit*2]',
  '[digit*1-2]-[digit*1-2]-[digit*4]',
  '[digit*4]-[digit*2]-[digit*2]',
  '[digit*4]/[digit*1-2]/[digit*1-2]',
  '[digit*1-2] [letter*3-9] [digit*4]',
  '[digit*1-2]-[letter*3]-[digit*4]',
  '[digit*1-2]. [letter*3-9] [digit*4]',
  '[letter*3-9] [digit*1-2], [digit*4]',
  '[letter*3-9] [digit*1-2] [digit*4]',
]

/** What words in front tell, and nothing else: dates of birth, numbers of records, documents and vehicles, codes. */
export const labelledTriggers: readonly Trigger[] = [
  ...labelled({
    rule: 'date-of-birth',
    words: [
      'date of birth',
      'birth date',
      'birthdate',
      'birthday',
      'dob',
      'd.o.b.',
      'born on',
      'born',
      'geburtsdatum',
      'geboren am',
      'date de naissance',
      'né le',
      'née le',
      'fecha de nacimiento',
      'nacido el',
      'data di nascita',
      'nato il',
      'data de nascimento',
      'geboortedatum',
      'data urodzenia',
      'doğum tarihi',
      'födelsedatum',
      'дата рождения',
      '生年月日',
      '出生日期',
    ],
    forms: dates,
    sureness: 'likely',
    isOne: isDateOfBirth,
  }),
  ...labelled({
    rule: 'health.record',
    words: [
      'mrn',
      'medical record',
      'patient id',
      'patient number',
      'patient no',
      'chart number',
      'health record',
    ],
    forms: ['[alnum*5-12]', '[letter*1-4]-[digit*4-10]', '[digit*2-4]-[digit*2-4]-[digit*2-4]'],
    sureness: 'likely',
    isOne: (written) => digitsIn(written) >= 4,
  }),
  ...labelled({
    rule: 'health.icd10',
    words: ['icd-10', 'icd10', 'icd', 'icd-10-cm', 'diagnosis', 'diagnose', 'diagnostic', 'dx'],
    forms: ['[letter*1][digit*2].[alnum*1-4]', '[letter*1][digit*1][letter*1].[alnum*1-4]'],
    sureness: 'likely',
    isOne: (written) => isUpperLetter(written.charCodeAt(0)),
  }),
  ...labelled({
    rule: 'bic',
    words: ['bic', 'swift', 'bic/swift', 'swift/bic'],
    forms: ['[letter*6][alnum*2]', '[letter*6][alnum*5]'],
    sureness: 'likely',
    isOne: (written) => written === written.toUpperCase() && isCountry(written.slice(4, 6)),
  }),
  ...labelled({
    rule: 'mac-address',
    words: [
      'mac',
      'hwaddr',
      'ether',
      'bssid',
      'physical address',
      'hardware address',
      'macaddress',
      'mac_address',
    ],
    forms: [
      '[hexany*2]:[hexany*2]:[hexany*2]:[hexany*2]:[hexany*2]:[hexany*2]',
      '[hexany*2]-[hexany*2]-[hexany*2]-[hexany*2]-[hexany*2]-[hexany*2]',
      '[hexany*4].[hexany*4].[hexany*4]',
    ],
    sureness: 'likely',
  }),
  ...labelled({
    rule: 'ipv6',
    words: ['ip', 'ipv6', 'ip address', 'ip_address', 'client'],
    forms: [
      '[hexany*1-4]:[hexany*1-4]:[hexany*1-4]:[hexany*1-4]:[hexany*1-4]:[hexany*1-4]:[hexany*1-4]:[hexany*1-4]',
    ],
    sureness: 'likely',
    isOne: (written) => !written.startsWith('2001:'), // told by its first group
  }),
  ...labelled({
    rule: 'vehicle-plate',
    words: [
      'license plate',
      'licence plate',
      'number plate',
      'plate number',
      'plate',
      'vehicle registration',
      'kennzeichen',
      'matrícula',
      'targa',
      'immatriculation',
      'kenteken',
    ],
    forms: [
      '[letter*2][digit*2] [letter*3]',
      '[letter*1-3]-[letter*1-2] [digit*1-4]',
      '[letter*1-3]-[letter*1-2]-[digit*1-4]',
      '[letter*2]-[digit*3]-[letter*2]',
      '[digit*4] [letter*3]',
      '[letter*2] [digit*3] [letter*2]',
      '[letter*3]-[digit*3-4]',
      '[letter*3] [digit*3-4]',
      '[alnum*2]-[alnum*2-3]-[alnum*1-2]',
      '[alnum*6-8]',
    ],
    sureness: 'likely',
    isOne: (written) =>
      written === written.toUpperCase() && digitsIn(written) >= 1 && lettersIn(written) >= 2,
  }),
  ...labelled({
    rule: 'passport',
    words: [
      'passport',
      'reisepass',
      'reisepassnummer',
      'passeport',
      'pasaporte',
      'passaporto',
      'paspoort',
      'paszport',
    ],
    forms: ['[alnum*7-10]'],
    sureness: 'likely',
    isOne: (written) => digitsIn(written) >= 5 && written === written.toUpperCase(),
  }),
  ...labelled({
    rule: 'driving-licence',
    words: [
      "driver's license",
      'drivers license',
      'driver license',
      'driving licence',
      'driving license',
      'führerschein',
    ],
    forms: [
      '[alnum*6-16]',
      '[letter*1][digit*3]-[digit*4]-[digit*4]',
      '[letter*1][digit*4]-[digit*5]-[digit*5]',
    ],
    sureness: 'likely',
    isOne: (written) => digitsIn(written) >= 4 && written === written.toUpperCase(),
  }),
  ...labelled({
    rule: 'postal-code',
    words: [
      'postcode',
      'post code',
      'postal code',
      'postalcode',
      'postal_code',
      'zip code',
      'zipcode',
      'zip',
      'plz',
      'postleitzahl',
      'code postal',
      'código postal',
      'codice postale',
      'kod pocztowy',
      'cep',
      'pin code',
    ],
    forms: [
      '[letter*1-2][digit*1-2] [digit*1][letter*2]',
      '[letter*1-2][digit*1][letter*1] [digit*1][letter*2]',
      '[letter*1][digit*1][letter*1] [digit*1][letter*1][digit*1]',
      '[digit*5]-[digit*4]',
      '[digit*5]-[digit*3]',
      '[digit*2]-[digit*3]',
      '[digit*3]-[digit*4]',
      '[digit*3] [digit*2]',
      '[digit*4] [letter*2]',
      '[digit*4-6]',
    ],
    sureness: 'possible',
    isOne: (written) => written === written.toUpperCase(),
  }),
]

function digitsIn(text: string): number {
  return text.split('').filter((character) => isDigit(character.charCodeAt(0))).length
}

function lettersIn(text: string): number {
  return text.split('').filter((character) => isLetter(character.charCodeAt(0))).length
}

/** A date of which somebody may have been born: a month and a day in either order, a year of this century or the last. */
function isDateOfBirth(written: string): boolean {
  const numbers = numbersIn(written)
  const year = numbers.find((number) => number.length === 4)
  if (year !== undefined && (Number(year) < 1_900 || Number(year) > 2_030)) return false
  const others = numbers.filter((number) => number !== year).slice(0, 2)
  const [first = '', second = first] = others
  if (numbers.length === 2) return Number(first) >= 1 && Number(first) <= 31 // the month is a word
  return isMonthAndDay(first, second) || isMonthAndDay(second, first)
}
