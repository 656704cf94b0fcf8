import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import vectors from '../../vectors/ledger/rfc6962.json' with { type: 'json' }
import { sha256 } from '../kernel/index.ts'
import {
  appendLeaves,
  consistencyPlan,
  consistencyProof,
  emptyEdge,
  emptyRoot,
  inclusionProof,
  isEdge,
  leafHash,
  nodeHash,
  nodesInMemory,
  nodesOf,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))
const leavesOf = (size: number, seed: number) =>
  Array.from({ length: size }, (_, i) => leafHash(sha256(`${seed}/${i}`)))
const rootAt = (leaves: readonly Uint8Array[]) => rootOf(appendLeaves(emptyEdge, leaves))

/** The definition of RFC 6962 2.1, as an independent second path. */
function definedRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return emptyRoot
  const [only] = leaves
  if (leaves.length === 1 && only !== undefined) return only
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return nodeHash(definedRoot(leaves.slice(0, k)), definedRoot(leaves.slice(k)))
}

const flipped = (hashes: readonly Uint8Array[], bit: number) => {
  const bytes = Buffer.concat(hashes)
  const at = bit % (bytes.length * 8)
  bytes[at >> 3] = (bytes[at >> 3] ?? 0) ^ (1 << (at & 7))
  return hashes.map((_, i) => new Uint8Array(bytes.subarray(i * 32, i * 32 + 32)))
}

test('the eight reference roots of RFC 6962 come out', () => {
  const leaves = vectors.leaves.map((leaf) => leafHash(hex(leaf)))
  vectors.roots.forEach((root, i) => expect(rootAt(leaves.slice(0, i + 1))).toEqual(Buffer.from(root, 'hex')))
  expect(Buffer.from(emptyRoot).toString('hex')).toBe(
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  )
})

test.each(vectors.consistency)(
  'the reference consistency proof $size1 to $size2 comes out and verifies',
  (vector) => {
    const nodes = nodesInMemory(vectors.leaves.map((leaf) => leafHash(hex(leaf))))
    const proof = consistencyProof(BigInt(vector.size1), BigInt(vector.size2), nodes)
    expect(proof.map((node) => Buffer.from(node).toString('hex'))).toEqual(vector.proof)
    const root = (size: number) => hex(vectors.roots[size - 1] ?? '')
    const ok = verifyConsistency(
      BigInt(vector.size1),
      BigInt(vector.size2),
      root(vector.size1),
      root(vector.size2),
      proof,
    )
    expect(ok).toBe(true)
  },
)

test('an empty tree is never consistent with anything', () => {
  expect(verifyConsistency(0n, 0n, emptyRoot, emptyRoot, [])).toBe(false)
  expect(verifyConsistency(0n, 1n, emptyRoot, sha256('x'), [])).toBe(false)
  expect(() => consistencyProof(0n, 1n, nodesInMemory([]))).toThrow(RangeError)
})

test('law: the incremental root is the recursive definition, in whatever portions leaves arrive', () => {
  fc.assert(
    fc.property(fc.nat(70), fc.nat(70), fc.nat(), (size, cut, seed) => {
      const leaves = leavesOf(size, seed)
      const edge = appendLeaves(appendLeaves(emptyEdge, leaves.slice(0, cut)), leaves.slice(cut))
      expect(isEdge(edge)).toBe(true)
      expect(Buffer.from(rootOf(edge))).toEqual(Buffer.from(definedRoot(leaves)))
    }),
  )
})

test('law: each inclusion proof verifies, and fails after any one-bit change or for another place', () => {
  let withPath = 0
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), (size, at, bit) => {
      const leaves = leavesOf(size, bit)
      const index = BigInt(at % size)
      const [root, leaf] = [rootAt(leaves), leaves[at % size] ?? emptyRoot]
      const path = inclusionProof(index, BigInt(size), nodesInMemory(leaves))
      expect(verifyInclusion(index, BigInt(size), leaf, path, root)).toBe(true)
      expect(verifyInclusion(index, BigInt(size), flipped([leaf], bit)[0] ?? leaf, path, root)).toBe(false)
      expect(verifyInclusion(index, BigInt(size), leaf, path, flipped([root], bit)[0] ?? root)).toBe(false)
      expect(verifyInclusion(index, BigInt(size), leaf, [...path, emptyRoot], root)).toBe(false)
      expect(verifyInclusion(BigInt(size), BigInt(size), leaf, path, root)).toBe(false)
      if (path.length === 0) return
      withPath += 1
      expect(verifyInclusion(index, BigInt(size), leaf, flipped(path, bit), root)).toBe(false)
      expect(verifyInclusion(index, BigInt(size), leaf, path.slice(1), root)).toBe(false)
      expect(verifyInclusion(index ^ 1n, BigInt(size), leaf, path, root)).toBe(false)
    }),
  )
  expect(withPath).toBeGreaterThan(50)
})

test('law: consistency verifies, composes, and fails after any one-bit change', () => {
  let withPath = 0
  const sizes = fc.tuple(
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 1, max: 60 }),
  )
  fc.assert(
    fc.property(sizes, fc.nat(), (unsorted, bit) => {
      const [a = 1, b = 1, c = 1] = unsorted.toSorted((x, y) => x - y)
      const leaves = leavesOf(c, bit)
      const nodes = nodesInMemory(leaves)
      const root = (size: number) => rootAt(leaves.slice(0, size))
      const proof = (from: number, to: number) => consistencyProof(BigInt(from), BigInt(to), nodes)
      const ok = (from: number, to: number, path = proof(from, to)) =>
        verifyConsistency(BigInt(from), BigInt(to), root(from), root(to), path)
      expect([ok(a, b), ok(b, c), ok(a, c)]).toEqual([true, true, true])
      expect(ok(a, c, [...proof(a, c), emptyRoot])).toBe(false)
      if (proof(a, c).length === 0) return
      withPath += 1
      expect(ok(a, c, flipped(proof(a, c), bit))).toBe(false)
      expect(ok(a, c, proof(a, c).slice(1))).toBe(false)
    }),
  )
  expect(withPath).toBeGreaterThan(50)
})

test('a plan names perfect subtrees only, so that a store can serve it', () => {
  expect(consistencyPlan(6n, 8n).map(nodesOf)).toEqual([
    [{ level: 1, index: 2n }],
    [{ level: 1, index: 3n }],
    [{ level: 2, index: 0n }],
  ])
  expect(nodesOf({ start: 4n, end: 7n })).toEqual([
    { level: 1, index: 2n },
    { level: 0, index: 6n },
  ])
})
