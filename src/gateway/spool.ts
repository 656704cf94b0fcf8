import type { RecordId } from '../kernel/index.ts'
import type { Log, RecordEntry, SpoolFile, SpoolFolder } from './ports.ts'
import { lineOf } from './spool-lines.ts'

/** Keeps records outside of the memory of this process until they are stored. */
export type Spool = {
  /** Keeps a record before it returns: it then outlives the process. False when that has failed. */
  readonly keep: (entry: RecordEntry) => boolean
  /** Notes the numbers that records were given. Until this is kept no batch with them is stored. */
  readonly seal: (entries: readonly RecordEntry[]) => boolean
  readonly stored: (entries: readonly RecordEntry[]) => void
  /** Whether the next record can be kept. */
  readonly isWritable: () => boolean
  readonly bytes: () => number
  readonly start: () => void
  readonly close: () => Promise<void>
}

export type SpoolOptions = {
  readonly folder: SpoolFolder
  readonly log: Log
  readonly syncEveryMs?: number
  readonly fileBytes?: number
  readonly maxBytes?: number
}

type Segment = { readonly n: number; readonly file: SpoolFile; bytes: number; waiting: number }

/**
 * Appends to files, one after the other; a file goes when nothing in it waits any more. Appended is kept from a kill of the
 * process, and synced four times a second from a loss of power.
 */
export function createSpool({
  folder,
  log,
  syncEveryMs = 250,
  fileBytes = 16 * 1_048_576,
  maxBytes = 1_073_741_824,
}: SpoolOptions): Spool {
  const segments = new Set<Segment>()
  const segmentOf = new Map<RecordId, Segment>()
  let current = create(0)
  let [isBroken, isDirty] = [false, false]
  let syncing: Promise<void> | null = null
  let timer: NodeJS.Timeout | null = null

  function create(n: number): Segment {
    const segment = { n, file: folder.create(n), bytes: 0, waiting: 0 }
    segments.add(segment)
    return segment
  }

  function broken(error: unknown): false {
    if (!isBroken)
      log('error', 'gateway.spool.failed', { cause: error instanceof Error ? error.message : 'unknown' })
    isBroken = true
    return false
  }

  function append(segment: Segment, text: string): boolean {
    try {
      segment.file.append(text)
    } catch (error) {
      return broken(error)
    }
    segment.bytes += Buffer.byteLength(text)
    isDirty = true
    return true
  }

  /** Counts a record as waiting in the current file, and no longer in an earlier one. */
  function place(id: RecordId): boolean {
    const before = segmentOf.get(id)
    if (before === current) return true
    segmentOf.set(id, current)
    current.waiting += 1
    if (before === undefined) return true
    before.waiting -= 1
    return append(before, lineOf({ k: 'moved', id }))
  }

  function keep(entry: RecordEntry): boolean {
    if (current.bytes >= fileBytes && !turn()) return false
    return append(current, lineOf({ k: 'record', entry })) && place(entry.record.id)
  }

  function turn(): boolean {
    try {
      const before = current
      current = create(before.n + 1)
      drop(before)
      return true
    } catch (error) {
      return broken(error)
    }
  }

  function drop(segment: Segment): void {
    if (segment === current || segment.waiting > 0) return
    segments.delete(segment)
    segment.file.remove()
  }

  async function sync(): Promise<void> {
    if (isBroken && append(current, '\n')) {
      isBroken = false // the newline also ends what was torn
      log('info', 'gateway.spool.recovered')
    }
    if (!isDirty) return
    isDirty = false
    await Promise.all([...segments].map(({ file }) => file.sync())).catch(broken)
  }

  const bytes = () => [...segments].reduce((sum, segment) => sum + segment.bytes, 0)

  return {
    keep,
    seal: (entries) => {
      const bySegment = Map.groupBy(entries, ({ record }) => segmentOf.get(record.id))
      return [...bySegment].every(([segment, sealed]) => {
        if (segment === undefined) return true // it could not be kept, and is in memory alone
        const records = sealed.map(({ record }) => [record.id, record.seq] as const)
        return append(segment, lineOf({ k: 'sealed', records }))
      })
    },
    stored: (entries) => {
      for (const { record } of entries) {
        const segment = segmentOf.get(record.id)
        segmentOf.delete(record.id)
        if (segment === undefined) continue
        segment.waiting -= 1
        drop(segment)
      }
    },
    isWritable: () => !isBroken && bytes() < maxBytes,
    bytes,
    start: () => {
      timer = setInterval(() => {
        syncing ??= sync().finally(() => {
          syncing = null
        })
      }, syncEveryMs).unref()
    },
    close: async () => {
      if (timer !== null) clearInterval(timer)
      await syncing
      await sync()
      if (segmentOf.size === 0) for (const { file } of segments) file.remove()
      folder.close()
    },
  }
}

/** Keeps nothing: for processes whose records nobody misses. */
export const noSpool: Spool = {
  keep: () => true,
  seal: () => true,
  stored: () => undefined,
  isWritable: () => true,
  bytes: () => 0,
  start: () => undefined,
  close: async () => undefined,
}
