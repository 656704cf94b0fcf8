import type { Span } from '../text.ts'

/**
 * Where in the original each part of a view comes from: runs of the view without gaps between them, each with its span
 * of the original. In a linear run each unit stands for itself; any other maps as a whole.
 */
export class OffsetMap {
  /** Where each run begins in the view, and, last, where the view ends. */
  readonly #starts: Int32Array
  /** Two for each run: where its span begins, and where it ends, complemented when the run is not linear. */
  readonly #origins: Int32Array

  constructor(starts: Int32Array, origins: Int32Array) {
    this.#starts = starts
    this.#origins = origins
  }

  static identity(length: number): OffsetMap {
    return new OffsetMap(
      Int32Array.of(...(length === 0 ? [0] : [0, length])),
      Int32Array.of(...(length === 0 ? [] : [0, length])),
    )
  }

  /** How long the view is. */
  get length(): number {
    return this.#starts.at(-1) ?? 0
  }

  /** Whether everything stands where it stood. */
  get #isIdentity(): boolean {
    return this.#origins.length === 2 && this.#origins[0] === 0 && this.#origins[1] === this.length
  }

  /** The smallest span of the original that covers a span of the view that is not empty. */
  toOriginal(start: number, end: number): Span {
    if (start < 0 || end <= start || end > this.length) throw new Error('the span is not one of the view')
    const [first, last] = [
      this.#partOf(this.#runAt(start), start, end),
      this.#partOf(this.#runAt(end - 1), start, end),
    ]
    // Views are read forwards or backwards: the outermost parts are the ends either way.
    return { start: Math.min(first.start, last.start), end: Math.max(first.end, last.end) }
  }

  /** The map of a view of this view: from there to the original of this one. */
  after(inner: OffsetMap): OffsetMap {
    if (this.#isIdentity) return inner
    if (inner.#isIdentity && inner.length === this.length) return this
    const runs = new Runs()
    for (let run = 0; run < inner.#starts.length - 1; run += 1) {
      const [start, end] = [inner.#starts[run] ?? 0, inner.#starts[run + 1] ?? 0]
      const [from, to] = [inner.#origins[2 * run] ?? 0, inner.#origins[2 * run + 1] ?? 0]
      if (to < 0) {
        const span = this.toOriginal(from, ~to)
        runs.add(end - start, span.start, span.end, false)
        continue
      }
      for (let at = from; at < to; ) {
        const own = this.#runAt(at)
        const next = Math.min(to, this.#starts[own + 1] ?? to)
        const part = this.#partOf(own, at, next)
        runs.add(next - at, part.start, part.end, (this.#origins[2 * own + 1] ?? 0) >= 0)
        at = next
      }
    }
    return runs.map()
  }

  /** The run in which a unit of the view lies. */
  #runAt(at: number): number {
    let [low, high] = [0, this.#starts.length - 2]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] ?? 0) <= at) low = middle
      else high = middle - 1
    }
    return low
  }

  /** What a run adds to a span of the view. */
  #partOf(run: number, start: number, end: number): Span {
    const [from, to] = [this.#origins[2 * run] ?? 0, this.#origins[2 * run + 1] ?? 0]
    if (to < 0) return { start: from, end: ~to }
    const own = this.#starts[run] ?? 0
    return { start: from + Math.max(0, start - own), end: Math.min(to, from + end - own) }
  }
}

/** Collects the runs of a map in the order of the view; linear ones that follow each other become one. */
export class Runs {
  readonly #starts: number[] = []
  readonly #origins: number[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  /** `length` units of the view come from `start` to `end` of the original. */
  add(length: number, start: number, end: number, isLinear: boolean): void {
    if (length === 0) return
    const before = this.#origins.at(-1)
    if (isLinear && before === start) this.#origins[this.#origins.length - 1] = end
    else {
      this.#starts.push(this.#length)
      this.#origins.push(start, isLinear ? end : ~end)
    }
    this.#length += length
  }

  map(): OffsetMap {
    return new OffsetMap(Int32Array.from([...this.#starts, this.#length]), Int32Array.from(this.#origins))
  }
}
