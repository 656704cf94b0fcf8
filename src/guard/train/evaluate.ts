import { Draw } from '../generate/draw.ts'
import { obfuscate, obfuscations } from '../generate/index.ts'
import { score } from '../injection/scorer.ts'
import type { Measured, Weights } from '../injection/weights.ts'
import type { Example } from './example.ts'
import { isFlagged } from './flagged.ts'
import { measuredShare } from './measure.ts'
import { splice } from './splice.ts'
import { unseenShares, type UnseenRow, type UnseenShare } from './unseen.ts'

/** What one weights file does with texts, at its own thresholds. The language gate is not applied. */
export type Evaluation = {
  /** Share of scores at `tFlag` of families that were in training: how well it fits, not how well it will do. */
  readonly seen: ReadonlyMap<string, Measured>
  /** Of attacks that are found when plain, the share that is found when hidden; of harmless texts the share flagged. */
  readonly hidden: readonly { readonly by: string; readonly attacks: Measured; readonly benign: Measured }[]
  /** Attacks of up to 420 characters in harmless documents, by where they stand. */
  readonly embedded: Measured
  /** Of texts that were written apart from all training. */
  readonly unseen: readonly UnseenShare[]
}

const mostOfFamily = 100
const hiddenTexts = 120
const embeddedTexts = 600
const mostSpliced = 420
/** Shorter texts have too few letters for most ways of hiding. */
const [shortestHidden, longestHidden] = [40, 600]

/** Measures the weights on examples; texts are chosen by the seed. */
export function evaluate(
  weights: Weights,
  examples: readonly Example[],
  unseen: readonly UnseenRow[],
  seed: number,
): Evaluation {
  const draw = new Draw(`evaluate ${seed}`)
  return {
    seen: seenShares(weights, examples),
    hidden: hiddenShares(weights, examples, draw),
    embedded: embeddedShare(weights, examples, draw),
    unseen: unseenShares(weights, unseen),
  }
}

/** Key of a family in a channel class. */
export function familyKey({ family, channelClass }: Pick<Example, 'family' | 'channelClass'>): string {
  return `${family} (${channelClass})`
}

function seenShares(weights: Weights, examples: readonly Example[]): ReadonlyMap<string, Measured> {
  const counts = new Map<string, { flagged: number; n: number }>()
  for (const example of examples) {
    const key = familyKey(example)
    const count = counts.get(key) ?? { flagged: 0, n: 0 }
    counts.set(key, count)
    if (count.n >= mostOfFamily) continue
    count.n += 1
    if (score(weights, example.text, example.channelClass).band !== 'quiet') count.flagged += 1
  }
  return new Map([...counts].map(([key, { flagged, n }]) => [key, measuredShare(flagged, n)]))
}

function hiddenShares(weights: Weights, examples: readonly Example[], draw: Draw): Evaluation['hidden'] {
  const fit = examples.filter(
    ({ text, lang, use }) =>
      lang === 'en' && use === 'whole' && text.length >= shortestHidden && text.length <= longestHidden,
  )
  const found = fit.filter(
    ({ isAttack, text, channelClass }) => isAttack && isFlagged(weights, text, channelClass),
  )
  const harmless = fit.filter(
    ({ isAttack, text, channelClass }) => !isAttack && !isFlagged(weights, text, channelClass),
  )
  const [attacks, benign] = [sampled(found, draw), sampled(harmless, draw)]
  return obfuscations.map((by) => {
    const flaggedOf = (some: readonly Example[]) =>
      some.filter(({ text, channelClass }) =>
        isFlagged(weights, obfuscate(text, by, draw.below(1e9)), channelClass),
      ).length
    return {
      by,
      attacks: measuredShare(flaggedOf(attacks), attacks.length),
      benign: measuredShare(flaggedOf(benign), benign.length),
    }
  })
}

function embeddedShare(weights: Weights, examples: readonly Example[], draw: Draw): Measured {
  const attacks = examples.filter(
    ({ isAttack, use, lang, text }) =>
      isAttack && use === 'whole' && lang === 'en' && text.length <= mostSpliced,
  )
  const carriers = examples.filter(
    ({ isAttack, channelClass, lang, text, isGenerated }) =>
      !isAttack && channelClass === 'untrusted' && lang === 'en' && !isGenerated && text.length > 300,
  )
  if (attacks.length === 0 || carriers.length === 0) return measuredShare(0, 0)
  let found = 0
  for (let i = 0; i < embeddedTexts; i += 1) {
    const { text } = splice(draw.oneOf(attacks).text, draw.oneOf(carriers).text, draw)
    if (isFlagged(weights, text, 'untrusted')) found += 1
  }
  return measuredShare(found, embeddedTexts)
}

function sampled(examples: readonly Example[], draw: Draw): readonly Example[] {
  if (examples.length <= hiddenTexts) return examples
  const places = new Set<number>()
  while (places.size < hiddenTexts) places.add(draw.below(examples.length))
  return [...places].flatMap((place) => examples[place] ?? [])
}
