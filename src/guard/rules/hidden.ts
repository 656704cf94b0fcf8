import type { Match } from '../stream/lane-scan.ts'

/** Fewest characters in a row that cannot be seen and still say something. */
const fewest = 3

/** A flag of a region is a black flag with at most so many tags behind it (Unicode Technical Standard 51, ED-14C). */
const longestFlag = 7
const blackFlag = 0x1f3f4

type Kind = 'hidden.tags' | 'hidden.selectors' | 'hidden.override' | 'hidden.invisible' | 'hidden.marks'

/** More marks on one letter than any language writes; more characters without a width than any joins. */
const [fewestMarks, fewestInvisible] = [6, 8]

/**
 * Text that a reader does not see and a model reads: tag characters (U+E0000 block), runs of variation selectors that
 * spell bytes, and text under an override of its direction (Unicode Standard Annex 9). Reads a lane in pieces of any
 * size; a long run is told piece by piece, and pieces that touch are one match.
 */
export class HiddenScan {
  #kind: Kind | null = null
  #from = 0 // of the part of the run that was not told yet
  #count = 0
  #needed = fewest
  #before = 0 // the code point in front
  #high = 0 // the first half of a pair whose second half has not come
  #consumed = 0
  #matches: Match[] = []

  /** From where on the lane may still become a match. */
  get safe(): number {
    return this.#kind === null ? this.#settled : this.#from
  }

  take(): readonly Match[] {
    const matches = this.#matches
    if (matches.length > 0) this.#matches = []
    return matches
  }

  /** Takes `length` units that are ASCII: whatever was open ends before them. */
  pass(length: number): void {
    if (length === 0) return
    if (this.#kind === 'hidden.override') {
      this.#count += length
      this.#consumed += length
      return this.#tell(this.#consumed)
    }
    this.#close(this.#settled)
    this.#high = this.#before = 0
    this.#consumed += length
  }

  push(text: string): void {
    const base = this.#consumed
    this.#consumed = base + text.length
    for (let i = 0; i < text.length; i += 1) {
      const unit = text.charCodeAt(i)
      if (unit < firstSuspicious && this.#kind === null && this.#high === 0) {
        this.#before = unit
        continue
      }
      const high = this.#high
      this.#high = 0
      if (high !== 0 && unit >= 0xdc00 && unit <= 0xdfff)
        this.#next((high - 0xd800) * 0x400 + (unit - 0xdc00) + 0x10000, base + i - 1, base + i + 1)
      else if (unit >= 0xd800 && unit <= 0xdbff) this.#high = unit
      else this.#next(unit, base + i, base + i + 1)
    }
    if (this.#isCertain) this.#tell(this.#settled)
  }

  /** The lane is over. */
  end(): void {
    this.#close(this.#settled)
    this.#high = 0
  }

  get #settled(): number {
    return this.#high === 0 ? this.#consumed : this.#consumed - 1
  }

  get #isCertain(): boolean {
    return this.#kind !== null && this.#count >= this.#needed
  }

  #next(point: number, from: number, to: number): void {
    const before = this.#before
    this.#before = point
    if (this.#kind === 'hidden.override') {
      this.#count += 1
      if (point === popDirection) this.#close(to)
      return
    }
    const kind = kindOf(point)
    if (kind !== this.#kind) this.#close(from)
    if (kind === null) return
    if (this.#kind === null) {
      this.#kind = kind
      this.#from = from
      this.#count = 0
      this.#needed = neededOf(kind, before)
    }
    this.#count += 1
  }

  #close(to: number): void {
    if (this.#isCertain) this.#tell(to)
    this.#kind = null
  }

  #tell(to: number): void {
    if (this.#kind === null || to <= this.#from) return
    this.#matches.push({ rule: this.#kind, sureness: 'certain', start: this.#from, end: to })
    this.#from = to
  }
}

const firstSuspicious = 0x300
const popDirection = 0x202c

function neededOf(kind: Kind, before: number): number {
  if (kind === 'hidden.override') return 1
  if (kind === 'hidden.marks') return fewestMarks
  if (kind === 'hidden.invisible') return fewestInvisible
  return kind === 'hidden.tags' && before === blackFlag ? longestFlag + 1 : fewest
}

function kindOf(point: number): Kind | null {
  if (point < 0x300) return null
  if (point < 0x370) return 'hidden.marks'
  if (point < 0x200b) return null
  if (point <= 0x200d || (point >= 0x2060 && point <= 0x2064) || point === 0xfeff) return 'hidden.invisible'
  if (point === 0x202d || point === 0x202e) return 'hidden.override'
  if (point >= 0xe0020 && point <= 0xe007f) return 'hidden.tags'
  const isSelector = (point >= 0xfe00 && point <= 0xfe0f) || (point >= 0xe0100 && point <= 0xe01ef)
  return isSelector ? 'hidden.selectors' : null
}
