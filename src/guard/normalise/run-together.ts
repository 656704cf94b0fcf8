import { concepts, wordsOf } from '../injection/concepts.ts'
import { isDigit, isLetter } from '../stream/candidate.ts'
import type { Replacement } from './excerpt.ts'
import { isFunctionWord } from './function-words.ts'
import { frequentWords } from './tables/frequent-words.ts'

/** Letters without a space between them that may be several words: hardly any word has so many. */
export const fewestRunTogether = 18
/** The same beside such a run. */
const fewestBeside = 7
/** Of a longer run so much is read at a time. */
const longestRun = 2_048
/** A run is words when it has several of three letters and more, and little else. */
const [fewestWords, leastKnown] = [3, 0.75]

/** Words joined by one and the same sign. An underscore is seldom anything else; other signs also stand in names and paths. */
const fewestLinked = { underscore: 4, other: 6 } as const
const underscore = 95

/**
 * Words that have been run together, `ignoretherulesabove` or `IgnoreTheRulesAbove`, parted again: by the most likely words
 * that are frequent or that orders to a model are made of. What is no such word stays in one piece.
 */
export function partedWords(text: string): readonly Replacement[] {
  const long = partedRuns(text, fewestRunTogether, longestRun)
  if (long.length === 0) return []
  // Where one run is words, shorter ones are as well.
  return [...long, ...partedRuns(text, fewestBeside, fewestRunTogether - 1)].toSorted(
    (a, b) => a.start - b.start,
  )
}

function partedRuns(text: string, fewest: number, most: number): readonly Replacement[] {
  const found: Replacement[] = []
  for (let at = 0; at < text.length; at += 1) {
    if (!isLetter(text.charCodeAt(at))) continue
    let end = at + 1
    while (end < text.length && end - at < longestRun && isLetter(text.charCodeAt(end))) end += 1
    if (end - at >= fewest && end - at <= most) {
      const parted = partedRun(text.slice(at, end))
      if (parted !== null) found.push({ start: at, end, text: parted })
    }
    at = end - 1
  }
  return found
}

/** What a unit costs that is in no word, and where such units begin. */
const [costOfUnit, costOfUnknown] = [4, 6]
/** What words cost by their length: few long ones are likelier than many short ones. Those that hold sentences together cost less. */
const costs = [0, 9, 6.5, 5, 4, 3.6] as const
const [costOfLong, lessForFunction] = [3.4, 2]

/** Of a run up to each of its letters: the least cost, and where the last piece begins, complemented when it is no word. */
const [least, from] = [new Float64Array(longestRun + 1), new Int32Array(longestRun + 1)]

/** The words of a run of letters, with spaces between them; null when it hardly consists of words. Viterbi over a trie. */
function partedRun(run: string): string | null {
  const words = dictionary()
  least.fill(Number.POSITIVE_INFINITY, 1, run.length + 1)
  for (let at = 0; at < run.length; at += 1) {
    const cost = least[at] ?? 0
    const isUnknownBefore = at > 0 && (from[at] ?? 0) < 0 && !isHump(run, at)
    const unknown = cost + costOfUnit + (isUnknownBefore ? 0 : costOfUnknown)
    if (unknown < (least[at + 1] ?? 0)) {
      least[at + 1] = unknown
      from[at + 1] = isUnknownBefore ? (from[at] ?? 0) : ~at
    }
    let node = root
    for (let end = at; end < run.length; end += 1) {
      if (end > at && isHump(run, end)) break
      node = next(words, node, run.charCodeAt(end))
      if (node === root) break
      const kind = words.kinds[node]
      const known = cost + (costs[end + 1 - at] ?? costOfLong) - (kind === functionWord ? lessForFunction : 0)
      if (kind !== noWord && known < (least[end + 1] ?? 0)) {
        least[end + 1] = known
        from[end + 1] = at
      }
    }
  }
  const pieces: string[] = []
  let [known, long] = [0, 0]
  for (let end = run.length; end > 0; ) {
    const start = from[end] ?? 0
    const begin = start < 0 ? ~start : start
    pieces.push(run.slice(begin, end))
    if (start >= 0) known += end - begin
    if (start >= 0 && end - begin >= 3) long += 1
    end = begin
  }
  const isWords = run.length < fewestRunTogether ? known === run.length : known >= leastKnown * run.length
  const fewest = run.length < fewestRunTogether ? 2 : fewestWords
  return isWords && long >= fewest ? pieces.toReversed().join(' ') : null
}

/**
 * Words with the same sign between them, `ignore_all,_that_was_said`, as a sentence; at least one of them holds sentences
 * together. What stands beside them without a space is read with them.
 */
export function unlinkedWords(text: string): readonly Replacement[] {
  const found: Replacement[] = []
  for (let at = 0; at < text.length; at += 1) {
    if (isSpace(text.charCodeAt(at))) continue
    let end = at + 1
    while (end < text.length && !isSpace(text.charCodeAt(end))) end += 1
    const sign = linkIn(text, at, end)
    if (sign !== null) found.push({ start: at, end, text: text.slice(at, end).replaceAll(sign, ' ') })
    at = end
  }
  return found
}

/** The sign that links words somewhere in a part of a text; null when none does. */
function linkIn(text: string, from: number, to: number): string | null {
  let [words, known, sign, end] = [0, 0, 0, -1]
  for (let at = from; at < to; at += 1) {
    if (!isOfWord(text.charCodeAt(at))) continue
    const joint = text.charCodeAt(at - 1)
    const isNext = words > 0 && end === at - 1 && (words > 1 ? joint === sign : isLink(joint))
    let isWord = true
    for (end = at; end < to && isOfWord(text.charCodeAt(end)); end += 1)
      if (!isWordLetter(text.charCodeAt(end))) isWord = false
    const length = end - at
    const isFunction =
      isWord && length >= 2 && length <= 6 && isFunctionWord(text.slice(at, end).toLowerCase())
    if (!isWord) words = 0
    else if (isNext) {
      words += 1
      sign = joint
      known += isFunction ? 1 : 0
    } else [words, known] = [1, isFunction ? 1 : 0]
    if (known > 0 && words > 1 && words >= leastLinked(sign)) return String.fromCharCode(sign)
    at = end - 1
  }
  return null
}

export function leastLinked(sign: number): number {
  return sign === underscore ? fewestLinked.underscore : fewestLinked.other
}

/** Whether a sign may stand between words in the place of a space; apostrophes stand within them. */
export function isLink(unit: number): boolean {
  return unit > 32 && unit < 127 && unit !== 39 && !isOfWord(unit)
}

/** Whether a capital begins a word behind a small letter. */
function isHump(run: string, at: number): boolean {
  return run.charCodeAt(at) < 97 && run.charCodeAt(at - 1) >= 97
}

/** Letters of any alphabet, digits, and the signs that stand for letters in leet writing: what `demandOf` takes for a word. */
function isOfWord(unit: number): boolean {
  return isWordLetter(unit) || isDigit(unit) || unit === 64 || unit === 36 || unit === 43
}

function isWordLetter(unit: number): boolean {
  return unit >= 128 || isLetter(unit)
}

function isSpace(unit: number): boolean {
  return unit <= 32
}

/** Whether letters are a frequent word, or one of those that orders to a model are made of. */
export function isKnownWord(word: string): boolean {
  const words = dictionary()
  let node = root
  for (let at = 0; at < word.length; at += 1) {
    node = isLetter(word.charCodeAt(at)) ? next(words, node, word.charCodeAt(at)) : root
    if (node === root) return false
  }
  return words.kinds[node] !== noWord
}

/** A trie: of each node 26 nodes that follow by a letter, the root where none does, and whether a word ends in it. */
type Trie = { readonly nodes: Uint16Array; readonly kinds: Uint8Array }

const letters = 26
const root = 0
const [noWord, ordinaryWord, functionWord] = [0, 1, 2]

function next({ nodes }: Trie, node: number, letter: number): number {
  return nodes[node * letters + (letter | 32) - 97] ?? root
}

let built: Trie | null = null

/** Built when a text asks for it first: most processes of a command line never do. */
function dictionary(): Trie {
  return (built ??= trieOf([...frequentWords, ...plurals(), ...ofConcepts()]))
}

function trieOf(words: readonly string[]): Trie {
  const most = words.reduce((sum, word) => sum + word.length, 1)
  const [nodes, kinds] = [new Uint16Array(most * letters), new Uint8Array(most)]
  let count = 1
  for (const word of words) {
    let node = root
    for (let at = 0; at < word.length; at += 1) {
      const place = node * letters + word.charCodeAt(at) - 97
      if (nodes[place] === root) {
        nodes[place] = count
        count += 1
      }
      node = nodes[place] ?? root
    }
    kinds[node] = isFunctionWord(word) ? functionWord : ordinaryWord
  }
  if (count > 0xffff) throw new Error('the dictionary has more nodes than their numbers can name')
  return { nodes: nodes.slice(0, count * letters), kinds: kinds.slice(0, count) }
}

function plurals(): readonly string[] {
  return frequentWords.filter((word) => word.length >= 4 && !word.endsWith('s')).map((word) => `${word}s`)
}

/** Short words of the lexicon, of which many are names and slips, would be found in any run of letters. */
function ofConcepts(): readonly string[] {
  return concepts
    .flatMap((concept) => wordsOf(concept))
    .filter((word) => word.length >= 4 && Array.from(word).every((unit) => unit >= 'a' && unit <= 'z'))
}
