import { foldCodePoint } from '../normalise/fold.ts'
import type { Folded } from '../normalise/folded.ts'

/** Text that is made from a source which is written otherwise, and from where in it each unit comes. */
export class Mapped {
  #text = ''
  #starts: number[] = []
  #ends: number[] = []

  get length(): number {
    return this.#starts.length
  }

  /** Where in the source the first unit begins. */
  get from(): number | undefined {
    return this.#starts[0]
  }

  /** A unit that is folded already. */
  addUnit(unit: number, start: number, end: number): void {
    this.#text += String.fromCharCode(unit)
    this.#starts.push(start)
    this.#ends.push(end)
  }

  /** A code point as it was decoded. */
  addPoint(point: number, start: number, end: number): void {
    if (point < 128) return this.addUnit(point, start, end)
    const folded = foldCodePoint(point)
    for (let i = 0; i < folded.length; i += 1) this.addUnit(folded.charCodeAt(i), start, end)
  }

  /** What was added since the last time. */
  take(): Folded {
    const { length } = this
    const taken = { text: this.#text, starts: this.#starts, ends: this.#ends }
    if (length > 0) {
      this.#text = ''
      this.#starts = []
      this.#ends = []
    }
    return taken
  }
}
