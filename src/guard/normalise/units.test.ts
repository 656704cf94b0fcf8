import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { unitsOf } from './units.ts'

const charCodesOf = (text: string) => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))
const anyUnits = fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units))

test('law: the units are those of the text, halves of pairs too', () => {
  fc.assert(
    fc.property(anyUnits, (text) => {
      expect([...unitsOf(text)]).toEqual(charCodesOf(text))
    }),
  )
})

test('a long text has all of its units, and a short one none of the one before', () => {
  const long = `${'x'.repeat(20_000)}\ud83d`
  expect(unitsOf(long).length).toBe(20_001)
  expect(unitsOf(long)[20_000]).toBe(0xd83d)
  expect([...unitsOf('ab')]).toEqual([97, 98])
  expect([...unitsOf('')]).toEqual([])
})
