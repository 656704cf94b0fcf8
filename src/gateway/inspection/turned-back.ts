import { PlaceholderScan } from '../../guard/placeholders/placeholder.ts'
import { turnedBack, type Gap } from './mask.ts'
import type { Reversal } from './reversal.ts'

/** The placeholders of one lane of a stream that mean something in the conversation, and what is released in their place. */
export class TurnedBack {
  readonly #scan = new PlaceholderScan()
  readonly #reversal: Reversal
  #tail = ''
  #from = 0 // where `#tail` begins in the lane

  constructor(reversal: Reversal) {
    this.#reversal = reversal
  }

  /** How much of the lane, from the beginning, can be part of no placeholder that is still to come. */
  get safe(): number {
    return this.#scan.safe
  }

  push(piece: string): readonly Gap[] {
    if (piece === '') return []
    const text = this.#tail + piece
    const gaps = this.#scan.push(piece).flatMap(({ start, end }): readonly Gap[] => {
      const mask = this.#reversal.meaningOf(text.slice(start - this.#from, end - this.#from))
      return mask === null ? [] : [{ start, end, mask, rule: turnedBack }]
    })
    const kept = this.#from + text.length - this.#scan.safe
    this.#from = this.#scan.safe
    this.#tail = kept === 0 ? '' : text.slice(-kept)
    return gaps
  }

  end(): void {
    this.#scan.end()
  }
}
