import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { familyLabels, worstFamilies } from './families.ts'
import type { Family } from './model-header.ts'

const all = { label: null, text: '' }
const family = (name: string, label: Family['label'], low: number, high: number): Family => ({
  family: name,
  label,
  isBorderline: false,
  style: `the style of ${name}`,
  channelClass: 'user',
  flagged: { n: 100, share: (low + high) / 2, low, high },
  high: { n: 100, share: 0, low: 0, high: 0 },
})
const found = family('attack-found', 'attack', 0.9, 1)
const missed = family('attack-missed', 'attack', 0.1, 0.3)
const single = family('attack-single', 'attack', 0, 0.8)
const quiet = family('benign-quiet', 'benign', 0, 0.1)
const told = family('benign-told', 'benign', 0.4, 0.6)
const five = [found, missed, single, quiet, told]
const namesOf = (families: readonly Family[]) => families.map((one) => one.family)

test('what is surely missed or wrongly told comes first, and one text proves little', () => {
  expect(worstFamilies(five, all)).toEqual([missed, told, single, found, quiet])
  expect(worstFamilies(five, { label: 'attack', text: '' })).toEqual([missed, single, found])
  expect(worstFamilies(five, { label: 'benign', text: '' })).toEqual([told, quiet])
})

test('a text is looked for in names and styles, without regard to case and to room around it', () => {
  expect(worstFamilies(five, { label: null, text: ' STYLE of benign-t' })).toEqual([told])
  expect(worstFamilies(five, { label: 'attack', text: 'told' })).toEqual([])
})

test('law: each family stands under its own label and under both, once', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  const anyFamily = fc
    .record({ name: fc.string(), label: fc.constantFrom(...familyLabels), ends: fc.tuple(share, share) })
    .map(({ name, label, ends: [a, b] }) => family(name, label, Math.min(a, b), Math.max(a, b)))
  const law = fc.property(fc.array(anyFamily), (families) => {
    const parts = familyLabels.flatMap((label) => worstFamilies(families, { label, text: '' }))
    expect(namesOf(parts).toSorted()).toEqual(namesOf(families).toSorted())
    expect(namesOf(worstFamilies(families, all)).toSorted()).toEqual(namesOf(families).toSorted())
  })
  fc.assert(law)
})
