/** What two use cases are compared by. Texts are folded here. */
export type Fingerprint = {
  readonly title: string
  readonly toolIds: readonly string[]
  readonly vendor: string | null
  readonly model: string | null
  readonly domain: string | null
  readonly unit: string | null
}

/** From this score on a likeness is shown. */
export const shownBp = 5_000

/**
 * Likeness in basis points: 0.40 title trigrams, 0.25 tools, 0.20 same vendor and model, 0.10 domain, 0.05 unit. Two
 * empty sets have nothing in common.
 */
export function likenessBp(a: Fingerprint, b: Fingerprint): number {
  const sameModel = a.vendor !== null && a.model !== null && a.vendor === b.vendor && a.model === b.model
  const sameDomain = a.domain !== null && a.domain === b.domain
  const sameUnit = a.unit !== null && a.unit === b.unit
  return (
    share(trigrams(a.title), trigrams(b.title), 4_000) +
    share(new Set(a.toolIds), new Set(b.toolIds), 2_500) +
    (sameModel ? 2_000 : 0) +
    (sameDomain ? 1_000 : 0) +
    (sameUnit ? 500 : 0)
  )
}

/** `whole` times the Jaccard index, rounded down. */
function share(a: ReadonlySet<string>, b: ReadonlySet<string>, whole: number): number {
  const common = [...a].filter((item) => b.has(item)).length
  const union = a.size + b.size - common
  return union === 0 ? 0 : Math.floor((whole * common) / union)
}

function trigrams(text: string): ReadonlySet<string> {
  const folded = text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim()
  if (folded === '') return new Set()
  const padded = Array.from(`  ${folded} `)
  return new Set(padded.slice(0, -2).map((_, i) => padded.slice(i, i + 3).join('')))
}
