import { expect, test } from 'vitest'
import { concepts, wordsOf } from './concepts.ts'
import { readingDigest } from './reading-digest.ts'

const lexicon = concepts.map((name) => [name, wordsOf(name)] as const)
const [[first, words] = ['', []], ...rest] = lexicon

test('the digest is of the lexicon that texts are read with, in any order', () => {
  expect(readingDigest()).toMatch(/^[0-9a-f]{16}$/)
  expect(readingDigest([...rest.toReversed(), [first, words.toReversed()]])).toBe(readingDigest())
})

test.each([
  ['a word less', [[first, words.slice(1)], ...rest]],
  ['a concept less', rest],
  ['a concept of another name', [[`${first}s`, words], ...rest]],
] as const)('%s has another digest', (_name, other) => {
  expect(readingDigest(other)).not.toBe(readingDigest())
})
