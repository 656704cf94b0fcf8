import type { Band } from '../finding.ts'
import type { ChannelClass } from '../injection/scorer.ts'
import type { BoundPolicy } from './apply.ts'

/** A score of the scorer as a record keeps it, under the policies of its deployment. */
export type KeptScore = {
  /** By whose thresholds the text was scored. */
  readonly side: ChannelClass
  readonly zMilli: number
  readonly before: BoundPolicy
  readonly after: BoundPolicy
}

/** How many scores are told, and how many have something done about them. */
export type Banded = { readonly told: number; readonly acted: number }

/** Scores of one kind of text, by the thresholds of two policies. */
export type ScoreEffect = {
  readonly side: ChannelClass
  readonly scores: number
  readonly before: Banded
  readonly after: Banded
  /** The least score that is kept, in thousandths of z; what lay below was told by nobody, and is not kept. */
  readonly leastMilli: number
  /** Whether the threshold of telling is lowered, so that more would be told than any record can say. */
  readonly isMoreUnknown: boolean
}

/**
 * Puts kept scores into bands by the thresholds of two policies, in both directions: also what a stricter one would act upon
 * that was only told. A kind of texts without a score is left out.
 */
export function measureScores(kept: readonly KeptScore[]): readonly ScoreEffect[] {
  return (['user', 'untrusted'] as const).flatMap((side) => {
    const own = kept.filter((one) => one.side === side)
    if (own.length === 0) return []
    const bands = (which: 'before' | 'after'): Banded => {
      const found = own.map(({ zMilli, [which]: policy }) => bandUnder(zMilli, policy, side))
      return {
        told: found.filter((band) => band === 'flag').length,
        acted: found.filter((band) => band === 'high').length,
      }
    }
    const isMoreUnknown = own.some(
      ({ before, after }) => after.offsets[side].flagCenti < before.offsets[side].flagCenti,
    )
    const leastMilli = own.reduce((least, { zMilli }) => Math.min(least, zMilli), Number.POSITIVE_INFINITY)
    return [
      { side, scores: own.length, before: bands('before'), after: bands('after'), leastMilli, isMoreUnknown },
    ]
  })
}

function bandUnder(zMilli: number, { thresholds, isOnlyTold }: BoundPolicy, side: ChannelClass): Band {
  if (thresholds === null) return 'quiet'
  const { tFlag, tHigh } = thresholds[side]
  // As records keep them, so that a score at its threshold stays there.
  if (zMilli >= Math.round(tHigh * 1_000) && !isOnlyTold) return 'high'
  return zMilli >= Math.round(tFlag * 1_000) ? 'flag' : 'quiet'
}
