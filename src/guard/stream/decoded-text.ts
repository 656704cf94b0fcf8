import { malformed, pending, Utf8Reader } from '../normalise/utf8.ts'
import type { Match } from './lane-scan.ts'
import { Mapped } from './mapped.ts'
import { isTold, type Nest, type Nested } from './nested.ts'

const atOnce = 512
const replacement = 0xfffd

/** Text among decoded bytes, read by a lane of its own: UTF-8, or UTF-16 whose characters are ASCII. */
export class DecodedText {
  readonly #nest: Nest
  readonly #utf8 = new Utf8Reader()
  readonly #fed = new Mapped()
  #nested: Nested | null = null
  #wasZero = false
  #from = 0 // of the code point that is being read
  #matches: Match[] = []
  /** Whether what is read is text. */
  isOpen = false

  constructor(nest: Nest) {
    this.#nest = nest
  }

  /** Where in the source what may still become a match begins; null when there is nothing. */
  get heldFrom(): number | null {
    this.#flush()
    return least(this.#nested?.heldFrom ?? null, this.#utf8.isOpen ? this.#from : null)
  }

  open(): void {
    this.isOpen = true
    this.#wasZero = false
    this.#utf8.reset()
  }

  /** A byte that comes from `start` to `end` of the source. What is no text closes this. */
  push(byte: number, start: number, end: number): void {
    if (byte === 0 && !this.#wasZero) {
      this.#wasZero = true // every second byte of UTF-16
      return
    }
    this.#wasZero = false
    if (!this.#utf8.isOpen) this.#from = start
    const point = this.#utf8.next(byte)
    if (point === pending) return
    if (point !== malformed && isPrintable(point)) return this.#add(point, this.#from, end)
    this.#add(replacement, start, end)
    this.#utf8.reset()
    this.isOpen = false
  }

  take(): readonly Match[] {
    this.#flush()
    const matches = this.#matches
    if (matches.length > 0) this.#matches = []
    return matches
  }

  /** The run is over; another one may follow. */
  end(): void {
    this.isOpen = false
    this.#utf8.reset()
    if (this.#nested === null && this.#fed.length === 0) return
    this.#flush()
    this.#nested?.end()
    if (this.#nested !== null) this.#matches.push(...this.#nested.take().filter(isTold))
    this.#nested = null
  }

  #add(point: number, start: number, end: number): void {
    this.#fed.addPoint(point, start, end)
    if (this.#fed.length >= atOnce) this.#flush()
  }

  #flush(): void {
    if (this.#fed.length === 0) return
    this.#nested ??= this.#nest(null)
    this.#nested.feed(this.#fed.take())
    this.#matches.push(...this.#nested.take().filter(isTold))
  }
}

function isPrintable(point: number): boolean {
  return (point >= 32 && point < 127) || point >= 160 || (point >= 9 && point <= 13)
}

/** The lesser of two positions, of which either may be missing. */
export function least(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b)
}
