import { isDigit, isUpperLetter, isWordUnit, type Behind, type Sureness } from './candidate.ts'
import type { Fit, IdentifierRule, ScanPlan } from './scan-plan.ts'

/** An identifier that was found, in positions of folded units. */
export type Identified = {
  readonly rule: string
  readonly from: number
  readonly to: number
  readonly sureness: Sureness
}

type Group = { readonly from: number; readonly to: number; readonly digits: number }

/** Neither a group of an identifier nor the part of an address before its @ is longer (RFC 5321 4.5.3.1.1). */
export const longestWord = 64
/** A word of which more letters stand in front, small ones among them, is no identifier. */
const mostLeadingLetters = 4
const mostGroups = 12
const longestRun = 64
const fewestDigits = 6
/** How far in front of an identifier a word makes it more believable, in folded units. */
const contextReach = 64
/** How far in front of `=` it may stand in the name of what is assigned. */
const nameReach = 16

/**
 * Groups of digits and letters with single separators between them, such as a card number in fours. A run opens with a
 * digit and is judged when it can grow no more; a run that is too long to be one identifier is judged from its first
 * group on.
 */
export class IdentifierRuns {
  readonly #plan: ScanPlan
  readonly #behind: Behind
  readonly #seen: ReadonlyMap<string, number>
  readonly #found: (identified: Identified) => void
  #groups: Group[] = []
  #wordFrom = -1
  #digits = 0
  /** The word that is being read is no group of an identifier, whatever follows in it. */
  #isSkipping = false
  /** Whether each unit must be shown to `next`. */
  isOpen = false

  /** `seen`: where the last word of each group of context words ended. */
  constructor(
    plan: ScanPlan,
    behind: Behind,
    seen: ReadonlyMap<string, number>,
    found: (identified: Identified) => void,
  ) {
    this.#plan = plan
    this.#behind = behind
    this.#seen = seen
    this.#found = found
  }

  /** The earliest position that may still become part of an identifier. */
  get from(): number {
    const { at } = this.#behind
    if (this.#isSkipping) return at
    if (this.isOpen) return this.#groups[0]?.from ?? (this.#wordFrom < 0 ? at : this.#wordFrom)
    return this.#codeBefore(this.#wordBefore(at) ?? at)
  }

  /** A digit was read while no run was open. */
  open(): void {
    const { at } = this.#behind
    const word = this.#wordBefore(at)
    if (word === null) return this.#skip()
    const code = this.#codeBefore(word)
    this.#groups = code < word ? [{ from: code, to: word - 1, digits: 0 }] : []
    this.#wordFrom = word
    this.#digits = 1
    this.isOpen = true
  }

  /** One more unit was read. */
  next(unit: number): void {
    const { at } = this.#behind
    if (this.#isSkipping) {
      if (!isWordUnit(unit)) this.#isSkipping = this.isOpen = false
      return
    }
    if (isWordUnit(unit)) {
      if (this.#wordFrom < 0) {
        this.#wordFrom = at - 1
        this.#digits = 0
      }
      if (isDigit(unit)) this.#digits += 1
      if (at - this.#wordFrom > longestWord) {
        this.#close()
        this.#skip()
      }
    } else if (this.#wordFrom < 0) {
      if (!this.#isBracket(unit)) this.#close()
    } else {
      this.#endWord(at - 1)
      if (this.isOpen && !isJoint(unit) && unit !== closingBracket) this.#close()
    }
  }

  /** Whether a second separator is one of brackets, as in `(020) 7946 0958` and `+44 (0)20`. */
  #isBracket(unit: number): boolean {
    const before = this.#behind.unitAt(this.#behind.at - 2)
    return before === closingBracket ? isJoint(unit) : unit === openingBracket && before === space
  }

  /** The lane is over. */
  end(): void {
    if (!this.isOpen || this.#isSkipping) return
    if (this.#wordFrom >= 0) this.#endWord(this.#behind.at)
    this.#close()
  }

  #skip(): void {
    this.isOpen = true
    this.#isSkipping = true
  }

  /** The run can grow no more. */
  #close(): void {
    const digits = this.#groups.reduce((sum, group) => sum + group.digits, 0)
    if (digits < fewestDigits) this.#groups = []
    while (this.#groups.length > 0) this.#groups = this.#groups.slice(this.#judgeFirst())
    this.#wordFrom = -1
    this.isOpen = false
  }

  #endWord(to: number): void {
    const [from, digits] = [this.#wordFrom, this.#digits]
    this.#wordFrom = -1
    const isPart = digits > 0 ? !this.#isPlain(from, to) : to - from <= 4 && this.#isUpper(from, to)
    if (!isPart) return this.#close()
    this.#groups.push({ from, to, digits })
    while (this.#groups.length > mostGroups || to - (this.#groups[0]?.from ?? to) > longestRun)
      this.#groups = this.#groups.slice(this.#judgeFirst())
  }

  /** Where the word begins that ends at `end`; null when there is none, or none that an identifier begins with. */
  #wordBefore(end: number): number | null {
    let from = end
    while (end - from <= longestWord && isWordUnit(this.#behind.unitAt(from - 1))) from -= 1
    return from === end || end - from > longestWord || this.#isPlain(from, end) ? null : from
  }

  /** Where a code of two capitals stands before a word that may be the rest of an identifier; else the word itself. */
  #codeBefore(word: number): number {
    const isCode =
      isJoint(this.#behind.unitAt(word - 1)) &&
      this.#isUpper(word - 3, word - 1) &&
      !isWordUnit(this.#behind.unitAt(word - 4))
    return isCode ? word - 3 : word
  }

  /** Whether so many letters stand in front, small ones among them, that it is a word of a language. */
  #isPlain(from: number, to: number): boolean {
    let hasSmall = false
    for (let at = from; at < to; at += 1) {
      const unit = this.#behind.unitAt(at)
      if (isDigit(unit)) return false
      if (!isUpperLetter(unit)) hasSmall = true
      if (hasSmall && at - from >= mostLeadingLetters) return true
    }
    return false
  }

  /** Letters stand alone in an identifier as capitals only, such as the code of a bank. */
  #isUpper(from: number, to: number): boolean {
    for (let at = from; at < to; at += 1) if (!isUpperLetter(this.#behind.unitAt(at))) return false
    return true
  }

  /** Judges what begins with the first group; answers how many groups are done with. */
  #judgeFirst(): number {
    const [first] = this.#groups
    if (first === undefined || !this.#isFreeBefore(first.from)) return 1
    let best: Identified | null = null
    let [used, digits, length] = [1, 0, 0]
    for (const [joints, last] of this.#groups.entries()) {
      digits += last.digits
      length += last.to - last.from
      if (digits < fewestDigits) continue
      const rules = this.#plan.identifiersOf(length, joints)
      if (rules.length === 0 || !this.#isFreeAfter(last.to)) continue
      const judged = this.#judge(rules, first.from, last.to)
      if (judged === null) continue
      best = judged
      used = joints + 1
    }
    if (best !== null) this.#found(best)
    return used
  }

  #judge(rules: readonly IdentifierRule[], from: number, to: number): Identified | null {
    const written = this.#behind.slice(from, to)
    const compact = withoutJoints(written)
    const before = this.#behind.unitAt(from - 1)
    let [best, bestRank]: [Identified | null, number] = [null, -1]
    for (const rule of rules) {
      const fit = rule.matches(compact, written, before)
      const sureness = fit === null ? null : this.#surenessOf(rule, fit, from)
      if (sureness === null) continue
      const rank = 2 * order[sureness] + (this.#isSeen(rule.rule, from) ? 1 : 0)
      if (rank > bestRank) [best, bestRank] = [{ rule: rule.rule, from, to, sureness }, rank]
    }
    return best
  }

  /** Whether a word of a group stands in front, not far away, as a word of its own. */
  #isSeen(group: string, from: number): boolean {
    const seen = this.#seen.get(group)
    return seen !== undefined && from - seen <= contextReach && !isWordUnit(this.#behind.unitAt(seen))
  }

  #surenessOf(rule: IdentifierRule, fit: Fit, from: number): Sureness | null {
    const hasContext = rule.context !== null && this.#isSeen(rule.context, from)
    const isPlain = fit === 'plain_check' || fit === 'plain_shape'
    if (isPlain && !hasContext) return null
    const isChecked = fit === 'check' || fit === 'plain_check'
    const isSupported = hasContext || rule.isDistinctive
    return isChecked && isSupported ? 'certain' : isChecked || isSupported ? 'likely' : 'possible'
  }

  /** Whether nothing in front makes it part of something longer, such as a path, a version or a hash. */
  #isFreeBefore(from: number): boolean {
    const unit = this.#behind.unitAt(from - 1)
    if (unit === slash || unit === underscore) return false
    if (unit === equals && this.#isNamed(from)) return true
    return !isGlue(unit) || !isWordUnit(this.#behind.unitAt(from - 2))
  }

  /** Whether a word of some context stands shortly in front, as in `cpf=529.982.247-25`. */
  #isNamed(from: number): boolean {
    for (const at of this.#seen.values()) if (from - at <= nameReach) return true
    return false
  }

  /** Whether nothing behind does; a full stop or a hyphen at the end of a word does not. */
  #isFreeAfter(to: number): boolean {
    const unit = this.#behind.unitAt(to)
    return unit === underscore ? false : !isGlue(unit) || !isWordUnit(this.#behind.unitAt(to + 1))
  }
}

const order: Readonly<Record<Sureness, number>> = { possible: 0, likely: 1, certain: 2 }
const [space, hyphen, slash, equals, underscore] = [32, 45, 47, 61, 95]
const [openingBracket, closingBracket] = [40, 41]

/** What may stand between two groups of an identifier. */
function isJoint(unit: number): boolean {
  return unit === space || (unit >= hyphen && unit <= slash)
}

/** What makes one word of two. */
function isGlue(unit: number): boolean {
  return (unit >= hyphen && unit <= slash) || unit === underscore || unit === equals
}

function withoutJoints(written: string): string {
  let text = ''
  for (let i = 0; i < written.length; i += 1) if (isWordUnit(written.charCodeAt(i))) text += written.charAt(i)
  return text
}
