import { equalBytes, sha256 } from '../kernel/index.ts'

/** The right edge of a tree: the roots of its perfect subtrees, largest first. One per bit that is set in `size`. */
export type Edge = { readonly size: bigint; readonly nodes: readonly Uint8Array[] }

/** A perfect subtree: the node `index` of the row `level`, where leaves are row 0. */
export type NodeAt = { readonly level: number; readonly index: bigint }

/** The leaves from `start` up to but not including `end`. */
export type Span = { readonly start: bigint; readonly end: bigint }

/** Where proofs get the hashes of perfect subtrees from. */
export type NodeSource = (at: NodeAt) => Uint8Array

/** The hash of a leaf, RFC 6962 2.1. */
export function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256(Buffer.concat([Uint8Array.of(0), leaf]))
}

/** The hash of an inner node, RFC 6962 2.1. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(Buffer.concat([Uint8Array.of(1), left, right]))
}

/** The root of the tree without leaves. */
export const emptyRoot: Uint8Array = sha256('')

export const emptyEdge: Edge = { size: 0n, nodes: [] }

/** Whether `edge` has as many nodes of 32 bytes as its size demands. */
export function isEdge(edge: Edge): boolean {
  return (
    edge.size >= 0n && edge.nodes.length === bits(edge.size) && edge.nodes.every((node) => node.length === 32)
  )
}

/** Appends leaf hashes. `completed` is told of every perfect subtree that became full, the leaves included. */
export function appendLeaves(
  edge: Edge,
  hashes: Iterable<Uint8Array>,
  completed?: (at: NodeAt, hash: Uint8Array) => void,
): Edge {
  if (!isEdge(edge)) throw new RangeError('not a right edge')
  const nodes = [...edge.nodes]
  let size = edge.size
  for (const hash of hashes) {
    if (hash.length !== 32) throw new RangeError('a leaf hash has 32 bytes')
    let node = hash
    let level = 0
    let index = size
    completed?.({ level, index }, node)
    while ((index & 1n) === 1n) {
      const left = nodes.pop()
      if (left === undefined) throw new RangeError('not a right edge')
      node = nodeHash(left, node)
      level += 1
      index >>= 1n
      completed?.({ level, index }, node)
    }
    nodes.push(node)
    size += 1n
  }
  return { size, nodes }
}

/** The root of the tree that ends in `edge`. */
export function rootOf(edge: Edge): Uint8Array {
  return edge.nodes.length === 0 ? emptyRoot : fold(edge.nodes)
}

/** The root over `leaves`, which are hashed here. */
export function rootOfLeaves(leaves: Iterable<Uint8Array>): Uint8Array {
  return rootOf(appendLeaves(emptyEdge, [...leaves].map(leafHash)))
}

/** The perfect subtrees that make up `span`, largest first. Their hashes fold from the right into the hash of the span. */
export function nodesOf(span: Span): readonly NodeAt[] {
  const nodes: NodeAt[] = []
  let start = span.start
  while (start < span.end) {
    let level = 0
    while (start % (1n << BigInt(level + 1)) === 0n && start + (1n << BigInt(level + 1)) <= span.end)
      level += 1
    nodes.push({ level, index: start >> BigInt(level) })
    start += 1n << BigInt(level)
  }
  return nodes
}

/** Which spans an inclusion proof hashes, from the leaf to the root. Empty when `index` is not below `size`. */
export function inclusionPlan(index: bigint, size: bigint): readonly Span[] {
  if (index < 0n || index >= size) return []
  const path: Span[] = []
  let [start, end] = [0n, size]
  while (end - start > 1n) {
    const middle = start + split(end - start)
    if (index < middle) {
      path.push({ start: middle, end })
      end = middle
    } else {
      path.push({ start, end: middle })
      start = middle
    }
  }
  return path.toReversed()
}

/** Which spans a consistency proof hashes, in order. Empty unless 0 < size1 < size2. */
export function consistencyPlan(size1: bigint, size2: bigint): readonly Span[] {
  if (size1 <= 0n || size1 >= size2) return []
  const path: Span[] = []
  let [start, end] = [0n, size2]
  while (size1 !== end) {
    const middle = start + split(end - start)
    if (size1 <= middle) {
      path.push({ start: middle, end })
      end = middle
    } else {
      path.push({ start, end: middle })
      start = middle
    }
  }
  if (start !== 0n) path.push({ start, end })
  return path.toReversed()
}

/** The audit path of leaf `index` in the tree of `size` leaves, RFC 6962 2.1.1. */
export function inclusionProof(index: bigint, size: bigint, node: NodeSource): readonly Uint8Array[] {
  if (index < 0n || index >= size) throw new RangeError('the index is not below the size')
  return inclusionPlan(index, size).map((span) => fold(nodesOf(span).map(node)))
}

/** The proof that the tree of `size1` leaves is a prefix of the tree of `size2` leaves, RFC 6962 2.1.2. */
export function consistencyProof(size1: bigint, size2: bigint, node: NodeSource): readonly Uint8Array[] {
  if (size1 <= 0n || size1 > size2) throw new RangeError('sizes must rise from at least 1')
  return consistencyPlan(size1, size2).map((span) => fold(nodesOf(span).map(node)))
}

/** A source of nodes over leaf hashes in memory; it keeps every node that it computes. */
export function nodesInMemory(leafHashes: Iterable<Uint8Array>): NodeSource {
  const nodes = new Map<string, Uint8Array>()
  appendLeaves(emptyEdge, leafHashes, (at, hash) => nodes.set(`${at.level}/${at.index}`, hash))
  return (at) => {
    const hash = nodes.get(`${at.level}/${at.index}`)
    if (hash === undefined) throw new RangeError(`no node ${at.level}/${at.index}`)
    return hash
  }
}

/** The root that an audit path leads to, RFC 9162 2.1.3.2; null when the path has another length than the place demands. */
export function rootFromInclusion(
  index: bigint,
  size: bigint,
  hash: Uint8Array,
  path: readonly Uint8Array[],
): Uint8Array | null {
  if (index < 0n || index >= size || hash.length !== 32) return null
  let [fn, sn, root] = [index, size - 1n, hash]
  for (const node of path) {
    if (sn === 0n || node.length !== 32) return null
    if ((fn & 1n) === 1n || fn === sn) {
      root = nodeHash(node, root)
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n
        sn >>= 1n
      }
    } else root = nodeHash(root, node)
    fn >>= 1n
    sn >>= 1n
  }
  return sn === 0n ? root : null
}

/** Whether the leaf with `hash` is leaf `index` of the tree of `size` leaves with `root`. */
export function verifyInclusion(
  index: bigint,
  size: bigint,
  hash: Uint8Array,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  const computed = rootFromInclusion(index, size, hash, path)
  return computed !== null && equalBytes(computed, root)
}

/**
 * Whether the tree (`size1`, `root1`) is a prefix of the tree (`size2`, `root2`), RFC 9162 2.1.4.2.
 * `size1` = 0 is never consistent: an empty tree proves nothing, so callers handle it before.
 */
export function verifyConsistency(
  size1: bigint,
  size2: bigint,
  root1: Uint8Array,
  root2: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (size1 <= 0n || size1 > size2 || root1.length !== 32 || root2.length !== 32) return false
  if (size1 === size2) return proof.length === 0 && equalBytes(root1, root2)
  const power = (size1 & (size1 - 1n)) === 0n
  const path = power ? [root1, ...proof] : [...proof]
  const first = path.shift()
  if (first === undefined || first.length !== 32) return false
  let [fn, sn] = [size1 - 1n, size2 - 1n]
  while ((fn & 1n) === 1n) {
    fn >>= 1n
    sn >>= 1n
  }
  let [fr, sr] = [first, first]
  for (const node of path) {
    if (sn === 0n || node.length !== 32) return false
    if ((fn & 1n) === 1n || fn === sn) {
      fr = nodeHash(node, fr)
      sr = nodeHash(node, sr)
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n
        sn >>= 1n
      }
    } else sr = nodeHash(sr, node)
    fn >>= 1n
    sn >>= 1n
  }
  return sn === 0n && equalBytes(fr, root1) && equalBytes(sr, root2)
}

/** The largest power of two below `n`, which is at least 2. */
function split(n: bigint): bigint {
  return 1n << BigInt((n - 1n).toString(2).length - 1)
}

/** How many bits of `n` are set. */
function bits(n: bigint): number {
  let count = 0
  for (let rest = n; rest > 0n; rest >>= 32n)
    for (let low = Number(rest & 0xffff_ffffn); low !== 0; low &= low - 1) count += 1
  return count
}

function fold(hashes: readonly Uint8Array[]): Uint8Array {
  return hashes.reduceRight((right, left) => nodeHash(left, right))
}
