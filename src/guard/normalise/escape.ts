import { isDigit, isLetter } from '../stream/candidate.ts'

/** The escape goes on. */
export const goesOn = -1
/** It is no escape. */
export const noEscape = -2

export type EscapeKind = 'byte' | 'unit' | 'point'

/** Names of entities for characters that keys and marks are made of (HTML Living Standard 13.5), with their code points. */
const entities: ReadonlyMap<string, number> = new Map(
  Object.entries({
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
    nbsp: ' ',
    Tab: '\t',
    NewLine: '\n',
    excl: '!',
    num: '#',
    dollar: '$',
    percnt: '%',
    lpar: '(',
    rpar: ')',
    ast: '*',
    plus: '+',
    comma: ',',
    hyphen: '-',
    dash: '-',
    period: '.',
    sol: '/',
    colon: ':',
    semi: ';',
    equals: '=',
    quest: '?',
    commat: '@',
    lsqb: '[',
    lbrack: '[',
    bsol: '\\',
    rsqb: ']',
    rbrack: ']',
    lowbar: '_',
    lcub: '{',
    lbrace: '{',
    vert: '|',
    verbar: '|',
    rcub: '}',
    rbrace: '}',
    shy: '\u00ad',
    zwnj: '\u200c',
    zwj: '\u200d',
    ZeroWidthSpace: '\u200b',
  }).map(([name, character]) => [name, character.charCodeAt(0)]),
)
const longestName = 14
/** What an escape may begin with. */
export const escapeMarks = ['%', '&', '\\']
const [percent, ampersand, backslash] = [37, 38, 92]

/** Whether an escape may begin with it: `%41`, `&#65;`, `\x41`. */
export function isEscapeMark(unit: number): boolean {
  return unit === percent || unit === ampersand || unit === backslash
}

/**
 * Reads one escape, unit by unit: percent-encoding (RFC 3986 2.1), a character reference of HTML, or `\xHH`, `\uHHHH`,
 * `\u{H…}`, `\UHHHHHHHH` as programming languages have them.
 */
export class EscapeReader {
  #mark = 0
  #read = ''
  #needed = 0 // hexadecimal digits; 0: up to a closing sign
  #value = 0
  #digits = 0
  kind: EscapeKind = 'point'

  /** `mark` was read, with which an escape may begin. */
  begin(mark: number): void {
    this.#mark = mark
    this.#read = ''
    this.#needed = mark === percent ? 2 : 0
    this.#value = this.#digits = 0
    this.kind = mark === percent ? 'byte' : 'point'
  }

  /** The value that the escape ends with; `goesOn` or `noEscape`. What kind of value it is, `kind` says. */
  next(unit: number): number {
    if (this.#mark === ampersand) return this.#nextOfEntity(unit)
    if (this.#mark === backslash && this.#read === '') return this.#nextOfBackslash(unit)
    if (this.#read === 'u' && this.#digits === 0 && unit === 123) {
      this.#read = 'u{'
      this.#needed = 0
      this.kind = 'point'
      return goesOn
    }
    if (this.#read === 'u{' && unit === 125) return this.#digits > 0 ? this.#point() : noEscape
    return this.#nextOfDigits(unit)
  }

  #nextOfBackslash(unit: number): number {
    const letter = String.fromCharCode(unit)
    if (letter !== 'x' && letter !== 'u' && letter !== 'U') return noEscape
    this.#read = letter
    this.#needed = letter === 'x' ? 2 : letter === 'u' ? 4 : 8
    this.kind = letter === 'x' ? 'byte' : letter === 'u' ? 'unit' : 'point'
    return goesOn
  }

  #nextOfDigits(unit: number): number {
    const digit = hexDigitOf(unit)
    if (digit < 0 || this.#digits >= 8) return noEscape
    this.#value = this.#value * 16 + digit
    this.#digits += 1
    return this.#digits === this.#needed ? this.#point() : goesOn
  }

  #nextOfEntity(unit: number): number {
    if (unit === 59) return this.#entity()
    if (this.#read.length >= longestName) return noEscape
    if (!isLetter(unit) && !isDigit(unit) && !(unit === 35 && this.#read === '')) return noEscape
    this.#read += String.fromCharCode(unit)
    return goesOn
  }

  #entity(): number {
    const name = this.#read
    if (!name.startsWith('#')) return entities.get(name) ?? noEscape
    const isHex = name[1] === 'x' || name[1] === 'X'
    const digits = name.slice(isHex ? 2 : 1)
    if (digits === '') return noEscape
    this.#value = 0
    for (let i = 0; i < digits.length; i += 1) {
      const digit = hexDigitOf(digits.charCodeAt(i))
      if (digit < 0 || (!isHex && digit > 9)) return noEscape
      this.#value = this.#value * (isHex ? 16 : 10) + digit
    }
    return this.#point()
  }

  #point(): number {
    return this.#value <= 0x10ffff ? this.#value : noEscape
  }
}

/** The value of a hexadecimal digit; -1 when it is none. */
export function hexDigitOf(unit: number): number {
  if (isDigit(unit)) return unit - 48
  const lower = unit | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}
