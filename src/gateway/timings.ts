import type { CallTimings } from './ports.ts'

/** Measures one call, for figures alone. Times are those of a clock that never jumps; what did not happen is left out. */
export class Timings {
  readonly #monotonicMs: () => number
  #inspectMs: number | undefined
  #sentAt: number | undefined
  #answeredAt: number | undefined
  #upstreamMs: number | undefined
  #addedFirstByteMs: number | undefined
  #heldChars: number | undefined

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs
  }

  /** The moment at which the guard begins to read; to be given to `inspected` when it has read. */
  now(): number {
    return this.#monotonicMs()
  }

  inspected(since: number): void {
    this.#inspectMs = (this.#inspectMs ?? 0) + this.#monotonicMs() - since
  }

  /** The first request goes upstream. */
  sent(): void {
    this.#sentAt ??= this.#monotonicMs()
  }

  /** The answer that will be passed on begins. */
  answered(): void {
    this.#answeredAt ??= this.#monotonicMs()
  }

  /** The upstream has sent all of it. */
  ended(): void {
    if (this.#sentAt !== undefined) this.#upstreamMs ??= this.#monotonicMs() - this.#sentAt
  }

  /** The first byte leaves for the caller. */
  released(): void {
    if (this.#answeredAt !== undefined) this.#addedFirstByteMs ??= this.#monotonicMs() - this.#answeredAt
  }

  /** Characters of a stream that are held back now. */
  held(characters: number): void {
    this.#heldChars = Math.max(this.#heldChars ?? 0, characters)
  }

  get told(): CallTimings {
    return {
      inspectMs: this.#inspectMs,
      addedFirstByteMs: this.#addedFirstByteMs,
      upstreamMs: this.#upstreamMs,
      heldChars: this.#heldChars,
    }
  }
}
