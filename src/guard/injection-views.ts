import { InjectionLane, type InjectionMatch, type InjectionScorer } from './injection-lane.ts'
import type { ChannelClass } from './injection/scorer.ts'
import type { Readings } from './normalise/readings.ts'
import type { Transform } from './normalise/transform.ts'
import type { View } from './normalise/view.ts'

/** What a view says that the text as it stands does not. `isHidden`: a reader does not see it. */
export type InjectionInView = InjectionMatch & {
  readonly via: readonly Transform[]
  readonly isHidden: boolean
  /** Whether its disguise, and not its score, makes it what it is. */
  readonly isRaised: boolean
}

/** Nobody writes so who wants to be read. What programs and mail do to every text is none of them. */
const disguises: ReadonlySet<Transform> = new Set([
  'confusable',
  'base64',
  'base32',
  'hex',
  'code_list',
  'morse',
  'selector_bytes',
  'spaced',
  'leet',
  'rot13',
  'reversed',
  'reversed_words',
  'override',
  'acrostic',
  'run_together',
])

/** By how much, in z, a disguised order must look more like one than the text that hides it. */
const margin = 1

/**
 * Scores the views of a text. What is disguised and looks like an order once it is read, while
 * the text itself did not (`plainZ`), counts as one that surely is: nothing harmless is written so.
 */
export function injectionsInViews(
  scorer: InjectionScorer,
  channelClass: ChannelClass,
  readings: Readings,
  plainZ: number,
): readonly InjectionInView[] {
  if (!readings.mayHaveViews) return []
  const { cased, derived, signals } = readings.all
  const isAlike = signals.has('look-alike') || signals.has('terminal-escape')
  const views: readonly View[] = isAlike ? [{ ...cased, via: ['confusable'] }, ...derived] : derived
  return views.flatMap(({ text: view, map, via }) => {
    const isDisguised = via.some((transform) => disguises.has(transform))
    const isHidden = via.includes('hidden')
    return scored(new InjectionLane(scorer, channelClass), view).map((match): InjectionInView => {
      const isRaised = match.band === 'flag' && isDisguised && match.z >= plainZ + margin
      const band = isRaised ? 'high' : match.band
      return { ...match, ...map.toOriginal(match.start, match.end), band, via, isHidden, isRaised }
    })
  })
}

function scored(lane: InjectionLane, text: string): readonly InjectionMatch[] {
  lane.push(text)
  lane.end()
  return lane.take()
}
