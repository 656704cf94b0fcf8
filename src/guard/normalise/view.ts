import { OffsetMap, Runs } from './offset-map.ts'
import type { Transform } from './transform.ts'

/** A text as it can be read, and where in the original each part of it stands. */
export type View = {
  readonly text: string
  readonly map: OffsetMap
  readonly via: readonly Transform[]
  readonly depth: number
}

/** What the normaliser has noticed on its way. */
export const normSignals = [
  'terminal-escape',
  'invisible-text',
  'bidi',
  'stacked-marks',
  'look-alike',
  'hidden-text',
] as const
export type NormSignal = (typeof normSignals)[number]

/** Writes a view of a source part by part. Parts that are left out are not mentioned. */
export class ViewWriter {
  readonly #source: string
  readonly #runs = new Runs()
  #parts: string[] = []

  constructor(source: string) {
    this.#source = source
  }

  get length(): number {
    return this.#runs.length
  }

  /** A part of the source as it stands. */
  keep(start: number, end: number): void {
    if (end <= start) return
    this.#parts.push(this.#source.slice(start, end))
    this.#runs.add(end - start, start, end, true)
  }

  /** Text in the place of a part of the source, which is not empty. */
  put(text: string, start: number, end: number): void {
    if (text === '') return
    this.#parts.push(text)
    this.#runs.add(text.length, start, end, false)
  }

  written(): { readonly text: string; readonly map: OffsetMap } {
    return { text: this.#parts.join(''), map: this.#runs.map() }
  }
}
