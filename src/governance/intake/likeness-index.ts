import {
  likenessOf,
  maxCandidates,
  printFrom,
  shownBp,
  wordsOf,
  type Fingerprint,
  type Numbering,
  type Print,
} from './duplicates.ts'

/**
 * Finds likely duplicates among many use cases without asking the database for each one: by the same candidates, the
 * newest that share a word of the title or vendor and model, and the same score. Whoever is added later is newer.
 */
export class LikenessIndex {
  readonly #numbering: Numbering = new Map()
  readonly #entries: { readonly id: string; print: Print }[] = []
  readonly #places = new Map<string, number>()
  readonly #byWord = new Map<string, number[]>()

  /** Adds a use case, or replaces what was known of it. */
  put(id: string, fingerprint: Fingerprint): void {
    const print = printFrom(fingerprint, this.#numbering)
    const place = this.#places.get(id) ?? this.#entries.length
    const entry = this.#entries[place]
    if (entry === undefined) this.#entries.push({ id, print })
    else entry.print = print
    this.#places.set(id, place)
    for (const key of keysOf(fingerprint)) {
      const places = this.#byWord.get(key)
      if (places === undefined) this.#byWord.set(key, [place])
      else if (places.at(-1) !== place) places.push(place)
    }
  }

  /** Who looks like `fingerprint`, most alike first, without `id` itself. */
  similar(
    fingerprint: Fingerprint,
    id: string,
  ): readonly { readonly id: string; readonly scoreBp: number }[] {
    const print = printFrom(fingerprint, this.#numbering)
    const own = this.#places.get(id)
    const candidates = new Set<number>()
    for (const key of keysOf(fingerprint))
      for (const place of this.#byWord.get(key)?.slice(-maxCandidates - 1) ?? []) candidates.add(place)
    if (own !== undefined) candidates.delete(own)
    return [...candidates]
      .sort((a, b) => b - a)
      .slice(0, maxCandidates)
      .flatMap((place) => {
        const entry = this.#entries[place]
        const scoreBp = entry === undefined ? 0 : likenessOf(print, entry.print)
        return entry === undefined || scoreBp < shownBp ? [] : [{ id: entry.id, scoreBp }]
      })
      .sort((a, b) => b.scoreBp - a.scoreBp || (a.id < b.id ? -1 : 1))
  }
}

/** What a candidate must share: a word, or vendor and model. */
function keysOf({ title, vendor, model }: Fingerprint): readonly string[] {
  const words = wordsOf(title)
  return vendor === null || model === null ? words : [...words, `\n${vendor}\n${model}`]
}
