import { sha256 } from '../../kernel/index.ts'

/** Draws numbers from a seed: the same seed, the same numbers on every machine. */
export class Draw {
  readonly #state = new Uint32Array(4)

  /** SPEC: sfc32 of PractRand, begun with a digest of the seed: short seeds that differ little give streams that differ. */
  constructor(seed: string) {
    const digest = sha256(seed)
    this.#state.set(new Uint32Array(Uint8Array.from(digest).buffer, 0, 4))
    for (let i = 0; i < 12; i += 1) this.#next()
  }

  /** A whole number from 0 to `count - 1`; `count` is at most 2^32. */
  below(count: number): number {
    return Math.floor((this.#next() / 4_294_967_296) * count)
  }

  /** A number from 0 to `most`, with 52 bits. */
  upTo(most: number): number {
    const unit = (this.#next() * 1_048_576 + (this.#next() >>> 12)) / 4_503_599_627_370_496
    return Math.floor(unit * (most + 1))
  }

  /** One of the items, each with the same probability. */
  oneOf<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new Error('nothing to draw from')
    return item
  }

  /** True in a `share` of the cases. */
  chance(share: number): boolean {
    return this.#next() / 4_294_967_296 < share
  }

  #next(): number {
    const [a = 0, b = 0, c = 0, counter = 0] = this.#state
    const sum = (a + b + counter) >>> 0
    this.#state[3] = counter + 1
    this.#state[0] = b ^ (b >>> 9)
    this.#state[1] = c + (c << 3)
    this.#state[2] = ((c << 21) | (c >>> 11)) + sum
    return sum
  }
}
