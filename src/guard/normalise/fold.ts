/**
 * One code point at a time, so that a text that arrives in pieces reads as the whole one does: compatibility
 * decomposition without composition (Unicode Standard Annex 15, NFKD), marks and what cannot be seen left out, tag
 * characters as the letters that they stand for.
 */
const known = new Map<number, string>()
const mostKnown = 4_096

/** What stands for `codePoint`, which is not ASCII; the empty text when it is left out. Case is kept. */
export function foldCodePoint(codePoint: number): string {
  const found = known.get(codePoint)
  if (found !== undefined) return found
  const folded = folded1(codePoint)
  if (known.size >= mostKnown) known.clear()
  known.set(codePoint, folded)
  return folded
}

/** A whole text as it is read; case is kept. */
export function foldText(text: string): string {
  let folded = ''
  for (const part of text) {
    const point = part.codePointAt(0) ?? 0
    folded += point < 128 ? part : foldCodePoint(point)
  }
  return folded
}

const firstTag = 0xe0020
const lastTag = 0xe007e

function folded1(codePoint: number): string {
  if (codePoint >= firstTag && codePoint <= lastTag) return String.fromCharCode(codePoint - 0xe0000)
  if (isIgnorablePoint(codePoint)) return ''
  if (codePoint >= 0xd800 && codePoint <= 0xdfff) return '\ufffd'
  let text = ''
  for (const part of String.fromCodePoint(codePoint).normalize('NFKD')) {
    const point = part.codePointAt(0) ?? 0
    if (!isMarkPoint(point) && !isIgnorablePoint(point)) text += isSpace(point) ? ' ' : part
  }
  return text
}

/** Whether it is drawn as nothing and separates nothing. */
export function isIgnorablePoint(point: number): boolean {
  return isIn(ignorable, point)
}

/** Whether it is a combining mark of an alphabet. */
export function isMarkPoint(point: number): boolean {
  return isIn(marks, point)
}

/** Ranges of code points, both ends included, in order. */
type Ranges = readonly (readonly [from: number, to: number])[]

/** What is drawn as nothing and separates nothing. */
const ignorable: Ranges = [
  [0x80, 0x84],
  [0x86, 0x9f],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x2800, 0x2800],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff],
]
/** Combining marks that stand over, under or in letters of alphabets. */
const marks: Ranges = [
  [0x300, 0x36f],
  [0x483, 0x489],
  [0x591, 0x5bd],
  [0x610, 0x61a],
  [0x64b, 0x65f],
  [0x1ab0, 0x1aff],
  [0x1dc0, 0x1dff],
  [0x20d0, 0x20ff],
  [0xfe20, 0xfe2f],
]
const spaces: Ranges = [
  [0x85, 0x85],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
]
const isSpace = (point: number) => isIn(spaces, point)

function isIn(ranges: Ranges, point: number): boolean {
  return ranges.some(([from, to]) => point >= from && point <= to)
}
