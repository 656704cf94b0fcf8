import type { Channel } from '../../guard/text.ts'
import type { Telling } from '../held/telling.ts'
import type { ReasonCode } from '../reasons.ts'
import type { SseEvent } from '../wire/sse.ts'
import { escaped, isLong, numberSegment } from './place.ts'
import { isTree, type Segment, type ToolCall, type Usage } from './reading.ts'

/** A stretch of a lane: text that goes on over many events. */
export type Piece = {
  readonly lane: string
  readonly channel: Channel
  /** JSON pointer of the string in its event. */
  readonly path: string
  readonly text: string
  readonly splice: Segment['splice']
}

/** What one event of a stream carries. */
export type Step = {
  readonly pieces: readonly Piece[]
  /** Texts that stand in this event by themselves. */
  readonly segments: readonly Segment[]
  /** Lanes that have their end in this event. */
  readonly ends: readonly string[]
  /** Whether this event carries a part of a call, so that it waits with all that follow until calls are decided. */
  readonly isCall: boolean
  /** The calls, once all of the answer are complete. */
  readonly calls: readonly ToolCall[] | null
  readonly isLast: boolean
  readonly usage: Usage | null
}

export const emptyStep: Step = {
  pieces: [],
  segments: [],
  ends: [],
  isCall: false,
  calls: null,
  isLast: false,
  usage: null,
}

/** Reads the events of one stream in order. */
export type StreamReader = {
  /** Null for an event that the API does not have: the stream is cut. */
  readonly read: (event: SseEvent, tree: unknown) => Step | null
  /** Told of each event that the caller was given; `texts` is what was left of its pieces. */
  readonly released: (event: SseEvent, tree: unknown, texts: readonly string[]) => void
  /** Ends the stream in the manner of the API, for a caller who has seen what was released. */
  readonly withhold: () => readonly SseEvent[]
  /** Ends the stream by telling what became of its calls. */
  readonly tell: (telling: Telling) => readonly SseEvent[]
  /** Ends a stream that something else has cut short. */
  readonly refusal: (code: ReasonCode, record: string) => SseEvent
  /** The data of the last event when it is no JSON. */
  readonly closing: string | null
  /** An event that says nothing; null: a comment does it. */
  readonly keepAlive: SseEvent | null
  /** What stands before the text in an event that is like the one before but for its last text; null: no two are, and events say again what those before have said. */
  readonly repeats: string | null
}

/** What was read of a part of an event. */
export type Read = { readonly pieces: Piece[]; readonly segments: Segment[] }

/**
 * Reads what the dialect does not know, wherever it stands in a delta: every text is a lane of its own, every name and
 * every long number is read by itself.
 */
export function readLoose(value: unknown, path: string, lane: string, { pieces, segments }: Read): void {
  const channel = 'unknown'
  if (typeof value === 'string') {
    if (value !== '') pieces.push({ lane, channel, path, text: value, splice: 'sealed' })
  } else if (Array.isArray(value) || isTree(value)) {
    for (const [name, member] of Object.entries(value)) {
      const at = `${path}/${escaped(name)}`
      if (!Array.isArray(value)) segments.push({ path: at, channel, text: name, splice: 'sealed' })
      readLoose(member, at, `${lane}/${escaped(name)}`, { pieces, segments })
    }
  } else if (typeof value === 'number' && isLong(value)) segments.push(numberSegment(String(value)))
}

/** The words of an answer one by one: the answer once more, with what else might have stood there. */
export function readWords(entries: unknown, path: string, lane: string, read: Read): void {
  if (!Array.isArray(entries)) return readLoose(entries, path, lane, read)
  for (const [n, entry] of (entries as readonly unknown[]).entries()) {
    const at = `${path}/${n}`
    if (!isTree(entry)) readLoose(entry, at, `${lane}/other`, read)
    else {
      const { token, ...others } = entry
      if (typeof token === 'string')
        read.pieces.push({ lane, channel: 'model', path: `${at}/token`, text: token, splice: 'sealed' })
      else readLoose(token, `${at}/token`, `${lane}/other`, read)
      readLoose(others, at, `${lane}/other`, read)
    }
  }
}

/** Calls as they grow, by a key that the dialect gives them. */
export class CallAssembly {
  readonly #calls = new Map<string, ToolCall>()
  #isDecided = false

  get isOpen(): boolean {
    return this.#calls.size > 0 && !this.#isDecided
  }

  /** Adds what an event says about the call `key`. */
  add(
    key: string,
    part: {
      readonly id?: unknown
      readonly name?: unknown
      readonly args?: unknown
      readonly form?: ToolCall['form']
    },
  ): void {
    const known = this.#calls.get(key) ?? { id: '', name: '', args: '', form: 'json' }
    this.#calls.set(key, {
      id: typeof part.id === 'string' && part.id !== '' ? part.id : known.id,
      name: known.name + (typeof part.name === 'string' ? part.name : ''),
      args: known.args + (typeof part.args === 'string' ? part.args : ''),
      form: part.form ?? known.form,
    })
  }

  /** All calls; from now on they are complete. */
  complete(): readonly ToolCall[] {
    this.#isDecided = true
    return [...this.#calls.values()]
  }
}
