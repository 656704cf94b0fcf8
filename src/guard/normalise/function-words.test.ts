import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isFunctionWord, isPackedFunctionWord, packed } from './function-words.ts'

const packedOf = (word: string) => Array.from(word, (letter) => letter.charCodeAt(0)).reduce(packed, 0)
const letter = fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'))

test.each(['the', 'The', 'OF', 'nicht', 'que', 'are'])('%s is one of the words, packed as well', (word) => {
  expect(isPackedFunctionWord(packedOf(word))).toBe(true)
})

test('law: a word of up to six letters is one of them packed exactly when it is one as it is written', () => {
  let found = 0
  fc.assert(
    fc.property(fc.array(letter, { minLength: 1, maxLength: 6 }), (letters) => {
      const word = letters.join('')
      const isOne = isFunctionWord(word.toLowerCase())
      found += isOne ? 1 : 0
      expect(isPackedFunctionWord(packedOf(word))).toBe(isOne)
    }),
    { numRuns: 3_000 },
  )
  expect(found).toBeGreaterThan(3)
})
