import { allBuckets, bucketBits } from './features.ts'
import type { Weights } from './weights.ts'
import { WindowReader, type Window } from './windows.ts'

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
  readonly #weights: Weights
  readonly #windows: WindowReader
  #closed: ScoredWindow[] = []

  constructor(weights: Weights) {
    this.#weights = weights
    this.#windows = new WindowReader((window) => {
      const { start, end, ordinal } = window
      this.#closed.push({ z: scoreOf(this.#weights, window), start, end, ordinal })
    })
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

/**
 * Score of one window: `b + Sw / sqrt(nw) + Sc / sqrt(nc)`, where S is the sum of the weights of distinct buckets and n
 * how many of them there are, of the word and of the character block.
 */
export function scoreOf(
  weights: Weights,
  { buckets, from, to }: Pick<Window, 'buckets' | 'from' | 'to'>,
): number {
  const { quantised, scales } = weights
  const mark = nextMark()
  let count = 0
  let characters = 0
  let sumOfWords = 0
  let sumOfCharacters = 0
  for (let i = from; i < to; i += 1) {
    const bucket = buckets[i] ?? -1
    if (bucket < 0 || seen[bucket] === mark) continue
    seen[bucket] = mark
    const weight = (quantised[bucket] ?? 0) * (scales[bucket >>> 8] ?? 0)
    // 0 for the word block, 1 for the other: nobody can foresee which comes next, so a branch costs more than both sums.
    const block = bucket >>> bucketBits
    count += 1
    characters += block
    sumOfWords += (1 - block) * weight
    sumOfCharacters += block * weight
  }
  const z = weights.header.bias + sumOfWords / Math.sqrt(Math.max(count - characters, 1))
  return z + sumOfCharacters / Math.sqrt(Math.max(characters, 1))
}

/** Which window has had a bucket last, by a mark of its own. */
const seen = new Uint8Array(allBuckets)
let lastMark = 0

/** A mark that no bucket has. */
function nextMark(): number {
  if (lastMark === 255) {
    seen.fill(0)
    lastMark = 0
  }
  lastMark += 1
  return lastMark
}
