import type { Folded } from './normalise/folded.ts'
import type { Span } from './text.ts'

/** A piece of a lane as it is read: `source` is where it begins in the lane. */
type Piece = Pick<Folded, 'starts' | 'ends'> & {
  readonly at: number
  readonly to: number
  readonly source: number
}

/** What was read of a lane last, and where in the lane each unit of it stands. Positions count from the lane's beginning. */
export class LaneView {
  #text = ''
  #from = 0
  #pieces: Piece[] = []
  #end = 0 // of what was read, in the lane
  #start: { readonly at: number; readonly source: number } | null = null

  /** What is kept of it. */
  get text(): string {
    return this.#text
  }

  /** Where what is kept begins. */
  get from(): number {
    return this.#from
  }

  get length(): number {
    return this.#from + this.#text.length
  }

  /** Takes a piece that begins at `source` in the lane; `text` stands for `piece.text` unit by unit. */
  add(text: string, { starts, ends }: Folded, source: number): void {
    if (text === '') return
    const at = this.length
    const to = at + text.length
    this.#pieces.push({ at, to, source, starts, ends })
    this.#end = ends?.at(-1) ?? source + text.length
    this.#text += text
  }

  /** Lets go of what stands before `to`. */
  forget(to: number): void {
    if (to <= this.#from) return
    this.#text = this.#text.slice(to - this.#from)
    this.#from = to
    this.#pieces = this.#pieces.filter((piece) => piece.to > to)
  }

  /** Remembers where a unit stands when it is let go of: the first one of a window that may close late. */
  keepStart(at: number): void {
    this.#start ??= { at, source: this.sourceOf(at) }
  }

  /** Where in the lane the unit at `at` begins. */
  sourceOf(at: number): number {
    if (this.#start?.at === at) return this.#start.source
    const piece = this.#pieceAt(at)
    if (piece === undefined) return this.#end
    return piece.starts?.[at - piece.at] ?? piece.source + (at - piece.at)
  }

  spanOf(start: number, end: number): Span {
    const last = this.#pieceAt(end - 1)
    const to =
      last === undefined ? this.#end : (last.ends?.[end - 1 - last.at] ?? last.source + (end - last.at))
    return { start: this.sourceOf(start), end: to }
  }

  #pieceAt(at: number): Piece | undefined {
    let [low, high] = [0, this.#pieces.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#pieces[middle]?.to ?? 0) <= at) low = middle + 1
      else high = middle
    }
    return this.#pieces[low]
  }
}
