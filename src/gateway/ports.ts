import type { RecordEntry } from '../app/ports/gateway.ts'
import type { EpochMs, Secret } from '../kernel/index.ts'

export type {
  Admissions,
  BatchStore,
  Commitment,
  GuardData,
  LeftSpool,
  Limit,
  RecordEntry,
  RecordTool,
  Route,
  RuntimeRecord,
  SealedBatch,
  SightingStore,
  SnapshotData,
  SnapshotFeed,
  SpoolFile,
  SpoolFolder,
  StoredTraffic,
  Target,
  ToolData,
  ToolSighting,
  VirtualKey,
  WatchedCanary,
} from '../app/ports/gateway.ts'

/** Wall clock and a clock that never jumps. */
export type GatewayClock = { readonly now: () => EpochMs; readonly monotonicMs: () => number }

/** Opens the credential of a target; null when it is not there. */
export type UpstreamSecrets = { readonly open: (ref: string) => Secret<string> | null }

export type Log = (level: 'info' | 'warn' | 'error', event: string, facts?: object) => void

/** What an exchange knows of its own time and the record does not say; what was not measured is undefined. */
export type CallTimings = {
  /** Time that the guard took, both sides together. */
  readonly inspectMs?: number | undefined
  /** From the first byte of the upstream to the first byte to the caller. */
  readonly addedFirstByteMs?: number | undefined
  readonly upstreamMs?: number | undefined
  /** The most characters of a stream that were held back at one time. */
  readonly heldChars?: number | undefined
}

export type RecordSink = {
  /** Whether a record of one more call can be kept. The gateway serves nothing while this is false. */
  readonly ready: () => boolean
  /** The next number of this worker's records, without gaps. */
  readonly nextSeq: () => number
  readonly worker: string
  /**
   * Keeps what the record will be unless `write` says otherwise, before it returns. Nothing goes upstream, and no last byte
   * of an answer leaves, before that. False when it cannot be kept.
   */
  readonly foresee: (entry: RecordEntry) => boolean
  /** Commits in the database that a call goes upstream; false when that has failed, or takes too long. */
  readonly admit: (entry: RecordEntry) => Promise<boolean>
  /** Timings are for figures alone; they are no part of the record. */
  readonly write: (entry: RecordEntry, timings?: CallTimings) => void
}
