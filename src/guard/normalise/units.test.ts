import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { unitsOf } from './units.ts'

const anyUnits = fc.array(fc.nat(0xffff), { size: 'medium' }).map((units) => String.fromCharCode(...units))

test('law: the units are those of the text, halves of pairs too, and a 0 behind them', () => {
  fc.assert(
    fc.property(anyUnits, (text) => {
      const units = unitsOf(text)
      for (let at = 0; at < text.length; at += 1) expect(units[at]).toBe(text.charCodeAt(at))
      expect(units[text.length]).toBe(0)
    }),
  )
})

test('a long text has all of its units', () => {
  const long = `${'x'.repeat(20_000)}\ud83d`
  const units = unitsOf(long)
  expect([units[0], units[19_999], units[20_000], units[20_001]]).toEqual([120, 120, 0xd83d, 0])
})
