import { packed } from './function-words.ts'
import { unitsOf } from './units.ts'

/** So many units at each end of a text tell the order of its words. */
const longestEnd = 384
const [shortest, fewestWords] = [12, 4]
/** So much more has to speak for words from the last to the first than for those in order, where anything speaks for these. */
const leastLead = 2

/** What comes before what it belongs to; and what hardly ever stands behind it, since a thing comes first. */
const [article, link] = [1, 2]
const kinds: ReadonlyMap<number, number> = new Map([
  ...kindOf('the a an my your our their this every', article),
  ...kindOf('of to in for with from by at on into about than', link),
  ...kindOf('is are was be have has do you i we they and or if that', link),
])

function kindOf(words: string, kind: number): readonly (readonly [number, number])[] {
  return words.split(' ').map((word) => [packedOf(word), kind])
}

function packedOf(word: string): number {
  let name = 0
  for (let at = 0; at < word.length; at += 1) name = packed(name, word.charCodeAt(at))
  return name
}

/**
 * Whether the words of a text seem to stand from the last to the first: ends of sentences are followed by small letters,
 * articles by what comes before them ("the of"), or the text begins like the end of a sentence and ends like its beginning.
 */
export function hasTurnedWords(text: string): boolean {
  const units = unitsOf(text)
  let [from, to] = [0, text.length]
  while (from < to && (units[from] ?? 0) <= 32) from += 1
  while (to > from && (units[to - 1] ?? 0) <= 32) to -= 1
  if (to - from < shortest) return false
  if (to - from <= 2 * longestEnd) return isTurned(units, from, to)
  return isTurned(units, from, from + longestEnd) || isTurned(units, to - longestEnd, to)
}

/** One pass over the words of a part of a text, which makes nothing. */
function isTurned(units: Uint16Array, from: number, to: number): boolean {
  // One by one, here and below: what is taken apart from a list costs twice as much in a loop over each unit of a text.
  let words = 0
  let turned = 0
  let straight = 0
  let before = 0
  let first = 0
  let last = 0
  let isEndBefore = false
  let isFirstEnd = false
  for (let at = from; at < to; at += 1) {
    const start = units[at] ?? 0
    if (start <= 32) continue
    const isFirst = units[at - 1] === 10
    let name = 0
    let letters = 0
    let end = at
    for (let unit = start; unit > 32; unit = end < to ? (units[end] ?? 0) : 32) {
      if (isLetterOf(unit)) {
        name = packed(name, unit)
        letters += 1
      }
      end += 1
    }
    const closing = units[end - 1] ?? 0
    const isLong = end - at > 1
    const isPlain = letters <= 6 && (letters === end - at || (letters === end - at - 1 && isEnding(closing)))
    const kind = isPlain && letters > 0 ? (kinds.get(name) ?? 0) : 0
    words += 1
    if (words === 1) {
      first = start
      isFirstEnd = isLong && isSentenceEnd(closing)
    } else if (isEndBefore) {
      if (isSmall(start)) turned += 1
      else if (isLarge(start) && !isFirst) straight += 1
    } else if (before === article && kind !== 0) turned += 1
    else if (before === link && kind === article) straight += 1
    isEndBefore = isLong && isSentenceEnd(closing)
    before = letters === end - at ? kind : 0
    last = isEnding(closing) ? 0 : start
    at = end - 1
  }
  if (words < fewestWords) return false
  if (isLarge(last) && (isSmall(first) || isFirstEnd)) turned += 2
  return turned - straight >= (straight === 0 ? 1 : leastLead)
}

function isSentenceEnd(unit: number): boolean {
  return unit === 46 || unit === 33 || unit === 63
}

/** `. ! ? : ; ,` */
function isEnding(unit: number): boolean {
  return isSentenceEnd(unit) || unit === 58 || unit === 59 || unit === 44
}

function isLetterOf(unit: number): boolean {
  return isSmall(unit | 32)
}

function isSmall(unit: number): boolean {
  return unit >= 97 && unit <= 122
}

function isLarge(unit: number): boolean {
  return unit >= 65 && unit <= 90
}
