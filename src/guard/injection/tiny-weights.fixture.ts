import { allBuckets, tokensOf } from './features.ts'
import { bucketOf, combined } from './hash.ts'
import { quantise, readWeights, writeWeights, type Weights } from './weights.ts'

const none = { n: 0, share: 0, low: 0, high: 1 }

/** Bytes of a weights file that knows the phrases named, of up to three words; for tests. */
export function tinyWeightsFile(phrases: Readonly<Record<string, number>>): Uint8Array {
  const weights = new Float64Array(allBuckets)
  for (const [phrase, weight] of Object.entries(phrases)) {
    const hash = tokensOf(phrase)
      .map((token) => token.hash)
      .reduce(combined)
    weights[bucketOf(hash)] = weight
  }
  const header = {
    format: 1,
    id: 'tiny',
    version: 1,
    trainer: { name: 'test', version: '1' },
    data: [],
    seed: 1,
    hyper: {},
    buckets: 262_144,
    hash: 'fnv1a32-utf16-18',
    ngrams: { words: [1, 2, 3], characters: [3, 4, 5], concepts: [1, 2, 3] },
    windows: { step: 12, short: 24, long: 48, head: 216 },
    languages: ['en'],
    bias: -0.5,
    length: { user: 0.01, untrusted: 0.01 },
    calibration: { prior: 0.01, user: { a: 2, b: -3 }, untrusted: { a: 2, b: -3 } },
    thresholds: { user: { tFlag: 0.5, tHigh: 1.5 }, untrusted: { tFlag: 0.25, tHigh: 1 } },
    metrics: [],
    summary: { benign: none },
  } as const
  return writeWeights(
    {
      ...header,
      data: [],
      languages: [...header.languages],
      metrics: [],
      ngrams: { words: [1, 2, 3], characters: [3, 4, 5], concepts: [1, 2, 3] },
    },
    quantise(weights, 8),
  )
}

export function tinyWeights(phrases: Readonly<Record<string, number>>): Weights {
  return readWeights(tinyWeightsFile(phrases))
}
