import { shippedBudgets, type Budgets } from './budgets.ts'
import { mayBeEncoded } from './encoded.ts'
import { asksForViews, normalise, type Normalised } from './normalise.ts'

/** A whole text in every way in which it can be read, derived once for all that ask, and not before one does. */
export class Readings {
  readonly text: string
  /** Whether anything in it asks for another reading than the one that was made while it came. */
  readonly asksForMore: boolean
  readonly #budgets: Budgets
  #hasViews: boolean | null = null
  #all: Normalised | null = null
  #isComplete = true

  constructor(text: string, budgets: Budgets = shippedBudgets) {
    this.text = text
    this.asksForMore = asksForViews(text)
    this.#budgets = budgets
  }

  /** Whether there may be views at all: something asks for one, or may be encoded. */
  get mayHaveViews(): boolean {
    this.#hasViews ??= this.asksForMore || mayBeEncoded(this.text)
    return this.#hasViews
  }

  get all(): Normalised {
    this.#all ??= this.#derived(false)
    return this.#all
  }

  /** Whether no budget ran out in what was asked for so far. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /**
   * What cannot be had while the text comes in pieces. Where a budget ran out over the rest of it, it is derived by
   * itself, with all of the budgets.
   */
  get late(): Normalised['late'] {
    if (this.#all?.complete === true) return this.#all.late
    return this.#derived(true).late
  }

  #derived(isStreamed: boolean): Normalised {
    const read = normalise(this.text, { isStreamed, budgets: this.#budgets })
    this.#isComplete &&= read.complete
    return read
  }
}
