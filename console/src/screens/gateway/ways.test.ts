import { expect, test } from 'vitest'
import { modelsOf, moved, waysOf } from './ways.ts'

const models = {
  'a/large': {
    upstreamId: 'ups_1',
    model: 'm',
    fallbacks: [
      { upstreamId: 'ups_2', model: 'm' },
      { upstreamId: 'ups_3', model: 's', declaredAs: 'a/small' },
    ],
  },
  'a/small': { upstreamId: 'ups_1', model: 's' },
}

test('what is read is what is sent again', () => {
  const ways = Object.fromEntries(Object.keys(models).map((alias) => [alias, waysOf({ models }, alias)]))
  expect(modelsOf(ways)).toEqual(models)
})

test('a new alias has the model of its own name and goes nowhere', () => {
  const ways = waysOf({ models: {} }, 'a/b/c')
  expect(ways).toEqual([{ upstreamId: '', model: 'b/c', declaredAs: 'a/b/c' }])
  expect(modelsOf({ 'a/b/c': ways })).toEqual({})
})

test('a line without a provider is none', () => {
  const line = { upstreamId: '', model: 'm', declaredAs: 'a/large' }
  expect(modelsOf({ 'a/large': [{ ...line, upstreamId: 'ups_1' }, line] })).toEqual({
    'a/large': { upstreamId: 'ups_1', model: 'm' },
  })
})

test('one place earlier, as far as there is one', () => {
  expect(moved([1, 2, 3], 2)).toEqual([1, 3, 2])
  expect(moved([1, 2, 3], 1)).toEqual([2, 1, 3])
  expect(moved([1, 2, 3], 0)).toEqual([1, 2, 3])
})
