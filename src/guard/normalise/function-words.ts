import { isLetter } from '../stream/candidate.ts'

/** Words that hold sentences together in the languages that a text is likeliest to be in, and so hardly ever lack. */
const words: ReadonlySet<string> = new Set(
  (
    'the of and to in is that it for on with as are was be this by at from or an not you your all have has do what if can will ' +
    'me my we our they their them he she his her its no any so but about into out up ' +
    'der die das und ist nicht ein eine zu den von mit auf im dem des sich als auch es ich sie ' +
    'le la les et est un une des du que qui dans pour pas sur avec ' +
    'el los las y en es que un una por con para no del se ' +
    'il di che e non per con una dei ' +
    'de het een en van niet op te dat ' +
    'as do da uma não com'
  ).split(' '),
)
const longest = 6

export type WordShare = { readonly words: number; readonly share: number }

/** A text with a smaller share is perhaps no text of a language; one such word may be there by chance. */
export const leastShare = 0.05

export function isStrange(words: number, known: number): boolean {
  return words >= 4 && (known <= 1 || known < leastShare * words)
}

/** How many words of letters a text has, and which share of them are function words. */
export function wordShareOf(text: string): WordShare {
  let [count, known] = [0, 0]
  for (let at = 0; at < text.length; at += 1) {
    if (!isWordLetter(text.charCodeAt(at))) continue
    let end = at + 1
    while (end < text.length && isWordLetter(text.charCodeAt(end))) end += 1
    count += 1
    if (end - at >= 2 && end - at <= longest && words.has(text.slice(at, end).toLowerCase())) known += 1
    at = end
  }
  return { words: count, share: count === 0 ? 0 : known / count }
}

export function isFunctionWord(word: string): boolean {
  return words.has(word)
}

/** Letters of English in front of a word that is packed: five bits for each. Six of them fit. */
export function packed(before: number, letter: number): number {
  return ((before << 5) | (letter & 31)) & 0x3fff_ffff
}

/** The same for a word of at most six letters a to z, in either case, that `packed` has taken one by one. */
export function isPackedFunctionWord(word: number): boolean {
  return packedWords.has(word)
}

const packedWords: ReadonlySet<number> = new Set(
  [...words]
    .filter((word) => Array.from(word).every((letter) => letter >= 'a' && letter <= 'z'))
    .map((word) => Array.from(word, (letter) => letter.charCodeAt(0)).reduce(packed, 0)),
)

/** Whether a packed word of letters a to z is one of them from its last letter to its first. */
export function isPackedTurnedWord(word: number): boolean {
  return turnedWords.has(word)
}

const turnedWords: ReadonlySet<number> = new Set(
  [...words].map((word) =>
    Array.from(word)
      .toReversed()
      .map((letter) => letter.charCodeAt(0))
      .reduce(packed, 0),
  ),
)

function isWordLetter(unit: number): boolean {
  return isLetter(unit) || unit >= 0xc0
}
