import { longestCandidate, step, type Behind, type Candidate, type Step, type Sureness } from './candidate.ts'

/** A candidate that is longer than what is waited for. */
export const unboundedCandidate = 'unbounded_candidate'

/** Most candidates that are asked at the same time. Of more, the oldest is told as what nobody has decided. */
const mostLive = 16

type Live = { readonly candidate: Candidate; readonly rule: string; matchedTo: number }

/** What has begun in a lane and is asked about each further unit. Positions are of folded units. */
export class LiveCandidates {
  readonly #behind: Behind
  readonly #match: (rule: string, from: number, to: number, sureness: Sureness) => void
  #live: Live[] = []

  constructor(behind: Behind, match: (rule: string, from: number, to: number, sureness: Sureness) => void) {
    this.#behind = behind
    this.#match = match
  }

  get isEmpty(): boolean {
    return this.#live.length === 0
  }

  /** Where the first begins of what was not matched yet; `none` when there is nothing. */
  from(none: number): number {
    let from = none
    for (const live of this.#live) from = Math.min(from, fromOf(live))
    return from
  }

  begin(rule: string, candidate: Candidate): void {
    const [oldest] = this.#live
    if (oldest !== undefined && this.#live.length === mostLive) {
      this.#match(unboundedCandidate, fromOf(oldest), this.#behind.at, 'possible')
      this.#live.shift()
    }
    this.#live.push({ candidate, rule, matchedTo: 0 })
  }

  next(unit: number): void {
    let left = 0
    for (const live of this.#live) if (this.#goesOn(live, unit)) this.#live[left++] = live
    if (left < this.#live.length) this.#live.length = left
  }

  /** The lane is over. */
  end(): void {
    for (const live of this.#live) {
      const answer = live.candidate.end()
      if (answer === step.here || answer === step.part || answer === step.before) this.#end(live, answer)
    }
    this.#live = []
  }

  #goesOn(live: Live, unit: number): boolean {
    const answer = live.candidate.next(unit)
    const { at } = this.#behind
    if (answer === step.none) return false
    if (answer === step.more) {
      if (at - fromOf(live) < longestCandidate) return true
      this.#match(unboundedCandidate, fromOf(live), at, 'possible')
      return false
    }
    this.#end(live, answer)
    live.matchedTo = at
    return answer === step.part
  }

  /** A candidate, or a part of it, has become a match. */
  #end(live: Live, answer: Step): void {
    const { candidate, rule } = live
    const to = answer === step.before ? this.#behind.at - 1 : this.#behind.at
    this.#match(rule, fromOf(live), to - (candidate.spare?.() ?? 0), candidate.sureness())
  }
}

/** Where the part of a candidate begins that was not matched yet. */
function fromOf({ candidate, matchedTo }: Live): number {
  return Math.max(candidate.from, matchedTo)
}
