import { allBuckets, blocks, conceptBuckets } from './features.ts'
import { bucketBits } from './hash.ts'
import type { ChannelClass } from './scorer.ts'
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

  constructor(weights: Weights, channelClass: ChannelClass) {
    this.#weights = weights
    this.#windows = new WindowReader((window) => {
      const { start, end, ordinal } = window
      this.#closed.push({ z: scoreOf(this.#weights, window, channelClass), start, end, ordinal })
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
 * Score of one window: `b + Sw / sqrt(nw) + Sc / sqrt(nc) + Sk / sqrt(nk)`, where S is the sum of the weights of distinct
 * buckets and n how many of them there are, of the blocks of words, of characters and of concepts.
 */
export function scoreOf(
  weights: Weights,
  { buckets, from, to }: Pick<Window, 'buckets' | 'from' | 'to'>,
  channelClass: ChannelClass,
): number {
  const { quantised, scales } = weights
  const mark = nextMark()
  const shift = conceptsFor(channelClass)
  sizes.fill(0)
  sums.fill(0)
  for (let i = from; i < to; i += 1) {
    const bucket = buckets[i] ?? -1
    if (bucket < 0 || seen[bucket] === mark) continue
    seen[bucket] = mark
    // Nobody can foresee which block comes next, so a branch costs more than two arrays.
    const block = bucket >>> bucketBits
    const at = bucket + (block >> 1) * shift
    sizes[block] = (sizes[block] ?? 0) + 1
    sums[block] = (sums[block] ?? 0) + (quantised[at] ?? 0) * (scales[at >>> 8] ?? 0)
  }
  let z = weights.header.bias
  for (let block = 0; block < blocks; block += 1)
    z += (sums[block] ?? 0) / Math.sqrt(Math.max(sizes[block] ?? 0, 1))
  return z
}

/** Where the weights of a channel class begin in the block of concepts. */
export function conceptsFor(channelClass: ChannelClass): number {
  return channelClass === 'untrusted' ? conceptBuckets : 0
}

const sizes = new Int32Array(blocks)
const sums = new Float64Array(blocks)

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
