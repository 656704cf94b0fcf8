import { isEnglishWord } from './english-words.ts'
import { bucketOf, profiled, profiles } from './profiles.ts'
import { WordCursor } from './words.ts'

/**
 * `supported`: the scorer knows the language. `advisory`: it does not, so that its score is shown and decides nothing.
 * `neutral`: too few words of prose to tell; the text around it decides.
 */
export type Language = 'supported' | 'advisory' | 'neutral'

/**
 * The language of one window of the lower-cased canonical view, by its scripts, its trigrams and its English function
 * words. A window in which some words in a row are English is `supported`, whatever stands beside them: an attack is not
 * hidden by words of another language. Reads the window twice and allocates nothing.
 */
export function languageOf(text: string, start = 0, end = text.length): Language {
  const rival = likeliestBesidesEnglish(text, start, end)
  let [prose, total, run, best] = [0, 0, 0, 0]
  cursor.open(text, start, end)
  while (cursor.next()) {
    const says = cursor.isLatin ? latinEvidence(text, cursor.start, cursor.end, rival) : foreignScript
    const weighed = cursor.isProse ? says : Math.min(says, mostOfCode)
    total += weighed
    run = Math.max(0, run + weighed)
    if (run > best) best = run
    if (cursor.isProse) prose += 1
  }
  if (best >= englishRun) return 'supported'
  if (prose < fewestWords) return 'neutral'
  return total < foreignPerWord * prose ? 'advisory' : 'supported'
}

/** Fewer words of prose say nothing. */
const fewestWords = 4
/** In half nats: what words in a row must say for English at least, what each must say against it on average. */
const [englishRun, foreignPerWord] = [20, -2]
/**
 * What one word says: for English when it is a function word of it alone, against it when its script is another. Names in
 * code and addresses are English in every language.
 */
const [functionWord, foreignScript, mostOfWord, mostOfCode] = [8, -8, 14, 2]

const cursor = new WordCursor()
const sums = new Int32Array(profiled.length)

/** Which of the other profiled languages the Latin words of a window are likeliest to be in. */
function likeliestBesidesEnglish(text: string, start: number, end: number): number {
  sums.fill(0)
  cursor.open(text, start, end)
  while (cursor.next()) if (cursor.isLatin) addTrigrams(text, cursor.start, cursor.end)
  let rival = 1
  for (let i = 2; i < sums.length; i += 1) if ((sums[i] ?? 0) > (sums[rival] ?? 0)) rival = i
  return rival
}

function addTrigrams(text: string, start: number, end: number): void {
  let [a, b] = [space, text.charCodeAt(start)]
  for (let at = start + 1; at <= end; at += 1) {
    const c = at < end ? text.charCodeAt(at) : space
    const row = bucketOf(a, b, c) * profiled.length
    for (let i = 0; i < sums.length; i += 1) sums[i] = (sums[i] ?? 0) + (profiles[row + i] ?? 0)
    a = b
    b = c
  }
}

/** How much likelier a word is English than of `rival`. */
function latinEvidence(text: string, start: number, end: number, rival: number): number {
  let [a, b, sum] = [space, text.charCodeAt(start), 0]
  for (let at = start + 1; at <= end; at += 1) {
    const c = at < end ? text.charCodeAt(at) : space
    const row = bucketOf(a, b, c) * profiled.length
    sum += (profiles[row] ?? 0) - (profiles[row + rival] ?? 0)
    a = b
    b = c
  }
  if (isEnglishWord(text, start, end)) sum += functionWord
  return Math.max(-mostOfWord, Math.min(mostOfWord, sum))
}

const space = 32
