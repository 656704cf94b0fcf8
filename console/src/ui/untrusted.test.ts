import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { visibleParts } from './untrusted.tsx'

test.each<[string, string]>([
  ['a bidirectional override', 'user\u202egnp.exe'],
  ['a zero-width space', 'pay\u200bpal'],
  ['a tag character', 'ignore\u{e0041}'],
  ['a bell', 'ding\u0007'],
])('%s stands in a box', (_what, text) => {
  expect(visibleParts(text).filter(({ isHidden }) => isHidden)).toHaveLength(1)
})

test('law: nothing that can be read is lost, and line ends stay', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const read = visibleParts(text)
        .filter(({ isHidden }) => !isHidden)
        .map((part) => part.text)
        .join('')
      const boxes = visibleParts(text).filter(({ isHidden }) => isHidden).length
      expect(Array.from(read).length + boxes).toBe(Array.from(text).length)
    }),
  )
  expect(visibleParts('a\n\tb')).toEqual([{ text: 'a\n\tb', isHidden: false }])
})
