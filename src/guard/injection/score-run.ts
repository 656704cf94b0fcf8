import { allBuckets, blocks } from './features.ts'
import { bucketBits } from './hash.ts'
import type { ChannelClass } from './scorer.ts'
import type { Weights } from './weights.ts'
import { conceptsFor, WindowSums } from './window-sums.ts'
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

/**
 * Score of one window by itself, in any order of windows: what `WindowSums` has for those of a text that is read.
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
