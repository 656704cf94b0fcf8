import { Folder, type Folded } from '../normalise/folded.ts'
import { canaryLength, isCanary, isPart, readUnit, tokenOf, type FoundToken } from './token.ts'

/** Most units of the text between two letters of a token: what separates them, seen or not. */
const longestGap = 16

/**
 * Finds canary tokens in a text that comes in pieces of any size, in capitals or small letters, and with anything that is
 * neither a letter nor a digit between their letters.
 * INVARIANT: what is found depends on the text alone, and no unit of it was called safe before it was found.
 */
export class CanaryScan {
  readonly #folder = new Folder()
  #values: number[] = []
  #starts: number[] = []
  #lastEnd = 0
  #consumed = 0
  #isOver = false

  /** How many units, from the beginning, can be part of no token that is still to come. */
  get safe(): number {
    if (this.#isOver) return this.#consumed
    const isOpen = this.#values.length > 0 && this.#folder.settled - this.#lastEnd <= longestGap
    return isOpen ? (this.#starts[0] ?? 0) : this.#folder.settled
  }

  /** Answers the tokens that have ended in this piece, registered or not. */
  push(piece: string): readonly FoundToken[] {
    const folded = this.#folder.push(piece)
    const from = this.#consumed
    this.#consumed += piece.length
    return this.#read(folded, from)
  }

  end(): readonly FoundToken[] {
    const found = this.#read(this.#folder.end(), this.#consumed)
    this.#isOver = true
    return found
  }

  #read({ text, starts, ends }: Folded, from: number): readonly FoundToken[] {
    let found: FoundToken[] | null = null
    for (let i = 0; i < text.length; i += 1) {
      const value = readUnit(text.charCodeAt(i))
      if (value >= 0) {
        const token = this.#next(value, starts?.[i] ?? from + i, ends?.[i] ?? from + i + 1)
        if (token !== null) (found ??= []).push(token)
      } else if (!isPart(value)) this.#values.length = this.#starts.length = 0
    }
    return found ?? none
  }

  #next(value: number, start: number, end: number): FoundToken | null {
    const [values, starts] = [this.#values, this.#starts]
    if (values.length > 0 && start - this.#lastEnd > longestGap) values.length = starts.length = 0
    values.push(value)
    starts.push(start)
    this.#lastEnd = end
    if (values.length < canaryLength) return null
    const found = isCanary(values) ? { start: starts[0] ?? start, end, token: tokenOf(values) } : null
    values.shift()
    starts.shift()
    return found
  }
}

const none: readonly FoundToken[] = []
