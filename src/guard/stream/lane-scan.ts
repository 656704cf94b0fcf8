import { Folder, type Folded } from '../normalise/folded.ts'
import type { Span } from '../text.ts'
import { start } from './automaton.ts'
import { isWordUnit, longestCandidate, step, type Candidate, type Sureness } from './candidate.ts'
import { IdentifierRuns } from './identifier-runs.ts'
import { ReadBack } from './read-back.ts'
import type { ScanPlan } from './scan-plan.ts'

/** What a rule found in a lane; the span is in UTF-16 units of the lane's text. */
export type Match = Span & { readonly rule: string; readonly sureness: Sureness }

/** A candidate that is longer than what is waited for. */
export const unboundedCandidate = 'unbounded_candidate'

/** Neither a group of an identifier nor the part of an address before its @ is longer (RFC 5321 4.5.3.1.1). */
export const longestWord = 64
/** A word of which more letters stand in front, small ones among them, is no identifier. */
const mostLeadingLetters = 4

type Live = { readonly candidate: Candidate; readonly rule: string; from: number }

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
  #words = 0
  #wordFrom = -1
  #digits = 0
  #isPlain = false // the word began with so many letters that it is no identifier
  #addressFrom = 0 // where the units began that may stand before the @ of an address
  #matches: Match[] = []

  constructor(plan: ScanPlan) {
    this.#plan = plan
    this.#runs = new IdentifierRuns(
      plan,
      this.#back,
      (group, word) => word - (this.#seen.get(group) ?? Number.NEGATIVE_INFINITY),
      ({ rule, from, to, sureness }) => this.#match(rule, from, to, sureness),
    )
  }

  /** How many UTF-16 units of the lane were read. */
  get consumed(): number {
    return this.#consumed
  }

  /** How many of them, from the beginning, can be part of no match that is still to come. */
  get safe(): number {
    const { at } = this.#back
    let from = at - (this.#plan.automaton.depth[this.#state] ?? 0)
    for (const live of this.#live) from = Math.min(from, live.from)
    if (this.#runs.from >= 0) from = Math.min(from, this.#runs.from)
    if (this.#wordFrom >= 0 && !this.#isPlain && at - this.#wordFrom <= longestWord)
      from = Math.min(from, this.#wordFrom)
    if (this.#plan.holdsWords) from = Math.min(from, Math.max(this.#addressFrom, at - longestWord))
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
    if (this.#wordFrom >= 0) this.#endWord(this.#wordFrom, at, this.#digits, this.#isPlain)
    this.#wordFrom = -1
    this.#runs.flush()
    for (const live of this.#live) {
      const answer = live.candidate.end()
      if (answer === step.here || answer === step.part || answer === step.before)
        this.#match(live.rule, live.from, answer === step.before ? at - 1 : at, live.candidate.sureness())
    }
    this.#live = []
    this.#state = start
    this.#addressFrom = at
  }

  #read(text: string): void {
    const { classes, others, classCount, next } = this.#plan.automaton
    const from = this.#back.at
    // Fields are slow in a loop over each unit of all traffic: they are written back before anything that reads them.
    let [state, wordFrom, digits, isPlain] = [this.#state, this.#wordFrom, this.#digits, this.#isPlain]
    let hasLive = this.#live.length > 0
    for (let i = 0; i < text.length; i += 1) {
      const unit = text.charCodeAt(i)
      const isAscii = unit < 128
      const at = from + i
      const kind = isAscii ? (kinds[unit] ?? other) : other
      if (hasLive) {
        this.#back.at = at + 1
        this.#stepAll(unit)
        hasLive = this.#live.length > 0
      }
      state = next[state * classCount + ((isAscii ? classes[unit] : others.get(unit)) ?? 0)] ?? start
      if (kind < joint) {
        if (wordFrom < 0) {
          wordFrom = at
          digits = 0
          isPlain = false
        }
        if (kind === digit) digits += 1
        else if (kind === small && digits === 0 && at - wordFrom >= mostLeadingLetters) isPlain = true
      } else {
        if (wordFrom >= 0) {
          this.#back.at = at + 1
          this.#endWord(wordFrom, at, digits, isPlain)
          wordFrom = -1
          if (kind !== joint) this.#runs.flush()
        } else if (this.#runs.from >= 0) {
          this.#back.at = at + 1
          this.#runs.flush()
        }
        if (kind === other || unit === slash || unit === space) this.#addressFrom = at + 1
      }
      if (state >= 0) continue
      state = ~state
      this.#back.at = at + 1
      this.#trigger(state)
      hasLive = this.#live.length > 0
    }
    this.#back.at = from + text.length
    this.#state = state
    this.#wordFrom = wordFrom
    this.#digits = digits
    this.#isPlain = isPlain
  }

  #endWord(from: number, to: number, digits: number, isPlain: boolean): void {
    this.#words += 1
    if (isPlain || to - from > longestWord) this.#runs.flush()
    else this.#runs.group(from, to, digits, this.#words)
  }

  #trigger(state: number): void {
    const { ends, lengths } = this.#plan.automaton
    for (const index of ends[state] ?? []) {
      const trigger = this.#plan.triggers[index]
      if (trigger === undefined) continue
      const from = this.#back.at - (lengths[index] ?? 0)
      if (typeof trigger === 'string') {
        if (!isWordUnit(this.#back.unitAt(from - 1))) this.#seen.set(trigger, this.#words)
        continue
      }
      const begun = trigger.begin(this.#back)
      if (begun === null) continue
      if (typeof begun === 'string') this.#match(trigger.rule, from, this.#back.at, begun)
      else this.#live.push({ candidate: begun, rule: trigger.rule, from: begun.from })
    }
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
      if (at - live.from < longestCandidate) return true
      this.#match(unboundedCandidate, live.from, at, 'possible')
      return false
    }
    this.#match(live.rule, live.from, answer === step.before ? at - 1 : at, live.candidate.sureness())
    live.from = at
    return answer === step.part
  }

  #match(rule: string, from: number, to: number, sureness: Sureness): void {
    if (to <= from) return
    this.#matches.push({ rule, sureness, start: this.#back.startOf(from), end: this.#back.endOf(to - 1) })
  }
}

const [slash, space] = [47, 32]
/** Kinds of units: those of words first, then what may stand between two groups of an identifier. */
const [digit, small, capital, joint, address, other] = [0, 1, 2, 3, 4, 5]
const kinds = Uint8Array.from({ length: 128 }, (_, unit) => {
  if (unit >= 48 && unit <= 57) return digit
  if (unit >= 97 && unit <= 122) return small
  if (unit >= 65 && unit <= 90) return capital
  if (unit === space || (unit >= 45 && unit <= slash)) return joint
  return "_+%'".includes(String.fromCharCode(unit)) ? address : other
})
