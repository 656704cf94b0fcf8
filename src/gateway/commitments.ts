import type { Hmac } from 'node:crypto'
import { createHmac } from 'node:crypto'
import type { Digest } from '../kernel/index.ts'
import { hmacDigest } from '../kernel/index.ts'
import type { Commitment } from './ports.ts'

const [inputLabel, outputLabel] = ['input\n', 'output\n']

/** Commits to what a caller sent, under the salt of the record. */
export function commitToInput(salt: string, body: Uint8Array): Commitment {
  return { bytes: body.length, hmac: hmacDigest(Buffer.from(salt), inputLabel, body) }
}

/** Commits to what was released: a single piece at once and at the end, several as they go. */
export class OutputCommitment {
  readonly #salt: string
  #only: Uint8Array | null = null
  #running: Hmac | null = null
  #known: { readonly piece: Uint8Array; readonly commitment: Commitment } | null = null
  #ended: Commitment | null = null
  bytes = 0

  constructor(salt: string) {
    this.#salt = salt
  }

  add(piece: Uint8Array): void {
    if (this.bytes === 0) this.#only = piece
    else this.#run().update(piece)
    this.bytes += piece.length
  }

  /** What it would be if `piece` were all; null when it is not, or is nothing. */
  of(piece: Uint8Array): Commitment | null {
    if (this.bytes > 0 || piece.length === 0) return null
    const commitment = {
      bytes: piece.length,
      hmac: hmacDigest(Buffer.from(this.#salt), outputLabel, piece),
    }
    this.#known = { piece, commitment }
    return commitment
  }

  /** Null when nothing was released. Nothing is added after it was asked. */
  end(): Commitment | null {
    if (this.bytes > 0) this.#ended ??= this.#all()
    return this.#ended
  }

  #all(): Commitment {
    if (this.#known !== null && this.#known.piece === this.#only) return this.#known.commitment
    const hmac =
      this.#only === null
        ? (`sha256:${this.#run().digest('hex')}` as Digest) // 32 bytes in hex
        : hmacDigest(Buffer.from(this.#salt), outputLabel, this.#only)
    return { bytes: this.bytes, hmac }
  }

  #run(): Hmac {
    this.#running ??= createHmac('sha256', this.#salt).update(outputLabel)
    if (this.#only !== null) this.#running.update(this.#only)
    this.#only = null
    return this.#running
  }
}
