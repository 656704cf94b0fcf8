import { Draw } from '../generate/draw.ts'
import { bucketsPerBlock } from '../injection/features.ts'
import { readingDigest } from '../injection/reading-digest.ts'
import type { ChannelClass } from '../injection/scorer.ts'
import {
  quantise,
  writeWeights,
  type FamilyMeasure,
  type Weights,
  type WeightsHeader,
} from '../injection/weights.ts'
import { correctedMax, foldsOf, leaveOut, type LeftOut } from './cross-validation.ts'
import { isQuoting } from './borderline.ts'
import type { Example } from './example.ts'
import { addMinedUnits, firstUnits, hyper } from './learn.ts'
import { areaUnderCurve, measuredShare } from './measure.ts'
import { clustersOf } from './near-duplicates.ts'
import { operatingPoint, prior, type OperatingPoint } from './operating-point.ts'
import { regress, type Linear } from './regression.ts'
import { enoughFamilies, trustOf } from './trust.ts'
import type { Units } from './units.ts'

export type Control = 'none' | 'random'

type TrainingInput = {
  readonly examples: readonly Example[]
  readonly data: WeightsHeader['data']
  readonly id: string
  readonly version: number
  readonly seed: number
  readonly folds: number
  /** `random`: labels are exchanged at random, so that whatever is found is chance. */
  readonly control: Control
  readonly onProgress?: (what: string) => void
}

type Training = {
  readonly bytes: Uint8Array
  /** Of each example, by weights that have not seen its family. */
  readonly leftOut: readonly LeftOut[]
  readonly header: Omit<WeightsHeader, 'payloadSha256'>
  /** Probability that an attack of a family left out has a larger score than a harmless text left out. */
  readonly auc: number
}

/**
 * Trains the weights. Each fold leaves out whole families; its scores decide thresholds, calibration and the correction for
 * length, and are what the header tells of quality. The weights themselves come from everything. The same examples and the
 * same seed give the same bytes.
 */
export function train(input: TrainingInput): Training {
  const { seed, folds, onProgress = () => {} } = input
  const examples = input.control === 'random' ? withRandomLabels(input.examples, seed) : input.examples
  const units = firstUnits(examples, seed)
  onProgress(`${examples.length} texts, ${units.count} units`)
  const learn = (isLearned: readonly boolean[]) => learned(units, examples, isLearned, seed)
  const leftOut = leaveOut(examples, {
    folds: foldsOf(
      examples.map(({ group }) => group),
      examples.map(({ isAttack }) => isAttack),
      folds,
    ),
    clusters: clustersOf(examples.map(({ text }) => text)),
    learn: (isLearned, fold) => {
      onProgress(`fold ${fold + 1} of ${folds}`)
      return learn(isLearned)
    },
  })
  const points = {
    user: pointOf('user', examples, leftOut),
    untrusted: pointOf('untrusted', examples, leftOut),
  }
  onProgress('all families')
  const weights = learn(examples.map(() => true))
  const header = headerOf(input, examples, leftOut, points, weights.header.bias)
  return { bytes: writeWeights(header, weights), leftOut, header, auc: header.summary['auc']?.share ?? 0.5 }
}

/** Two rounds over the units of the examples that are learned from. */
function learned(
  units: Units,
  examples: readonly Example[],
  isLearned: readonly boolean[],
  seed: number,
): Weights {
  const first = units.count
  const regressed = (passes: number) => {
    const chosen = chosenOf(units, isLearned)
    const trust = trustOf(units, chosen, examples)
    return weightsOf(regress(units, { cost: hyper.cost, passes, seed: String(seed), chosen, trust }))
  }
  const draft = regressed(hyper.draftPasses)
  const learnedFrom = isLearned.flatMap((is, i) => (is ? [i] : []))
  addMinedUnits(units, examples, learnedFrom, draft)
  const final = regressed(hyper.passes)
  units.truncate(first)
  return final
}

function chosenOf(units: Units, isLearned: readonly boolean[]): Int32Array {
  const chosen: number[] = []
  for (let unit = 0; unit < units.count; unit += 1) {
    const carrier = units.carriers[unit] ?? -1
    if (isLearned[units.examples[unit] ?? 0] === true && (carrier < 0 || isLearned[carrier] === true))
      chosen.push(unit)
  }
  return Int32Array.from(chosen)
}

/** So large a weight is clipped; the few above would make the steps of their group coarse. */
const clipQuantile = 0.9995

/** Weights as they will be scored with, so that what is measured is what ships. Only the bias of the header is known. */
function weightsOf({ weights, bias }: Linear): Weights {
  const sizes = weights.filter((weight) => weight !== 0)
  for (let i = 0; i < sizes.length; i += 1) sizes[i] = Math.abs(sizes[i] ?? 0)
  sizes.sort()
  const clip = sizes[Math.floor(clipQuantile * sizes.length)] ?? 1
  return {
    ...quantise(weights, clip),
    header: { bias } as WeightsHeader,
    digest: 'sha256:' as Weights['digest'],
  } // never leaves training
}

function pointOf(
  channelClass: ChannelClass,
  examples: readonly Example[],
  leftOut: readonly LeftOut[],
): OperatingPoint {
  const judged = examples.flatMap((example, i) => {
    const scores = leftOut[i]
    if (scores === undefined || example.channelClass !== channelClass || !decides(example)) return []
    const { family, isAttack, isBorderline, isGenerated } = example
    return [{ family, isAttack, isBorderline, isGenerated, scores }]
  })
  return operatingPoint(judged)
}

/** Texts that thresholds and calibration are made from: other languages are advisory, collections of quotations are measured only. */
function decides({ lang, use, style }: Example): boolean {
  return lang === 'en' && use !== 'measured' && use !== 'spliced' && !isQuoting(style)
}

function headerOf(
  { data, id, version, seed, folds }: TrainingInput,
  examples: readonly Example[],
  leftOut: readonly LeftOut[],
  points: Readonly<Record<ChannelClass, OperatingPoint>>,
  bias: number,
): Omit<WeightsHeader, 'payloadSha256'> {
  const { user, untrusted } = points
  const zs = examples.map(({ channelClass }, i) =>
    correctedMax(leftOut[i] ?? nothing, points[channelClass].length),
  )
  return {
    format: 2,
    id,
    version,
    trainer: { name: 'countersign guard train', version: '1' },
    data: [...data],
    seed,
    hyper: { ...hyper, enoughFamilies, folds, clipQuantile },
    buckets: bucketsPerBlock,
    hash: 'fnv1a32-utf16-18',
    reading: readingDigest(),
    languages: ['en'],
    bias,
    length: { user: user.length, untrusted: untrusted.length },
    calibration: { prior, user: user.calibration, untrusted: untrusted.calibration },
    thresholds: { user: user.thresholds, untrusted: untrusted.thresholds },
    metrics: metricsOf(examples, zs, points),
    summary: summaryOf(examples, zs, points),
  }
}

const nothing: LeftOut = { zs: new Float64Array(), ordinals: new Int32Array() }

function metricsOf(
  examples: readonly Example[],
  zs: readonly number[],
  points: Readonly<Record<ChannelClass, OperatingPoint>>,
): WeightsHeader['metrics'] {
  const families = new Map<string, number[]>()
  for (const [i, { family, channelClass }] of examples.entries()) {
    const key = `${family}\u0000${channelClass}`
    const known = families.get(key)
    if (known === undefined) families.set(key, [i])
    else known.push(i)
  }
  const metrics = { attack: measures(), benign: measures(), borderline: measures() }
  for (const key of [...families.keys()].toSorted()) {
    const members = families.get(key) ?? []
    const { family, isAttack, isBorderline, style, channelClass } = examples[members[0] ?? 0] ?? missing()
    const { tFlag, tHigh } = points[channelClass].thresholds
    const reaching = (threshold: number) => members.filter((i) => (zs[i] ?? 0) >= threshold).length
    const kind = isAttack ? 'attack' : isBorderline ? 'borderline' : 'benign'
    metrics[kind][channelClass].push([family, style, members.length, reaching(tFlag), reaching(tHigh)])
  }
  return metrics
}

function measures(): Record<ChannelClass, FamilyMeasure[]> {
  return { user: [], untrusted: [] }
}

/** Pooled shares that are flagged, of the texts that decide about thresholds, and the area under the curve. */
function summaryOf(
  examples: readonly Example[],
  zs: readonly number[],
  points: Readonly<Record<ChannelClass, OperatingPoint>>,
): WeightsHeader['summary'] {
  const summary: Record<string, ReturnType<typeof measuredShare>> = {}
  const decisive = examples.map(decides)
  for (const channelClass of ['user', 'untrusted'] as const)
    for (const label of ['attack', 'benign'] as const) {
      const members = examples.flatMap((example, i) =>
        decisive[i] === true &&
        example.channelClass === channelClass &&
        example.isAttack === (label === 'attack')
          ? [i]
          : [],
      )
      const { tFlag } = points[channelClass].thresholds
      summary[`${label}_${channelClass}`] = measuredShare(
        members.filter((i) => (zs[i] ?? 0) >= tFlag).length,
        members.length,
      )
    }
  const of = (isAttack: boolean) =>
    zs.filter((_, i) => decisive[i] === true && examples[i]?.isAttack === isAttack)
  const auc = Math.round(areaUnderCurve(of(true), of(false)) * 1e4) / 1e4
  summary['auc'] = { n: decisive.filter(Boolean).length, share: auc, low: auc, high: auc }
  return summary
}

function withRandomLabels(examples: readonly Example[], seed: number): readonly Example[] {
  const draw = new Draw(`random labels ${seed}`)
  const labels = examples.map(({ isAttack }) => isAttack)
  for (let i = labels.length - 1; i > 0; i -= 1) {
    const other = draw.below(i + 1)
    const label = labels[i] ?? false
    labels[i] = labels[other] ?? false
    labels[other] = label
  }
  return examples.map((example, i) => ({ ...example, isAttack: labels[i] ?? false }))
}

function missing(): never {
  throw new Error('no such example')
}
