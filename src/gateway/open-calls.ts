/** Something that knows where it stands among those that are open. */
export type Placed = { place: number }

/**
 * What is open now, in no order. A list in which the last one takes the place of one that goes, and no `Set`: the tables
 * that a set leaves behind as it changes hold what was in them until the whole heap is collected, and with a call all of
 * its texts.
 */
export class OpenCalls<Call extends Placed> {
  readonly #calls: Call[] = []

  get size(): number {
    return this.#calls.length
  }

  add(call: Call): void {
    call.place = this.#calls.push(call) - 1
  }

  /** Nothing happens when it is not there. */
  delete(call: Call): void {
    const { place } = call
    const last = this.#calls.at(-1)
    if (last === undefined || this.#calls[place] !== call) return
    this.#calls[place] = last
    last.place = place
    this.#calls.pop()
    call.place = -1
  }

  /** Those that are open at this moment; what is done with one may close it. */
  now(): readonly Call[] {
    return [...this.#calls]
  }
}
