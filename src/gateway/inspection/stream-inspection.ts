import type { Lane } from '../../guard/lane.ts'
import type { Channel } from '../../guard/text.ts'
import type { Tier } from '../../kernel/index.ts'
import type { Segment, ToolCall } from '../dialect/reading.ts'
import type { Piece, Step, StreamReader } from '../dialect/stream.ts'
import type { Telling } from '../held/telling.ts'
import type { AskedCall, CallsDecision } from '../tools.ts'
import type { SseEvent } from '../wire/sse.ts'
import { replaceStrings } from '../wire/splice.ts'
import type { Inspection } from './inspection.ts'
import { gapOf, LaneGaps } from './mask.ts'
import { isGivenBack, type Reversal } from './reversal.ts'
import { TurnedBack } from './turned-back.ts'

type Open = {
  readonly lane: Lane
  /** The placeholders of the lane; null when none is turned back in it. */
  readonly returns: TurnedBack | null
  readonly channel: Channel
  readonly path: string
  readonly splice: Segment['splice']
  readonly gaps: LaneGaps
  /** Whether its words wait for the windows that they are in. */
  readonly waitsForWindows: boolean
  /** How much of the lane has left. */
  releasedTo: number
}
type Stretch = { readonly of: Open; readonly path: string; readonly text: string; readonly from: number }
type Waiting = {
  readonly event: SseEvent
  readonly tree: unknown
  readonly stretches: readonly Stretch[]
  readonly edits: ReadonlyMap<string, string>
  readonly isCall: boolean
}

/**
 * When the words of an answer leave that the scorer has not read with all their neighbours. `observe`: at once, and an
 * order that is found later cuts the rest. `window`: when every window of 24 or 48 words that they are in was scored; what
 * only the first 216 words together say still cuts the rest. `hold`: nothing leaves before the end.
 */
export type StreamMode = 'observe' | 'window' | 'hold'

/** The mode of each tier. */
export function modeOf(tier: Tier): StreamMode {
  return tier === 1 ? 'observe' : tier === 2 ? 'window' : 'hold'
}

/** What a step leads to. `blocked`: nothing that waits is ever released. */
export type Turn = 'goes_on' | 'blocked' | 'calls_denied' | 'calls_held'

/**
 * Decides when each event of a stream may leave: in the order in which they came, each once nothing in it can be part
 * of something that is kept back.
 * INVARIANT: what is released depends on the events alone, not on how their bytes were cut.
 */
export class StreamInspection {
  readonly #inspection: Inspection
  readonly #reader: StreamReader
  readonly #decideCalls: (calls: readonly ToolCall[]) => CallsDecision
  readonly #mode: StreamMode
  readonly #reversal: Reversal | null
  readonly #lanes = new Map<string, Open>()
  #waiting: Waiting[] = []
  #isOver = false
  #hasDecided = false
  #held: { readonly calls: readonly ToolCall[]; readonly asked: readonly AskedCall[] } | null = null

  /** `reversal`: of the request; null when nothing is turned back. */
  constructor(
    inspection: Inspection,
    reader: StreamReader,
    {
      decideCalls,
      mode,
      reversal = null,
    }: {
      readonly decideCalls: (calls: readonly ToolCall[]) => CallsDecision
      readonly mode: StreamMode
      readonly reversal?: Reversal | null
    },
  ) {
    this.#inspection = inspection
    if (reader.repeats === null) inspection.remember()
    this.#reader = reader
    this.#decideCalls = decideCalls
    this.#mode = mode
    this.#reversal = reversal
  }

  /** Characters that wait. */
  get heldChars(): number {
    let sum = 0
    for (const { stretches } of this.#waiting) for (const { text } of stretches) sum += text.length
    return sum
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0
  }

  /** Takes what the reader has read in an event. `tree` may be left out for one that repeats the one before. */
  take(event: SseEvent, tree: unknown, step: Step): Turn {
    const turn = this.#weigh(event, tree, step)
    // The end of a lane settles what was held in it: without this it would leave although it is what was found.
    if (turn === 'blocked') this.#waiting = []
    return turn
  }

  #weigh(event: SseEvent, tree: unknown, step: Step): Turn {
    const { edits, isBlocked } = this.#inspection.judge('output', step.segments)
    if (isBlocked) return 'blocked'
    const stretches: Stretch[] = []
    for (const piece of step.pieces) {
      const open = this.#lanes.get(piece.lane) ?? this.#open(piece)
      stretches.push({ of: open, path: piece.path, text: piece.text, from: open.lane.consumed })
      open.lane.push(piece.text)
      if (this.#isStopped(open, piece.text)) return 'blocked'
    }
    for (const name of step.isLast ? this.#lanes.keys() : step.ends) {
      const open = this.#lanes.get(name)
      if (open === undefined) continue
      open.lane.end()
      open.returns?.end()
      if (this.#isStopped(open)) return 'blocked'
    }
    for (const name of step.ends) this.#lanes.delete(name)
    const returned = this.#reversal?.restore(step.segments, edits) ?? edits
    this.#waiting.push({ event, tree, stretches, edits: returned, isCall: step.isCall })
    if (step.calls !== null) {
      if (!this.#inspection.allowsArguments(step.calls)) return 'blocked'
      const decision = this.#decideCalls(step.calls)
      // Calls that come after others that wait for a person are calls of an answer that no API gives.
      if (decision.k === 'deny' || this.#held !== null) return 'calls_denied'
      if (decision.k === 'allow') this.openCalls()
      else this.#held = { calls: step.calls, asked: decision.asked }
    } else if (step.isLast && !this.#hasDecided && !this.#inspection.allowsArguments([])) return 'blocked'
    this.#hasDecided ||= step.calls !== null
    this.#isOver ||= step.isLast
    return step.calls !== null && this.#held !== null ? 'calls_held' : 'goes_on'
  }

  /** Calls that wait for a person, and everything after them. */
  get held(): { readonly calls: readonly ToolCall[]; readonly asked: readonly AskedCall[] } | null {
    return this.#held
  }

  /** The calls may leave. */
  openCalls(): void {
    this.#held = null
    this.#waiting = this.#waiting.map((waiting) => ({ ...waiting, isCall: false }))
  }

  /** The events that may leave now, as they are to be written. */
  release(): readonly SseEvent[] {
    if (this.#mode === 'hold' && !this.#isOver) return []
    let count = 0
    for (const { stretches, isCall } of this.#waiting) {
      const isSafe = stretches.every(({ of, text, from }) => from + text.length <= safeOf(of))
      if (isCall || !isSafe) break
      count += 1
    }
    if (count === 0) return []
    const leaving = this.#waiting.slice(0, count)
    for (const { stretches } of leaving)
      for (const { of, text, from } of stretches) of.releasedTo = from + text.length
    this.#waiting = this.#waiting.slice(count)
    return leaving.map((waiting) => this.#write(waiting))
  }

  /**
   * How the stream ends when nothing more of it may be released; null when even that would say what may not be said, as
   * when a name or a count of the provider's holds it.
   */
  ending(telling: Telling | null = null): readonly SseEvent[] | null {
    const events: SseEvent[] = []
    for (const event of telling === null ? this.#reader.withhold() : this.#reader.tell(telling)) {
      const tree: unknown = event.data === this.#reader.closing ? undefined : JSON.parse(event.data) // written by the reader
      const step = this.#reader.read(event, tree)
      if (step === null) return null
      const { edits, isBlocked } = this.#inspection.judge('output', [...step.segments, ...step.pieces])
      if (isBlocked) return null
      events.push(edits.size === 0 ? event : { ...event, data: replaceStrings(event.data, edits) })
    }
    return events
  }

  #write({ event, tree, stretches, edits }: Waiting): SseEvent {
    const texts = stretches.map(({ of, text, from }) => of.gaps.write(text, from))
    if (tree !== undefined) this.#reader.released(event, tree, texts)
    const all = new Map(edits)
    for (const [n, { path, text }] of stretches.entries()) {
      const edited = texts[n] ?? ''
      if (edited !== text) all.set(path, edited)
    }
    return all.size === 0 ? event : { ...event, data: replaceStrings(event.data, all) }
  }

  #open({ lane, channel, path, splice }: Piece): Open {
    const reversal = this.#reversal
    const returns =
      reversal !== null && reversal.isNeeded && isGivenBack({ channel, splice })
        ? new TurnedBack(reversal)
        : null
    const open = {
      lane: this.#inspection.lane(channel),
      returns,
      channel,
      path,
      splice,
      gaps: new LaneGaps(),
      waitsForWindows: this.#mode === 'window' && this.#inspection.heedsOrders(channel, splice),
      releasedTo: 0,
    }
    this.#lanes.set(lane, open)
    return open
  }

  /** Takes what the detectors have found; answers whether it ends the stream. */
  #isStopped(open: Open, text = ''): boolean {
    for (const gap of open.returns?.push(text) ?? []) open.gaps.add(gap)
    for (const finding of this.#inspection.left(open.channel, null, open.lane.take())) {
      // What is seen only once a text is over cannot be taken out of what has left: it ends what is still to come.
      const isGone = open.splice === 'text' && finding.start < open.releasedTo
      const splice = isGone ? 'released' : open.splice
      const effect = this.#inspection.note('output', open.path, open.channel, splice, finding)
      if (effect === 'blocked') return true
      if (effect === 'redacted') open.gaps.add(gapOf(finding))
    }
    return false
  }
}

/** How much of a lane can be part of nothing that is kept back or turned back. */
function safeOf({ lane, returns, waitsForWindows }: Open): number {
  const safe = waitsForWindows ? Math.min(lane.safe, lane.scoredTo) : lane.safe
  return returns === null ? safe : Math.min(safe, returns.safe)
}
