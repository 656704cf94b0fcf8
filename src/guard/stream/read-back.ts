import type { Folded } from '../normalise/folded.ts'
import type { Behind } from './candidate.ts'

/** How far back a reader may look, in folded units: a power of two above the longest candidate and what is before it. */
export const reach = 1_024
const mask = reach - 1
/** No rule looks back further than this from the end of the word that begins it (checked by a law). */
export const lookedBackAt = 256
const noPlaces = new Float64Array(0)

/** The folded units of a lane: the piece that is being read, and the last ones before it. */
export class ReadBack implements Behind {
  // Made with the second piece: most texts come whole.
  #units: Uint16Array | null = null
  #starts = noPlaces
  #ends = noPlaces
  #piece: Folded = { text: '', starts: null, ends: null }
  #pieceFrom = 0 // the position of its first unit
  #floor = 0 // nothing is known of what stands before
  #sourceFrom = 0 // where a piece whose units stand for themselves begins in the source
  /** How many units were read; the reader moves it through the piece. */
  at = 0

  /** A reader that takes over from `outer` at `from`, and knows what stands before as far as a rule looks back. */
  static takingOver(outer: ReadBack, from: number): ReadBack {
    const back = new ReadBack()
    back.#allocate()
    back.#floor = Math.max(0, from - lookedBackAt)
    for (let position = back.#floor; position < from; position += 1) back.#set(position, outer)
    back.#pieceFrom = back.at = from
    return back
  }

  /** Takes the next piece, once the one before was read. `sourceFrom`: how much of the source came before it. */
  take(piece: Folded, sourceFrom: number): void {
    const { text } = this.#piece
    if (text !== '') this.#keep(text)
    this.#pieceFrom += text.length
    this.#piece = piece
    this.#sourceFrom = sourceFrom
  }

  #keep(text: string): void {
    const units = this.#units ?? this.#allocate()
    for (let i = Math.max(0, text.length - reach); i < text.length; i += 1) {
      const position = this.#pieceFrom + i
      units[position & mask] = text.charCodeAt(i)
      this.#starts[position & mask] = this.startOf(position)
      this.#ends[position & mask] = this.endOf(position)
    }
  }

  #allocate(): Uint16Array {
    this.#starts = new Float64Array(reach)
    this.#ends = new Float64Array(reach)
    this.#units = new Uint16Array(reach)
    return this.#units
  }

  #set(position: number, outer: ReadBack): void {
    if (this.#units !== null) this.#units[position & mask] = outer.unitAt(position)
    this.#starts[position & mask] = outer.startOf(position)
    this.#ends[position & mask] = outer.endOf(position)
  }

  unitAt(position: number): number {
    if (position >= this.at || position < this.#floor || position < this.at - reach) return -1
    const i = position - this.#pieceFrom
    return i >= 0 ? this.#piece.text.charCodeAt(i) : (this.#units?.[position & mask] ?? -1)
  }

  slice(from: number, to: number): string {
    if (from >= this.#pieceFrom) return this.#piece.text.slice(from - this.#pieceFrom, to - this.#pieceFrom)
    let text = ''
    for (let at = from; at < to; at += 1) text += String.fromCharCode(this.unitAt(at))
    return text
  }

  /** Where a unit begins in the source. */
  startOf(position: number): number {
    const i = position - this.#pieceFrom
    if (i < 0) return this.#starts[position & mask] ?? 0
    return this.#piece.starts === null ? this.#sourceFrom + i : (this.#piece.starts[i] ?? 0)
  }

  /** Where it ends there; exclusive. */
  endOf(position: number): number {
    const i = position - this.#pieceFrom
    if (i < 0) return this.#ends[position & mask] ?? 0
    return this.#piece.ends === null ? this.#sourceFrom + i + 1 : (this.#piece.ends[i] ?? 0)
  }
}
