import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { sha256 } from '../kernel/index.ts'
import type { JsonObject } from '../kernel/index.ts'
import { batchProof, batchRoot, recordCommitment, verifyInBatch } from './batch.ts'
import { commit, openFields, openWhole, verifyOpening } from './commitment.ts'

const key = sha256('key')
const committed = (value: JsonObject, under = key) => {
  const result = commit(value, under)
  if (!result.ok) throw new Error(result.fault)
  return result.commitment
}
const value = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.integer(),
  fc.boolean(),
  fc.array(fc.integer(), { maxLength: 3 }),
)
const compartment = fc
  .dictionary(fc.string({ unit: 'grapheme-ascii', minLength: 1 }), value, {
    minKeys: 1,
    maxKeys: 12,
    noNullPrototype: true,
  })
  .filter((fields) => !Object.hasOwn(fields, '__proto__'))

test.each([
  ['a short key', { a: 1 }, key.subarray(1), 'bad_key'],
  [
    'more than 64 fields',
    Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`f${i}`, 1])),
    key,
    'too_many_fields',
  ],
  ['more than 64 KiB', { a: 'x'.repeat(65_536) }, key, 'too_large'],
  ['a fraction', { a: 0.5 }, key, 'not_canonical'],
  ['a lone surrogate', { a: '\ud800' }, key, 'not_canonical'],
])('a compartment with %s is refused as data', (_, fields, under, fault) => {
  expect(commit(fields, under)).toEqual({ ok: false, fault })
})

test('law: each partial opening agrees with the full one, and another value, salt or key never matches', () => {
  let partial = 0
  fc.assert(
    fc.property(compartment, fc.nat(), (fields, pick) => {
      const commitment = committed(fields)
      expect(openWhole(commitment, fields, key)).toBe(true)
      expect(openWhole(commitment, fields, sha256('other'))).toBe(false)
      expect(openWhole(commitment, { ...fields, 'one more': 1 }, key)).toBe(false)
      expect(verifyOpening(commitment, openFields(fields, key))).toBe(true)
      const names = Object.keys(fields).filter((_, i) => (pick >> i) % 2 === 0)
      const opening = openFields(fields, key, names)
      expect(verifyOpening(commitment, opening)).toBe(names.length > 0)
      const [first] = opening.fields
      if (first === undefined) return
      partial += 1
      const other = (change: object) =>
        verifyOpening(commitment, {
          ...opening,
          fields: [{ ...first, ...change }, ...opening.fields.slice(1)],
        })
      expect(other({ value: 'another value' })).toBe(first.value === 'another value')
      expect(other({ salt: Buffer.from(sha256('salt')).toString('base64url') })).toBe(false)
      expect(other({ salt: `${first.salt}AA` })).toBe(false)
      expect(other({ pointer: `${first.pointer}!` })).toBe(false)
      expect(other({ index: -1 })).toBe(false)
    }),
  )
  expect(partial).toBeGreaterThan(30)
})

test('law: each record of a batch is proven at its place and nowhere else', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (size, at) => {
      const index = at % size
      const salts = Array.from({ length: size }, (_, i) => sha256(`salt ${i}`))
      const commitments = salts.map((salt, i) => recordCommitment(salt, { n: i }))
      const batch = { root: batchRoot(commitments), size }
      const path = batchProof(commitments, index)
      const salt = salts[index] ?? key
      expect(verifyInBatch(batch, index, { record: { n: index }, salt }, path)).toBe(true)
      expect(verifyInBatch(batch, index, { record: { n: index + 1 }, salt }, path)).toBe(false)
      expect(verifyInBatch(batch, index, { record: { n: index }, salt: key }, path)).toBe(false)
      expect(verifyInBatch(batch, size, { record: { n: index }, salt }, path)).toBe(false)
    }),
  )
})
