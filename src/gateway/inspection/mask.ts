import type { Finding } from '../../guard/finding.ts'
import { lookAlike, typeOf } from '../../guard/placeholders/placeholder.ts'
import type { Span } from '../../guard/text.ts'

/** A stretch that is not released, and what stands in its place. `isKept`: it may be given back to the caller. */
export type Gap = Span & { readonly rule: string; readonly mask: string; readonly isKept?: boolean }

/** The rule of a gap that holds a placeholder, in whose place its value is released. */
export const turnedBack = 'turned back'

/** What stands in the place of a finding. It says the kind, never the value, and no detector takes it for anything. */
export function gapOf({ rule, kind, start, end }: Finding): Gap {
  return { rule, start, end, mask: maskOf(rule, kind) }
}

/** The same, to be given back. What had to be decoded is no value of its rule as it is written: it is kept letter by letter. */
export function keptGapOf(finding: Finding): Gap {
  const gap = gapOf(finding)
  return { ...gap, rule: finding.via === undefined ? gap.rule : lookAlike, isKept: true }
}

function maskOf(rule: string, kind: Finding['kind']): string {
  if (kind === 'pii') return `[${typeOf(rule)}]`
  if (kind === 'injection') return '[ORDER REMOVED]'
  return kind === 'secret' ? '[SECRET]' : '[REMOVED]'
}

/** Gaps in order; those that overlap are one, and so are the pieces of one long finding. */
export function merged(gaps: readonly Gap[]): readonly Gap[] {
  const sorted = gaps.toSorted((a, b) => a.start - b.start || b.end - a.end || (a.rule < b.rule ? -1 : 1))
  const kept: Gap[] = []
  for (const gap of sorted) {
    const last = kept.at(-1)
    const goesOn =
      last !== undefined &&
      (gap.start < last.end || (gap.start === last.end && gap.rule === last.rule && gap.rule !== turnedBack))
    if (goesOn) kept[kept.length - 1] = joined(last, gap)
    else kept.push(gap)
  }
  return kept
}

/** What two rules have found together is given back when both allow it, and as it was written when it is more than one value. */
function joined(first: Gap, gap: Gap): Gap {
  const end = Math.max(first.end, gap.end)
  if (first.rule === gap.rule) return { ...first, end }
  const stays = first.rule === turnedBack ? gap : first
  const isKept = first.isKept === true && gap.isKept === true
  const rule = isKept && end > first.end ? lookAlike : stays.rule
  return { ...stays, rule, start: first.start, end, isKept }
}

/** What is released of a whole `text` under merged gaps. */
export function withGaps(text: string, gaps: readonly Gap[]): string {
  return piece(text, 0, gaps, 0)
}

/**
 * The gaps of a lane that is still growing. Pieces are written in the order of the lane, each once.
 * INVARIANT: the work for a gap or a piece depends on what it touches, not on how many there have been.
 */
export class LaneGaps {
  #gaps: Gap[] = []
  #first = 0 // those before it are behind all that is still to be written

  /** How many gaps are remembered. */
  get kept(): number {
    return this.#gaps.length
  }

  /** Takes one more. Gaps come about in the order of the lane; what it overlaps becomes one with it. */
  add(gap: Gap): void {
    let at = this.#gaps.length
    while (at > this.#first && (this.#gaps[at - 1]?.end ?? 0) >= gap.start) at -= 1
    this.#gaps.push(...merged([...this.#gaps.splice(at), gap]))
  }

  /** What is released of `text`, which stands at `from` in its lane. */
  write(text: string, from: number): string {
    const written = piece(text, from, this.#gaps, this.#first)
    const to = from + text.length
    while ((this.#gaps[this.#first]?.end ?? Number.POSITIVE_INFINITY) < to) this.#first += 1
    if (this.#first >= mostBehind) {
      this.#gaps = this.#gaps.slice(this.#first)
      this.#first = 0
    }
    return written
  }
}

const mostBehind = 1_024

/** A mask stands in the piece in which its gap begins. `first`: the first of `gaps` that may end behind `from`. */
function piece(text: string, from: number, gaps: readonly Gap[], first: number): string {
  const to = from + text.length
  let [out, at] = ['', from]
  for (let n = first; n < gaps.length; n += 1) {
    const { start, end, mask } = gaps[n] ?? nowhere
    if (start >= to) break
    if (end <= at) continue
    if (start >= at) out += text.slice(at - from, start - from) + mask
    at = Math.min(end, to)
  }
  return out + text.slice(at - from)
}

const nowhere: Gap = { rule: '', start: 0, end: 0, mask: '' }
