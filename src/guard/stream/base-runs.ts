import { base32, base64, hex, type Alphabet } from '../normalise/alphabet.ts'
import { BaseRun, fewestOfRun } from './base-run.ts'
import type { Match } from './lane-scan.ts'
import type { Nest } from './nested.ts'
import { least } from './decoded-text.ts'
import type { ReadBack } from './read-back.ts'

/** 1 for each UTF-16 unit of base64, in either spelling: one lookup tells for any unit. */
const classes = new Uint8Array(0x1_0000)
for (const [unit, value] of base64.values.entries()) if (value >= 0) classes[unit] = 1

/** Rows of characters that may be bytes in base64, base32 or hexadecimal digits. Ordinary words cost a count. */
export class BaseRuns {
  readonly #nest: Nest
  #base64: BaseRun | null = null
  #hex: BaseRun | null = null
  #base32: BaseRun | null = null
  #count64 = 0
  #countHex = 0
  #count32 = 0
  #isOpen = false
  #position = 0

  constructor(nest: Nest) {
    this.#nest = nest
  }

  /** Reads the units from `from` on, which `back` has. */
  read(text: string, back: ReadBack, from: number): void {
    let count = this.#count64
    let isOpen = this.#isOpen
    for (let i = 0; i < text.length; i += 1) {
      // No run of that length begins before a unit that is not of the alphabet: most of a text is never looked at.
      if (count === 0 && !isOpen) {
        i = runFrom(text, i)
        if (i === text.length) break
      }
      const unit = text.charCodeAt(i)
      count = classes[unit] === 1 ? count + 1 : 0
      if (count === fewestOfRun || isOpen) isOpen = this.#readRun(unit, count, back, from + i)
    }
    this.#count64 = count
    this.#position = from + text.length
  }

  /** The unit at `position`, which is the `count`th of a row, where a run opens or is open. */
  #readRun(unit: number, count: number, back: ReadBack, position: number): boolean {
    const wasOpen = this.#isOpen
    const { at } = back
    back.at = position + 1 // whoever looks back does so from there
    if (wasOpen) this.#show(unit, back, position)
    if (wasOpen) this.#count(unit)
    else {
      this.#countHex = this.#count32 = 0
      for (let i = position + 1 - fewestOfRun; i <= position; i += 1) this.#count(back.unitAt(i))
    }
    if (count === fewestOfRun) this.#base64 = this.#opened(this.#base64, base64, back)
    if (this.#countHex === fewestOfRun) this.#hex = this.#opened(this.#hex, hex, back)
    if (this.#count32 === fewestOfRun) this.#base32 = this.#opened(this.#base32, base32, back)
    back.at = at
    return this.#isOpen
  }

  #count(unit: number): void {
    this.#countHex = (hex.values[unit] ?? -1) < 0 ? 0 : this.#countHex + 1
    this.#count32 = (base32.values[unit] ?? -1) < 0 ? 0 : this.#count32 + 1
  }

  /** Where in the source what may still become a match begins; null when there is nothing. */
  heldFrom(back: ReadBack): number | null {
    let from: number | null = null
    // A run that has just begun is held until it is decoded, or turns out to be a word.
    if (this.#count64 > 0 && this.#count64 < fewestOfRun) from = back.startOf(this.#position - this.#count64)
    if (!this.#isOpen) return from
    // The count of a run within another begins anew: what it holds is held by the outer one until it is decoded.
    if (this.#countHex > 0 && this.#countHex < fewestOfRun)
      from = least(from, back.startOf(this.#position - this.#countHex))
    if (this.#count32 > 0 && this.#count32 < fewestOfRun)
      from = least(from, back.startOf(this.#position - this.#count32))
    for (const run of this.#runs()) from = least(from, run.heldFrom(back))
    return from
  }

  end(): void {
    for (const run of this.#runs()) run.close()
    this.#isOpen = false
  }

  take(): readonly Match[] {
    return this.#base64 === null ? none : this.#runs().flatMap((run) => run.take())
  }

  #runs(): readonly BaseRun[] {
    return [this.#base64, this.#hex, this.#base32].filter((run) => run !== null)
  }

  #opened(run: BaseRun | null, alphabet: Alphabet, back: ReadBack): BaseRun {
    const opened = run ?? new BaseRun(alphabet, this.#nest)
    if (!opened.isOpen) opened.open(back, back.at)
    this.#isOpen = true
    return opened
  }

  /** Shows a unit to the open runs. */
  #show(unit: number, back: ReadBack, position: number): void {
    const [a, b, c] = [this.#base64, this.#hex, this.#base32]
    if (a?.isOpen === true && !a.next(unit, back, position)) a.close()
    if (b?.isOpen === true && !b.next(unit, back, position)) b.close()
    if (c?.isOpen === true && !c.next(unit, back, position)) c.close()
    this.#isOpen = a?.isOpen === true || b?.isOpen === true || c?.isOpen === true
  }
}

const none: readonly Match[] = []

/** Where in `text`, from `at` on, a run may begin that is long enough, or that the end of the text cuts off. */
function runFrom(text: string, at: number): number {
  let from = at
  for (;;) {
    const last = Math.min(from + fewestOfRun, text.length) - 1
    let back = last
    while (back >= from && classes[text.charCodeAt(back)] === 1) back -= 1
    if (back < from) return from
    from = back + 1
  }
}
