import { isDigit, isLetter, isWordUnit } from '../stream/candidate.ts'
import type { Replacement } from './excerpt.ts'
import { isFunctionWord } from './function-words.ts'

/** A run of letters one by one, and what may stand between two of its words. */
const [fewestSpaced, longestGap] = [5, 8]
const fewestLineWords = 6
const [fewestLeet, longestLeet] = [2, 24]
/** What stands behind it is an escape, `\\u0069`. */
const backslash = 92

/**
 * Characters one by one with one separator between them, `i-g-n-o-r-e- t-h-i-s-!`: joined. More than one separator, a space
 * or a line ends a word. A run has several letters or digits and begins with one, the signs in front of it taken along.
 */
export function joinedLetters(text: string): readonly Replacement[] {
  const found: Replacement[] = []
  let done = 0
  for (let at = 0; at + 2 < text.length; at += 1) {
    const separator = text.charAt(at + 1)
    const begins =
      isWordUnit(text.charCodeAt(at)) &&
      !isWordUnit(text.charCodeAt(at - 1)) &&
      ' .-_*|/\n'.includes(separator)
    if (!begins) continue
    let [joined, letters, end] = [text.charAt(at), 1, at + 1]
    for (;;) {
      const next = characterBehind(text, end, separator)
      if (next === null) break
      joined += next.gap + text.slice(next.at, next.end)
      if (isWordUnit(text.charCodeAt(next.at))) letters += 1
      end = next.end
    }
    if (letters < fewestSpaced) continue
    const start = signsBefore(text, at, done, separator)
    found.push({ start, end, text: signsOf(text, start, at) + joined })
    at = end - 1
    done = end
  }
  return found
}

/** The next single character behind a separator; null when what follows is a word, or nothing. */
function characterBehind(
  text: string,
  from: number,
  separator: string,
): { readonly at: number; readonly end: number; readonly gap: string } | null {
  if (text.charAt(from) !== separator) return null
  const gaps = isWordUnit(text.charCodeAt(from - 1)) ? ' \n/' : ' \n' // a stroke behind a sign is one itself
  let at = from + 1
  while (at < Math.min(text.length, from + longestGap)) {
    const character = text.charAt(at)
    if (character !== separator && !gaps.includes(character)) break
    at += 1
  }
  if (at >= text.length) return null
  const end = at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)
  const follows = text.charAt(end)
  if (isWordUnit(text.charCodeAt(at))) {
    if (follows !== separator && isWordUnit(text.charCodeAt(end))) return null
  } else if (follows !== separator && !' \n'.includes(follows)) return null
  return { at, end, gap: at > from + 1 ? ' ' : '' }
}

/** Where the signs begin that stand one by one in front of a run, not before `least`. */
function signsBefore(text: string, from: number, least: number, separator: string): number {
  let at = from
  while (at - 2 >= least && text.charAt(at - 1) === separator && isLoneSign(text, at - 2, separator)) at -= 2
  return at
}

function signsOf(text: string, from: number, to: number): string {
  let signs = ''
  for (let at = from; at < to; at += 2) signs += text.charAt(at)
  return signs
}

function isLoneSign(text: string, at: number, separator: string): boolean {
  const unit = text.charCodeAt(at)
  return unit > 32 && unit < 127 && !isWordUnit(unit) && text.charAt(at) !== separator
}

/** One word in each line, or marks of emphasis around each: the words of a sentence, joined by spaces. */
export function joinedLineWords(text: string): readonly Replacement[] {
  const found: Replacement[] = []
  for (let at = 0; at < text.length; ) {
    const words: string[] = []
    let end = at
    for (let from = at; from < text.length; ) {
      const line = text.indexOf('\n', from)
      const to = line < 0 ? text.length : line
      const word = bare(text.slice(from, to))
      if (to - from > 32 || word === null) break
      if (word !== '') words.push(word)
      end = to
      from = to + 1
    }
    if (words.length >= fewestLineWords) found.push({ start: at, end, text: words.join(' ') })
    const next = text.indexOf('\n', Math.max(end, at))
    if (next < 0) break
    at = next + 1
  }
  return found
}

/** A single word without marks around it; null when there are several. */
function bare(line: string): string | null {
  const word = line
    .split('')
    .filter((character) => !'*_~`>-|#\t '.includes(character))
    .join('')
  return line.trim().includes(' ') && word.length > 1 && !'*_~`>-|#'.includes(line.trim().charAt(0))
    ? null
    : word
}

const leet: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '@': 'a',
  '5': 's',
  $: 's',
  '7': 't',
  '+': 't',
  '8': 'b',
  '9': 'g',
}

/** Words with digits between their letters, `1gn0r3`, where a text has several: in letters. */
export function withoutLeet(text: string): readonly Replacement[] {
  const found: Replacement[] = []
  let [words, inner] = [0, 0]
  for (let at = 0; at < text.length; at += 1) {
    if (!isLeetUnit(text.charCodeAt(at))) continue
    let [end, digits, letters, unread] = [at, 0, 0, 0]
    for (; end < text.length && isLeetUnit(text.charCodeAt(end)); end += 1) {
      if (isLetter(text.charCodeAt(end))) letters += 1
      else {
        digits += 1
        if (!Object.hasOwn(leet, text.charAt(end))) unread += 1
      }
    }
    words += 1
    if (digits > 0 && end - at <= longestLeet && text.charCodeAt(at - 1) !== backslash) {
      const folded = inLetters(text, at, end)
      const isWord = letters > 0 && (unread === 0 || digits <= 3 * letters) && hasOneCase(text, at, end)
      if (isWord && (isLetter(text.charCodeAt(at)) || digits > 1)) inner += 1
      // Digits alone are a word only where they make one that holds sentences together: `70`, `411`.
      if (isWord || (letters === 0 && unread === 0 && isFunctionWord(folded)))
        found.push({ start: at, end, text: folded })
    }
    at = end - 1
  }
  return inner >= fewestLeet || inner * 10 >= Math.max(words, 10) ? found : []
}

/** How much a word of letters and digits looks like leet writing: most when it is a word that holds sentences together. */
export function leetPointsOf(text: string, from: number, to: number, isInner: boolean): 0 | 1 | 2 {
  if (text.charCodeAt(from - 1) === backslash) return 0
  if (to - from >= 2 && to - from <= 6 && isFunctionWord(inLetters(text, from, to).toLowerCase())) return 2
  return isInner ? 1 : 0
}

function inLetters(text: string, from: number, to: number): string {
  let word = ''
  for (let at = from; at < to; at += 1) word += leet[text.charAt(at)] ?? text.charAt(at)
  return word
}

function isLeetUnit(unit: number): boolean {
  return isLetter(unit) || isDigit(unit) || unit === 64 || unit === 36 || unit === 43
}

/** Capitals and small letters in turn are a key or a digest. */
function hasOneCase(text: string, from: number, to: number): boolean {
  const rest = text.slice(from + 1, to)
  return rest === rest.toLowerCase() || rest === rest.toUpperCase()
}
