import { FeatureReader, crossingPlaces, wordsPerStep, type Step } from './features.ts'

/**
 * Windows over the steps of a text, each 12 words: every whole step, 24 words each 12, 48 words each 24, and the head,
 * which is the first 216 words. A window holds the n-grams of its own words alone, so that what surrounds it changes
 * nothing. The last words of a text are no window by themselves: of two or three words little can be said.
 */
export type Window = {
  /** Its n-grams: `buckets.subarray(from, to)`, with a bucket for each occurrence, and -1 where there is none. */
  readonly buckets: Int32Array
  readonly from: number
  readonly to: number
  /** Of its first n-gram among all that the text has had so far. */
  readonly position: number
  /** How many steps it has, of which the last one has closed last. */
  readonly steps: number
  /** In the text, in UTF-16 units. */
  readonly start: number
  readonly end: number
  /** How many windows of 24 words the text had when this one closed, at least 1; of the head 1. */
  readonly ordinal: number
}

export const shortSteps = 2
export const longSteps = 4
export const headSteps = 18
/** Lengths of windows in words; a symbol counts a quarter of one. */
export const windowSettings = {
  step: wordsPerStep,
  short: shortSteps * wordsPerStep,
  long: longSteps * wordsPerStep,
  head: headSteps * wordsPerStep,
} as const
/** Of n-grams that are no longer needed: so many are worth moving the rest. */
const mostForgotten = 4_096

/**
 * Cuts a text that comes in pieces into windows; `onWindow` is told of each when its last word is there, and `onStep` of
 * each step before the windows that it closes.
 */
export class WindowReader {
  readonly #reader: FeatureReader
  readonly #onWindow: (window: Window) => void
  readonly #onStep: (step: Window) => void
  #steps: Step[] = []
  /** Steps so far; `#steps` holds the last of them. */
  #count = 0
  /** n-grams that were let go of. */
  #forgotten = 0

  constructor(onWindow: (window: Window) => void, onStep: (step: Window) => void = () => {}) {
    this.#onWindow = onWindow
    this.#onStep = onStep
    this.#reader = new FeatureReader((step) => this.#close(step))
  }

  push(text: string): void {
    this.#reader.push(text)
  }

  /** The text is over: what is left of it closes too. */
  end(): void {
    this.#reader.end()
    const count = this.#count
    if (count > shortSteps && count % 2 === 1) this.#tell(3, count - 1)
    if (count > longSteps && count < headSteps) this.#tell(count, 1)
  }

  reset(): void {
    this.#reader.reset()
    this.#steps = []
    this.#count = this.#forgotten = 0
  }

  /** From here on a word may come into a window that has not closed yet; the head is left out. */
  get openFrom(): number {
    const [held, count] = [this.#steps, this.#count]
    // The next long window to close begins with the step of even number that is 2 or 3 before the next one.
    const first = Math.max(0, count - (count % 2 === 0 ? 2 : 3))
    return held[held.length - (count - first)]?.start ?? 0
  }

  #close(step: Step): void {
    this.#steps.push(step)
    this.#count += 1
    const count = this.#count
    const alone = this.#windowOf(1, count)
    if (alone !== null) this.#onStep(alone)
    if (alone !== null && (step.isWhole || count === 1)) this.#onWindow(alone)
    if (count >= shortSteps) this.#tell(shortSteps, count - 1)
    if (count >= longSteps && count % 2 === 0) this.#tell(longSteps, count - 1)
    if (count === headSteps) this.#tell(headSteps, 1)
    if (count >= headSteps) this.#forget()
  }

  #tell(steps: number, ordinal: number): void {
    const window = this.#windowOf(steps, ordinal)
    if (window !== null) this.#onWindow(window)
  }

  #windowOf(steps: number, ordinal: number): Window | null {
    const held = this.#steps
    const [first, last] = [held[held.length - steps], held.at(-1)]
    if (first === undefined || last === undefined) return null
    const { buckets } = this.#reader
    const from = first.from + crossingPlaces
    const position = this.#forgotten + from
    return { buckets, from, to: last.to, position, steps, start: first.start, end: last.end, ordinal }
  }

  /** Keeps the steps that a window may still need. */
  #forget(): void {
    const from = this.#steps.at(1 - longSteps)?.from ?? 0
    if (from < mostForgotten) return
    this.#reader.forget(from)
    this.#forgotten += from
    this.#steps = this.#steps
      .slice(1 - longSteps)
      .map((step) => ({ ...step, from: step.from - from, to: step.to - from }))
  }
}
