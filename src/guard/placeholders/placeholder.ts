import type { Span } from '../text.ts'

/**
 * What stands in a text for a value that is kept back and can be given back, such as `[EMAIL_7K2FQ]`: a type of capitals,
 * and a code of 25 bits in the alphabet of RFC 4648 section 6.
 */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
export const codeLength = 5
const longestType = 24
/** Longest placeholder, brackets included: what is longer is none, so that no more of a stream waits. */
export const longestPlaceholder = longestType + codeLength + 3

/** The type under which a text is replaced that only looks like a placeholder. */
export const lookAlike = 'text'

/** The type in a placeholder of what a rule finds: `us.ssn` is `US_SSN`. */
export function typeOf(rule: string): string {
  let type = ''
  for (const character of rule.toUpperCase()) type += isTypeUnit(character.charCodeAt(0)) ? character : '_'
  return type.slice(0, longestType)
}

/** The placeholder of a type whose code is the first 25 bits of `bytes`. */
export function placeholderOf(type: string, bytes: Uint8Array): string {
  const bits =
    ((bytes[0] ?? 0) << 17) | ((bytes[1] ?? 0) << 9) | ((bytes[2] ?? 0) << 1) | ((bytes[3] ?? 0) >> 7)
  let code = ''
  for (let shift = 20; shift >= 0; shift -= 5) code += alphabet.charAt((bits >> shift) & 31)
  return `[${type}_${code}]`
}

/** Everything in a text that has the form of a placeholder, in order, whoever wrote it. */
export function placeholdersIn(text: string): readonly Span[] {
  if (!text.includes('[')) return []
  const scan = new PlaceholderScan()
  return scan.push(text)
}

/**
 * Finds what has the form of a placeholder in a text that comes in pieces of any size.
 * INVARIANT: what is found depends on the text alone, and no unit of it was called safe before it was found.
 */
export class PlaceholderScan {
  #consumed = 0
  #open = ''

  /** How many units, from the beginning, can be part of no placeholder that is still to come. */
  get safe(): number {
    return this.#consumed - this.#open.length
  }

  /** Answers what has ended in this piece, by its place in the whole text. */
  push(piece: string): readonly Span[] {
    const found: Span[] = []
    for (let i = 0; i < piece.length; i += 1) {
      const unit = piece.charCodeAt(i)
      if (this.#open === '') {
        if (unit === opening) this.#open = '['
        else {
          const next = piece.indexOf('[', i)
          if (next < 0) break
          i = next - 1
        }
        continue
      }
      if (unit === closing) {
        const end = this.#consumed + i + 1
        if (isBody(this.#open.slice(1))) found.push({ start: end - this.#open.length - 1, end })
        this.#open = ''
      } else if (unit === opening) this.#open = '['
      else if (isTypeUnit(unit) && this.#open.length < longestPlaceholder - 1) this.#open += piece.charAt(i)
      else this.#open = ''
    }
    this.#consumed += piece.length
    return found
  }

  /** The text is over: what was begun is none. */
  end(): void {
    this.#open = ''
  }
}

const [opening, closing, underscore] = [91, 93, 95]

function isBody(body: string): boolean {
  const [type, code] = [body.slice(0, -codeLength - 1), body.slice(-codeLength)]
  const isCode = code.split('').every((character) => alphabet.includes(character))
  return isCapital(type.charCodeAt(0)) && body.charCodeAt(type.length) === underscore && isCode
}

function isCapital(unit: number): boolean {
  return unit >= 65 && unit <= 90
}

function isTypeUnit(unit: number): boolean {
  return isCapital(unit) || (unit >= 48 && unit <= 57) || unit === underscore
}
