import type { Replacement } from './excerpt.ts'
import { isFunctionWord } from './function-words.ts'
import { isKnownWord } from './run-together.ts'
import { ViewWriter } from './view.ts'

const fewestLines = 12
const [fewestAcrosticWords, mostVerses] = [3, 12]
const [fewestSpelled, leastSpelled] = [3, 0.7]

/** Strings that a program puts together, `"ab" + "cd"`, as the one that they make. */
export function joinedStrings(text: string): readonly Replacement[] {
  const found: Replacement[] = []
  for (let at = 0; at < text.length; at += 1) {
    if (!isQuote(text.charAt(at))) continue
    const first = stringEnd(text, at)
    if (first < 0) continue
    let [joined, end, count] = [text.slice(at + 1, first), first + 1, 1]
    for (;;) {
      const next = jointEnd(text, end)
      const close = next < 0 ? -1 : stringEnd(text, next)
      if (close < 0) break
      joined += text.slice(next + 1, close)
      end = close + 1
      count += 1
    }
    if (count > 1) found.push({ start: at, end, text: `"${joined}"` })
    at = end - 1
  }
  return found
}

const longestString = 512

function isQuote(character: string): boolean {
  return character === '"' || character === "'" || character === '`'
}

/** Where the string ends that begins at `at`; -1 when it is none. */
function stringEnd(text: string, at: number): number {
  const quote = text.charAt(at)
  const most = Math.min(text.length, at + longestString)
  for (let end = at + 1; end < most; end += 1) {
    const character = text.charAt(end)
    if (character === quote) return end
    if (character === '\n' || character === '\\') return -1
  }
  return -1
}

/** Where the next string begins behind `+`, `.`, `&`, `..` or nothing but a line; -1 when none does. */
function jointEnd(text: string, from: number): number {
  let [at, joints, lines] = [from, 0, 0]
  for (; at < from + 48 && at < text.length; at += 1) {
    const character = text.charAt(at)
    if (isQuote(character)) return (joints > 0 || lines > 0) && joints <= 2 ? at : -1
    if ('+.&'.includes(character)) joints += 1
    else if (character === '\n' || character === '\\') lines += 1
    else if (character !== ' ') return -1
  }
  return -1
}

/** First letters of lines, where they spell words; lines without letters part the words. */
export function acrostic(text: string): ReturnType<ViewWriter['written']> | null {
  if (!mayBeAcrostic(text)) return null
  const writer = new ViewWriter(text)
  for (const { from, to } of linesOf(text)) {
    const first = firstOf(text, from, to)
    if (first >= 0) writer.keep(first, first + 1)
    else if (to < text.length) writer.put(' ', to, to + 1)
  }
  return writer.written()
}

/** Whether the first letters of lines spell function words: several, or two in hardly more verses; or hardly anything but words. */
export function mayBeAcrostic(text: string): boolean {
  let [lines, words, word] = [0, 0, '']
  const verses: string[] = []
  const endVerse = () => {
    if (word === '') return
    verses.push(word)
    if (word.length > 1 && isFunctionWord(word.toLowerCase())) words += 1
    word = ''
  }
  for (const { from, to } of linesOf(text)) {
    const first = firstOf(text, from, to)
    if (first >= 0) {
      lines += 1
      word += text.charAt(first)
    } else endVerse()
  }
  endVerse()
  if (lines < fewestLines) return false
  if (words >= fewestAcrosticWords || (words === 2 && verses.length <= mostVerses)) return true
  return verses.length >= fewestSpelled && lettersInWords(verses) >= leastSpelled * lines
}

function lettersInWords(verses: readonly string[]): number {
  return verses.reduce((sum, verse) => sum + (verse.length > 1 && isKnownWord(verse) ? verse.length : 0), 0)
}

function* linesOf(text: string): Generator<{ readonly from: number; readonly to: number }> {
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from)
    const to = end < 0 ? text.length : end
    yield { from, to }
    from = to + 1
  }
}

/** The first character of a line that is none of the marks with which a line begins; -1 when there is none. */
function firstOf(text: string, from: number, to: number): number {
  for (let at = from; at < to; at += 1) if (!'*#>- \t'.includes(text.charAt(at))) return at
  return -1
}
