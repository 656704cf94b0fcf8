import { Draw } from '../draw.ts'
import {
  asBase32,
  asBase64,
  asCodes,
  asEntities,
  asEscapes,
  asHex,
  asMorse,
  asPercent,
  asQuotedPrintable,
  asRot13,
} from './encode.ts'
import {
  asAcrostic,
  asHidden,
  asLines,
  asLinkedWords,
  asOverride,
  asPieces,
  asReversed,
  asReversedWords,
  asRunTogether,
  asSpaced,
} from './layout.ts'
import {
  asCompatible,
  asLeet,
  asSelectors,
  asTags,
  inMixedCase,
  withInvisible,
  withLookAlikes,
  withMarks,
  withTypos,
} from './letters.ts'

type Writer = (text: string, draw: Draw) => string

/** How texts are hidden. Each is the inverse of a transform of the normaliser, but for `typos`, which nothing undoes. */
const writers = {
  base64: asBase64,
  base32: asBase32,
  hex: asHex,
  percent: asPercent,
  entities: asEntities,
  escapes: asEscapes,
  quoted_printable: asQuotedPrintable,
  codes: asCodes,
  morse: asMorse,
  rot13: asRot13,
  invisible: withInvisible,
  tags: asTags,
  selectors: asSelectors,
  look_alikes: withLookAlikes,
  compatible: asCompatible,
  marks: withMarks,
  leet: asLeet,
  mixed_case: inMixedCase,
  typos: withTypos,
  spaced: asSpaced,
  lines: asLines,
  reversed: asReversed,
  reversed_words: asReversedWords,
  override: asOverride,
  pieces: asPieces,
  acrostic: asAcrostic,
  hidden: asHidden,
  run_together: asRunTogether,
  linked_words: asLinkedWords,
} as const satisfies Readonly<Record<string, Writer>>
export type Obfuscation = keyof typeof writers

export const obfuscations = Object.keys(writers) as readonly Obfuscation[] // the keys of what is written above

/** Pairs, the inner one first, that the normaliser undoes at depth 2. */
export const obfuscationPairs: readonly (readonly [Obfuscation, Obfuscation])[] = [
  ['base64', 'base64'],
  ['base64', 'hex'],
  ['hex', 'base64'],
  ['rot13', 'base64'],
  ['reversed', 'base64'],
  ['leet', 'base64'],
  ['look_alikes', 'base64'],
  ['spaced', 'base64'],
  ['percent', 'base64'],
  ['base64', 'percent'],
  ['entities', 'base64'],
  ['base64', 'hidden'],
  ['hex', 'hidden'],
  ['leet', 'hidden'],
  ['invisible', 'leet'],
  ['base32', 'base64'],
  ['base64', 'escapes'],
  ['base64', 'entities'],
  ['run_together', 'base64'],
  ['linked_words', 'rot13'],
]

/** `text` in hiding. The same text, seed and way give the same result. */
export function obfuscate(text: string, by: Obfuscation, seed: number): string {
  return writers[by](text, new Draw(`${seed}\u0000${by}\u0000${text}`))
}

/** `text` hidden twice. */
export function obfuscateTwice(
  text: string,
  [inner, outer]: readonly [Obfuscation, Obfuscation],
  seed: number,
): string {
  return obfuscate(obfuscate(text, inner, seed), outer, seed)
}
