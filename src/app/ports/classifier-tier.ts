import type { Digest } from '../../kernel/index.ts'

/**
 * A model of the operator's own that reads parts of texts which the scorer could not decide. Its weights, and their licence,
 * are the operator's.
 */
export type ClassifierTier = {
  readonly id: string
  /** Of the model's file. */
  readonly digest: Digest
  /** Most UTF-16 units of one text; longer ones are cut by whoever asks, with overlaps. */
  readonly maxChars: number
  /**
   * For each text the probability that it is an order to a model, 0 to 1. Rejects when the model fails, when too much waits,
   * and when `signal` ends it.
   */
  readonly classify: (batch: readonly string[], signal: AbortSignal) => Promise<readonly number[]>
}
