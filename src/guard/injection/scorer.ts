import type { Band } from '../finding.ts'
import { scoredWindows, type ScoredWindow } from './score-run.ts'
import type { Weights } from './weights.ts'

/** Whose a text is, as far as thresholds are concerned: what a user writes asks for much that no document may ask for. */
export type ChannelClass = 'user' | 'untrusted'

export type Scored = {
  /** Of the winning window, corrected for the length of what came before it. */
  readonly z: number
  /** Probability of an attack at the prior of the weights' header. */
  readonly p: number
  /** Before the language gate. */
  readonly band: Band
  /** The winning window in the view. */
  readonly start: number
  readonly end: number
  /** How many windows were scored. */
  readonly windows: number
}

/**
 * Scores a text, which is the lower-cased canonical view of one. The windows are those of `ScoreRun`; the one with the
 * largest corrected score wins, the first of equals. A text without words is quiet.
 */
export function score(weights: Weights, text: string, channelClass: ChannelClass): Scored {
  const windows = scoredWindows(weights, text, channelClass)
  let best: { readonly z: number; readonly window: ScoredWindow } | null = null
  for (const window of windows) {
    const z = correctedScore(weights, window, channelClass)
    if (best === null || z > best.z) best = { z, window }
  }
  if (best === null) return { z: nothing, p: 0, band: 'quiet', start: 0, end: 0, windows: 0 }
  const { z, window } = best
  const { start, end } = window
  return {
    z,
    p: probabilityOf(weights, z, channelClass),
    band: bandOf(weights, z, channelClass),
    start,
    end,
    windows: windows.length,
  }
}

/** Score of a text that holds nothing to score. */
const nothing = -100

/**
 * The maximum over many windows of harmless text grows with their number; each window pays for those before it. What
 * comes later never lowers a score.
 */
export function correctedScore(
  { header }: Weights,
  { z, ordinal }: Pick<ScoredWindow, 'z' | 'ordinal'>,
  channelClass: ChannelClass,
): number {
  return z - header.length[channelClass] * Math.log(ordinal)
}

/** Probability of an attack with the corrected score `z`, at the prior of the header, to six decimals. */
export function probabilityOf({ header }: Weights, z: number, channelClass: ChannelClass): number {
  const { a, b } = header.calibration[channelClass]
  return Math.round(1e6 / (1 + Math.exp(-(a * z + b)))) / 1e6
}

function bandOf({ header }: Weights, z: number, channelClass: ChannelClass): Band {
  const { tFlag, tHigh } = header.thresholds[channelClass]
  return z >= tHigh ? 'high' : z >= tFlag ? 'flag' : 'quiet'
}
