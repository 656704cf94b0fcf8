import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalBytes } from '../kernel/index.ts'
import type { EpochMs } from '../kernel/index.ts'
import { idFrom } from '../kernel/index.ts'
import type { LeafV1 } from './leaf.ts'
import { actorRefOf, encodeLeaf, maxLeafBytes, parseLeaf, schemaDigest } from './leaf.ts'

const at = 1_700_000_000_000 as EpochMs
const id = <K extends 'event' | 'command' | 'user' | 'service'>(kind: K) =>
  idFrom(kind, at, new Uint8Array(10))
const leaf: LeafV1 = {
  v: 1,
  log: 'log.example',
  id: id('event'),
  kind: 'ballot.cast',
  schema: schemaDigest('ballot.cast'),
  at,
  actor: actorRefOf({ k: 'person', ref: id('user') }),
  stream: 'case/one',
  rev: 1,
  cmd: id('command'),
  part: [1, 1],
  via: { channel: 'api' },
  subjects: [],
  refs: [],
  facts: { alg: 'fields-hmac-sha256/1', root: 'A'.repeat(43) },
}

test('a leaf is read as it was written', () => {
  const encoded = encodeLeaf(leaf)
  expect(encoded.ok && parseLeaf(encoded.bytes)).toEqual({ ok: true, leaf })
})

test.each([
  ['an unknown member', { hidden: 1 }],
  ['revision 0', { rev: 0 }],
  ['part 2 of 1', { part: [2, 1] }],
  ['129 parts', { part: [1, 129] }],
  ['a name as actor', { actor: 'p:Ada' }],
  ['an unknown system role', { actor: 'sys:root' }],
  ['a kind without an area', { kind: 'cast' }],
  ['a stream without an id', { stream: 'case/' }],
  ['a fraction as instant', { at: 0.5 }],
  ['a repeated subject', { subjects: [leaf.schema, leaf.schema] }],
  ['too many references', { refs: Array.from({ length: 17 }, () => leaf.id) }],
  ['a short root', { facts: { ...leaf.facts, root: 'AAAA' } }],
  ['a root that is not canonical', { facts: { ...leaf.facts, root: `${'A'.repeat(42)}B` } }],
  ['another algorithm', { facts: { ...leaf.facts, alg: 'none' } }],
])('a leaf with %s is refused in both directions', (_, change) => {
  const changed = { ...leaf, ...change } as unknown as LeafV1 // wrong on purpose
  expect(encodeLeaf(changed)).toEqual({ ok: false, fault: 'bad_form' })
  const text = Buffer.from(JSON.stringify(changed))
  expect(parseLeaf(text).ok).toBe(false)
})

test.each([
  ['another order of members', Buffer.from(JSON.stringify(leaf)), 'not_canonical'],
  [
    'a repeated member',
    Buffer.from(`{"actor":1,${Buffer.from(canonicalBytes(leaf)).toString().slice(1)}`),
    'not_canonical',
  ],
  ['bytes that are not UTF-8', Uint8Array.of(0xff), 'not_canonical'],
  ['a byte order mark', Buffer.concat([Buffer.from('\ufeff'), canonicalBytes(leaf)]), 'not_canonical'],
  ['more than 4,096 bytes', new Uint8Array(maxLeafBytes + 1), 'too_large'],
])('bytes with %s are no leaf', (_, bytes, fault) => expect(parseLeaf(bytes)).toEqual({ ok: false, fault }))

test('law: bytes that are accepted are written back the same', () => {
  let accepted = 0
  const bytes = canonicalBytes(leaf)
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ (1 << bit)
      const parsed = parseLeaf(changed)
      if (!parsed.ok) return
      accepted += 1
      const encoded = encodeLeaf(parsed.leaf)
      expect(encoded.ok && Buffer.from(encoded.bytes)).toEqual(changed)
    }),
    { numRuns: 1_000 },
  )
  expect(accepted).toBeGreaterThan(20)
})
