import type { Band } from './finding.ts'
import { languageOf, type Language } from './language/gate.ts'
import { normalise } from './normalise/normalise.ts'
import { inSmallLetters } from './normalise/small-letters.ts'
import type { Transform } from './normalise/transform.ts'
import type { View } from './normalise/view.ts'
import { explain } from './injection/explain.ts'
import { score, type ChannelClass } from './injection/scorer.ts'
import type { Weights } from './injection/weights.ts'

/** Why a text has its score. Spans are in UTF-16 units of the original. */
export type ScoreExplanation = {
  /** Probability at `prior`; what the band is made of is `z`. */
  readonly p: number
  readonly prior: number
  readonly z: number
  /** Before the language gate. */
  readonly band: Band
  readonly tFlag: number
  readonly tHigh: number
  readonly language: Language
  /** How the view was made whose window decides, the outermost step first; and the text of that window as it was read. */
  readonly via: readonly Transform[]
  readonly read: string
  readonly start: number
  readonly end: number
  /** Those that speak most for an attack, then those against; the share is of all contributions. */
  readonly features: readonly {
    readonly ngram: string
    readonly share: number
    readonly start: number
    readonly end: number
  }[]
}

/** Explains the view with the largest score, the canonical one before its equals. */
export function explainScore(weights: Weights, text: string, channelClass: ChannelClass): ScoreExplanation {
  const { canonical, derived } = normalise(text)
  const [first, ...others] = [canonical, ...derived].map((view) => {
    const small = inSmallLetters(view.text)
    return { view, small, scored: score(weights, small, channelClass) }
  })
  if (first === undefined) throw new Error('a text has a canonical view') // unreachable
  const { view, small, scored } = others.reduce((a, b) => (b.scored.z > a.scored.z ? b : a), first)
  const { z, p, band, start, end } = scored
  const { prior } = weights.header.calibration
  return {
    p,
    prior,
    z,
    band,
    ...weights.header.thresholds[channelClass],
    language: languageOf(small, start, end),
    via: view.via,
    read: small.slice(start, end),
    ...placeOf(view, start, end),
    features: explain(weights, small, scored, channelClass).map(({ ngram, share, ...place }) => ({
      ngram,
      share,
      ...placeOf(view, place.start, place.end),
    })),
  }
}

function placeOf(
  { map }: View,
  start: number,
  end: number,
): { readonly start: number; readonly end: number } {
  return end > start ? map.toOriginal(start, end) : { start: 0, end: 0 }
}
