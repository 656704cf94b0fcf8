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

/** How many candidates are compared at most: the newest ones. */
export const maxCandidates = 200

/** A fingerprint made ready for many comparisons; numbers stand for trigrams. */
export type Print = Fingerprint & { readonly trigrams: Uint32Array; readonly tools: ReadonlySet<string> }

/** Gives each trigram a number. Prints that are compared come from the same numbering. */
export type Numbering = Map<string, number>

export function printFrom(fingerprint: Fingerprint, numbering: Numbering): Print {
  const numbers = [...trigramsOf(fingerprint.title)].map((trigram) => {
    const known = numbering.get(trigram)
    if (known !== undefined) return known
    numbering.set(trigram, numbering.size)
    return numbering.size - 1
  })
  return { ...fingerprint, trigrams: Uint32Array.from(numbers).sort(), tools: new Set(fingerprint.toolIds) }
}

/**
 * Likeness in basis points: 0.60 title trigrams, 0.20 same vendor and model, 0.12 tools, 0.05 domain, 0.03 unit. Two empty
 * sets have nothing in common. What the use cases of one team share anyway says little: without a likeness of their titles
 * it never comes to `shownBp`. The same title with the same vendor and model, or with all of the rest, has to be decided on.
 */
export function likenessBp(a: Fingerprint, b: Fingerprint): number {
  const numbering: Numbering = new Map()
  return likenessOf(printFrom(a, numbering), printFrom(b, numbering))
}

/** The same of two prints of one numbering. */
export function likenessOf(a: Print, b: Print): number {
  const sameModel = a.vendor !== null && a.model !== null && a.vendor === b.vendor && a.model === b.model
  const sameDomain = a.domain !== null && a.domain === b.domain
  const sameUnit = a.unit !== null && a.unit === b.unit
  return (
    share(commonNumbers(a.trigrams, b.trigrams), a.trigrams.length + b.trigrams.length, 6_000) +
    share([...a.tools].filter((tool) => b.tools.has(tool)).length, a.tools.size + b.tools.size, 1_200) +
    (sameModel ? 2_000 : 0) +
    (sameDomain ? 500 : 0) +
    (sameUnit ? 300 : 0)
  )
}

/** `whole` times the Jaccard index, rounded down. */
function share(common: number, both: number, whole: number): number {
  const union = both - common
  return union === 0 ? 0 : Math.floor((whole * common) / union)
}

/** How many numbers stand in both of two rising lists. */
function commonNumbers(a: Uint32Array, b: Uint32Array): number {
  let [i, j, common] = [0, 0, 0]
  while (i < a.length && j < b.length) {
    const [x = 0, y = 0] = [a[i], b[j]]
    if (x === y) common += 1
    if (x <= y) i += 1
    if (y <= x) j += 1
  }
  return common
}

function trigramsOf(text: string): ReadonlySet<string> {
  const folded = text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim()
  if (folded === '') return new Set()
  const padded = Array.from(`  ${folded} `)
  return new Set(padded.slice(0, -2).map((_, i) => padded.slice(i, i + 3).join('')))
}

/** Words of a title, of which a candidate shares one. At most 30, so that a long title does not become a long search. */
export function wordsOf(title: string): readonly string[] {
  return [
    ...new Set(
      title
        .normalize('NFKC')
        .toLowerCase()
        .match(/[\p{L}\p{N}]+/gu) ?? [],
    ),
  ].slice(0, 30)
}
