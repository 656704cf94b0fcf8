import canonicalize from 'canonicalize'
import * as fc from 'fast-check'
import { createHmac, hkdfSync } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  canonicalJson,
  digestOf,
  epochMs,
  hkdfSha256,
  hmacDigest,
  hmacSha256,
  idFrom,
  isId,
  NotCanonical,
} from './index.ts'

test('an id carries its kind and is a UUIDv7 in base32', () => {
  const id = idFrom('case', epochMs(1_700_000_000_000), new Uint8Array(10).fill(255))
  expect(isId('case', id)).toBe(true)
  expect(isId('user', id)).toBe(false)
})

test('law: an id is its UUIDv7 as one number in base 32', () => {
  const digits = '0123456789abcdefghjkmnpqrstvwxyz'
  fc.assert(
    fc.property(
      fc.nat(2 ** 31),
      fc.nat(2 ** 16 - 1),
      fc.uint8Array({ minLength: 10, maxLength: 12 }),
      (low, high, random) => {
        const at = epochMs(high * 2 ** 32 + low)
        const body = idFrom('case', at, random).slice('case_'.length)
        const value = Array.from(body).reduce((sum, digit) => sum * 32n + BigInt(digits.indexOf(digit)), 0n)
        const uuid = value.toString(16).padStart(32, '0')
        expect(uuid.slice(0, 12)).toBe(at.toString(16).padStart(12, '0'))
        expect(uuid[12]).toBe('7')
        expect('89ab').toContain(uuid[16])
        expect(uuid.slice(17)).toBe(Buffer.from(random).toString('hex').slice(5, 20))
      },
    ),
  )
})

test('canonical JSON sorts members and refuses fractions', () => {
  expect(canonicalJson({ b: 1, a: [true, null, 'é'] })).toBe('{"a":[true,null,"é"],"b":1}')
  expect(() => digestOf({ a: 0.5 })).toThrow('safe integer')
})

test.each([
  ['a lone surrogate', { a: '\ud800' }, 'lone surrogate at `/a`'],
  ['a hole in a list', { a: [1, undefined] }, 'no JSON form at `/a/1`'],
  ['a class', { a: new Map() }, 'no JSON form at `/a`'],
  ['minus zero', [-0], 'not a safe integer at `/0`'],
  ['`__proto__`', JSON.parse('{"a":{"__proto__":1}}'), 'member `__proto__` at `/a`'],
])('canonical JSON refuses %s and names the place', (_what, value: unknown, message) => {
  expect(() => canonicalJson(value)).toThrow(NotCanonical)
  expect(() => canonicalJson(value)).toThrow(message)
})

test('law: members in any order are written as the library for RFC 8785 writes them', () => {
  const leaf = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.constant(null))
  const name = fc
    .oneof(fc.string({ unit: 'grapheme' }), fc.nat(200).map(String))
    .filter((text) => text !== '__proto__')
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('tree')), fc.dictionary(name, tie('tree'))),
  }))
  let inOrder = 0
  const law = fc.property(tree, (value) => {
    const text = canonicalJson(value)
    expect(text).toBe(canonicalize(value))
    expect(canonicalJson(JSON.parse(text))).toBe(text)
    if (JSON.stringify(value) === text) inOrder += 1
  })
  fc.assert(law, { numRuns: 500 })
  expect(inOrder).toBeGreaterThan(20)
  expect(inOrder).toBeLessThan(480)
})

test('law: HMAC and HKDF are those of RFC 2104 and RFC 5869', () => {
  const bytes = (maxLength: number) => fc.uint8Array({ maxLength })
  fc.assert(
    fc.property(bytes(130), bytes(300), fc.string(), (key, data, text) => {
      const expected = createHmac('sha256', key).update(data).update(text).digest()
      expect(Buffer.from(hmacSha256(key, data, text))).toEqual(expected)
      expect(hmacDigest(key, data, text)).toBe(`sha256:${expected.toString('hex')}`)
      expect(Buffer.from(hkdfSha256(key, data))).toEqual(Buffer.from(hkdfSync('sha256', key, '', data, 32)))
    }),
  )
})
