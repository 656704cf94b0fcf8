import { usualTerms, type BreakerTerms } from './sending/breaker.ts'

/** Sizes and times of one gateway; every field can be set at creation. */
export type Limits = {
  readonly requestBytes: number
  /** Of a check of texts, or of a batch of them. */
  readonly checkBytes: number
  readonly responseBytes: number
  readonly streamBytes: number
  readonly bodyIdleMs: number
  readonly bodyTotalMs: number
  readonly connectMs: number
  readonly upstreamHeadersMs: number
  readonly idleMs: number
  readonly totalMs: number
  /** How often a request is sent again when the upstream cannot be reached or has no time. */
  readonly retries: number
  /** Before the first of them; twice as long before each further one, and up to twice that at random. */
  readonly retryMs: number
  /** When an upstream that fails is left alone. */
  readonly breaker: BreakerTerms
  /** Longest silence towards a caller while something is held back. */
  readonly keepAliveMs: number
  readonly clientStallMs: number
  /** For how long a call waits for a person before its caller is told that it is pending. Clients give up after 60 s. */
  readonly holdMs: number
  /** How often a held call looks for its answer. */
  readonly holdPollMs: number
  /** Longest time that the store of approvals may take for one answer. */
  readonly approvalAnswerMs: number
  readonly concurrentPerKey: number
  readonly failuresPerMinute: number
  readonly drainMs: number
}

export const defaultLimits: Limits = {
  requestBytes: 8 * 1_048_576,
  checkBytes: 1_048_576,
  responseBytes: 16 * 1_048_576,
  streamBytes: 64 * 1_048_576,
  bodyIdleMs: 10_000,
  bodyTotalMs: 30_000,
  connectMs: 3_000,
  upstreamHeadersMs: 120_000,
  idleMs: 60_000,
  totalMs: 600_000,
  retries: 2,
  retryMs: 250,
  breaker: usualTerms,
  keepAliveMs: 10_000,
  clientStallMs: 60_000,
  holdMs: 50_000,
  holdPollMs: 1_000,
  approvalAnswerMs: 5_000,
  concurrentPerKey: 256,
  failuresPerMinute: 60,
  drainMs: 120_000,
}
