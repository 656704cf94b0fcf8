import { base32, base64, hex, type Alphabet } from './alphabet.ts'
import { EscapeReader, goesOn, hexDigitOf, isEscapeMark, noEscape } from './escape.ts'
import { textOf } from './canonical.ts'
import type { Replacement } from './excerpt.ts'

const leastPrintable = 0.9

/** Rows of base64, base32 or hexadecimal digits that are text, decoded whole. */
export function decodedBlobs(text: string, alphabet: Alphabet): readonly Replacement[] {
  const found: Replacement[] = []
  for (let at = 0; at < text.length; at += 1) {
    if (valueOf(alphabet, text.charCodeAt(at)) < 0) continue
    let end = at + 1
    while (end < text.length && valueOf(alphabet, text.charCodeAt(end)) >= 0) end += 1
    let padded = end
    while (padded < text.length && padded < end + 6 && text.charCodeAt(padded) === 61) padded += 1
    const decoded = end - at >= alphabet.fewest ? decode(text, at, end, alphabet) : null
    if (decoded !== null) found.push({ start: at, end: padded, text: decoded })
    at = padded - 1
  }
  return found
}

export const alphabets: readonly Alphabet[] = [base64, base32, hex]

function valueOf(alphabet: Alphabet, unit: number): number {
  return unit < 128 ? (alphabet.values[unit] ?? -1) : -1
}

function decode(text: string, start: number, end: number, alphabet: Alphabet): string | null {
  const bytes: number[] = []
  let [register, count] = [0, 0]
  for (let at = start; at < end; at += 1) {
    register = ((register << alphabet.bits) | valueOf(alphabet, text.charCodeAt(at))) & 0xffff
    count += alphabet.bits
    if (count < 8) continue
    count -= 8
    bytes.push((register >> count) & 0xff)
    if (bytes.length === 64 && readable(bytes) === null) return null // bytes that are no text cost no more
  }
  return readable(bytes)
}

/** Bytes as text, UTF-8 or UTF-16 of either order; null when they are none. */
export function readable(bytes: readonly number[]): string | null {
  const candidates = [textOf(trimmed(bytes)), utf16(bytes, 0), utf16(bytes, 1)]
  return candidates.find((text) => text !== null && isPrintable(text)) ?? null
}

/** Without the beginning of a character that was cut off. */
function trimmed(bytes: readonly number[]): readonly number[] {
  let end = bytes.length
  while (end > 0 && end > bytes.length - 3 && (bytes[end - 1] ?? 0) >= 0x80) end -= 1
  return (bytes.at(-1) ?? 0) >= 0x80 && textOf(bytes) === null ? bytes.slice(0, end) : bytes
}

function utf16(bytes: readonly number[], high: 0 | 1): string | null {
  let text = ''
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    const [a, b] = [bytes[at] ?? 0, bytes[at + 1] ?? 0]
    const unit = high === 0 ? (b << 8) | a : (a << 8) | b
    if (unit >= 0x250) return null // another script than those that keys and marks are written in
    text += String.fromCharCode(unit)
  }
  return text
}

function isPrintable(text: string): boolean {
  let printable = 0
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if ((unit >= 32 && unit < 127) || unit >= 160 || (unit >= 9 && unit <= 13)) printable += 1
  }
  return text.length >= 4 && printable >= leastPrintable * text.length
}

/** Escapes of every kind; neighbours are one replacement each, so that a character in several bytes is whole. */
export function decodedEscapes(text: string): readonly Replacement[] {
  const found: Replacement[] = []
  const reader = new EscapeReader()
  for (let at = 0; at < text.length; ) {
    if (!isEscapeMark(text.charCodeAt(at))) {
      at += 1
      continue
    }
    const [start, values] = [at, [] as number[]]
    let isBytes = false
    for (;;) {
      const [end, value] = escapeAt(reader, text, at)
      if (value < 0 || (values.length > 0 && (reader.kind === 'byte') !== isBytes)) break
      isBytes = reader.kind === 'byte'
      values.push(value)
      at = end
    }
    if (values.length === 0) at += 1
    else found.push({ start, end: at, text: isBytes ? bytesAsText(values) : pointsAsText(values) })
  }
  return found
}

function escapeAt(reader: EscapeReader, text: string, at: number): readonly [end: number, value: number] {
  if (at >= text.length || !isEscapeMark(text.charCodeAt(at))) return [at, noEscape]
  reader.begin(text.charCodeAt(at))
  for (let end = at + 1; end < text.length; end += 1) {
    const value = reader.next(text.charCodeAt(end))
    if (value !== goesOn) return [end + 1, value]
  }
  return [at, noEscape]
}

function bytesAsText(bytes: readonly number[]): string {
  return textOf(bytes) ?? bytes.map((byte) => (byte < 128 ? String.fromCharCode(byte) : '\ufffd')).join('')
}

/** Halves of pairs that follow each other are one character. */
function pointsAsText(points: readonly number[]): string {
  return points.map((point) => String.fromCodePoint(point)).join('')
}

const fewestQuoted = 3

/** Quoted-printable (RFC 2045 6.7): `=41`, and `=` at the end of a line. */
export function decodedQuotedPrintable(text: string): readonly Replacement[] {
  const found: Replacement[] = []
  let quoted = 0
  for (let at = text.indexOf('='); at >= 0; at = text.indexOf('=', at + 1)) {
    if (text.charCodeAt(at + 1) === 10) {
      found.push({ start: at, end: at + 2, text: '' })
      continue
    }
    const bytes: number[] = []
    let end = at
    for (; text.charCodeAt(end) === 61; end += 3) {
      const [high, low] = [hexDigitOf(text.charCodeAt(end + 1)), hexDigitOf(text.charCodeAt(end + 2))]
      if (high < 0 || low < 0) break
      bytes.push(high * 16 + low)
    }
    if (bytes.length === 0) continue
    quoted += bytes.length
    found.push({ start: at, end, text: bytesAsText(bytes) })
    at = end - 1
  }
  return quoted >= fewestQuoted ? found : []
}
