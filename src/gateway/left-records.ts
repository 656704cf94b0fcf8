import { sealBatch } from './batch.ts'
import type { BatchStore, LeftSpool, Log, RecordEntry, StoredTraffic } from './ports.ts'
import { unstoredIn } from './spool-lines.ts'

const maxBatch = 1_024

/**
 * Stores what processes that were killed have kept and not stored, under the name and the numbers of each. Their boots stay
 * open in the ledger: nobody can say that they have kept everything. Answers those that could not be
 * stored yet.
 */
export async function storeLeft(
  left: readonly LeftSpool[],
  store: BatchStore & StoredTraffic,
  log: Log,
): Promise<readonly LeftSpool[]> {
  const waiting: LeftSpool[] = []
  for (const spool of left) {
    try {
      const records = await storeOne(spool, store)
      spool.remove()
      log('warn', 'gateway.records.recovered', { worker: spool.worker, records })
    } catch (error) {
      const cause = error instanceof Error ? error.message : 'unknown'
      log('error', 'gateway.records.not_recovered', { worker: spool.worker, cause })
      waiting.push(spool)
    }
  }
  return waiting
}

async function storeOne({ worker, lines }: LeftSpool, store: BatchStore & StoredTraffic): Promise<number> {
  const { batches, records } = await store.stored(worker)
  const entries = unstoredIn(lines(), records)
  for (let from = 0, batch = batches; from < entries.length; from += maxBatch, batch += 1) {
    const part = entries.slice(from, from + maxBatch)
    await store.store(sealBatch(worker, batch, part as [RecordEntry, ...RecordEntry[]])) // `from` is before the end
  }
  return entries.length
}
