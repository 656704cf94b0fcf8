import { StringDecoder } from 'node:string_decoder'
import type { ContentText } from '../../app/ports/gateway-content.ts'

/** Most bytes that are kept of one side of a call. */
export const mostContentBytes = 262_144

/** Gathers one side of a call as it leaves, up to its bound. */
export class SideCapture {
  readonly #chunks: Buffer[] = []
  #kept = 0
  #bytes = 0

  add(bytes: Buffer): void {
    this.#bytes += bytes.length
    const room = mostContentBytes - this.#kept
    if (room <= 0) return
    // A copy: what was handed out may be written over by whoever owns it.
    const piece = Buffer.from(bytes.subarray(0, room))
    this.#kept += piece.length
    this.#chunks.push(piece)
  }

  /** The text, without a character that the bound has cut in two. */
  end(): ContentText {
    const text = new StringDecoder('utf8').write(Buffer.concat(this.#chunks))
    return { text, omittedBytes: this.#bytes - Buffer.byteLength(text) }
  }
}

/** Both sides of one call of a route whose content is kept. */
export class ContentCapture {
  readonly days: number
  readonly #output = new SideCapture()
  #input: SideCapture | null = null
  #isAnswerKept = true

  constructor(days: number) {
    this.days = days
  }

  /** What goes upstream; of several attempts the last. */
  sends(bytes: Buffer): void {
    this.#input = new SideCapture()
    this.#input.add(bytes)
  }

  answers(bytes: Buffer): void {
    if (this.#isAnswerKept) this.#output.add(bytes)
  }

  /** From here on the answer holds what was taken out on its way in, for the eyes of the caller alone. */
  keepsNoAnswer(): void {
    this.#isAnswerKept = false
  }

  /** Null for a call of which nothing was sent. */
  end(): { readonly input: ContentText; readonly output: ContentText | null } | null {
    if (this.#input === null) return null
    return { input: this.#input.end(), output: this.#isAnswerKept ? this.#output.end() : null }
  }
}
