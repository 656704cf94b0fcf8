import { z } from 'zod'
import { digestOfBytes, rfc8785, type Digest, type Json } from '../../kernel/index.ts'
import { allBuckets, bucketsPerBlock } from './features.ts'
import { readingDigest } from './reading-digest.ts'

/**
 * The weights file `CSGM`: 4 bytes magic, `uint32` (little endian) length of the header, the header as RFC 8785 JSON, the
 * payload. Payload: `int8` weights of all blocks, then a `float32` (little endian) scale for each 256 of them. No time
 * stamp: the same training gives the same bytes.
 */
export type Weights = {
  readonly header: WeightsHeader
  /** SHA-256 of the whole file. */
  readonly digest: Digest
  /** Blocks of words, of characters, of concepts. */
  readonly quantised: Int8Array
  /** `quantised[i] * scales[i >>> 8]` is the weight of a bucket. */
  readonly scales: Float32Array
}

type WeightsFault = 'guard_model_format' | 'guard_model_digest'

/** Why a file holds no weights that can be used. */
export class WeightsError extends Error {
  override readonly name = 'WeightsError'
  readonly code: WeightsFault

  constructor(code: WeightsFault, message: string) {
    super(message)
    this.code = code
  }
}

const magic = 'CSGM'
const weightsPerScale = 256
const scaleCount = allBuckets / weightsPerScale
const payloadBytes = allBuckets + 4 * scaleCount
const prefixBytes = 8
/** A header is read before anything vouches for it. */
const mostHeaderBytes = 262_144

const sha256Hex = z.string().length(64)
const share = z.number().min(0).max(1)
/** A share with the bounds of its 95 % Wilson interval, of `n` texts. */
const measured = z.strictObject({ n: z.int().nonnegative(), share, low: share, high: share })
export type Measured = z.infer<typeof measured>
const count = z.int().nonnegative()
/**
 * How a family fared while it was left out of training, by weights that had not seen it: its name, its style, how many
 * texts it has, how many of them reached `tFlag`, and how many `tHigh`.
 */
const familyMeasure = z.tuple([z.string(), z.string(), count, count, count])
export type FamilyMeasure = z.infer<typeof familyMeasure>
const perClass = <T extends z.ZodType>(value: T) => z.strictObject({ user: value, untrusted: value })

const headerForm = z.strictObject({
  format: z.literal(2),
  id: z.string().min(1),
  version: z.int().positive(),
  trainer: z.strictObject({ name: z.string(), version: z.string() }),
  data: z.array(
    z.strictObject({
      file: z.string(),
      sha256: sha256Hex,
      rows: z.int().nonnegative(),
      licence: z.string(),
      source: z.string(),
    }),
  ),
  seed: z.int().nonnegative(),
  hyper: z.record(z.string(), z.number()),
  buckets: z.literal(bucketsPerBlock),
  hash: z.literal('fnv1a32-utf16-18'),
  /** See `readingDigest`. */
  reading: z.string().length(16),
  languages: z.array(z.string()),
  bias: z.number(),
  /** `a` of the correction for length: `z - a * ln(ordinal of the window)`. */
  length: perClass(z.number().nonnegative()),
  /** `p = 1 / (1 + exp(-(a z + b)))` where one text in `1 / prior` is an attack. */
  calibration: z.strictObject({
    prior: z.number().gt(0).lt(1),
    ...perClass(z.strictObject({ a: z.number(), b: z.number() })).shape,
  }),
  thresholds: perClass(z.strictObject({ tFlag: z.number(), tHigh: z.number() })),
  /** Families that were left out; `borderline`: harmless, but written with the words of attacks. */
  metrics: z.strictObject({
    attack: perClass(z.array(familyMeasure)),
    benign: perClass(z.array(familyMeasure)),
    borderline: perClass(z.array(familyMeasure)),
  }),
  /** The same, pooled; `auc` is the area under the curve. */
  summary: z.record(z.string(), measured),
  payloadSha256: sha256Hex,
})
export type WeightsHeader = z.infer<typeof headerForm>

/**
 * Reads a weights file. Throws `WeightsError` when it is not one, is damaged, was made to be read with otherwise, or holds
 * what cannot be computed with.
 */
export function readWeights(bytes: Uint8Array): Weights {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < prefixBytes || ascii.decode(bytes.subarray(0, 4)) !== magic)
    throw new WeightsError(
      'guard_model_format',
      'the file does not begin as a weights file; take one that `guard train` wrote',
    )
  const headerBytes = view.getUint32(4, true)
  if (headerBytes > mostHeaderBytes || bytes.length !== prefixBytes + headerBytes + payloadBytes)
    throw new WeightsError(
      'guard_model_format',
      `the weights file has ${bytes.length} bytes, which is not the size it names; take a whole copy`,
    )
  const header = headerIn(bytes.subarray(prefixBytes, prefixBytes + headerBytes))
  if (header.reading !== readingDigest())
    throw new WeightsError(
      'guard_model_format',
      'the weights were made with another lexicon of concepts, other n-grams or other windows than texts are read with here; train them with this version',
    )
  const payload = Uint8Array.from(bytes.subarray(prefixBytes + headerBytes)) // a copy, also of a `Buffer`: nobody changes it later
  if (digestOfBytes(payload) !== `sha256:${header.payloadSha256}`)
    throw new WeightsError(
      'guard_model_digest',
      'the weights differ from the digest in their header; take a whole copy',
    )
  const scales = new Float32Array(scaleCount)
  for (let i = 0; i < scaleCount; i += 1)
    scales[i] = new DataView(payload.buffer).getFloat32(allBuckets + 4 * i, true)
  if (!scales.every((scale) => Number.isFinite(scale) && scale >= 0))
    throw new WeightsError('guard_model_format', 'a scale of the weights is not a number that can be used')
  return {
    header,
    digest: digestOfBytes(bytes),
    quantised: new Int8Array(payload.buffer, 0, allBuckets),
    scales,
  }
}

/** Bytes of a weights file; `payloadSha256` is computed here. */
export function writeWeights(
  header: Omit<WeightsHeader, 'payloadSha256'>,
  { quantised, scales }: Pick<Weights, 'quantised' | 'scales'>,
): Uint8Array {
  const payload = new Uint8Array(payloadBytes)
  payload.set(new Uint8Array(quantised.buffer, quantised.byteOffset, allBuckets))
  const view = new DataView(payload.buffer)
  for (let i = 0; i < scaleCount; i += 1) view.setFloat32(allBuckets + 4 * i, scales[i] ?? 0, true)
  const payloadSha256 = digestOfBytes(payload).slice('sha256:'.length)
  const text = Buffer.from(rfc8785(headerForm.parse({ ...header, payloadSha256 }) as Json), 'utf8') // the form is JSON
  const bytes = new Uint8Array(prefixBytes + text.length + payloadBytes)
  bytes.set(new TextEncoder().encode(magic))
  new DataView(bytes.buffer).setUint32(4, text.length, true)
  bytes.set(text, prefixBytes)
  bytes.set(payload, prefixBytes + text.length)
  return bytes
}

/** The weights as `int8`: each group of 256 has the scale that its largest weight needs, at most that of `clip`. */
export function quantise(weights: Float64Array, clip: number): Pick<Weights, 'quantised' | 'scales'> {
  const quantised = new Int8Array(allBuckets)
  const scales = new Float32Array(scaleCount)
  for (let group = 0; group < scaleCount; group += 1) {
    const from = group * weightsPerScale
    const part = weights.subarray(from, from + weightsPerScale)
    let most = 0
    for (const weight of part) most = Math.max(most, Math.abs(weight))
    const scale = Math.fround(Math.min(most, clip) / 127)
    scales[group] = scale
    if (scale === 0) continue
    for (const [i, weight] of part.entries())
      quantised[from + i] = Math.max(-127, Math.min(127, Math.round(weight / scale)))
  }
  return { quantised, scales }
}

const ascii = new TextDecoder('latin1')

/** The header must be written as it would be written here: two files that mean the same are the same bytes. */
function headerIn(bytes: Uint8Array): WeightsHeader {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const header = headerForm.parse(JSON.parse(text))
    if (rfc8785(header) === text) return header
  } catch (cause) {
    throw Object.assign(
      new WeightsError('guard_model_format', 'the header of the weights file cannot be read'),
      { cause },
    )
  }
  throw new WeightsError('guard_model_format', 'the header of the weights file is not in canonical form')
}
