import { EscapeReader, goesOn, isEscapeMark, noEscape } from '../normalise/escape.ts'
import { malformed, pending, Utf8Reader } from '../normalise/utf8.ts'
import type { Match } from './lane-scan.ts'
import { Mapped } from './mapped.ts'
import { isTold, type Nest, type Nested } from './nested.ts'
import { least } from './decoded-text.ts'
import type { ReadBack } from './read-back.ts'

/** So many units behind the last escape the view is closed, where nothing is open in it. */
const lasts = 64
const atOnce = 512
/** Marks that are no escapes are waited for no longer. */
const longestUndecided = 256
const replacement = 0xfffd
const [lineFeed, space] = [10, 32]

/**
 * The lane as it reads once its escapes are decoded. It is opened by the first escape and takes over what was not yet
 * decided then, so that a key of which a single character is escaped is found; text without escapes costs nothing.
 */
export class Unescaped {
  readonly #back: ReadBack
  readonly #seen: ReadonlyMap<string, number>
  readonly #nest: Nest
  readonly #escape = new EscapeReader()
  readonly #utf8 = new Utf8Reader()
  #nested: Nested | null = null
  #fed = new Mapped()
  #from = 0 // the position of what was undecided before the first escape
  #markAt = -1 // the position of the mark of the escape that is being read; -1: none is
  #high = 0 // the first half of an escaped surrogate pair
  #partFrom = 0 // where in the source a code point begins that comes in several escapes
  #partTo = 0
  #since = 0
  /** Where in the source escapes stand that may be part of a match to come. */
  #decoded: number[] = []
  #matches: Match[] = []
  /** Whether each unit must be shown to `next`. */
  isOpen = false

  constructor(back: ReadBack, seen: ReadonlyMap<string, number>, nest: Nest) {
    this.#back = back
    this.#seen = seen
    this.#nest = nest
  }

  get heldFrom(): number | null {
    if (!this.isOpen) return null
    if (this.#nested === null) return this.#back.startOf(this.#from)
    this.#flush()
    const escape = this.#markAt < 0 ? null : this.#back.startOf(this.#markAt)
    return least(least(this.#nested.heldFrom, escape), this.#isPart ? this.#partFrom : null)
  }

  /** A mark was read while this was closed; what begins at `from` was undecided before it. */
  open(mark: number, from: number): void {
    this.isOpen = true
    this.#from = from
    this.#since = 0
    this.#begin(mark)
  }

  /** One more unit was read. */
  next(unit: number): void {
    if (this.#markAt >= 0) {
      const value = this.#escape.next(unit)
      if (value === goesOn) return
      if (value !== noEscape) return this.#decode(value)
      const failed = this.#markAt
      this.#markAt = -1
      if (this.#nested === null) {
        // What failed may be an escape once the next one is decoded.
        this.isOpen = isEscapeMark(unit) && this.#back.at - this.#from < longestUndecided
        if (this.isOpen) this.#begin(unit)
        return
      }
      this.#pass(failed, this.#back.at - 1)
    }
    if (isEscapeMark(unit)) return this.#begin(unit)
    this.#pass(this.#back.at - 1, this.#back.at)
    this.#since += 1
    if (this.#since >= lasts && (unit === space || unit === lineFeed)) this.#closeIfQuiet()
  }

  end(): void {
    if (this.#nested !== null) {
      if (this.#markAt >= 0) this.#pass(this.#markAt, this.#back.at)
      else this.#endPart()
      this.#flush()
      this.#nested.end()
      this.#collect(this.#nested)
    }
    this.#close()
  }

  take(): readonly Match[] {
    this.#flush()
    const matches = this.#matches
    if (matches.length > 0) this.#matches = []
    return matches
  }

  get #isPart(): boolean {
    return this.#high !== 0 || this.#utf8.isOpen
  }

  #begin(mark: number): void {
    this.#markAt = this.#back.at - 1
    this.#escape.begin(mark)
  }

  #decode(value: number): void {
    const back = this.#back
    const [start, end] = [back.startOf(this.#markAt), back.endOf(back.at - 1)]
    if (this.#nested === null) {
      this.#nested = this.#nest({ back, from: this.#from, seen: this.#seen })
      this.#pass(this.#from, this.#markAt)
    }
    this.#markAt = -1
    this.#since = 0
    this.#decoded.push(start)
    const { kind } = this.#escape
    if (kind === 'byte') this.#byte(value, start, end)
    else if (kind === 'unit') this.#unit(value, start, end)
    else {
      this.#endPart()
      this.#fed.addPoint(value, start, end)
    }
  }

  #byte(value: number, start: number, end: number): void {
    if (this.#high !== 0) this.#endPart()
    if (!this.#utf8.isOpen) this.#partFrom = start
    const point = this.#utf8.next(value)
    this.#partTo = end
    if (point === pending) return
    if (point !== malformed) return this.#fed.addPoint(point, this.#partFrom, end)
    this.#fed.addPoint(replacement, this.#partFrom, end)
    if (value < 128) this.#fed.addPoint(value, start, end)
  }

  #unit(value: number, start: number, end: number): void {
    if (this.#utf8.isOpen) this.#endPart()
    const high = this.#high
    if (high !== 0 && value >= 0xdc00 && value <= 0xdfff) {
      this.#high = 0
      return this.#fed.addPoint((high - 0xd800) * 0x400 + (value - 0xdc00) + 0x10000, this.#partFrom, end)
    }
    this.#endPart()
    if (value >= 0xd800 && value <= 0xdbff) {
      this.#high = value
      this.#partFrom = start
      this.#partTo = end
    } else this.#fed.addPoint(value, start, end)
  }

  /** What has begun of a code point goes on with nothing. */
  #endPart(): void {
    if (!this.#isPart) return
    this.#high = 0
    this.#utf8.reset()
    this.#fed.addPoint(replacement, this.#partFrom, this.#partTo)
  }

  /** Units that are no escapes. */
  #pass(from: number, to: number): void {
    this.#endPart()
    const back = this.#back
    for (let at = from; at < to; at += 1) this.#fed.addUnit(back.unitAt(at), back.startOf(at), back.endOf(at))
    if (this.#fed.length >= atOnce) this.#flush()
  }

  #flush(): void {
    if (this.#nested === null || this.#fed.length === 0) return
    this.#nested.feed(this.#fed.take())
    this.#collect(this.#nested)
  }

  /** Takes the matches in which something was escaped; all others the outer lane finds by itself. */
  #collect(nested: Nested): void {
    for (const match of nested.take()) {
      const isDecoded = this.#decoded.some((at) => at >= match.start && at < match.end)
      if (!isDecoded || !isTold(match)) continue
      this.#matches.push({ ...match, via: ['escape', ...(match.via ?? [])] })
    }
    const held = nested.heldFrom ?? Number.POSITIVE_INFINITY
    if (this.#decoded.length > 0) this.#decoded = this.#decoded.filter((at) => at >= held)
  }

  #closeIfQuiet(): void {
    this.#flush()
    if (this.#nested?.heldFrom === null) this.#close()
  }

  #close(): void {
    this.#nested = null
    this.#markAt = -1
    this.#decoded = []
    this.isOpen = false
  }
}
