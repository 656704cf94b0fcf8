import { allBuckets, blocks, conceptBuckets, crossingPlaces } from './features.ts'
import { bucketBits } from './hash.ts'
import type { ChannelClass } from './scorer.ts'
import type { Weights } from './weights.ts'
import { headSteps, longSteps, shortSteps, type Window } from './windows.ts'

/** Where the weights of a channel class begin in the block of concepts. */
export function conceptsFor(channelClass: ChannelClass): number {
  return channelClass === 'untrusted' ? conceptBuckets : 0
}

/**
 * Sums of the weights of windows, each n-gram looked up once, however many windows hold it. Windows that begin with the same
 * step are one sum that goes on. An n-gram counts once in a window: in those that have begun since the same one stood last.
 */
export class WindowSums {
  readonly #weights: Weights
  readonly #shift: number
  /** For each sum and in it each block: the sum of the weights of distinct buckets, and how many of them there are. */
  readonly #sums = new Float64Array(sumCount * blocks)
  readonly #sizes = new Int32Array(sumCount * blocks)
  /** Position of the first n-gram of each sum. */
  readonly #begins = Array.from({ length: sumCount }, () => 0)
  /** The step that was taken last, counted from 0. */
  #step = -1
  readonly #run = nextRun()
  /** What is added to a position to make the stamp of the n-gram there. */
  #base = 0

  constructor(weights: Weights, channelClass: ChannelClass) {
    this.#weights = weights
    this.#shift = conceptsFor(channelClass)
  }

  /** Takes the next step of the text: the window that it alone is. */
  take({ buckets, from, to, position }: Pick<Window, 'buckets' | 'from' | 'to' | 'position'>): void {
    this.#step += 1
    const step = this.#step
    const own = step % longSteps
    this.#begin(own, position)
    if (step === 0) this.#begin(head, position)
    if (stampedBy !== this.#run || lastStamp > mostStamps) this.#stampAgain(buckets, from - position)
    const base = this.#base
    // Of the windows before it a step is in that of two steps, in one of four, and in the head.
    const short = step < shortSteps - 1 ? none : (step - 1) % longSteps
    const long = step < shortSteps ? none : (step - (step % 2 === 0 ? 2 : 3)) % longSteps
    const ofOwn = base + position
    const ofShort = this.#firstStamp(short)
    const ofLong = this.#firstStamp(long)
    const ofHead = step < headSteps ? this.#firstStamp(head) : 0
    const { quantised, scales } = this.#weights
    const shift = this.#shift
    const [sums, sizes] = [this.#sums, this.#sizes]
    const toStamp = ofOwn - from
    for (let i = from - crossingPlaces; i < to; i += 1) {
      const bucket = buckets[i] ?? -1
      if (bucket < 0) continue
      const before = stamps[bucket] ?? 0
      stamps[bucket] = toStamp + i
      const block = bucket >>> bucketBits
      const at = bucket + (block >> 1) * shift
      const weight = (quantised[at] ?? 0) * (scales[at >>> 8] ?? 0)
      if (before < ofOwn && i >= from) add(sums, sizes, own * blocks + block, weight)
      if (before < ofShort) add(sums, sizes, short * blocks + block, weight)
      if (before < ofLong) add(sums, sizes, long * blocks + block, weight)
      if (before < ofHead) add(sums, sizes, head * blocks + block, weight)
    }
    lastStamp = toStamp + to
  }

  /**
   * Score of the window of the last `steps` steps: `b + Sw / sqrt(nw) + Sc / sqrt(nc) + Sk / sqrt(nk)`, where S is the sum of
   * the weights of distinct buckets and n how many of them there are, of the blocks of words, of characters and of concepts.
   */
  scoreOf(steps: number): number {
    const from = (steps > longSteps ? head : (this.#step + 1 - steps) % longSteps) * blocks
    let z = this.#weights.header.bias
    for (let at = from; at < from + blocks; at += 1)
      z += (this.#sums[at] ?? 0) / Math.sqrt(Math.max(this.#sizes[at] ?? 0, 1))
    return z
  }

  #begin(sum: number, position: number): void {
    this.#begins[sum] = position
    this.#sums.fill(0, sum * blocks, (sum + 1) * blocks)
    this.#sizes.fill(0, sum * blocks, (sum + 1) * blocks)
  }

  /** Stamp of the first n-gram of a sum; no stamp is before that of no sum. */
  #firstStamp(sum: number): number {
    return sum === none ? 0 : this.#base + (this.#begins[sum] ?? 0)
  }

  /** Another text was read meanwhile: stamps the n-grams again that an open window has. */
  #stampAgain(buckets: Int32Array, toIndex: number): void {
    if (lastStamp > mostStamps) {
      stamps.fill(0)
      lastStamp = 1
    }
    stampedBy = this.#run
    const step = this.#step
    const oldest = step < headSteps ? head : (step - (step % 2 === 0 ? 2 : 3)) % longSteps
    const first = this.#begins[oldest] ?? 0
    this.#base = lastStamp - first
    const to = (this.#begins[step % longSteps] ?? 0) - crossingPlaces
    for (let position = first; position < to; position += 1) {
      const bucket = buckets[position + toIndex] ?? -1
      if (bucket >= 0) stamps[bucket] = this.#base + position
    }
  }
}

function add(sums: Float64Array, sizes: Int32Array, at: number, weight: number): void {
  sums[at] = (sums[at] ?? 0) + weight
  sizes[at] = (sizes[at] ?? 0) + 1
}

/** The sum of windows that begin with a step has the remainder of its number by 4; the head has one of its own. */
const [head, sumCount] = [longSteps, longSteps + 1]
const none = -1

/** Where n-grams of a bucket stood last in the text that is being read: later stamps are larger. Stamps of other texts are smaller. */
const stamps = new Int32Array(allBuckets)
const mostStamps = 2 ** 30
let lastStamp = 1
/** The run whose stamps are complete. */
let stampedBy = 0
let runs = 0

function nextRun(): number {
  runs += 1
  return runs
}
