import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { loadWeights } from '../../../../src/adapters/files/guard-catalogue.ts'
import { readModelHeader } from './model-header.ts'

test('the header of the weights that ship is one that the console knows', () => {
  const { header } = loadWeights(resolve(import.meta.dirname, '../../../../catalogue'))
  expect(readModelHeader(header)?.metrics.length).toBe(header.metrics.length)
})
