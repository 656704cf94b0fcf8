import { readExactTree } from '../wire/json.ts'
import { Repeat } from '../wire/repeat.ts'
import type { SseEvent } from '../wire/sse.ts'
import { numberSegment } from './place.ts'
import { emptyStep, type Step, type StreamReader } from './stream.ts'

/** Reads events one after the other; one that only repeats the one before with another text is not parsed again. */
export class EventReader {
  readonly #reader: StreamReader
  readonly #repeat: Repeat | null
  #last: Step = emptyStep
  #lastName: string | null = null

  constructor(reader: StreamReader) {
    this.#reader = reader
    this.#repeat = reader.repeats === null ? null : new Repeat(reader.repeats)
  }

  /** Null when the event has more than one reading or is none of the API. */
  read(event: SseEvent): { readonly step: Step; readonly tree: unknown } | null {
    const text = event.name === this.#lastName ? (this.#repeat?.read(event.data) ?? null) : null
    const [piece] = this.#last.pieces
    if (text !== null && piece !== undefined) {
      const pieces = text === '' ? [] : [{ ...piece, text }]
      return { step: { ...this.#last, pieces }, tree: undefined }
    }
    const isClosing = event.data === this.#reader.closing
    const read = isClosing ? null : readExactTree(event.data)
    if (read !== null && !read.ok) return null
    const step = this.#reader.read(event, read?.tree)
    if (step === null) return null
    const numbers = (read?.numbers ?? []).map(numberSegment)
    this.#lastName = event.name
    this.#learn(event.data, step, numbers.length > 0)
    return { step: { ...step, segments: [...step.segments, ...numbers] }, tree: read?.tree }
  }

  /** An event is a pattern when its text is the only thing of it that matters. */
  #learn(data: string, step: Step, hasNumbers: boolean): void {
    const { pieces, segments, ends, isCall, calls, isLast, usage } = step
    const isPlain = pieces.length === 1 && segments.length === 0 && ends.length === 0 && !hasNumbers
    this.#last = step
    const [piece] = pieces
    if (piece !== undefined && isPlain && !isCall && calls === null && !isLast && usage === null)
      this.#repeat?.learn(data, piece.text)
    else this.#repeat?.forget()
  }
}
