import { isAddressUnit, isWordUnit, step, type Candidate } from '../stream/candidate.ts'
import type { Trigger } from '../stream/scan-plan.ts'

const longest = 96
const [lineFeed, semicolon] = [10, 59]

/** "Send all of it to a@b.test": an order to carry something to an address, in text that nobody asked for orders. */
export const sendTriggers: readonly Trigger[] = ['send ', 'forward ', 'upload ', 'exfiltrate ', 'post '].map(
  (word) => ({
    rule: 'command.send-to',
    word,
    begin: (behind): Candidate | null =>
      isWordUnit(behind.unitAt(behind.at - word.length - 1)) ? null : new Order(behind.at),
  }),
)

/** Nothing is held back: an order is told, and never taken out. */
class Order implements Candidate {
  from: number
  #read = ''
  #isAddress = false

  constructor(at: number) {
    this.from = at
  }

  next(unit: number) {
    if (unit === lineFeed || unit === semicolon || this.#read.length >= longest) return step.none
    const character = String.fromCharCode(unit)
    this.#read += character
    if (!this.#isAddress) {
      this.from += 1
      if (this.#read.endsWith(' to ')) {
        this.#isAddress = true
        this.#read = ''
      }
      return step.more
    }
    if (character === '@' && this.#read.length > 1) return step.here
    if (this.#read.toLowerCase().startsWith('http'))
      return this.#read.endsWith('://') ? step.here : this.#more(unit)
    return isAddressUnit(unit) ? step.more : this.#again(unit)
  }

  end() {
    return step.none
  }

  sureness() {
    return 'likely' as const
  }

  #more(unit: number) {
    return isAddressUnit(unit) || unit === 58 || unit === 47 ? step.more : step.none
  }

  /** No address: another "to" may follow. */
  #again(unit: number) {
    this.from += this.#read.length
    this.#isAddress = false
    this.#read = String.fromCharCode(unit)
    return step.more
  }
}
