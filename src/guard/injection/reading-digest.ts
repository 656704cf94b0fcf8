import { digestOfBytes } from '../../kernel/index.ts'
import { concepts, wordsOf } from './concepts.ts'
import { featureSettings } from './features.ts'
import { windowSettings } from './windows.ts'

/** Each concept with its words. */
type Lexicon = readonly (readonly [string, readonly string[]])[]

/**
 * Of what decides how a text is read: the lengths of windows, the n-grams and the lexicon of concepts, in any order.
 * Weights that were learned with others mean something else. The first 16 hex digits of the SHA-256 of their JSON.
 */
export function readingDigest(lexicon: Lexicon = concepts.map((name) => [name, wordsOf(name)])): string {
  const words = lexicon.map(([name, ofIt]) => `${name}: ${ofIt.toSorted().join(' ')}`).toSorted()
  const digest = digestOfBytes(JSON.stringify([windowSettings, featureSettings, words]))
  return digest.slice('sha256:'.length, 'sha256:'.length + 16)
}
