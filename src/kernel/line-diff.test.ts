import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineDiff } from './line-diff.ts'

const told = (before: string, after: string) =>
  lineDiff(before, after).map(({ k, text }) => `${k === 'same' ? ' ' : k === 'added' ? '+' : '-'}${text}`)

test.each([
  ['nothing', 'a\nb', 'a\nb', [' a', ' b']],
  ['a line in the middle', 'a\nb\nc', 'a\nx\nc', [' a', '-b', '+x', ' c']],
  ['a line more', 'a\nc', 'a\nb\nc', [' a', '+b', ' c']],
  ['a line less', 'a\nb\nc', 'a\nc', [' a', '-b', ' c']],
  ['everything', 'a', 'b', ['-a', '+b']],
  ['from nothing', '', 'a', ['-', '+a']],
])('what changed is told line by line: %s', (_what, before, after, lines) => {
  expect(told(before, after)).toEqual(lines)
})

test('very long texts are told as replaced in the middle, in bounded time', () => {
  const long = (mark: string) => Array.from({ length: 5_000 }, (_, n) => `${mark}${n}`).join('\n')
  const lines = lineDiff(`first\n${long('a')}\nlast`, `first\n${long('b')}\nlast`)
  expect(lines.filter(({ k }) => k === 'same').map(({ text }) => text)).toEqual(['first', 'last'])
  expect(lines).toHaveLength(10_002)
})

test('law: each text can be read from its side, and as much as possible stays', () => {
  const anyText = fc
    .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 12 })
    .map((lines) => lines.join('\n'))
  fc.assert(
    fc.property(anyText, anyText, (before, after) => {
      const lines = lineDiff(before, after)
      const without = (k: string) =>
        lines
          .filter((line) => line.k !== k)
          .map(({ text }) => text)
          .join('\n')
      expect(without('added')).toBe(before)
      expect(without('removed')).toBe(after)
      expect(lineDiff(before, before).every(({ k }) => k === 'same')).toBe(true)
    }),
  )
})
