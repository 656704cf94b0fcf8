import type { EpochMs, EventId, JsonObject } from '../../kernel/index.ts'
import type { Opening } from '../../ledger/index.ts'

/** One recorded fact as readers see it. `index` is null until the integrator has placed it. */
export type LedgerEntry = {
  readonly id: EventId
  readonly index: number | null
  readonly stream: string
  readonly rev: number
  readonly kind: string
  readonly at: EpochMs
  readonly actor: string
  readonly commandId: string
  readonly facts: JsonObject
  /** Whether there is a sealed half that still exists. */
  readonly hasSealed: boolean
}

export type LedgerHead = { readonly origin: string; readonly size: number; readonly note: string | null }

export type ProofOf = {
  readonly index: number
  readonly leaf: Uint8Array
  readonly path: readonly Uint8Array[]
  readonly note: string
  /** The open facts with their salts: what the commitment in the leaf was made for. */
  readonly opening: Opening
}

export type EntryFilter = {
  readonly stream?: string
  /** Entries of one of these kinds. */
  readonly kinds?: readonly string[]
  readonly from?: number
  /** Index of the last entry of the page before. */
  readonly after?: number
  readonly newestFirst?: boolean
  readonly limit: number
}

export type HaltCause = 'rolled_back' | 'forked' | 'stream_order' | 'bad_entry'
export type LedgerState =
  | { readonly s: 'starting' }
  | { readonly s: 'following' } // another process leads
  | { readonly s: 'running'; readonly size: number }
  | { readonly s: 'halted'; readonly cause: HaltCause; readonly detail: string }

/** Reading the ledger. Every read pages by key or is bounded. */
export type LedgerReader = {
  readonly head: () => Promise<LedgerHead | null>
  /** Committed entries that are not indexed yet, and the age of the oldest in ms. */
  readonly lag: () => Promise<{ readonly queued: number; readonly oldestMs: number }>
  /** Indexed entries in order, or the newest first. */
  readonly entries: (filter: EntryFilter) => Promise<readonly LedgerEntry[]>
  readonly entry: (id: EventId) => Promise<LedgerEntry | null>
  /** The inclusion proof in the newest signed tree; null while the entry is not indexed. */
  readonly proof: (id: EventId) => Promise<ProofOf | null>
}

/** The reader, with the integrator's state, the log's verifier key and the export of everything. */
export type Ledger = LedgerReader & {
  readonly state: () => LedgerState
  readonly vkey: string
  /** Lines of an export file without sealed halves; null when the log is empty. */
  readonly export: () => Promise<AsyncIterable<string> | null>
}
