import type { IdentifierRule } from '../stream/scan-plan.ts'
import { isDigits, isUniform } from './check-digits.ts'
import { numbersIn } from './numbers-in.ts'

/** Country calling codes (ITU-T E.164 list), as far as the first digits tell one apart from other numbers. */
const callingCodes = new Set(
  `1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90
  91 92 93 94 95 98 211 212 213 216 218 220 221 225 233 234 237 244 254 255 256 260 263 351 352 353 354 355 356 357 358
  359 370 371 372 373 374 375 376 377 380 381 382 383 385 386 387 389 420 421 423 501 502 503 504 505 506 507 509 591
  593 595 598 852 853 855 856 880 886 960 961 962 963 964 965 966 967 968 971 972 973 974 975 976 977 992 993 994 995
  996 998`
    .split(' ')
    .map((code) => code.trim())
    .filter((code) => code !== ''),
)
const plus = 43

/** Pairs, and threes with pairs: how eight digits are written where numbers are so short (Denmark, Norway, Singapore …). */
const shortGroups: ReadonlySet<string> = new Set(['2,2,2,2', '3,2,3', '4,4', '1,3,4'])

/** A telephone number: international with its plus (E.164), or any of eight to thirteen digits behind a word that says so. */
const phone: IdentifierRule = {
  rule: 'phone',
  minLength: 7,
  maxLength: 15,
  joints: [0, 1, 2, 3, 4, 5, 6],
  isDistinctive: false,
  context: 'phone',
  matches: (compact, written, before) => {
    if (!isDigits(compact) || isUniform(compact)) return null
    if (before !== plus) {
      if (written.split('.').length === 4) return null // an address of the internet
      const groups = numbersIn(written).map((group) => group.length)
      if (groups.join(',').startsWith('4,2,2')) return null // a date
      if (compact.length === 8) return shortGroups.has(groups.join(',')) ? 'plain_shape' : null
      return compact.length >= 9 && compact.length <= 13 ? 'plain_shape' : null
    }
    const isCode = [1, 2, 3].some((length) => callingCodes.has(compact.slice(0, length)))
    return isCode && compact.length >= 8 ? 'check' : null
  },
}

/** Addresses that are nobody's: private, loopback, link-local, documentation, multicast and reserved (RFC 6890). */
const nobodys: readonly (readonly [first: number, second: number | null])[] = [
  [0, null],
  [10, null],
  [127, null],
  [169, 254],
  [192, 0],
  [192, 168],
  [198, 18],
  [198, 19],
  [198, 51],
  [203, 0],
]

/** A public IPv4 address. */
const ipv4: IdentifierRule = {
  rule: 'ipv4',
  minLength: 6,
  maxLength: 12,
  joints: [3],
  isDistinctive: false,
  context: 'address',
  matches: (_compact, written) => {
    const parts = written.split('.')
    const isAddress =
      parts.length === 4 &&
      parts.every((part) => isDigits(part) && Number(part) <= 255 && part === String(Number(part)))
    const [first, second] = [Number(parts[0]), Number(parts[1])]
    if (!isAddress || first >= 224 || (first === 172 && second >= 16 && second < 32)) return null
    return nobodys.some(([a, b]) => a === first && (b === null || b === second)) ? null : 'shape'
  },
}

export const contact: readonly IdentifierRule[] = [phone, ipv4]
