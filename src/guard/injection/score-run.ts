import type { ChannelClass } from './scorer.ts'
import type { Weights } from './weights.ts'
import { WindowSums } from './window-sums.ts'
import { WindowReader } from './windows.ts'

/** A window that has closed, and its score before the correction for length. */
export type ScoredWindow = {
  readonly z: number
  readonly start: number
  readonly end: number
  /** See `Window`. */
  readonly ordinal: number
}

/**
 * Scores a text that comes in pieces, window by window. Whichever the pieces are, the windows and their scores are the
 * same. Text: the lower-cased canonical view.
 */
export class ScoreRun {
  readonly #windows: WindowReader
  #closed: ScoredWindow[] = []

  constructor(weights: Weights, channelClass: ChannelClass) {
    const sums = new WindowSums(weights, channelClass)
    this.#windows = new WindowReader(
      ({ steps, start, end, ordinal }) => this.#closed.push({ z: sums.scoreOf(steps), start, end, ordinal }),
      (step) => sums.take(step),
    )
  }

  push(text: string): void {
    this.#windows.push(text)
  }

  /** The text is over: the windows that its last words are in close too. */
  end(): void {
    this.#windows.end()
  }

  /** The windows that have closed since it was asked last. */
  take(): readonly ScoredWindow[] {
    const taken = this.#closed
    this.#closed = []
    return taken
  }

  /** Words before this place are in no window of 24 or 48 words that is still open. */
  get openFrom(): number {
    return this.#windows.openFrom
  }
}

/** The windows of a whole text and their scores, in the order in which they close. */
export function scoredWindows(
  weights: Weights,
  text: string,
  channelClass: ChannelClass,
): readonly ScoredWindow[] {
  const run = new ScoreRun(weights, channelClass)
  run.push(text)
  run.end()
  return run.take()
}
