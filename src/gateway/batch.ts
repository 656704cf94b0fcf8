import type { Digest } from '../kernel/index.ts'
import { recordCommitment } from '../ledger/batch.ts'
import { appendLeaves, emptyEdge, leafHash, rootOf } from '../ledger/merkle.ts'
import type { RecordEntry, RuntimeRecord, SealedBatch } from './ports.ts'

/**
 * Records of one worker on their way into a batch; their numbers follow each other. Each is hashed as it comes: a thousand at
 * once would keep every call waiting for ten milliseconds.
 */
export class OpenBatch {
  readonly entries: RecordEntry[] = []
  readonly #counts: Record<RuntimeRecord['action'], number> = {
    allow: 0,
    redact: 0,
    block: 0,
    held: 0,
    fault: 0,
  }
  #edge = emptyEdge

  add(entry: RecordEntry): void {
    const { record, salt } = entry
    const commitment = recordCommitment(Buffer.from(salt, 'base64url'), record)
    this.#edge = appendLeaves(this.#edge, [leafHash(commitment)])
    this.#counts[record.action] += 1
    this.entries.push(entry)
  }

  /** What is to be stored; null while there is nothing in it. `root`: RFC 6962 over the commitments, as `batchRoot` has it. */
  sealed(worker: string, batchNumber: number): SealedBatch | null {
    const { entries } = this
    const [first] = entries
    if (first === undefined) return null
    const root = `sha256:${Buffer.from(rootOf(this.#edge)).toString('hex')}` as Digest // 32 bytes in hex
    const firstSeq = first.record.seq
    return { worker, batchNumber, firstSeq, entries, root, counts: { ...this.#counts } }
  }
}

/** Seals records of one worker whose numbers follow each other; there is at least one. */
export function sealBatch(
  worker: string,
  batchNumber: number,
  entries: readonly [RecordEntry, ...RecordEntry[]],
): SealedBatch {
  const batch = new OpenBatch()
  for (const entry of entries) batch.add(entry)
  const sealed = batch.sealed(worker, batchNumber)
  if (sealed === null) throw new RangeError('a batch has a record')
  return sealed
}
