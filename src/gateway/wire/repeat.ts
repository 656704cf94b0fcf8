import { endOfString } from './json.ts'

const opening = '"content":"'
const plain = /^[^"\\\p{Cc}]*$/u

/**
 * Most events of a stream are the one before with another piece of text. Such a repeat needs no parser.
 * INVARIANT: a text (decoded from UTF-8) that repeats an exact one is exact, with the same tree but for that string: in
 * valid JSON `"content":"` is always the end of a member name and the beginning of its value, and a string without
 * quotes, backslashes and controls adds no member, no level and no escape.
 */
export class Repeat {
  #before = ''
  #after = ''
  #isKnown = false

  /** Whether `text` is the learnt text with another plain string as its last `content`. */
  covers(text: string): boolean {
    const [from, to] = [this.#before.length, text.length - this.#after.length]
    if (!this.#isKnown || from > to) return false
    return (
      text.slice(0, from) === this.#before &&
      text.slice(to) === this.#after &&
      plain.test(text.slice(from, to))
    )
  }

  /** Takes a text that `readExactTree` has accepted as the pattern of what follows. */
  learn(exact: string): void {
    const at = exact.lastIndexOf(opening)
    this.#isKnown = at !== -1
    if (at === -1) return
    const from = at + opening.length
    this.#before = exact.slice(0, from)
    this.#after = exact.slice(endOfString(exact, from - 1) - 1)
  }
}
