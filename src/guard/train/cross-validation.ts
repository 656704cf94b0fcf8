import type { ChannelClass } from '../injection/scorer.ts'
import type { Weights } from '../injection/weights.ts'
import type { Example } from './example.ts'
import { scoredWindows } from '../injection/score-run.ts'

/** Scores of the windows of a text by weights that have not seen its family: `zs[i]` with the ordinal `ordinals[i]`. */
export type LeftOut = { readonly zs: Float64Array; readonly ordinals: Int32Array }

/**
 * Families in folds: groups stay together, the largest are placed first, each where least is so far. An attack counts ten
 * times, because there are few of them.
 */
export function foldsOf(
  groups: readonly string[],
  isAttack: readonly boolean[],
  count: number,
): readonly number[] {
  const sizes = new Map<string, number>()
  for (const [i, group] of groups.entries())
    sizes.set(group, (sizes.get(group) ?? 0) + (isAttack[i] === true ? 10 : 1))
  const inOrder = [...sizes].toSorted(([a, sizeOfA], [b, sizeOfB]) => sizeOfB - sizeOfA || (a < b ? -1 : 1))
  const loads = Array.from({ length: count }, () => 0)
  const foldOf = new Map<string, number>()
  for (const [group, size] of inOrder) {
    const fold = loads.indexOf(Math.min(...loads))
    foldOf.set(group, fold)
    loads[fold] = (loads[fold] ?? 0) + size
  }
  return groups.map((group) => foldOf.get(group) ?? 0)
}

/** Learns as often as there are folds, each time without one of them, and scores that one. */
export function leaveOut(
  examples: readonly Example[],
  {
    folds,
    clusters,
    learn,
  }: {
    readonly folds: readonly number[]
    readonly clusters: readonly string[]
    /** Weights from the examples that are `true`. */
    readonly learn: (isLearned: readonly boolean[], fold: number) => Weights
  },
): readonly LeftOut[] {
  const scores: LeftOut[] = examples.map(() => nothing)
  for (const fold of [...new Set(folds)].toSorted((a, b) => a - b)) {
    const outside = new Set(clusters.filter((_, i) => folds[i] === fold))
    const weights = learn(
      examples.map((_, i) => folds[i] !== fold && !outside.has(clusters[i] ?? '')),
      fold,
    )
    for (const [i, { text, channelClass }] of examples.entries())
      if (folds[i] === fold) scores[i] = windowsOf(weights, text, channelClass)
  }
  return scores
}

const nothing: LeftOut = { zs: new Float64Array(), ordinals: new Int32Array() }

function windowsOf(weights: Weights, text: string, channelClass: ChannelClass): LeftOut {
  const windows = scoredWindows(weights, text, channelClass)
  return {
    zs: Float64Array.from(windows, ({ z }) => z),
    ordinals: Int32Array.from(windows, ({ ordinal }) => ordinal),
  }
}

/** The corrected score of a text. */
export function correctedMax({ zs, ordinals }: LeftOut, lengthFactor: number): number {
  let most = Number.NEGATIVE_INFINITY
  for (const [i, z] of zs.entries()) most = Math.max(most, z - lengthFactor * Math.log(ordinals[i] ?? 1))
  return most
}
