import { correctedMax, type LeftOut } from './cross-validation.ts'

/** A text that was left out of training. */
export type Judged = {
  readonly family: string
  readonly isAttack: boolean
  /** Harmless, but written with the words of attacks; see `isBorderline`. */
  readonly isBorderline: boolean
  readonly isGenerated: boolean
  readonly scores: LeftOut
}

export type OperatingPoint = {
  readonly length: number
  readonly calibration: { readonly a: number; readonly b: number }
  readonly thresholds: { readonly tFlag: number; readonly tHigh: number }
}

export const prior = 0.01
/**
 * Shares of harmless texts that may reach a threshold: of ordinary ones that were collected, of ordinary ones that were
 * generated in order to be hard, and of those with the words of attacks.
 */
export const shares = {
  flag: { collected: 0.0065, generated: 0.03, borderline: 0.1 },
  high: { collected: 0.00065, generated: 0.003, borderline: 0.01 },
} as const
/** A family counts as so many texts at most. */
const mostOfFamily = 300

/**
 * The operating point of a channel class, from texts whose families were left out: `shares` of them may reach `tFlag` and
 * `tHigh`; a threshold is the largest of the three. What was collected is nearest to traffic, hence held to two thirds of
 * the 1 % that is promised; the maximum over families would be decided by the one family that is most like attacks, which
 * is in training when the weights ship (ADR 0045, ADR 0051).
 */
export function operatingPoint(judged: readonly Judged[]): OperatingPoint {
  const length = lengthFactorOf(judged.filter(({ isAttack }) => !isAttack))
  const scored = weighted(judged).map((one) => ({ ...one, z: correctedMax(one.scores, length) }))
  const tFlag = thresholdOf(scored, shares.flag)
  const tHigh = Math.max(thresholdOf(scored, shares.high), tFlag + leastGap)
  return {
    length,
    calibration: calibrationOf(scored),
    thresholds: { tFlag: round(tFlag), tHigh: round(tHigh) },
  }
}

/** `high` says more than `flag`, also where few texts decide about both. */
const leastGap = 0.5

function thresholdOf(scored: readonly Scored[], share: (typeof shares)['flag' | 'high']): number {
  const harmless = scored.filter(({ isAttack }) => !isAttack)
  const ordinary = harmless.filter(({ isBorderline }) => !isBorderline)
  const borderline = harmless.filter(({ isBorderline }) => isBorderline)
  return Math.max(
    reachedBy(
      ordinary.filter(({ isGenerated }) => !isGenerated),
      share.collected,
    ),
    reachedBy(
      ordinary.filter(({ isGenerated }) => isGenerated),
      share.generated,
    ),
    reachedBy(borderline, share.borderline),
  )
}

type Scored = Pick<Judged, 'isAttack' | 'isBorderline' | 'isGenerated'> & {
  readonly z: number
  readonly weight: number
}

function weighted(judged: readonly Judged[]): readonly (Judged & { readonly weight: number })[] {
  const sizes = new Map<string, number>()
  for (const { family } of judged) sizes.set(family, (sizes.get(family) ?? 0) + 1)
  return judged.map((one) => ({ ...one, weight: Math.min(1, mostOfFamily / (sizes.get(one.family) ?? 1)) }))
}

/** A value that no more than `share` of the texts, by weight, reach; with too few texts for it, half above all of them. */
function reachedBy(scored: readonly Scored[], share: number): number {
  const inOrder = scored.toSorted((a, b) => b.z - a.z)
  const whole = inOrder.reduce((sum, { weight }) => sum + weight, 0)
  let reaching = 0
  let least = (inOrder[0]?.z ?? neverReached) + 0.5
  for (const { z, weight } of inOrder) {
    reaching += weight
    if (reaching > share * whole) break
    least = z
  }
  return least
}

const neverReached = -10

/** More would help whoever puts an attack behind a long harmless text. */
const longestFactor = 0.15
const factorStep = 0.05

/**
 * `a` of the correction for length: the smallest with which the 99 % quantile of harmless texts does not rise with the
 * logarithm of their number of windows.
 */
function lengthFactorOf(harmless: readonly Judged[]): number {
  for (let step = 0; step * factorStep < longestFactor; step += 1) {
    const factor = round(step * factorStep)
    if (slopeOf(harmless, factor) <= 0) return factor
  }
  return longestFactor
}

function slopeOf(harmless: readonly Judged[], factor: number): number {
  const byLength = new Map<number, number[]>()
  for (const { scores } of harmless) {
    if (scores.zs.length === 0) continue
    const bin = Math.floor(Math.log2(scores.zs.length))
    const known = byLength.get(bin)
    const z = correctedMax(scores, factor)
    if (known === undefined) byLength.set(bin, [z])
    else known.push(z)
  }
  const points = [...byLength].filter(([, zs]) => zs.length >= fewestOfLength)
  const ys = points.map(([, zs]) => zs.toSorted((a, b) => a - b)[Math.floor(0.99 * zs.length)] ?? 0)
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(ys)]
  return points.reduce((sum, [x], i) => sum + (x - meanX) * ((ys[i] ?? 0) - meanY), 0)
}

const fewestOfLength = 200

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1)
}

const newtonSteps = 50

/** Logistic fit of the label on the score, where attacks weigh `prior` of the whole (Platt, 1999), by Newton's method. */
function calibrationOf(scored: readonly Scored[]): OperatingPoint['calibration'] {
  const totals = { attack: 0, benign: 0 }
  for (const { isAttack, weight } of scored) totals[isAttack ? 'attack' : 'benign'] += weight
  let [a, b] = [1, Math.log(prior / (1 - prior))]
  if (totals.attack === 0 || totals.benign === 0) return { a, b: round(b) }
  for (let step = 0; step < newtonSteps; step += 1) {
    let [ga, gb, haa, hab, hbb] = [1e-6 * a, 0, 1e-6, 0, 1e-9]
    for (const { z, weight, isAttack } of scored) {
      const share = isAttack ? (prior * weight) / totals.attack : ((1 - prior) * weight) / totals.benign
      const p = 1 / (1 + Math.exp(-(a * z + b)))
      const error = share * (p - (isAttack ? 1 : 0))
      const curvature = share * p * (1 - p)
      ga += error * z
      gb += error
      haa += curvature * z * z
      hab += curvature * z
      hbb += curvature
    }
    const determinant = haa * hbb - hab * hab
    if (Math.abs(determinant) < 1e-18) break
    a -= (ga * hbb - gb * hab) / determinant
    b -= (gb * haa - ga * hab) / determinant
  }
  return { a: round(a), b: round(b) }
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4
}
