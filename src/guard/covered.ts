import type { Finding, FindingKind } from './finding.ts'
import type { Span } from './text.ts'

/** Where findings of each kind stand that are more than possible, asked in logarithmic time. */
export class Covered {
  readonly #spans = new Map<FindingKind, Span[]>()
  #isSorted = true

  add({ kind, sureness, start, end }: Finding): void {
    if (sureness === 'possible') return
    const spans = this.#spans.get(kind)
    if (spans === undefined) this.#spans.set(kind, [{ start, end }])
    else spans.push({ start, end })
    this.#isSorted = false
  }

  /** Whether a finding of its kind stands in the same place, or in a part of it. */
  has({ kind, start, end }: Finding): boolean {
    this.#sort()
    const spans = this.#spans.get(kind) ?? []
    let [low, high] = [0, spans.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((spans[middle]?.end ?? 0) <= start) low = middle + 1
      else high = middle
    }
    const found = spans[low]
    return found !== undefined && found.start < end
  }

  /** In order, those that overlap as one. */
  #sort(): void {
    if (this.#isSorted) return
    this.#isSorted = true
    for (const [kind, spans] of this.#spans) {
      const merged: Span[] = []
      for (const span of spans.toSorted((a, b) => a.start - b.start)) {
        const last = merged.at(-1)
        if (last === undefined || span.start > last.end) merged.push(span)
        else if (span.end > last.end) merged[merged.length - 1] = { start: last.start, end: span.end }
      }
      this.#spans.set(kind, merged)
    }
  }
}
