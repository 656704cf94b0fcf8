/** One line of a stream of bytes, without its line feed; `bytes` is null when it is longer than is kept. */
export type Line = { readonly number: number; readonly bytes: Uint8Array | null }

/**
 * Cuts a stream into lines. Lines are counted from 1, empty ones too. A line of more than `mostBytes` is read past without
 * being kept. Holds one line and one chunk at a time.
 */
export class LineCutter {
  readonly #mostBytes: number
  #number = 1
  #parts: Uint8Array[] = []
  #length = 0

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  /** The lines that a chunk ends, one by one; to be asked for to the last. */
  *cut(chunk: Uint8Array): Generator<Line, void, void> {
    let from = 0
    for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, from)) {
      this.#keep(chunk.subarray(from, at))
      yield this.#line()
      from = at + 1
    }
    this.#keep(chunk.subarray(from))
  }

  /** What stands behind the last line feed. */
  *rest(): Generator<Line, void, void> {
    if (this.#length > 0) yield this.#line()
  }

  #keep(part: Uint8Array): void {
    this.#length += part.length
    if (this.#length > this.#mostBytes) this.#parts = []
    else if (part.length > 0) this.#parts.push(part)
  }

  #line(): Line {
    const bytes = this.#length > this.#mostBytes ? null : joined(this.#parts, this.#length)
    this.#parts = []
    this.#length = 0
    return { number: this.#number++, bytes }
  }
}

const lineFeed = 10

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = parts
  if (only !== undefined && parts.length === 1) return only
  const all = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
