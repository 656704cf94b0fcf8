import { foldCodePoint, isIgnorablePoint, isMarkPoint } from './fold.ts'
import { isForeign, isLatin, withoutLookAlikes } from './look-alike.ts'
import { OffsetMap } from './offset-map.ts'
import { terminalEscapeFrom } from './terminal-escape.ts'
import { malformed, pending, Utf8Reader } from './utf8.ts'
import { ViewWriter, type NormSignal, type View } from './view.ts'
import type { Span } from '../text.ts'

/** A text as it is compared, and what was noticed on the way. */
export type Canonical = {
  /** Steps 1 to 9: case and lines are as they were. Decoders read it. */
  readonly cased: View
  /** Steps 1 to 8: with all its white space, which tells letters apart from words apart. */
  readonly wide: View
  /** Step 10: in small letters, a single line break as a space. Rules are compared with it. */
  readonly folded: View
  readonly signals: ReadonlySet<NormSignal>
  /** Bytes that variation selectors spell, where they are text; spans are those of the original. */
  readonly spelled: readonly { readonly text: string; readonly span: Span }[]
  /** Under an override of the direction of text. */
  readonly overridden: readonly Span[]
}

/**
 * The canonical view of a text, in a fixed order: controls and terminal escapes, tag characters, variation selectors,
 * ignorable characters, bidirectional controls, compatibility decomposition of each code point (Unicode Standard Annex 15,
 * NFKD), marks, look-alikes (Unicode Technical Standard 39), white space, case.
 */
export function canonical(source: View): Canonical {
  const cleaned = new Cleaning(source.text).result()
  let view: Written = cleaned
  const alike = cleaned.hasForeign ? withoutLookAlikes(view.text) : null
  if (alike !== null) view = { text: alike.text, map: view.map.after(alike.map) }
  const wide = view
  const spaced = withSingleSpaces(view.text)
  if (spaced !== null) view = { text: spaced.text, map: view.map.after(spaced.map) }
  const map = source.map.after(view.map)
  if (alike !== null) cleaned.signals.add('look-alike')
  const { via, depth } = source
  return {
    cased: { text: view.text, map, via, depth },
    wide: { text: wide.text, map: spaced === null ? map : source.map.after(wide.map), via, depth },
    folded: { text: inSmallLetters(view.text), map, via, depth },
    signals: cleaned.signals,
    spelled: cleaned.spelled.map(({ text, span }) => ({
      text,
      span: source.map.toOriginal(span.start, span.end),
    })),
    overridden: cleaned.overridden.map(({ start, end }) => source.map.toOriginal(start, end)),
  }
}

/** A text as the first view of itself. */
export function originalOf(text: string): View {
  return { text, map: OffsetMap.identity(text.length), via: [], depth: 0 }
}

type Written = { readonly text: string; readonly map: OffsetMap }

const fewestSelectors = 4
const fewestIgnorable = 3
const mostMarks = 2

/** Steps 1 to 7: what is local to a code point. */
class Cleaning {
  readonly #text: string
  readonly #writer: ViewWriter
  readonly #signals = new Set<NormSignal>()
  readonly #spelled: { text: string; span: Span }[] = []
  readonly #overridden: Span[] = []
  #kept = 0 // from here on nothing was written yet
  #marks = 0
  #ignorable = 0
  #selectors: { byte: number }[] = []
  #selectorsFrom = 0
  #overrideFrom = -1
  #hasForeign = false

  constructor(text: string) {
    this.#text = text
    this.#writer = new ViewWriter(text)
  }

  result() {
    const text = this.#text
    for (let at = 0; at < text.length; ) {
      const unit = text.charCodeAt(at)
      if (unit >= 32 && unit < 127) {
        if (this.#selectors.length > 0) this.#endSelectors(at)
        this.#marks = this.#ignorable = 0
        at += 1
      } else if (unit < 160) at = this.#control(unit, at)
      else {
        at = this.#point(text.codePointAt(at) ?? 0, at)
      }
    }
    this.#endSelectors(text.length)
    if (this.#overrideFrom >= 0 && this.#overrideFrom < text.length)
      this.#overridden.push({ start: this.#overrideFrom, end: text.length })
    this.#writer.keep(this.#kept, text.length)
    return {
      ...this.#writer.written(),
      hasForeign: this.#hasForeign,
      signals: this.#signals,
      spelled: this.#spelled,
      overridden: this.#overridden,
    }
  }

  #replace(text: string, start: number, end: number): number {
    this.#writer.keep(this.#kept, start)
    this.#writer.put(text, start, end)
    this.#kept = end
    return end
  }

  #control(unit: number, at: number): number {
    this.#endSelectors(at)
    if (unit === 9 || unit === 10) return at + 1
    if (unit === 13) return this.#replace('\n', at, this.#text.charCodeAt(at + 1) === 10 ? at + 2 : at + 1)
    if (unit === 0x85) return this.#replace(' ', at, at + 1)
    const end = terminalEscapeFrom(this.#text, at)
    if (end > at + 1) this.#signals.add('terminal-escape')
    return this.#replace('', at, Math.max(end, at + 1))
  }

  #point(point: number, at: number): number {
    const end = at + (point > 0xffff ? 2 : 1)
    const byte = selectorByteOf(point)
    if (byte !== null) {
      if (this.#selectors.length === 0) this.#selectorsFrom = at
      this.#selectors.push({ byte })
      return this.#replace('', at, end)
    }
    this.#endSelectors(at)
    if (point >= 0xe0020 && point <= 0xe007e) this.#signals.add('invisible-text')
    else if (isIgnorablePoint(point)) return this.#ignore(point, at, end)
    this.#ignorable = 0
    if (isMarkPoint(point)) {
      this.#marks += 1
      if (this.#marks > mostMarks) this.#signals.add('stacked-marks')
    } else this.#marks = 0
    const folded = foldCodePoint(point)
    if (!this.#hasForeign && isForeign(folded.charCodeAt(0))) this.#hasForeign = true
    if (folded.length === end - at && folded === this.#text.slice(at, end)) return end
    return this.#replace(folded, at, end)
  }

  #ignore(point: number, at: number, end: number): number {
    if (point === 0x202d || point === 0x202e) {
      this.#signals.add('bidi')
      if (this.#overrideFrom < 0) this.#overrideFrom = end
    } else if (point === 0x202c && this.#overrideFrom >= 0) {
      if (this.#overrideFrom < at) this.#overridden.push({ start: this.#overrideFrom, end: at })
      this.#overrideFrom = -1
    } else if ((point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069))
      this.#signals.add('bidi')
    else {
      this.#ignorable += 1
      const isBetween = isLatin(this.#text.charCodeAt(at - 1)) && isLatin(this.#text.charCodeAt(end))
      if (isBetween || this.#ignorable >= fewestIgnorable) this.#signals.add('invisible-text')
    }
    return this.#replace('', at, end)
  }

  #endSelectors(end: number): void {
    const selectors = this.#selectors
    if (selectors.length === 0) return
    this.#selectors = []
    if (selectors.length < fewestSelectors) return
    this.#signals.add('invisible-text')
    const text = textOf(selectors.map(({ byte }) => byte))
    if (text !== null) this.#spelled.push({ text, span: { start: this.#selectorsFrom, end } })
  }
}

/** The byte that a variation selector stands for where many follow each other; null when it is none. */
function selectorByteOf(point: number): number | null {
  if (point >= 0xfe00 && point <= 0xfe0f) return point - 0xfe00
  return point >= 0xe0100 && point <= 0xe01ef ? point - 0xe0100 + 16 : null
}

/** Bytes as UTF-8; null when they are none. */
export function textOf(bytes: readonly number[]): string | null {
  const reader = new Utf8Reader()
  let text = ''
  for (const byte of bytes) {
    const point = reader.next(byte)
    if (point === malformed) return null
    if (point !== pending) text += String.fromCodePoint(point)
  }
  return reader.isOpen ? null : text
}

/** Runs of white space as one space, a line break among them as one, two or more as the end of a paragraph. */
function withSingleSpaces(text: string): Written | null {
  const writer = new ViewWriter(text)
  let kept = 0
  for (let at = 0; at < text.length; at += 1) {
    if (!isSpace(text.charCodeAt(at))) continue
    let [end, lines] = [at, 0]
    for (; end < text.length && isSpace(text.charCodeAt(end)); end += 1)
      if (text.charCodeAt(end) === 10) lines += 1
    const space = lines === 0 ? ' ' : lines === 1 ? '\n' : '\n\n'
    if (end - at !== space.length || text.slice(at, end) !== space) {
      writer.keep(kept, at)
      writer.put(space, at, end)
      kept = end
    }
    at = end - 1
  }
  if (kept === 0) return null
  writer.keep(kept, text.length)
  return writer.written()
}

function isSpace(unit: number): boolean {
  return unit === 32 || unit === 10 || unit === 9
}

/** No case of a decomposed letter is longer than the other, so that each unit stays where it is. */
function inSmallLetters(text: string): string {
  const small = text.toLowerCase()
  if (!small.includes('\n')) return small
  const paragraphs = small.split('\n\n')
  return paragraphs.map((paragraph) => paragraph.replaceAll('\n', ' ')).join('\n\n')
}
