import { allBuckets, blocks } from '../injection/features.ts'
import { Draw } from '../generate/draw.ts'
import type { Units } from './units.ts'

export type Linear = { readonly weights: Float64Array; readonly bias: number }

type RegressionOptions = {
  /** Cost of an error, times the weight of its unit. */
  readonly cost: number
  readonly passes: number
  readonly seed: string
  /** Units that are learned from. */
  readonly chosen: Int32Array
  /** How far each bucket is trusted, 0 to 1: the penalty on its weight is divided by the square. */
  readonly trust: Float64Array
}

/**
 * Logistic regression with an L2 penalty, by coordinate descent in the dual (Yu, Huang and Lin, Machine Learning 85, 2011,
 * algorithm 5). One thread, one order drawn from the seed, double precision: the same units give the same weights. The
 * bias is the weight of a feature that is always there.
 */
export function regress(units: Units, options: RegressionOptions): Linear {
  const { chosen, cost, passes, seed, trust } = options
  const { buckets } = units
  const starts = Int32Array.from(units.starts)
  const weights = new Float64Array(allBuckets)
  let bias = 0
  const dual = new Float64Array(chosen.length)
  const squares = Float64Array.from(chosen, (unit) => squareOf(unit))
  for (const [i, unit] of chosen.entries()) {
    dual[i] = Math.min(0.001 * cost * (units.weights[unit] ?? 1), 1e-8)
    bias += (dual[i] ?? 0) * (units.labels[unit] ?? 1)
    addTo(unit, (dual[i] ?? 0) * (units.labels[unit] ?? 1))
  }
  const order = Int32Array.from(chosen, (_, i) => i)
  const draw = new Draw(`order ${seed}`)
  for (let pass = 0; pass < passes; pass += 1) {
    shuffle(order, draw)
    for (const i of order) {
      const unit = chosen[i] ?? 0
      const label = units.labels[unit] ?? 1
      const most = cost * (units.weights[unit] ?? 1)
      const old = dual[i] ?? 0
      const margin = label * (bias + scoreOf(unit))
      const next = dualStep(old, most, squares[i] ?? 1, margin)
      if (next === old) continue
      dual[i] = next
      bias += (next - old) * label
      addTo(unit, (next - old) * label)
    }
  }
  return { weights, bias }

  function scoreOf(unit: number): number {
    let sum = 0
    for (let k = unit * blocks; k < (unit + 1) * blocks; k += 1)
      sum += scoreAt(starts[k] ?? 0, starts[k + 1] ?? 0)
    return sum
  }

  function scoreAt(from: number, to: number): number {
    let sum = 0
    for (let k = from; k < to; k += 1) sum += weights[buckets[k] ?? 0] ?? 0
    return to > from ? sum / Math.sqrt(to - from) : 0
  }

  function addTo(unit: number, amount: number): void {
    for (let k = unit * blocks; k < (unit + 1) * blocks; k += 1) {
      const [from, to] = [starts[k] ?? 0, starts[k + 1] ?? 0]
      addBlock(from, to, amount / Math.sqrt(to - from))
    }
  }

  function addBlock(from: number, to: number, amount: number): void {
    for (let k = from; k < to; k += 1) {
      const bucket = buckets[k] ?? 0
      const trusted = trust[bucket] ?? 0
      weights[bucket] = (weights[bucket] ?? 0) + amount * trusted * trusted
    }
  }

  /** Square of the length of a unit, with the bias. */
  function squareOf(unit: number): number {
    let sum = 1
    for (let k = unit * blocks; k < (unit + 1) * blocks; k += 1)
      sum += squareOfBlock(starts[k] ?? 0, starts[k + 1] ?? 0)
    return sum
  }

  function squareOfBlock(from: number, to: number): number {
    let sum = 0
    for (let k = from; k < to; k += 1) sum += (trust[buckets[k] ?? 0] ?? 0) ** 2
    return to > from ? sum / (to - from) : 0
  }
}

const mostNewton = 100
const nearEnough = 1e-3

/** The best value of one dual variable while all others stay, by Newton's method on the side that is better conditioned. */
function dualStep(old: number, most: number, square: number, margin: number): number {
  const isUpper = 0.5 * square * (most - 2 * old) + margin < 0
  const sign = isUpper ? -1 : 1
  const start = isUpper ? most - old : old
  let at = start
  if (most - at < 0.5 * most) at *= 0.1
  let slope = square * (at - start) + sign * margin + Math.log(at / (most - at))
  for (let i = 0; i < mostNewton && Math.abs(slope) >= nearEnough; i += 1) {
    const curvature = square + most / ((most - at) * at)
    const moved = at - slope / curvature
    at = moved <= 0 ? at * 0.1 : moved
    slope = square * (at - start) + sign * margin + Math.log(at / (most - at))
  }
  return isUpper ? most - at : at
}

/** Puts the items in an order that is drawn. */
function shuffle(items: Int32Array, draw: Draw): void {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const other = draw.below(i + 1)
    const item = items[i] ?? 0
    items[i] = items[other] ?? 0
    items[other] = item
  }
}
