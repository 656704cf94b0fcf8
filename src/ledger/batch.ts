import type { Json } from '../kernel/index.ts'
import { canonicalJson, hmacSha256 } from '../kernel/index.ts'
import { inclusionProof, leafHash, nodesInMemory, rootOfLeaves, verifyInclusion } from './merkle.ts'

/** Commits to one traffic record under its own random salt of 32 bytes. */
export function recordCommitment(salt: Uint8Array, record: Json): Uint8Array {
  if (salt.length !== 32) throw new RangeError('a salt has 32 bytes')
  return hmacSha256(salt, canonicalJson(record))
}

/** The RFC 6962 root over the commitments of a mini-batch, in the order of the batch. */
export function batchRoot(commitments: readonly Uint8Array[]): Uint8Array {
  return rootOfLeaves(commitments)
}

/** The path that proves the commitment at `index` to be in the batch. */
export function batchProof(commitments: readonly Uint8Array[], index: number): readonly Uint8Array[] {
  return inclusionProof(BigInt(index), BigInt(commitments.length), nodesInMemory(commitments.map(leafHash)))
}

/** Whether `record` is the record at `index` of the batch of `size` records with `root`. */
export function verifyInBatch(
  batch: { readonly root: Uint8Array; readonly size: number },
  index: number,
  opened: { readonly record: Json; readonly salt: Uint8Array },
  path: readonly Uint8Array[],
): boolean {
  if (opened.salt.length !== 32) return false
  const leaf = leafHash(recordCommitment(opened.salt, opened.record))
  return verifyInclusion(BigInt(index), BigInt(batch.size), leaf, path, batch.root)
}
