import { base32, base64, hex, type Alphabet } from '../../normalise/alphabet.ts'
import { morseCodes } from '../../normalise/morse-code.ts'
import type { Draw } from '../draw.ts'

/** Texts in the encodings that the normaliser reads: each function is the inverse of one of its decoders. */

export function asBase64(text: string, draw: Draw): string {
  const encoded = inAlphabet(text, base64)
  if (draw.chance(0.3)) return encoded.replaceAll('+', '-').replaceAll('/', '_') // base64url (RFC 4648 5)
  return encoded + '='.repeat((4 - (encoded.length % 4)) % 4)
}

export function asBase32(text: string): string {
  const encoded = inAlphabet(text, base32)
  return encoded + '='.repeat((8 - (encoded.length % 8)) % 8)
}

export function asHex(text: string, draw: Draw): string {
  const encoded = inAlphabet(text, hex)
  return draw.chance(0.5) ? encoded : encoded.toUpperCase()
}

function inAlphabet(text: string, { bits, values }: Alphabet): string {
  let [out, register, count] = ['', 0, 0]
  const digit = (value: number) => String.fromCharCode(values.indexOf(value))
  for (const byte of Buffer.from(text)) {
    register = ((register << 8) | byte) & 0xffff
    for (count += 8; count >= bits; count -= bits)
      out += digit((register >> (count - bits)) & (2 ** bits - 1))
  }
  return count === 0 ? out : out + digit((register << (bits - count)) & (2 ** bits - 1))
}

/** Percent-encoding of all bytes, or of those that are no letters or digits (RFC 3986 2.1). */
export function asPercent(text: string, draw: Draw): string {
  if (draw.chance(0.4)) return encodeURIComponent(text)
  return Array.from(Buffer.from(text), (byte) => `%${hexOf(byte, 2)}`).join('')
}

/** References of HTML, decimal or hexadecimal, for each character. */
export function asEntities(text: string, draw: Draw): string {
  const isHex = draw.chance(0.5)
  return points(text, (point) => (isHex ? `&#x${point.toString(16)};` : `&#${point};`))
}

/** Escapes of programming languages: `\u0069`, or `\x69` where the text is ASCII. */
export function asEscapes(text: string, draw: Draw): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))
  const isShort = draw.chance(0.5) && units.every((unit) => unit < 128)
  return units.map((unit) => (isShort ? `\\x${hexOf(unit, 2)}` : `\\u${hexOf(unit, 4)}`)).join('')
}

/** Quoted-printable (RFC 2045 6.7) in which letters are encoded too. */
export function asQuotedPrintable(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `=${hexOf(byte, 2).toUpperCase()}`).join('')
}

/** Codes of characters as numbers with spaces or commas between them. */
export function asCodes(text: string, draw: Draw): string {
  const base = draw.oneOf([10, 8, 16])
  const separator = draw.oneOf([' ', ', ', ','])
  return Array.from({ length: text.length }, (_, at) =>
    text
      .charCodeAt(at)
      .toString(base)
      .padStart(base === 10 ? 1 : base === 8 ? 3 : 2, '0'),
  ).join(separator)
}

/** Morse code, words with a stroke between them; what it has no code for is left out. */
export function asMorse(text: string): string {
  const words = text
    .toLowerCase()
    .split(' ')
    .flatMap((part) => part.split('\n'))
  const signs = words.map((word) =>
    Array.from(word)
      .map((letter) => morseCodes.get(letter) ?? '')
      .filter((sign) => sign !== '')
      .join(' '),
  )
  return signs.filter((sign) => sign !== '').join(' / ')
}

/** ROT13 of the ASCII letters. */
export function asRot13(text: string): string {
  return points(text, (point, character) => {
    const first = point & 96
    const place = point - first - 1
    const isLetter = point < 123 && first >= 64 && place >= 0 && place < 26
    return isLetter ? String.fromCharCode(first + 1 + ((place + 13) % 26)) : character
  })
}

function hexOf(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

function points(text: string, write: (point: number, character: string) => string): string {
  return Array.from(text, (character) => write(character.codePointAt(0) ?? 0, character)).join('')
}
