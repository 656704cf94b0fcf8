import { expect, test } from 'vitest'
import { canonicalJson, digestOf, epochMs, idFrom, isId } from './index.ts'

test('an id carries its kind and is a UUIDv7 in base32', () => {
  const id = idFrom('case', epochMs(1_700_000_000_000), new Uint8Array(10).fill(255))
  expect(isId('case', id)).toBe(true)
  expect(isId('user', id)).toBe(false)
})

test('canonical JSON sorts members and refuses fractions', () => {
  expect(canonicalJson({ b: 1, a: [true, null, 'é'] })).toBe('{"a":[true,null,"é"],"b":1}')
  expect(() => digestOf({ a: 0.5 })).toThrow('safe integer')
})
