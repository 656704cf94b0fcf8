import type { Finding, Text } from './finding.ts'
import { classOf, type InjectionScorer } from './injection-lane.ts'
import { explain } from './injection/explain.ts'
import { normalise } from './normalise/normalise.ts'
import { inSmallLetters } from './normalise/small-letters.ts'
import type { View } from './normalise/view.ts'
import type { Span } from './text.ts'

/** What of a window speaks for an order to a model, or against one: an n-gram of the text itself. */
export type FeatureOfText = Span & {
  readonly ngram: string
  /** Of the sum of all contributions without their signs; below zero where it speaks against. */
  readonly share: number
}

/**
 * Why the scorer has found `finding` in `text`: the 8 n-grams that speak most for it and the 4 that speak most against
 * it, with where they stand in the text. Empty for findings of others.
 */
export function explainInjection(
  { weights }: InjectionScorer,
  { channel, text, channelClass = classOf[channel] }: Text,
  finding: Finding,
): readonly FeatureOfText[] {
  if (finding.score === undefined || channelClass === null) return []
  const view = viewOf(text, finding)
  if (view === null) return []
  const lowered = inSmallLetters(view.text)
  const window = windowIn(view, finding)
  if (window === null) return []
  const scored = {
    z: finding.z ?? 0,
    p: finding.score,
    band: finding.band ?? 'flag',
    windows: 1,
    ...window,
  } as const
  return explain(weights, lowered, scored, channelClass).map((feature) => ({
    ngram: feature.ngram,
    share: feature.share,
    ...view.map.toOriginal(feature.start, feature.end),
  }))
}

/** The view that the finding was made in; null when the text has it no more. */
function viewOf(text: string, { via }: Finding): View | null {
  const { cased, derived } = normalise(text)
  if (via === undefined || via.join(' ') === 'confusable') return cased
  return derived.find((view) => view.via.join(' ') === via.join(' ')) ?? null
}

/** The part of a view that the span of the finding comes from. */
function windowIn({ map, text }: View, { start, end }: Finding): Span | null {
  const from = firstWhere(text.length, (at) => map.toOriginal(at, at + 1).end > start)
  const to = firstWhere(text.length, (at) => map.toOriginal(at, at + 1).start >= end)
  return to > from ? { start: from, end: to } : null
}

/** The first place for which something holds that holds for all places after it. */
function firstWhere(length: number, holds: (at: number) => boolean): number {
  let [low, high] = [0, length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
