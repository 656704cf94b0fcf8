import { highestCost, type ModelPrice, type TokenCounts } from '../../governance/registry/index.ts'
import type { Usage } from '../dialect/reading.ts'

/** What a call may cost, before it is made. */
export type Estimate = {
  readonly inputTokens: number
  readonly maxOutputTokens: number
  /** Of the model that will be called; null: nobody has said what it costs. */
  readonly price: ModelPrice | null
}

/**
 * Tokens of `bytes` bytes of UTF-8, one for three. Byte-pair encodings need about one for four bytes of English and one
 * for three of Chinese, so this is high for most texts; what is dense in digits or random characters may take up to
 * three times as much, and never more, since a token holds at least a byte. What a call costs above its estimate is
 * counted when it settles.
 */
export function tokensOfBytes(bytes: number): number {
  return Math.ceil(bytes / 3)
}

/** Output that nobody has bounded: the caller names no maximum, and the catalogue does not know the model. */
const usualOutputTokens = 4_096

/** Tokens that an answer may have: what the caller asks for, but no more than the model gives. */
export function outputBound(requested: number | null, ofModel: number | null): number {
  const asked = requested ?? ofModel ?? usualOutputTokens
  return ofModel === null ? asked : Math.min(asked, ofModel)
}

/** The price under which a call may cost most; null when the price of one target is not known. */
export function dearest(
  prices: readonly (ModelPrice | null)[],
  inputTokens: number,
  outputTokens: number,
): ModelPrice | null {
  if (prices.length < 2) return prices[0] ?? null
  const known = prices.filter((price) => price !== null)
  if (known.length < prices.length) return null
  const costs = known.map((price) => highestCost(inputTokens, outputTokens, price))
  return known[costs.indexOf(Math.max(...costs))] ?? null
}

/** Tokens by what they cost; a provider whose parts are more than the whole is taken at the parts. */
export function countsOf({ inputTokens, outputTokens, ...cache }: Usage): TokenCounts {
  const { cachedInputTokens: cachedInput = 0, cacheWriteTokens: cacheWrite = 0 } = cache
  const input = Math.max(0, inputTokens - cachedInput - cacheWrite)
  return { input, cachedInput, cacheWrite, output: outputTokens }
}

/** What counts as used when the provider has not said, since an answer was cut: the whole input, and what came. */
export function countedUsage(inputTokens: number, releasedBytes: number): TokenCounts {
  return { input: inputTokens, cachedInput: 0, cacheWrite: 0, output: tokensOfBytes(releasedBytes) }
}
