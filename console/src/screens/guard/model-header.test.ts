import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { loadWeights } from '../../../../src/adapters/files/guard-catalogue.ts'
import { familiesOf, readModelHeader } from './model-header.ts'

test('the header of the weights that ship is one that the console knows', () => {
  const { header } = loadWeights(resolve(import.meta.dirname, '../../../../catalogue'))
  const read = readModelHeader(header)
  if (read === null) throw new Error('another header')
  const { attack, benign, borderline } = header.metrics
  const families = [attack, benign, borderline].flatMap(({ user, untrusted }) => [...user, ...untrusted])
  expect(familiesOf(read)).toHaveLength(families.length)
  expect(familiesOf(read)[0]?.flagged.n).toBeGreaterThan(0)
})
