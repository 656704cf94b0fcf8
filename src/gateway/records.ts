import { minuteMs, type RecordId } from '../kernel/index.ts'
import { OpenBatch } from './batch.ts'
import type {
  Admissions,
  BatchStore,
  Log,
  RecordEntry,
  RecordSink,
  RuntimeRecord,
  SealedBatch,
} from './ports.ts'
import { noSpool, type Spool } from './spool.ts'
import { within } from './within.ts'

export type Records = RecordSink & {
  readonly start: () => void
  /** Seals what is there and tries to store every sealed batch. */
  readonly flush: () => Promise<void>
  readonly close: () => Promise<void>
  /** Records that are not stored yet, for how long the oldest sealed batch has waited, and what the spool takes. */
  readonly spool: () => { readonly records: number; readonly waitedMs: number; readonly bytes: number }
}

/** Longest time for which an unstored batch may wait before the gateway stops serving. */
const maxWaitMs = 15 * minuteMs
/** What the spool says of a call that runs. */
type Foreseen = Pick<RuntimeRecord, 'codes' | 'output' | 'released' | 'status'>

/**
 * Collects records and hands them on in sealed batches, each second or each 1,024 records. A store that fails is tried
 * again with the same batch; meanwhile records wait in memory and in the spool, and when it is full `ready` turns false.
 */
export function createRecords(options: {
  readonly store: BatchStore
  /** Without them no call of tier 3 is admitted. */
  readonly admissions?: Admissions
  readonly worker: string
  readonly log: Log
  readonly monotonicMs: () => number
  /** Where records outlive the process; nowhere unless given. */
  readonly spool?: Spool
  /** How long a call of tier 3 waits for the database. */
  readonly admitWithinMs?: number
  readonly sealEveryMs?: number
  readonly maxBatch?: number
  readonly maxSpool?: number
}): Records {
  const { store, worker, log, monotonicMs, spool = noSpool, admissions = noAdmissions } = options
  const { admitWithinMs = 2_000, sealEveryMs = 1_000, maxBatch = 1_024, maxSpool = 65_536 } = options
  const sealed: { readonly batch: SealedBatch; readonly at: number }[] = []
  const foreseen = new Map<RecordId, Foreseen>()
  let pending = new OpenBatch()
  let [seq, batchNumber, waiting] = [0, 0, 0]
  let isClosing = false
  let timer: NodeJS.Timeout | null = null
  let storing: Promise<void> | null = null

  function seal(): void {
    const batch = pending.sealed(worker, batchNumber)
    // INVARIANT: no batch is stored of which the spool does not say so; the end of a process is the last chance for it.
    if (batch === null || (!spool.seal(batch.entries) && !isClosing)) return
    pending = new OpenBatch()
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
      spool.stored(next.batch.entries)
    }
  }

  async function flush(): Promise<void> {
    seal()
    storing ??= storeAll().finally(() => {
      storing = null
    })
    await storing
  }

  const waitedMs = () => monotonicMs() - (sealed[0]?.at ?? monotonicMs())
  return {
    worker,
    nextSeq: () => seq,
    ready: () => waiting < maxSpool && waitedMs() < maxWaitMs && spool.isWritable(),
    foresee: (entry) => {
      const isKept = spool.keep(entry)
      if (isKept) foreseen.set(entry.record.id, foreseenIn(entry))
      return isKept
    },
    admit: async (entry) => {
      try {
        const admitted = admissions.admit(worker, entry).then(() => true)
        return await within(admitted, admitWithinMs, false)
      } catch (error) {
        const cause = error instanceof Error ? error.message : 'unknown'
        log('error', 'gateway.records.not_admitted', { record: entry.record.id, cause })
        return false
      }
    },
    write: (entry) => {
      const { record } = entry
      const kept = foreseen.get(record.id)
      foreseen.delete(record.id)
      if (kept === undefined || !isAsForeseen(kept, record)) spool.keep(entry)
      pending.add(entry)
      seq += 1
      waiting += 1
      if (pending.entries.length >= maxBatch) void flush()
    },
    spool: () => ({ records: waiting, waitedMs: waitedMs(), bytes: spool.bytes() }),
    flush,
    start: () => {
      spool.start()
      timer = setInterval(() => void flush(), sealEveryMs)
      timer.unref()
    },
    close: async () => {
      if (timer !== null) clearInterval(timer)
      isClosing = true
      await flush()
      await flush() // what was sealed while the first one was storing
      if (waiting > 0) log('error', 'gateway.records.left', { records: waiting })
      await spool.close()
    },
  }
}

const noAdmissions: Admissions = { admit: () => Promise.reject(new Error('nowhere to commit admissions')) }

function foreseenIn({ record: { codes, output, released, status } }: RecordEntry): Foreseen {
  // Codes are added as the call goes on.
  return { codes: codes.length === 0 ? noCodes : [...codes], output, released, status }
}

const noCodes: RuntimeRecord['codes'] = []

/** Whether the record of a call says of its end what was foreseen. */
function isAsForeseen(kept: Foreseen, { codes, output, released, status }: RuntimeRecord): boolean {
  return (
    kept.released === released &&
    kept.status === status &&
    kept.output?.bytes === output?.bytes &&
    kept.output?.hmac === output?.hmac &&
    kept.codes.length === codes.length &&
    kept.codes.every((code, n) => code === codes[n])
  )
}
