import { isForeign } from '../../normalise/look-alike.ts'
import { lookAlikes } from '../../normalise/tables/confusables.ts'
import type { Draw } from '../draw.ts'

/** Letters that are written otherwise: a reader sees the same text. */

const invisible = ['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u034f', '\u180e']

/** Characters without width between the letters of words. */
export function withInvisible(text: string, draw: Draw): string {
  const share = 0.2 + draw.below(8) / 10
  return between(text, () => (draw.chance(share) ? draw.oneOf(invisible) : ''))
}

/** The text as tag characters (U+E0020 to U+E007E), which nothing shows, behind a harmless word. */
export function asTags(text: string, draw: Draw): string {
  const tags = Array.from(text, (character) => {
    const point = character.codePointAt(0) ?? 0
    return point >= 32 && point < 127 ? String.fromCodePoint(0xe0000 + point) : ' '
  })
  return `${draw.oneOf(['Hello', 'Thanks', 'Notes', 'ok', 'See below'])} ${tags.join('')}`
}

/** The bytes of the text as variation selectors behind a sign. */
export function asSelectors(text: string, draw: Draw): string {
  const selectors = Array.from(Buffer.from(text), (byte) =>
    String.fromCodePoint(byte < 16 ? 0xfe00 + byte : 0xe0100 + byte - 16),
  )
  return draw.oneOf(['\u{1f600}', '\u2714', 'a', '\u2022']) + selectors.join('')
}

/** Some letters of each word in letters of other scripts that look like them. */
export function withLookAlikes(text: string, draw: Draw): string {
  const share = 0.2 + draw.below(5) / 10
  return mapped(text, (letter) => {
    const others = Array.from(Object.hasOwn(lookAlikes, letter) ? (lookAlikes[letter] ?? '') : '').filter(
      (other) => isForeign(other.charCodeAt(0)),
    )
    return others.length > 0 && draw.chance(share) ? draw.oneOf(others) : letter
  })
}

/** The first code points of alphabets for mathematics, in one row from A to Z and a to z (Unicode 1D400 to 1D7FF). */
const rows = [0x1d400, 0x1d468, 0x1d4d0, 0x1d5a0, 0x1d5d4, 0x1d608, 0x1d63c, 0x1d670]

/** Letters of mathematics, fullwidth or circled letters, which are compatible with the plain ones. */
export function asCompatible(text: string, draw: Draw): string {
  const [large, small] = draw.oneOf([
    [0xff21, 0xff41],
    [0x24b6, 0x24d0],
    ...rows.map((first): [number, number] => [first, first + 26]),
  ])
  return mapped(text, (letter) => {
    const point = letter.charCodeAt(0)
    if (point >= 65 && point <= 90) return String.fromCodePoint(large + point - 65)
    return point >= 97 && point <= 122 ? String.fromCodePoint(small + point - 97) : letter
  })
}

/** One or more combining marks on letters. */
export function withMarks(text: string, draw: Draw): string {
  const most = draw.oneOf([1, 1, 2, 4])
  return between(text, () => {
    let marks = ''
    for (let count = draw.below(most + 1); count > 0; count -= 1)
      marks += String.fromCodePoint(0x300 + draw.below(16))
    return marks
  })
}

const leet: Readonly<Record<string, string>> = { o: '0', i: '1', e: '3', a: '4', s: '5', t: '7' }

/** Digits for all letters that they resemble, but for few; a word keeps one letter at least. */
export function asLeet(text: string, draw: Draw): string {
  const share = draw.oneOf([1, 1, 0.95])
  const words = text.toLowerCase().split(' ')
  const written = (word: string) =>
    mapped(word, (letter) => (draw.chance(share) ? (leet[letter] ?? letter) : letter))
  return words
    .map((word) =>
      Array.from(word).every((letter) => !isLetter(letter.charCodeAt(0)) || leet[letter])
        ? word
        : written(word),
    )
    .join(' ')
}

/** Capitals and small letters in turn or by chance. */
export function inMixedCase(text: string, draw: Draw): string {
  return mapped(text, (letter) => (draw.chance(0.5) ? letter.toUpperCase() : letter.toLowerCase()))
}

/** Slips of the keyboard in one of about six words: letters changed places, were left out, doubled or taken for a neighbour. */
export function withTypos(text: string, draw: Draw): string {
  return text
    .split(' ')
    .map((word) => (word.length > 3 && draw.chance(0.17) ? slipped(word, draw) : word))
    .join(' ')
}

const keyboard = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm']

function slipped(word: string, draw: Draw): string {
  const at = 1 + draw.below(word.length - 2)
  const [before, letter, after] = [word.slice(0, at), word.charAt(at), word.slice(at + 1)]
  switch (draw.below(4)) {
    case 0:
      return before + after.charAt(0) + letter + after.slice(1)
    case 1:
      return before + after
    case 2:
      return before + letter + letter + after
    default: {
      const row = keyboard.find((keys) => keys.includes(letter))
      return before + (row?.charAt(row.indexOf(letter) + 1) || letter) + after
    }
  }
}

function mapped(text: string, write: (letter: string) => string): string {
  return Array.from(text, write).join('')
}

/** Something behind each ASCII letter that another letter follows. */
function between(text: string, write: () => string): string {
  return Array.from({ length: text.length }, (_, at) => {
    const isWithin = isLetter(text.charCodeAt(at)) && isLetter(text.charCodeAt(at + 1))
    return text.charAt(at) + (isWithin ? write() : '')
  }).join('')
}

function isLetter(unit: number): boolean {
  const lower = unit | 32
  return lower >= 97 && lower <= 122
}
