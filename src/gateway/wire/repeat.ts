import { endOfString } from './json.ts'

const plain = /^[^"\\\p{Cc}]*$/u

/**
 * Most events of a stream are the one before with another piece of text. Such a repeat needs no parser.
 * INVARIANT: a text (decoded from UTF-8) that repeats an exact one is exact, with the same tree but for that string: in
 * valid JSON `"content":"` (the opening) is always the end of a member name and the beginning of its value, and a string without
 * quotes, backslashes and controls adds no member, no level and no escape.
 */
export class Repeat {
  readonly #opening: string
  #before = ''
  #after = ''
  #isKnown = false

  /** `opening`: the name of a member with what stands between it and its string, such as `"content":"`. */
  constructor(opening: string) {
    this.#opening = opening
  }

  /** The string that stands in `text` where the learnt text has its last such member; null when more is different. */
  read(text: string): string | null {
    const [from, to] = [this.#before.length, text.length - this.#after.length]
    if (!this.#isKnown || from > to || !text.startsWith(this.#before) || !text.endsWith(this.#after))
      return null
    const piece = text.slice(from, to)
    return plain.test(piece) ? piece : null
  }

  /** Forgets what was learnt. */
  forget(): void {
    this.#isKnown = false
  }

  /** Takes a text that `readExactTree` has accepted as the pattern of what follows, if its last such string is `piece`. */
  learn(exact: string, piece: string): void {
    const from = exact.lastIndexOf(this.#opening) + this.#opening.length
    const to = from < this.#opening.length ? -1 : endOfString(exact, from - 1) - 1
    this.#isKnown = to !== -1 && exact.slice(from, to) === piece
    if (!this.#isKnown) return
    this.#before = exact.slice(0, from)
    this.#after = exact.slice(to)
  }
}
