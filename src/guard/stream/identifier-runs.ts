import { isDigit, isUpperLetter, isWordUnit, type Behind, type Sureness } from './candidate.ts'
import type { IdentifierRule, ScanPlan } from './scan-plan.ts'

/** An identifier that was found, in positions of folded units. */
export type Identified = {
  readonly rule: string
  readonly from: number
  readonly to: number
  readonly sureness: Sureness
}

type Group = { readonly from: number; readonly to: number; readonly digits: number; readonly word: number }

const mostGroups = 12
const longestRun = 64
const fewestDigits = 6

/**
 * Groups of digits and letters with single separators between them, such as a card number in fours. A run is judged
 * when it can grow no more; a run that is too long to be one identifier is judged from its first group on.
 */
export class IdentifierRuns {
  readonly #plan: ScanPlan
  readonly #behind: Behind
  readonly #wordsSince: (group: string, word: number) => number
  readonly #found: (identified: Identified) => void
  #groups: Group[] = []

  constructor(
    plan: ScanPlan,
    behind: Behind,
    wordsSince: (group: string, word: number) => number,
    found: (identified: Identified) => void,
  ) {
    this.#plan = plan
    this.#behind = behind
    this.#wordsSince = wordsSince
    this.#found = found
  }

  /** Where the oldest run that may still be an identifier begins; -1 when there is none. */
  get from(): number {
    return this.#groups[0]?.from ?? -1
  }

  /** A group of digits and letters has ended in front of the unit that comes now. */
  group(from: number, to: number, digits: number, word: number): void {
    const last = this.#groups.at(-1)
    const goesOn = last !== undefined && from === last.to + 1 && isSeparator(this.#behind.unitAt(last.to))
    if (!goesOn) this.flush()
    const isPart = digits > 0 || (this.#isUpper(from, to) && (goesOn ? to - from <= 4 : to - from === 2))
    if (!isPart || to - from > longestRun) return this.flush()
    this.#groups.push({ from, to, digits, word })
    while (this.#groups.length > mostGroups || to - (this.#groups[0]?.from ?? to) > longestRun)
      this.#groups = this.#groups.slice(this.#judgeFirst())
  }

  /** The run can grow no more: what came was neither part of it nor a separator. */
  flush(): void {
    if (this.#groups.length === 0) return
    if (this.#groups.reduce((sum, group) => sum + group.digits, 0) < fewestDigits) this.#groups = []
    while (this.#groups.length > 0) this.#groups = this.#groups.slice(this.#judgeFirst())
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
    let [best, used]: [Identified | null, number] = [null, 1]
    for (let count = 1; count <= this.#groups.length; count += 1) {
      const digits = this.#groups.slice(0, count).reduce((sum, group) => sum + group.digits, 0)
      const last = this.#groups[count - 1]
      if (last === undefined || digits < fewestDigits || !this.#isFreeAfter(last.to)) continue
      const judged = this.#judge(first, last.to, count)
      if (judged !== null) [best, used] = [judged, count]
    }
    if (best !== null) this.#found(best)
    return used
  }

  #judge(first: Group, to: number, count: number): Identified | null {
    const compact = this.#groups
      .slice(0, count)
      .map((group) => this.#behind.slice(group.from, group.to))
      .join('')
    const rules = this.#plan.identifiersByLength[compact.length] ?? []
    if (rules.length === 0) return null
    const written = this.#behind.slice(first.from, to)
    const before = this.#behind.unitAt(first.from - 1)
    let best: Identified | null = null
    for (const rule of rules) {
      const fits = rule.matches(compact, written, before)
      if (fits === null) continue
      const sureness = this.#surenessOf(rule, fits, first.word)
      if (sureness !== null && (best === null || order[sureness] > order[best.sureness]))
        best = { rule: rule.rule, from: first.from, to, sureness }
    }
    return best
  }

  #surenessOf(rule: IdentifierRule, fits: 'check' | 'shape', word: number): Sureness | null {
    const hasContext = rule.context !== null && this.#wordsSince(rule.context, word) <= contextWords
    if (rule.needsContext && !hasContext) return null
    const [isChecked, isSupported] = [fits === 'check', hasContext || rule.isDistinctive]
    return isChecked && isSupported ? 'certain' : isChecked || isSupported ? 'likely' : 'possible'
  }

  /** Whether nothing in front makes it part of something longer, such as a path, a version or a hash. */
  #isFreeBefore(from: number): boolean {
    const unit = this.#behind.unitAt(from - 1)
    if (!isGlue(unit)) return true
    return unit !== underscore && !isWordUnit(this.#behind.unitAt(from - 2)) && unit !== slash
  }

  /** Whether nothing behind does; a full stop or a hyphen at the end of a word does not. */
  #isFreeAfter(to: number): boolean {
    const unit = this.#behind.unitAt(to)
    if (!isGlue(unit)) return true
    return unit !== underscore && !isWordUnit(this.#behind.unitAt(to + 1))
  }
}

const contextWords = 6
const order: Readonly<Record<Sureness, number>> = { possible: 0, likely: 1, certain: 2 }
const [space, hyphen, stop, slash, underscore] = [32, 45, 46, 47, 95]

function isSeparator(unit: number): boolean {
  return unit === space || isGlue(unit)
}

/** What joins two groups to one word. */
function isGlue(unit: number): boolean {
  return (
    unit === hyphen || unit === stop || unit === slash || unit === underscore || unit === 61 || isDigit(unit)
  )
}
