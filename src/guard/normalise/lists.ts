import { hexDigitOf } from './escape.ts'
import type { Replacement } from './excerpt.ts'
import { morseCodes } from './morse-code.ts'

const fewestCodes = 8
/** So many codes of characters by chance are no chance, letters or not. */
const fewestOfSigns = 24
const fewestLetters = 8

/** Characters by their codes: decimal, octal or hexadecimal numbers with one kind of separator between them. */
export function decodedLists(text: string): readonly Replacement[] {
  const found: Replacement[] = []
  for (let at = 0; at < text.length; ) {
    if (!isDigitOf(16, text.charCodeAt(at)) || isDigitOf(16, text.charCodeAt(at - 1))) {
      at += 1
      continue
    }
    const list = listAt(text, at)
    const decoded = list.codes.length >= fewestCodes ? asText(list.codes) : null
    if (decoded !== null) found.push({ start: at, end: list.end, text: decoded })
    at = list.end
  }
  return found
}

function listAt(text: string, start: number): { readonly codes: readonly string[]; readonly end: number } {
  const codes: string[] = []
  let at = start
  for (;;) {
    const from = text.charAt(at) === '0' && 'xX'.includes(text.charAt(at + 1) || '-') ? at + 2 : at
    let end = from
    while (end < text.length && end < from + 4 && isDigitOf(16, text.charCodeAt(end))) end += 1
    if (end === from) break
    codes.push(text.slice(from, end))
    at = end
    let next = end
    while (next < end + 3 && ' ,;:\n-'.includes(text.charAt(next) || '-!')) next += 1
    if (next === end || !isDigitOf(16, text.charCodeAt(next))) break
    at = next
  }
  return { codes, end: Math.max(at, start + 1) }
}

/** Whether all codes are letters, digits, signs or spaces in one notation, most of them letters. */
function asText(codes: readonly string[]): string | null {
  for (const [base, length] of [
    [10, 3],
    [16, 2],
    [8, 3],
  ] as const) {
    if (
      !codes.every(
        (code) =>
          code.length <= length && Array.from(code).every((digit) => isDigitOf(base, digit.charCodeAt(0))),
      )
    )
      continue
    const values = codes.map((code) => Number.parseInt(code, base))
    if (!values.every((value) => (value >= 32 && value < 127) || value === 10)) continue
    const letters = values.filter((value) => (value | 32) >= 97 && (value | 32) <= 122).length
    if (letters * 2 >= values.length || values.length >= fewestOfSigns) return String.fromCharCode(...values)
  }
  return null
}

function isDigitOf(base: number, unit: number): boolean {
  const value = hexDigitOf(unit)
  return value >= 0 && value < base
}

const morse: ReadonlyMap<string, string> = new Map(Array.from(morseCodes, ([sign, code]) => [code, sign]))

/** Morse code (ITU-R M.1677): letters with a space, words with a stroke or a line between them. */
export function decodedMorse(text: string): readonly Replacement[] {
  const found: Replacement[] = []
  for (let at = 0; at < text.length; at += 1) {
    if (!'.-'.includes(text.charAt(at))) continue
    let end = at
    while (end < text.length && '.-/ \n|'.includes(text.charAt(end))) end += 1
    const decoded = morseText(text.slice(at, end))
    if (decoded !== null) found.push({ start: at, end, text: decoded })
    at = end
  }
  return found
}

/** Stands for signs that are no code. */
const unknown = '\ufffd'

function morseText(signs: string): string | null {
  if (signs.length < 2 * fewestLetters) return null
  const words = signs.replaceAll('\n', '/').replaceAll('|', '/').split('/')
  const letters = words.map((word) =>
    word
      .split(' ')
      .filter((sign) => sign !== '')
      .map((sign) => morse.get(sign) ?? unknown),
  )
  const all = letters.flat()
  if (all.length < fewestLetters || all.includes(unknown)) return null
  // A rule of dashes or of dots is no word.
  return new Set(all).size < 4 ? null : ` ${letters.map((word) => word.join('')).join(' ')} `
}
