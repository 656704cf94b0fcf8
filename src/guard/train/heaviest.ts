import { contributionsIn } from '../injection/explain.ts'
import { scoredWindows } from '../injection/score-run.ts'
import type { ChannelClass } from '../injection/scorer.ts'
import type { Weights } from '../injection/weights.ts'
import type { Example } from './example.ts'

const mostOfStyle = 200
const mostNgrams = 14

/** For each style the n-grams that decide most about its texts, by the mean of their contributions. */
export function heaviestByStyle(
  weights: Weights,
  examples: readonly Example[],
): readonly { readonly style: string; readonly ngrams: readonly string[] }[] {
  const styles = new Map<string, Example[]>()
  for (const example of examples) {
    const label = `${example.isAttack ? 'attack' : 'benign'}: ${example.style}`
    const known = styles.get(label)
    if (known === undefined) styles.set(label, [example])
    else if (known.length < mostOfStyle) known.push(example)
  }
  return [...styles.keys()].toSorted().map((style) => {
    const sums = new Map<string, number>()
    for (const { text, channelClass } of styles.get(style) ?? []) {
      const window = surestWindow(weights, text, channelClass)
      for (const { start, end, value } of contributionsIn(weights, window, channelClass)) {
        const ngram = window.slice(start, end)
        sums.set(ngram, (sums.get(ngram) ?? 0) + value)
      }
    }
    const inOrder = [...sums].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    return { style, ngrams: inOrder.slice(0, mostNgrams).map(([ngram]) => ngram) }
  })
}

function surestWindow(weights: Weights, text: string, channelClass: ChannelClass): string {
  let best = { z: Number.NEGATIVE_INFINITY, start: 0, end: 0 }
  for (const window of scoredWindows(weights, text, channelClass)) if (window.z > best.z) best = window
  return text.slice(best.start, best.end)
}
