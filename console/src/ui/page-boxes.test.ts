import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { cssString } from './page-boxes.ts'

test('a line break is written as the escape that CSS has for it', () => {
  expect(cssString('one\ntwo')).toBe('"one\\a two"')
})

test('law: whatever a title holds, it stays one CSS string', () => {
  const text = fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\r', '\f', 'a', '7', ' ', ')', ';', '}') })
  fc.assert(
    fc.property(text, (title) => {
      const written = cssString(title)
      expect(written).toMatch(/^"(?:[^"\\\p{Cc}]|\\[0-9a-f]+ )*"$/u)
      const read = written
        .slice(1, -1)
        .replaceAll(/\\([0-9a-f]+) /g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
      expect(read).toBe(title)
    }),
  )
})
