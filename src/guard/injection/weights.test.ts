import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestOfBytes } from '../../kernel/index.ts'
import { allBuckets } from './features.ts'
import { tinyWeightsFile } from './tiny-weights.fixture.ts'
import { quantise, readWeights, WeightsError, writeWeights } from './weights.ts'

const file = tinyWeightsFile({ 'ignore all': 2, light: -1 })
const headerBytes = new DataView(file.buffer).getUint32(4, true)

function faultOf(bytes: Uint8Array): string | null {
  try {
    readWeights(bytes)
    return null
  } catch (error) {
    if (error instanceof WeightsError) return error.code
    throw error
  }
}

test('a file that was read and written again is the same file', () => {
  const { header, ...payload } = readWeights(file)
  const { payloadSha256: _, ...rest } = header
  expect(writeWeights(rest, payload)).toEqual(file)
  expect(file.length).toBeLessThan(1_048_576)
})

test('a buffer in the middle of a pool reads as the same weights', () => {
  const pool = Buffer.concat([Buffer.alloc(13, 255), file, Buffer.alloc(5, 255)])
  const { quantised, scales, digest } = readWeights(pool.subarray(13, 13 + file.length))
  const plain = readWeights(file)
  expect(digest).toBe(plain.digest)
  expect(quantised).toEqual(plain.quantised)
  expect(scales).toEqual(plain.scales)
})

test('the bytes of a file stay what they are', () => {
  const { header, quantised, scales } = readWeights(file)
  const { payloadSha256: _, ...rest } = header
  const ofAnyLexicon = writeWeights({ ...rest, reading: '0'.repeat(16) }, { quantised, scales })
  expect(digestOfBytes(ofAnyLexicon)).toBe(
    'sha256:c27cdaf8da6479780e0605ab453368f70fcfac78531e277735486a3a86d617a0',
  )
})

test.each([
  ['nothing', new Uint8Array(0), 'guard_model_format'],
  ['another file', new TextEncoder().encode('PK, and something behind it'), 'guard_model_format'],
  ['a file cut off in its header', file.slice(0, 40), 'guard_model_format'],
  ['a file cut off in its weights', file.slice(0, -1), 'guard_model_format'],
  [
    'a file with more behind it',
    new Uint8Array(Buffer.concat([file, new Uint8Array(1)])),
    'guard_model_format',
  ],
  ['a header that claims to be huge', at(4, [255, 255, 255, 255]), 'guard_model_format'],
  ['a header that is no JSON', at(8, [0]), 'guard_model_format'],
  ['a flipped bit in the weights', at(8 + headerBytes + 77_777, [1]), 'guard_model_digest'],
  ['a flipped bit in the scales', at(file.length - 3, [99]), 'guard_model_digest'],
] as const)('refused: %s', (_name, bytes, code) => {
  expect(faultOf(bytes)).toBe(code)
})

test('refused: a scale that is not a number, though its digest is right', () => {
  const { header, quantised, scales } = readWeights(file)
  const broken = scales.slice()
  broken[7] = Number.NaN
  const { payloadSha256: _, ...rest } = header
  expect(faultOf(writeWeights(rest, { quantised, scales: broken }))).toBe('guard_model_format')
})

test('refused: weights that were made with another lexicon, though their digest is right', () => {
  const { header, quantised, scales } = readWeights(file)
  const { payloadSha256: _, ...rest } = header
  const other = writeWeights({ ...rest, reading: '0'.repeat(16) }, { quantised, scales })
  expect(faultOf(other)).toBe('guard_model_format')
  expect(() => readWeights(other)).toThrow('another lexicon of concepts')
})

test('law: no changed byte of a file is read as weights', () => {
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (place, mask) => {
      const changed = file.slice()
      changed[place] = (changed[place] ?? 0) ^ mask
      const isHeader = place >= 8 && place < 8 + headerBytes
      // A digit of the header may be another digit: the digest of the whole file, which a policy names, tells them apart.
      if (faultOf(changed) === null)
        expect([isHeader, readWeights(changed).digest === readWeights(file).digest]).toEqual([true, false])
    }),
    { numRuns: 300 },
  )
})

test('law: a quantised weight is within half a step of what it was, as long as it was not clipped', () => {
  const weights = new Float64Array(allBuckets)
  for (let i = 0; i < weights.length; i += 1) weights[i] = Math.sin(i) * (1 + (i % 7))
  const { quantised, scales } = quantise(weights, 100)
  let worst = 0
  for (let i = 0; i < weights.length; i += 1) {
    const scale = scales[i >>> 8] ?? 0
    worst = Math.max(worst, Math.abs((quantised[i] ?? 0) * scale - (weights[i] ?? 0)) / scale)
  }
  expect(worst).toBeLessThanOrEqual(0.5001)
})

function at(place: number, values: readonly number[]): Uint8Array {
  const changed = file.slice()
  changed.set(values, place)
  return changed
}
