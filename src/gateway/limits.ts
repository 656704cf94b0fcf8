/** Sizes and times of one gateway; every field can be set at creation. */
export type Limits = {
  readonly requestBytes: number
  /** Of a check of texts: it is read in one go, while every other call waits. */
  readonly checkBytes: number
  readonly responseBytes: number
  readonly streamBytes: number
  readonly bodyIdleMs: number
  readonly bodyTotalMs: number
  readonly connectMs: number
  readonly upstreamHeadersMs: number
  readonly idleMs: number
  readonly totalMs: number
  readonly clientStallMs: number
  readonly concurrentPerKey: number
  readonly failuresPerMinute: number
  readonly drainMs: number
}

export const defaultLimits: Limits = {
  requestBytes: 8 * 1_048_576,
  checkBytes: 65_536,
  responseBytes: 16 * 1_048_576,
  streamBytes: 64 * 1_048_576,
  bodyIdleMs: 10_000,
  bodyTotalMs: 30_000,
  connectMs: 3_000,
  upstreamHeadersMs: 120_000,
  idleMs: 60_000,
  totalMs: 600_000,
  clientStallMs: 60_000,
  concurrentPerKey: 256,
  failuresPerMinute: 60,
  drainMs: 120_000,
}
