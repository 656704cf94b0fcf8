import { InjectionLane, noOffsets, type InjectionScorer } from '../injection-lane.ts'
import { injectionsInViews } from '../injection-views.ts'
import type { ChannelClass } from '../injection/scorer.ts'
import type { Weights } from '../injection/weights.ts'
import { Readings } from '../normalise/readings.ts'

/**
 * Whether the product tells of a text, as it stands or in a view of it, at the thresholds of the weights. The language
 * gate is not applied.
 */
export function isFlagged(weights: Weights, text: string, channelClass: ChannelClass): boolean {
  const scorer: InjectionScorer = { weights, languageOf: () => 'supported', offsets: noOffsets }
  const plain = new InjectionLane(scorer, channelClass)
  plain.push(text)
  plain.end()
  if (plain.take().length > 0) return true
  return injectionsInViews(scorer, channelClass, new Readings(text), plain.best).length > 0
}
