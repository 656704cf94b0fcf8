import { allBuckets, blocks, bucketsPerBlock } from '../injection/features.ts'
import { conceptsFor } from '../injection/window-sums.ts'
import type { ChannelClass } from '../injection/scorer.ts'
import type { Window } from '../injection/windows.ts'

/**
 * What the regression learns from: windows as their distinct buckets, one behind the other in one array. In a unit each
 * bucket of a block of `n` counts `1 / sqrt(n)`, as in the score.
 */
export class Units {
  buckets = new Int32Array(1 << 20)
  #used = 0
  /** Block `b` of unit `i` is `buckets.subarray(starts[k], starts[k + 1])` where `k = i * blocks + b`. */
  readonly starts: number[] = [0]
  /** 1 for an attack, else -1. */
  readonly labels: number[] = []
  readonly weights: number[] = []
  /** Indices of the examples that it was made of: the one that it is of, and the one that it stands in. */
  readonly examples: number[] = []
  readonly carriers: number[] = []

  get count(): number {
    return this.labels.length
  }

  /** Adds a window; `carrier` is -1 where it stands alone. */
  add(
    { buckets, from, to }: Pick<Window, 'buckets' | 'from' | 'to'>,
    facts: {
      readonly isAttack: boolean
      readonly channelClass: ChannelClass
      readonly weight: number
      readonly example: number
      readonly carrier: number
    },
  ): void {
    while (this.#used + (to - from) > this.buckets.length) {
      const grown = new Int32Array(this.buckets.length * 2)
      grown.set(this.buckets)
      this.buckets = grown
    }
    const start = this.#used
    for (let block = 0; block < blocks; block += 1) {
      const shift = block === blocks - 1 ? conceptsFor(facts.channelClass) : 0
      this.#addBlock(buckets, from, to, block * bucketsPerBlock, shift)
      this.starts.push(this.#used)
    }
    for (let i = start; i < this.#used; i += 1) seen[this.buckets[i] ?? 0] = 0
    this.labels.push(facts.isAttack ? 1 : -1)
    this.weights.push(facts.weight)
    this.examples.push(facts.example)
    this.carriers.push(facts.carrier)
  }

  /** Takes back all units after the first `count`. */
  truncate(count: number): void {
    this.#used = this.starts[count * blocks] ?? 0
    this.starts.length = count * blocks + 1
    for (const list of [this.labels, this.weights, this.examples, this.carriers]) list.length = count
  }

  #addBlock(buckets: Int32Array, from: number, to: number, first: number, shift: number): void {
    for (let i = from; i < to; i += 1) {
      const unshifted = buckets[i] ?? -1
      if (unshifted < first || unshifted >= first + bucketsPerBlock) continue
      const bucket = unshifted + shift
      if (seen[bucket] === 1) continue
      seen[bucket] = 1
      this.buckets[this.#used] = bucket
      this.#used += 1
    }
  }
}

const seen = new Uint8Array(allBuckets)
