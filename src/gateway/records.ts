import type { Digest } from '../kernel/index.ts'
import { minuteMs } from '../kernel/index.ts'
import { batchRoot, recordCommitment } from '../ledger/batch.ts'
import type { BatchStore, Log, RecordEntry, RecordSink, SealedBatch } from './ports.ts'

export type Records = RecordSink & {
  readonly start: () => void
  /** Seals what is there and tries to store every sealed batch. */
  readonly flush: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Longest time for which an unstored batch may wait before the gateway stops serving. */
const maxWaitMs = 15 * minuteMs

/**
 * Collects records and hands them on in sealed batches, each second or each 1,024 records. A store that fails is tried
 * again with the same batch; meanwhile records wait in a bounded spool, and when it is full `ready` turns false.
 */
export function createRecords(options: {
  readonly store: BatchStore
  readonly worker: string
  readonly log: Log
  readonly monotonicMs: () => number
  readonly sealEveryMs?: number
  readonly maxBatch?: number
  readonly maxSpool?: number
}): Records {
  const { store, worker, log, monotonicMs } = options
  const { sealEveryMs = 1_000, maxBatch = 1_024, maxSpool = 65_536 } = options
  const sealed: { readonly batch: SealedBatch; readonly at: number }[] = []
  let pending: RecordEntry[] = []
  let [seq, batchNumber, waiting] = [0, 0, 0]
  let timer: NodeJS.Timeout | null = null
  let storing: Promise<void> | null = null

  function seal(): void {
    if (pending.length === 0) return
    const entries = pending
    pending = []
    const count = (action: string) => entries.filter(({ record }) => record.action === action).length
    const batch: SealedBatch = {
      worker,
      batchNumber,
      firstSeq: entries[0]?.record.seq ?? seq,
      entries,
      root: rootOf(entries),
      counts: { allow: count('allow'), block: count('block'), fault: count('fault') },
    }
    sealed.push({ batch, at: monotonicMs() })
    batchNumber += 1
  }

  async function storeAll(): Promise<void> {
    for (let next = sealed[0]; next !== undefined; next = sealed[0]) {
      try {
        await store.store(next.batch)
      } catch (error) {
        const cause = error instanceof Error ? error.message : 'unknown'
        log('error', 'gateway.records.not_stored', { batch: next.batch.batchNumber, cause })
        return
      }
      sealed.shift()
      waiting -= next.batch.entries.length
    }
  }

  async function flush(): Promise<void> {
    seal()
    storing ??= storeAll().finally(() => {
      storing = null
    })
    await storing
  }

  return {
    worker,
    nextSeq: () => seq,
    ready: () => waiting < maxSpool && monotonicMs() - (sealed[0]?.at ?? monotonicMs()) < maxWaitMs,
    write: (entry) => {
      pending.push(entry)
      seq += 1
      waiting += 1
      if (pending.length >= maxBatch) void flush()
    },
    flush,
    start: () => {
      timer = setInterval(() => void flush(), sealEveryMs)
      timer.unref()
    },
    close: async () => {
      if (timer !== null) clearInterval(timer)
      await flush()
      await flush() // what was sealed while the first one was storing
      if (waiting > 0) log('error', 'gateway.records.lost', { records: waiting })
    },
  }
}

function rootOf(entries: readonly RecordEntry[]): Digest {
  const commitments = entries.map(({ record, salt }) =>
    recordCommitment(Buffer.from(salt, 'base64url'), record),
  )
  return `sha256:${Buffer.from(batchRoot(commitments)).toString('hex')}` as Digest // 32 bytes in hex
}
