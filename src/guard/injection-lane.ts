import { tokensOf } from './injection/features.ts'
import { correctedScore, probabilityOf, type ChannelClass } from './injection/scorer.ts'
import { ScoreRun, type ScoredWindow } from './injection/score-run.ts'
import type { Weights } from './injection/weights.ts'
import type { Band } from './finding.ts'
import { LaneView } from './lane-view.ts'
import type { Language } from './language/gate.ts'
import { Folder, type Folded } from './normalise/folded.ts'
import { inSmallLetters } from './normalise/small-letters.ts'
import type { Offsets } from './policy/document.ts'
import { trustedAs, type Channel, type Origin, type Span } from './text.ts'

/** What scores texts: the weights, and what says whether they know the language of a window. */
export type InjectionScorer = {
  readonly weights: Weights
  readonly languageOf: (text: string, start: number, end: number) => Language
  /** How far the thresholds of the weights are moved, in hundredths of z; above zero is looser. */
  readonly offsets: Offsets
}

export const noOffsets: Offsets = {
  user: { flagCenti: 0, highCenti: 0 },
  untrusted: { flagCenti: 0, highCenti: 0 },
}

/** A window that looks like an order to a model; the span is in UTF-16 units of the source. */
export type InjectionMatch = Span & {
  readonly band: Exclude<Band, 'quiet'>
  /** Probability at the prior of the weights. */
  readonly score: number
  /** Corrected for length; what a threshold is compared with. */
  readonly z: number
}

/**
 * By whose thresholds a channel is scored where nobody says what its conversation has read; null where nothing is scored:
 * what the operator wrote, which is the system's own order.
 */
export const classOf: Readonly<Record<Channel, ChannelClass | null>> = {
  system: null,
  user: 'user',
  document: 'untrusted',
  tool_result: 'untrusted',
  tool_def: 'untrusted',
  model: 'untrusted',
  reasoning: 'untrusted',
  tool_args: 'untrusted',
  unknown: 'untrusted',
}

/**
 * The same where that is known: what a model writes for itself and for tools has read no more than its conversation, and a
 * source that is believed is scored like a user.
 */
export function classIn(channel: Channel, origin: Origin): ChannelClass | null {
  const inherits = channel === 'reasoning' || channel === 'tool_args'
  return inherits && origin.taint !== 'untrusted' ? 'user' : classOf[trustedAs(channel, origin)]
}

/**
 * Scores one lane window by window as its words come.
 * INVARIANT: matches depend on the text alone, not on its pieces (law in `injection-lane.test.ts`).
 */
export class InjectionLane {
  readonly #scorer: InjectionScorer
  readonly #class: ChannelClass
  readonly #folder = new Folder()
  readonly #run: ScoreRun
  readonly #view = new LaneView()
  #consumed = 0
  /** The largest corrected score so far. */
  best = Number.NEGATIVE_INFINITY
  #isOver = false
  #matches: InjectionMatch[] = []

  constructor(scorer: InjectionScorer, channelClass: ChannelClass) {
    this.#scorer = scorer
    this.#class = channelClass
    this.#run = new ScoreRun(scorer.weights, channelClass)
  }

  /** From where on a word may still come into a window of 24 or 48 words. What the head says is said later. */
  get safe(): number {
    if (this.#isOver) return this.#consumed
    return Math.min(this.#folder.settled, this.#view.sourceOf(this.#run.openFrom))
  }

  push(text: string): void {
    for (let at = 0; at < text.length; at += atOnce) {
      const piece = text.slice(at, at + atOnce)
      this.#take(this.#folder.push(piece))
      this.#consumed += piece.length
    }
  }

  end(): void {
    if (this.#isOver) return
    this.#take(this.#folder.end())
    this.#run.end()
    this.#judge()
    this.#isOver = true
  }

  /** The matches since the last time, in the order in which their windows have closed. */
  take(): readonly InjectionMatch[] {
    const matches = this.#matches
    if (matches.length > 0) this.#matches = []
    return matches
  }

  #take(piece: Folded): void {
    const text = inSmallLetters(piece.text)
    this.#view.add(text, piece, this.#consumed)
    this.#run.push(text)
    this.#judge()
  }

  #judge(): void {
    const closed = this.#run.take()
    if (closed.length === 0) return
    for (const window of closed) this.#weigh(window)
    this.#view.forget(this.#run.openFrom - longestContext)
  }

  #weigh(window: ScoredWindow): void {
    const { weights } = this.#scorer
    const z = correctedScore(weights, window, this.#class)
    if (z > this.best) this.best = z
    const scored = this.#bandOf(z)
    if (window.ordinal === 1) this.#view.keepStart(window.start)
    if (scored === 'quiet' || this.#isTooShort(window)) return
    // Of a language that the weights do not know the score is no reason for anything: no threshold applies.
    if (this.#languageOf(window) === 'advisory') return
    const score = probabilityOf(weights, z, this.#class)
    this.#matches.push({ ...this.#view.spanOf(window.start, window.end), band: scored, score, z })
  }

  /** A name, a key, a word or two: whatever they score, they order nothing. */
  #isTooShort({ start, end, ordinal }: ScoredWindow): boolean {
    if (ordinal > 1 || end - start > longestOfFew) return false
    const { text, from } = this.#view
    return tokensOf(text.slice(start - from, end - from)).filter(({ isWord }) => isWord).length < fewestWords
  }

  #bandOf(z: number): Band {
    const { tFlag, tHigh } = this.#scorer.weights.header.thresholds[this.#class]
    const { flagCenti, highCenti } = this.#scorer.offsets[this.#class]
    if (z >= tHigh + highCenti / 100) return 'high'
    return z >= tFlag + flagCenti / 100 ? 'flag' : 'quiet'
  }

  /** A window with too few words of prose has the language of what stands before it. */
  #languageOf({ start, end }: ScoredWindow): Language {
    const { text, from } = this.#view
    const least = Math.max(0, end - longestContext)
    const own = this.#scorer.languageOf(text, Math.max(start, least) - from, end - from)
    return own === 'neutral' ? this.#scorer.languageOf(text, least - from, end - from) : own
  }
}

/** Words that an order has at least, and the longest text in UTF-16 units in which they are counted. */
const [fewestWords, longestOfFew] = [3, 80]
/** UTF-16 units that are read at one time. */
const atOnce = 16_384
/** UTF-16 units that the language of a window is told by, at most. */
const longestContext = 4_096
