import { tokensOf } from '../injection/features.ts'
import { combined } from '../injection/hash.ts'
import { DisjointSets } from './disjoint-sets.ts'

const gramSize = 8
/** Of the 8-grams of a long text one in so many is looked at, chosen by its hash, hence the same in every text. */
const sampled = 8
const fewest = 40
/** An 8-gram that so many texts have is a phrase of the trade. */
const mostSharing = 40
const containment = 0.5

/**
 * For each text the name of its cluster: texts of which one has more than half of its word 8-grams in the other, directly or
 * by others between them. Texts of less than eight words are alone unless they are equal.
 */
export function clustersOf(texts: readonly string[]): readonly string[] {
  const grams = texts.map(gramsOf)
  const holders = new Map<number, number[]>()
  for (const [text, hashes] of grams.entries())
    for (const hash of hashes) {
      const known = holders.get(hash)
      if (known === undefined) holders.set(hash, [text])
      else if (known.length < mostSharing) known.push(text)
    }
  const sets = new DisjointSets()
  for (const [text, hashes] of grams.entries()) {
    const shared = new Map<number, number>()
    for (const hash of hashes)
      for (const other of holders.get(hash) ?? [])
        if (other < text) shared.set(other, (shared.get(other) ?? 0) + 1)
    for (const [other, count] of shared)
      if (count > containment * Math.min(hashes.size, grams[other]?.size ?? 0))
        sets.join(nameOf(text), nameOf(other))
  }
  return texts.map((_, text) => sets.find(nameOf(text)))
}

function gramsOf(text: string): ReadonlySet<number> {
  const words = tokensOf(text).filter(({ isWord }) => isWord)
  const all = new Set<number>()
  const some = new Set<number>()
  for (let i = 0; i + gramSize <= words.length; i += 1) {
    let hash = 0
    for (let k = i; k < i + gramSize; k += 1) hash = combined(hash, words[k]?.hash ?? 0)
    all.add(hash)
    if ((Math.imul(hash, 0x9e3779b1) >>> 8) % sampled === 0) some.add(hash)
  }
  return all.size < fewest ? all : some
}

/** Names in the order of the texts. */
function nameOf(text: number): string {
  return String(text).padStart(8, '0')
}
