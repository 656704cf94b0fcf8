import { foldCodePoint } from './fold.ts'

/** A piece of text as it is read, with the place in the source of each of its units. */
export type Folded = {
  readonly text: string
  /** Where each unit begins and ends in the source; null when each unit stands for itself. */
  readonly starts: readonly number[] | null
  readonly ends: readonly number[] | null
}

/**
 * Folds pieces of one text; a surrogate pair that lies in two pieces is one code point. Places are counted in UTF-16
 * units from the beginning of the text.
 */
export class Folder {
  #consumed = 0
  #high = 0 // the first half of a surrogate pair whose second half has not come

  /** How many units of the source are behind, half a pair left out. */
  get settled(): number {
    return this.#high === 0 ? this.#consumed : this.#consumed - 1
  }

  /** Whether no half of a pair waits for its other half. */
  get isAtRest(): boolean {
    return this.#high === 0
  }

  /** Takes a piece that is ASCII; only at rest. */
  pass(piece: string): Folded {
    this.#consumed += piece.length
    return { text: piece, starts: null, ends: null }
  }

  push(piece: string): Folded {
    const base = this.#consumed
    this.#consumed = base + piece.length
    if (this.#high === 0 && isAscii(piece)) return { text: piece, starts: null, ends: null }
    let text = ''
    const [starts, ends]: [number[], number[]] = [[], []]
    const add = (folded: string, from: number, to: number) => {
      text += folded
      for (let i = 0; i < folded.length; i += 1) {
        starts.push(from)
        ends.push(to)
      }
    }
    for (let i = 0; i < piece.length; i += 1) {
      const [unit, at] = [piece.charCodeAt(i), base + i]
      if (this.#high !== 0) {
        const high = this.#high
        this.#high = 0
        if (unit >= 0xdc00 && unit <= 0xdfff) {
          add(foldCodePoint((high - 0xd800) * 0x400 + (unit - 0xdc00) + 0x10000), at - 1, at + 1)
          continue
        }
        add(loneHalf, at - 1, at)
      }
      if (unit >= 0xd800 && unit <= 0xdbff) this.#high = unit
      else if (unit < 128) add(piece.charAt(i), at, at + 1)
      else add(foldCodePoint(unit), at, at + 1)
    }
    return { text, starts, ends }
  }

  /** The text is over. */
  end(): Folded {
    if (this.#high === 0) return { text: '', starts: null, ends: null }
    this.#high = 0
    return { text: loneHalf, starts: [this.#consumed - 1], ends: [this.#consumed] }
  }
}

const loneHalf = '\ufffd'

/** All that is not ASCII takes more bytes than units. */
function isAscii(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') === text.length
}
