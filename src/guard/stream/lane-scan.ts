import { Folder, type Folded } from '../normalise/folded.ts'
import type { Span } from '../text.ts'
import { start } from './automaton.ts'
import { isWordUnit, longestCandidate, step, type Candidate, type Sureness } from './candidate.ts'
import { IdentifierRuns, longestWord } from './identifier-runs.ts'
import { ReadBack } from './read-back.ts'
import type { ScanPlan } from './scan-plan.ts'

/** What a rule found in a lane; the span is in UTF-16 units of the lane's text. */
export type Match = Span & { readonly rule: string; readonly sureness: Sureness }

/** A candidate that is longer than what is waited for. */
export const unboundedCandidate = 'unbounded_candidate'

/** Most candidates that are asked at the same time. Of more, the oldest is told as what nobody has decided. */
const mostLive = 16

type Live = { readonly candidate: Candidate; readonly rule: string; matchedTo: number }

/**
 * Reads one lane of text once, in pieces of any size, and tells what it found and how much of it can no longer become
 * part of anything. Work for each unit is bounded by a constant.
 * INVARIANT: matches depend on the text alone, not on its pieces (law in `lane-scan.test.ts`).
 */
export class LaneScan {
  readonly #plan: ScanPlan
  readonly #folder = new Folder()
  readonly #back = new ReadBack()
  readonly #runs: IdentifierRuns
  readonly #seen = new Map<string, number>()
  #consumed = 0
  #state = start
  #live: Live[] = []
  #isOver = false
  #matches: Match[] = []

  constructor(plan: ScanPlan) {
    this.#plan = plan
    this.#runs = new IdentifierRuns(plan, this.#back, this.#seen, ({ rule, from, to, sureness }) =>
      this.#match(rule, from, to, sureness),
    )
  }

  /** How many UTF-16 units of the lane were read. */
  get consumed(): number {
    return this.#consumed
  }

  /** How many of them, from the beginning, can be part of no match that is still to come. */
  get safe(): number {
    if (this.#isOver) return this.#consumed
    const { at } = this.#back
    let from = Math.min(this.#runs.from, at - (this.#plan.automaton.depth[this.#state] ?? 0))
    for (const live of this.#live) from = Math.min(from, fromOf(live))
    if (this.#plan.holdsWords) from = Math.min(from, this.#addressFrom())
    return from < at ? this.#back.startOf(from) : this.#folder.settled
  }

  /** The matches since the last time. */
  take(): readonly Match[] {
    const matches = this.#matches
    if (matches.length > 0) this.#matches = []
    return matches
  }

  push(text: string): void {
    const folded = this.#folder.push(text)
    this.#back.take(folded, this.#consumed)
    this.#consumed += text.length
    this.#read(folded.text)
  }

  /** The lane is over: what was waited for is decided. */
  end(): void {
    const folded: Folded = this.#folder.end()
    this.#back.take(folded, this.#consumed)
    this.#read(folded.text)
    const { at } = this.#back
    this.#runs.end()
    for (const live of this.#live) {
      const answer = live.candidate.end()
      if (answer === step.here || answer === step.part || answer === step.before)
        this.#match(live.rule, fromOf(live), answer === step.before ? at - 1 : at, live.candidate.sureness())
    }
    this.#live = []
    this.#state = start
    this.#isOver = true
  }

  #read(text: string): void {
    const { classes, others, classCount, next } = this.#plan.automaton
    const [back, runs] = [this.#back, this.#runs]
    const from = back.at
    // Fields are slow in a loop over each unit of all traffic; `back.at` is set before anything that asks for it.
    let state = this.#state
    let hasLive = this.#live.length > 0
    for (let i = 0; i < text.length; i += 1) {
      const unit = text.charCodeAt(i)
      if (hasLive) {
        back.at = from + i + 1
        this.#stepAll(unit)
        hasLive = this.#live.length > 0
      }
      if (runs.isOpen) {
        back.at = from + i + 1
        runs.next(unit)
      } else if (unit <= lastDigit && unit >= firstDigit) {
        back.at = from + i + 1
        runs.open()
      }
      state = next[state * classCount + ((unit < 128 ? classes[unit] : others.get(unit)) ?? 0)] ?? start
      if (state >= 0) continue
      state = ~state
      back.at = from + i + 1
      this.#trigger(state)
      hasLive = this.#live.length > 0
    }
    back.at = from + text.length
    this.#state = state
  }

  /** Where the units began that may stand before the @ of an address. */
  #addressFrom(): number {
    const back = this.#back
    let from = back.at
    while (back.at - from < longestWord && isAddressUnit(back.unitAt(from - 1))) from -= 1
    return from
  }

  #trigger(state: number): void {
    const { ends, lengths } = this.#plan.automaton
    for (const index of ends[state] ?? []) {
      const trigger = this.#plan.triggers[index]
      if (trigger === undefined) continue
      const from = this.#back.at - (lengths[index] ?? 0)
      if (typeof trigger === 'string') {
        if (!isWordUnit(this.#back.unitAt(from - 1))) this.#seen.set(trigger, this.#back.at)
        continue
      }
      const begun = trigger.begin(this.#back)
      if (begun === null) continue
      if (typeof begun === 'string') this.#match(trigger.rule, from, this.#back.at, begun)
      else this.#begin({ candidate: begun, rule: trigger.rule, matchedTo: 0 })
    }
  }

  #begin(live: Live): void {
    const [oldest] = this.#live
    if (oldest !== undefined && this.#live.length === mostLive) {
      this.#match(unboundedCandidate, fromOf(oldest), this.#back.at, 'possible')
      this.#live.shift()
    }
    this.#live.push(live)
  }

  #stepAll(unit: number): void {
    const still: Live[] = []
    for (const live of this.#live) if (this.#stepOne(live, unit)) still.push(live)
    this.#live = still
  }

  /** Whether it goes on. */
  #stepOne(live: Live, unit: number): boolean {
    const answer = live.candidate.next(unit)
    const { at } = this.#back
    if (answer === step.none) return false
    if (answer === step.more) {
      if (at - fromOf(live) < longestCandidate) return true
      this.#match(unboundedCandidate, fromOf(live), at, 'possible')
      return false
    }
    this.#match(live.rule, fromOf(live), answer === step.before ? at - 1 : at, live.candidate.sureness())
    live.matchedTo = at
    return answer === step.part
  }

  #match(rule: string, from: number, to: number, sureness: Sureness): void {
    if (to <= from) return
    this.#matches.push({ rule, sureness, start: this.#back.startOf(from), end: this.#back.endOf(to - 1) })
  }
}

const [firstDigit, lastDigit] = [48, 57]

function isAddressUnit(unit: number): boolean {
  return (
    isWordUnit(unit) || unit === 46 || unit === 45 || unit === 95 || unit === 43 || unit === 37 || unit === 39
  )
}

/** Where the part of a candidate begins that was not matched yet. */
function fromOf({ candidate, matchedTo }: Live): number {
  return Math.max(candidate.from, matchedTo)
}
