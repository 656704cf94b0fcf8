import { isEscapeMark } from '../normalise/escape.ts'
import { Folder, type Folded } from '../normalise/folded.ts'
import type { Transform } from '../normalise/transform.ts'
import type { Span } from '../text.ts'
import { advance, start, stepped, type Cursor } from './automaton.ts'
import { isAddressUnit, isWordUnit, type Sureness } from './candidate.ts'
import { IdentifierRuns, longestWord } from './identifier-runs.ts'
import { LiveCandidates } from './live-candidates.ts'
import { BaseRuns } from './base-runs.ts'
import type { Nested, TakeOver } from './nested.ts'
import { ReadBack } from './read-back.ts'
import { escapeMark, type ScanPlan } from './scan-plan.ts'
import { least } from './decoded-text.ts'
import { Unescaped } from './unescaped.ts'

/** What a rule found in a lane; the span is in UTF-16 units of the lane's text. */
export type Match = Span & {
  readonly rule: string
  readonly sureness: Sureness
  /** What had to be decoded to read it, the outermost first; left out when nothing had to be. */
  readonly via?: readonly Transform[]
}

/** An encoding within an encoding is read, and no further. */
const deepest = 2

/**
 * Reads one lane of text once, in pieces of any size, and tells what it found and how much of it can no longer become
 * part of anything. Work for each unit is bounded by a constant.
 * INVARIANT: matches depend on the text alone, not on its pieces (law in `lane-scan.test.ts`).
 */
export class LaneScan implements Nested {
  readonly #plan: ScanPlan
  readonly #folder = new Folder()
  readonly #back: ReadBack
  readonly #runs: IdentifierRuns
  readonly #live: LiveCandidates
  readonly #seen: Map<string, number>
  /** The lane as it reads decoded; null in a lane that is as deep as one is read. */
  readonly #unescaped: Unescaped | null
  readonly #encoded: BaseRuns | null
  #undecided = -1 // where what is undecided began before an escape
  #consumed = 0
  #row = start
  #isOver = false
  #matches: Match[] = []

  constructor(plan: ScanPlan, depth = 0, over: TakeOver | null = null) {
    this.#plan = plan
    this.#back = over === null ? new ReadBack() : ReadBack.takingOver(over.back, over.from)
    this.#seen = new Map(over?.seen)
    const nest = (from: TakeOver | null) => new LaneScan(plan, depth + 1, from)
    this.#unescaped = depth < deepest ? new Unescaped(this.#back, this.#seen, nest) : null
    this.#encoded = depth < deepest ? new BaseRuns(nest) : null
    const match = (rule: string, from: number, to: number, sureness: Sureness) =>
      this.#match(rule, from, to, sureness)
    this.#live = new LiveCandidates(this.#back, match)
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
    return Math.min(this.#folder.settled, this.heldFrom ?? Number.POSITIVE_INFINITY)
  }

  /** Where in the source what may still become a match begins; null when there is nothing. */
  get heldFrom(): number | null {
    const { at } = this.#back
    const from = Math.min(this.#liveFrom(), this.#wordFrom(at, this.#row))
    const held = from < at ? this.#back.startOf(from) : null
    const decoded = least(this.#unescaped?.heldFrom ?? null, this.#encoded?.heldFrom(this.#back) ?? null)
    return least(held, decoded)
  }

  /** The matches since the last time. */
  take(): readonly Match[] {
    const matches = this.#matches
    if (matches.length > 0) this.#matches = []
    const [unescaped, encoded] = [this.#unescaped?.take() ?? none, this.#encoded?.take() ?? none]
    return unescaped.length + encoded.length === 0 ? matches : [...matches, ...unescaped, ...encoded]
  }

  /** Takes a piece that is folded already. */
  feed(piece: Folded): void {
    this.#back.take(piece, this.#consumed)
    this.#read(piece.text)
  }

  /** Answers whether the piece holds nothing but ASCII. */
  push(text: string): boolean {
    if (text.length <= atOnce) return this.#take(text)
    let isAscii = true
    for (let at = 0; at < text.length; at += atOnce)
      isAscii = this.#take(text.slice(at, at + atOnce)) && isAscii
    return isAscii
  }

  #take(text: string): boolean {
    const isCopied = text.length >= worthCopying && this.#folder.isAtRest
    if (isCopied && encoder.encodeInto(text, bytes).written === text.length) {
      this.#back.take(this.#folder.pass(text), this.#consumed)
      this.#consumed += text.length
      this.#readBytes(text)
      return true
    }
    const folded = this.#folder.push(text)
    this.#back.take(folded, this.#consumed)
    this.#consumed += text.length
    this.#read(folded.text)
    return folded.starts === null
  }

  /** The lane is over: what was waited for is decided. */
  end(): void {
    const folded: Folded = this.#folder.end()
    if (folded.text !== '') {
      this.#back.take(folded, this.#consumed)
      this.#read(folded.text)
    }
    this.#unescaped?.end()
    this.#encoded?.end()
    this.#runs.end()
    this.#live.end()
    this.#row = start
    this.#isOver = true
  }

  #read(text: string): void {
    const { classes, others, next } = this.#plan.automaton
    const back = this.#back
    const from = back.at
    // Fields are slow in a loop over each unit of all traffic; `back.at` is set before anything that asks for it.
    let row = this.#row
    let isBusy = this.#isBusy
    for (let i = 0; i < text.length; i += 1) {
      const unit = text.charCodeAt(i)
      if (isBusy || (unit <= lastDigit && unit >= firstDigit)) {
        back.at = from + i + 1
        isBusy = this.#attend(unit)
      }
      const cls = (unit < 128 ? classes[unit] : others.get(unit)) ?? 0
      const before = row
      row = next[row + cls] ?? start
      if (row >= 0) continue
      row = ~row
      back.at = from + i + 1
      this.#trigger(row, before)
      isBusy = this.#isBusy
    }
    back.at = from + text.length
    this.#row = row
    this.#encoded?.read(text, back, from)
  }

  /** The same for a piece that is ASCII and stands in `bytes`: the usual case, and several times as fast. */
  #readBytes(text: string): void {
    const { length } = text
    const { automaton } = this.#plan
    const back = this.#back
    const from = back.at
    let row = this.#row
    let isBusy = this.#isBusy
    for (let i = 0; i < length; i += 1) {
      let before = row
      if (isBusy) row = stepped(automaton, row, bytes[i] ?? 0)
      else {
        cursor.at = i
        cursor.row = row
        advance(automaton, bytes, length, cursor)
        ;({ row, before } = cursor)
        if (row >= 0) break // the piece is over
        i = cursor.at - 1
      }
      const unit = bytes[i] ?? 0
      back.at = from + i + 1
      if (isBusy || (unit <= lastDigit && unit >= firstDigit)) isBusy = this.#attend(unit)
      if (row >= 0) continue
      row = ~row
      this.#trigger(row, before)
      isBusy = this.#isBusy
    }
    back.at = from + length
    this.#row = row
    this.#encoded?.read(text, back, from)
  }

  get #isBusy(): boolean {
    return this.#runs.isOpen || !this.#live.isEmpty || this.#unescaped?.isOpen === true
  }

  /** Where the first begins of the identifiers and candidates that are open. */
  #liveFrom(): number {
    return this.#live.from(this.#runs.from)
  }

  /** Where the word began that may be the beginning of a phrase, in state `row`, or of an address, up to `at`. */
  #wordFrom(at: number, row: number): number {
    const { depth, classCount } = this.#plan.automaton
    const from = at - (depth[row / classCount] ?? 0)
    return this.#plan.holdsWords ? Math.min(from, this.#addressFrom(at)) : from
  }

  /** Shows a unit to whatever waits for it; answers whether anything waits for the next. */
  #attend(unit: number): boolean {
    if (this.#unescaped !== null && isEscapeMark(unit)) this.#noteUndecided()
    if (!this.#live.isEmpty) this.#live.next(unit)
    const runs = this.#runs
    if (runs.isOpen) runs.next(unit)
    else if (unit <= lastDigit && unit >= firstDigit) runs.open()
    if (this.#unescaped?.isOpen === true) this.#unescaped.next(unit)
    return this.#isBusy
  }

  /** An escape may end what is open, and would not if it were decoded. */
  #noteUndecided(): void {
    this.#back.at -= 1
    this.#undecided = this.#liveFrom()
    this.#back.at += 1
  }

  #openEscape(unit: number, rowBefore: number): void {
    if (this.#unescaped === null || this.#unescaped.isOpen) return
    if (this.#undecided < 0) this.#noteUndecided()
    const word = this.#wordFrom(this.#back.at - 1, rowBefore)
    this.#unescaped.open(unit, Math.min(this.#undecided, word))
  }

  /** Where the units began that may stand before the @ of an address at `at`. */
  #addressFrom(at: number): number {
    const back = this.#back
    let from = at
    while (at - from < longestWord && isAddressUnit(back.unitAt(from - 1))) from -= 1
    return from
  }

  #trigger(row: number, rowBefore: number): void {
    const { ends, lengths, classCount } = this.#plan.automaton
    for (const index of ends[row / classCount] ?? []) {
      const trigger = this.#plan.triggers[index]
      if (trigger === undefined) continue
      if (trigger === escapeMark) {
        this.#openEscape(this.#back.unitAt(this.#back.at - 1), rowBefore)
        this.#undecided = -1
        continue
      }
      const from = this.#back.at - (lengths[index] ?? 0)
      if (typeof trigger === 'string') {
        if (!isWordUnit(this.#back.unitAt(from - 1))) this.#seen.set(trigger, this.#back.at)
        continue
      }
      const begun = trigger.begin(this.#back)
      if (begun === null) continue
      if (typeof begun === 'string') this.#match(trigger.rule, from, this.#back.at, begun)
      else this.#live.begin(trigger.rule, begun)
    }
  }

  #match(rule: string, from: number, to: number, sureness: Sureness): void {
    if (to <= from) return
    this.#matches.push({ rule, sureness, start: this.#back.startOf(from), end: this.#back.endOf(to - 1) })
  }
}

const [firstDigit, lastDigit] = [48, 57]

/** A piece of text as bytes. Reading a lane calls nothing that reads another, so one is enough. */
const atOnce = 16_384
const bytes = new Uint8Array(atOnce * 3)
const cursor: Cursor = { at: 0, row: start, before: start }
const encoder = new TextEncoder()
/** Shorter pieces are read as fast as they are copied. */
const worthCopying = 48

const none: readonly Match[] = []
