import { Draw } from '../generate/draw.ts'
import { allBuckets, blocks } from '../injection/features.ts'
import type { Example } from './example.ts'
import type { Units } from './units.ts'

/** Families in which an n-gram has to stand to be trusted as far as any. */
export const enoughFamilies = 8
/** Collected texts have no common template: a family of them counts as so many. */
const partsOfCollected = 8

/**
 * How far each bucket is trusted: `sqrt(families / 8)`, at most 1. Texts of one generator family share its templates; an
 * n-gram of one family alone tells that family and no other, and families that nobody has seen are what counts.
 */
export function trustOf(units: Units, chosen: Int32Array, examples: readonly Example[]): Float64Array {
  const parts = examples.map(({ id, family, isGenerated }) =>
    isGenerated ? family : `${family} ${new Draw(`part ${id}`).below(partsOfCollected)}`,
  )
  const inOrder = [...chosen].toSorted((a, b) => {
    const [x, y] = [parts[units.examples[a] ?? 0] ?? '', parts[units.examples[b] ?? 0] ?? '']
    return x < y ? -1 : x > y ? 1 : a - b
  })
  const numbers = new Map<string, number>()
  const families = new Float64Array(allBuckets)
  const last = new Int32Array(allBuckets).fill(-1)
  for (const unit of inOrder) {
    const part = parts[units.examples[unit] ?? 0] ?? ''
    const number = numbers.get(part) ?? numbers.size
    numbers.set(part, number)
    const end = units.starts[(unit + 1) * blocks] ?? 0
    for (let k = units.starts[unit * blocks] ?? 0; k < end; k += 1) {
      const bucket = units.buckets[k] ?? 0
      if (last[bucket] === number) continue
      last[bucket] = number
      families[bucket] = (families[bucket] ?? 0) + 1
    }
  }
  for (let i = 0; i < families.length; i += 1)
    families[i] = Math.min(1, Math.sqrt((families[i] ?? 0) / enoughFamilies))
  return families
}
