import { allBuckets, bucketsPerBlock } from '../injection/features.ts'
import type { Window } from '../injection/windows.ts'

/**
 * What the regression learns from: windows as their distinct buckets, one behind the other in one array. In a unit each
 * bucket of the word block counts `1 / sqrt(nw)`, each of the character block `1 / sqrt(nc)`, as in the score.
 */
export class Units {
  buckets = new Int32Array(1 << 20)
  #used = 0
  /** Unit `i` is `buckets.subarray(starts[i], starts[i + 1])`, its word block first: up to `middles[i]`. */
  readonly starts: number[] = [0]
  readonly middles: number[] = []
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
    this.#addBlock(buckets, from, to, 0)
    this.middles.push(this.#used)
    this.#addBlock(buckets, from, to, bucketsPerBlock)
    for (let i = this.starts.at(-1) ?? 0; i < this.#used; i += 1) seen[this.buckets[i] ?? 0] = 0
    this.starts.push(this.#used)
    this.labels.push(facts.isAttack ? 1 : -1)
    this.weights.push(facts.weight)
    this.examples.push(facts.example)
    this.carriers.push(facts.carrier)
  }

  /** Takes back all units after the first `count`. */
  truncate(count: number): void {
    this.#used = this.starts[count] ?? 0
    this.starts.length = count + 1
    for (const list of [this.middles, this.labels, this.weights, this.examples, this.carriers])
      list.length = count
  }

  #addBlock(buckets: Int32Array, from: number, to: number, first: number): void {
    for (let i = from; i < to; i += 1) {
      const bucket = buckets[i] ?? -1
      if (bucket < first || bucket >= first + bucketsPerBlock || seen[bucket] === 1) continue
      seen[bucket] = 1
      this.buckets[this.#used] = bucket
      this.#used += 1
    }
  }
}

const seen = new Uint8Array(allBuckets)
