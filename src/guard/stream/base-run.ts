import type { Alphabet } from '../normalise/alphabet.ts'
import { DecodedText, least } from './decoded-text.ts'
import type { Match } from './lane-scan.ts'
import type { Nest } from './nested.ts'
import type { ReadBack } from './read-back.ts'

/** Characters in a row of an alphabet after which they are decoded. No longer run is let go before it was. */
export const fewestOfRun = 20

/**
 * Fewest printable ASCII characters in a row that are read as text, so that an image costs next to nothing: bytes that
 * are no text have such a row by chance about every two thousand bytes.
 */
const fewestOfRow = 8
/** Bytes of a row: twice as many in UTF-16. */
const longestRow = 2 * fewestOfRow
const [lineFeed, carriageReturn] = [10, 13]

/**
 * A row of characters of one alphabet, decoded while it comes, in every alignment: nobody says where in it the bytes
 * begin. A run goes on over line breaks, as mail and armours have them (RFC 2045 6.8). An alignment is known by how many
 * bits are in no byte yet.
 */
export class BaseRun {
  readonly #alphabet: Alphabet
  readonly #texts: readonly DecodedText[]
  readonly #firstPhases: readonly number[]
  readonly #phases: Uint8Array
  /** The row of each alignment: its bytes, how many, how many of them are characters, and where each comes from. */
  readonly #rows: Uint8Array
  readonly #rowStarts: Float64Array
  readonly #rowEnds: Float64Array
  readonly #lengths: Uint8Array
  readonly #counts: Uint8Array
  #register = 0
  // Positions of the last characters.
  #last = 0
  #lastButOne = 0
  #isBroken = false
  isOpen = false

  constructor(alphabet: Alphabet, nest: Nest) {
    const alignments = alphabet.bits === 6 ? 4 : alphabet.bits === 4 ? 2 : 8
    this.#alphabet = alphabet
    this.#texts = Array.from({ length: alignments }, () => new DecodedText(nest))
    this.#firstPhases = this.#texts.map((_, lane) => (lane * 8) / alignments)
    this.#phases = new Uint8Array(alignments)
    this.#rows = new Uint8Array(alignments * longestRow)
    this.#rowStarts = new Float64Array(alignments * longestRow)
    this.#rowEnds = new Float64Array(alignments * longestRow)
    this.#lengths = new Uint8Array(alignments)
    this.#counts = new Uint8Array(alignments)
  }

  /** Where in the source what may still become a match begins; null when there is nothing. */
  heldFrom(back: ReadBack): number | null {
    if (!this.isOpen) return null
    // Bits that are in no byte yet come from the last two characters.
    let from: number | null = back.startOf(this.#lastButOne)
    for (const [lane, text] of this.#texts.entries()) {
      const row =
        (this.#lengths[lane] ?? 0) > 0 ? back.startOf(this.#rowStarts[lane * longestRow] ?? 0) : null
      from = least(from, least(row, text.heldFrom))
    }
    return from
  }

  /** `fewestOfRun` characters of the alphabet stand before `position`: they are decoded, and what follows. */
  open(back: ReadBack, position: number): void {
    this.isOpen = true
    this.#isBroken = false
    this.#register = 0
    this.#phases.set(this.#firstPhases)
    this.#lengths.fill(0)
    this.#counts.fill(0)
    this.#last = this.#lastButOne = position - fewestOfRun
    for (let at = position - fewestOfRun; at < position; at += 1)
      this.#push(this.#alphabet.values[back.unitAt(at)] ?? 0, back, at)
  }

  /** The unit at `position`, once the run is open; answers whether the run goes on. */
  next(unit: number, back: ReadBack, position: number): boolean {
    const value = unit < 128 ? (this.#alphabet.values[unit] ?? -1) : -1
    if (value >= 0) {
      this.#isBroken = false
      this.#push(value, back, position)
      return true
    }
    if (unit === lineFeed && !this.#isBroken) {
      this.#isBroken = true
      return true
    }
    return unit === carriageReturn && !this.#isBroken
  }

  close(): void {
    for (const text of this.#texts) text.end()
    this.isOpen = false
  }

  take(): readonly Match[] {
    let matches: Match[] | null = null
    for (const text of this.#texts)
      for (const match of text.take()) {
        matches ??= []
        matches.push({ ...match, via: [this.#alphabet.name, ...(match.via ?? [])] })
      }
    return matches ?? none
  }

  #push(value: number, back: ReadBack, position: number): void {
    const { bits } = this.#alphabet
    const phases = this.#phases
    this.#register = ((this.#register << bits) | value) & 0xffff
    for (let lane = 0; lane < phases.length; lane += 1) {
      const before = phases[lane] ?? 0
      const phase = before + bits
      if (phase < 8) {
        phases[lane] = phase
        continue
      }
      phases[lane] = phase - 8
      const byte = (this.#register >> (phase - 8)) & 0xff
      const start = before === 0 ? position : before <= bits ? this.#last : this.#lastButOne
      const text = this.#texts[lane]
      if (text?.isOpen === true) text.push(byte, back.startOf(start), back.endOf(position))
      else this.#sift(lane, byte, start, position, back)
    }
    this.#lastButOne = this.#last
    this.#last = position
  }

  /** A byte where no text is: a row of printable ones opens it. */
  #sift(lane: number, byte: number, start: number, position: number, back: ReadBack): void {
    const length = this.#lengths[lane] ?? 0
    const isPrintable = (byte >= 32 && byte < 127) || (byte >= 9 && byte <= 13)
    const isZero = byte === 0 && length > 0
    if (!isPrintable && !isZero) {
      this.#lengths[lane] = this.#counts[lane] = 0
      return
    }
    if (length === longestRow) {
      this.#lengths[lane] = this.#counts[lane] = 0 // more zeros than characters
      return
    }
    const at = lane * longestRow + length
    this.#rows[at] = byte
    this.#rowStarts[at] = start
    this.#rowEnds[at] = position
    this.#lengths[lane] = length + 1
    const count = (this.#counts[lane] ?? 0) + (isPrintable ? 1 : 0)
    this.#counts[lane] = count
    if (count === fewestOfRow) this.#openText(lane, back)
  }

  #openText(lane: number, back: ReadBack): void {
    const text = this.#texts[lane]
    const first = lane * longestRow
    text?.open()
    for (let at = first; at < first + (this.#lengths[lane] ?? 0); at += 1)
      text?.push(
        this.#rows[at] ?? 0,
        back.startOf(this.#rowStarts[at] ?? 0),
        back.endOf(this.#rowEnds[at] ?? 0),
      )
    this.#lengths[lane] = this.#counts[lane] = 0
  }
}

const none: readonly Match[] = []
