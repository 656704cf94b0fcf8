import { allBuckets, tokensOf } from './features.ts'
import { bucketOf, combined } from './hash.ts'
import { readingDigest } from './reading-digest.ts'
import { quantise, readWeights, writeWeights, type Weights } from './weights.ts'

/** Bytes of a weights file that knows the phrases named, of up to three words; for tests. */
export function tinyWeightsFile(phrases: Readonly<Record<string, number>>): Uint8Array {
  const weights = new Float64Array(allBuckets)
  for (const [phrase, weight] of Object.entries(phrases)) {
    const hash = tokensOf(phrase)
      .map((token) => token.hash)
      .reduce(combined)
    weights[bucketOf(hash)] = weight
  }
  const none = { user: [], untrusted: [] }
  return writeWeights(
    {
      format: 2,
      id: 'tiny',
      version: 1,
      trainer: { name: 'test', version: '1' },
      data: [],
      seed: 1,
      hyper: {},
      buckets: 262_144,
      hash: 'fnv1a32-utf16-18',
      reading: readingDigest(),
      languages: ['en'],
      bias: -0.5,
      length: { user: 0.01, untrusted: 0.01 },
      calibration: { prior: 0.01, user: { a: 2, b: -3 }, untrusted: { a: 2, b: -3 } },
      thresholds: { user: { tFlag: 0.5, tHigh: 1.5 }, untrusted: { tFlag: 0.25, tHigh: 1 } },
      metrics: { attack: none, benign: none, borderline: none },
      summary: { benign: { n: 0, share: 0, low: 0, high: 1 } },
    },
    quantise(weights, 8),
  )
}

export function tinyWeights(phrases: Readonly<Record<string, number>>): Weights {
  return readWeights(tinyWeightsFile(phrases))
}
