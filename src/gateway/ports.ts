import type { RecordEntry } from '../app/ports/gateway.ts'
import type { EpochMs, Secret } from '../kernel/index.ts'

export type {
  BatchStore,
  Commitment,
  RecordEntry,
  Route,
  RuntimeRecord,
  SealedBatch,
  SnapshotData,
  SnapshotFeed,
  Target,
  VirtualKey,
} from '../app/ports/gateway.ts'

/** Wall clock and a clock that never jumps. */
export type GatewayClock = { readonly now: () => EpochMs; readonly monotonicMs: () => number }

/** Opens the credential of a target; null when it is not there. */
export type UpstreamSecrets = { readonly open: (ref: string) => Secret<string> | null }

export type Log = (level: 'info' | 'warn' | 'error', event: string, facts?: object) => void

export type RecordSink = {
  /** Whether a record of one more call can be kept. The gateway serves nothing while this is false. */
  readonly ready: () => boolean
  /** The next number of this worker's records, without gaps. */
  readonly nextSeq: () => number
  readonly worker: string
  readonly write: (entry: RecordEntry) => void
}
