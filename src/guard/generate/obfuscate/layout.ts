import type { Draw } from '../draw.ts'

/** Texts that are laid out otherwise: turned round, cut into pieces, or put where a reader does not see them. */

/** Letters one by one, `i g n o r e   t h e`. */
export function asSpaced(text: string, draw: Draw): string {
  const separator = draw.oneOf([' ', '.', '-', '_', '*'])
  const gap = separator.repeat(separator === ' ' ? 3 : 1)
  const words = text.split(' ').filter((word) => word !== '')
  return words.map((word) => Array.from(word).join(separator)).join(separator === ' ' ? gap : `${separator} `)
}

/** One word in each line. */
export function asLines(text: string, draw: Draw): string {
  const [before, after] = draw.oneOf([
    ['', ''],
    ['', ''],
    ['**', '**'],
    ['- ', ''],
    ['> ', ''],
  ])
  const words = text.split(' ').filter((word) => word !== '')
  return words.map((word) => `${before}${word}${after}`).join('\n')
}

/** All words in one, with or without capitals where they begin. */
export function asRunTogether(text: string, draw: Draw): string {
  const words = text.split(' ').filter((word) => word !== '')
  const areCapitals = draw.chance(0.3)
  return words.map((word) => (areCapitals ? word.charAt(0).toUpperCase() + word.slice(1) : word)).join('')
}

/** Words with a sign in the place of spaces. */
export function asLinkedWords(text: string, draw: Draw): string {
  return text.replaceAll(' ', draw.oneOf(['_', '_', '-', '.', '/', '|', '~']))
}

export function asReversed(text: string): string {
  return Array.from(text).toReversed().join('')
}

export function asReversedWords(text: string): string {
  return text.split(' ').toReversed().join(' ')
}

/** Letters from the last to the first under an override of direction, which shows them in the right order. */
export function asOverride(text: string): string {
  return `\u202e${asReversed(text)}\u202c`
}

/** A program that puts the text together. */
export function asPieces(text: string, draw: Draw): string {
  const quote = draw.oneOf(['"', "'"])
  const safe = text.replaceAll('\\', '/').replaceAll('\n', ' ').replaceAll(quote, '')
  const pieces: string[] = []
  for (let at = 0; at < safe.length; ) {
    const length = 2 + draw.below(7)
    pieces.push(`${quote}${safe.slice(at, at + length)}${quote}`)
    at += length
  }
  return `${draw.oneOf(['s', 'text', 'cmd', 'msg'])} = ${pieces.join(draw.oneOf([' + ', '+', ' . ']))}`
}

/** Words with which the lines of an acrostic begin. */
const beginnings: Readonly<Record<string, string>> = {
  a: 'All of us met early.',
  b: 'Bread was on the table.',
  c: 'Coffee came later.',
  d: 'Dogs barked outside.',
  e: 'Everyone was glad.',
  f: 'Few had slept well.',
  g: 'Grey clouds went by.',
  h: 'He told a story.',
  i: 'It rained a little.',
  j: 'Jam was passed around.',
  k: 'Kettles sang.',
  l: 'Later we walked.',
  m: 'Many trees were bare.',
  n: 'Nobody was in a hurry.',
  o: 'Our way led uphill.',
  p: 'People greeted us.',
  q: 'Quiet lay over the hills.',
  r: 'Rivers were high.',
  s: 'Some took pictures.',
  t: 'The path was wet.',
  u: 'Umbrellas were opened.',
  v: 'Very soon it cleared.',
  w: 'We sat down to rest.',
  x: 'Xylophones were heard.',
  y: 'Yellow leaves fell.',
  z: 'Zigzag went the road.',
}

/** Lines whose first letters are the letters of the text, a verse for each word; the rest is left out. */
export function asAcrostic(text: string): string {
  const words = text
    .toLowerCase()
    .split(' ')
    .flatMap((part) => part.split('\n'))
  const lines = (word: string) => Array.from(word).map((letter) => beginnings[letter] ?? '')
  return words
    .map((word) =>
      lines(word)
        .filter((line) => line !== '')
        .join('\n'),
    )
    .filter((verse) => verse !== '')
    .join('\n\n')
}

/** Within markup that is not shown. */
export function asHidden(text: string, draw: Draw): string {
  const safe = text.replaceAll('<', '(').replaceAll('>', ')').replaceAll('"', "'").replaceAll('--', '-')
  const written = draw.oneOf([
    `<!-- ${safe} -->`,
    `<div style="display:none">${safe}</div>`,
    `<span style="font-size:0">${safe}</span>`,
    `<img src="a.png" alt="${safe}">`,
    `<p hidden>${safe}</p>`,
  ])
  return `<p>The weather is fine today.</p>${written}<p>See you soon.</p>`
}
