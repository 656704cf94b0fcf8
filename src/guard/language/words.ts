import { isDigit, isLetter } from '../stream/candidate.ts'

/** Longer runs of letters are no words: what is random or encoded says nothing about a language. */
const longestWord = 24
/** Letters of scripts without spaces that are taken for one word. */
const lettersOfWord = 6

/** Walks the words of a text one by one without keeping anything of it. */
export class WordCursor {
  /** Of the word: `end` is exclusive. */
  start = 0
  end = 0
  /** Whether it is written in Latin letters, and whether nothing beside it says that it is code, a path or a number. */
  isLatin = false
  isProse = false
  #text = ''
  #at = 0
  #until = 0

  open(text: string, start: number, end: number): void {
    this.#text = text
    this.#at = start
    this.#until = end
  }

  next(): boolean {
    const [text, until] = [this.#text, this.#until]
    let at = this.#at
    for (;;) {
      while (at < until && scriptOf(text.charCodeAt(at)) === 0) at += 1
      if (at >= until) {
        this.#at = at
        return false
      }
      const script = scriptOf(text.charCodeAt(at))
      const [from, limit] = [at, script === latin ? until : Math.min(until, at + lettersOfWord)]
      while (at < limit && scriptOf(text.charCodeAt(at)) === script) at += 1
      const length = at - from
      if (script === latin && (length < 2 || length > longestWord)) continue
      this.start = from
      this.end = at
      this.isLatin = script === latin
      this.isProse =
        !isOfCode(from > 0 ? text.charCodeAt(from - 1) : space, -1) &&
        !isOfCode(
          at < text.length ? text.charCodeAt(at) : space,
          at + 1 < text.length ? text.charCodeAt(at + 1) : space,
        )
      this.#at = at
      return true
    }
  }
}

const space = 32
const [latin, other] = [1, 2] as const

/** Whether a unit is a Latin letter, a letter of another script, or none. */
function scriptOf(unit: number): 0 | typeof latin | typeof other {
  if (unit < 0x80) return isLetter(unit) ? latin : 0
  if (unit < 0x250) return unit >= 0xc0 && unit !== 0xd7 && unit !== 0xf7 ? latin : 0
  if (unit < 0x370) return 0
  if (unit >= 0x1e00 && unit < 0x1f00) return latin
  if (unit >= 0x2000 && unit < 0x2e80) return unit >= 0x2c00 && unit < 0x2de0 ? other : 0
  if (unit >= 0x3000 && unit < 0x3040) return 0
  return unit >= 0xd800 && unit < 0xf900 ? 0 : other
}

/** Whether what stands beside a word makes it a part of a name, a path, an address or a number. */
function isOfCode(unit: number, following: number): boolean {
  if (isDigit(unit)) return true
  if (unit === 46 || unit === 58) return following !== -1 && scriptOf(following) !== 0 // a point or colon within
  return (
    unit === 95 ||
    unit === 47 ||
    unit === 92 ||
    unit === 61 ||
    unit === 64 ||
    unit === 35 ||
    unit === 36 ||
    unit === 60 ||
    unit === 62 ||
    unit === 123 ||
    unit === 125 ||
    unit === 124
  )
}
