import { FormReader, parseForm, type Form } from '../secrets/form.ts'
import { isWordUnit, step, type Candidate, type Sureness } from '../stream/candidate.ts'
import type { Trigger } from '../stream/scan-plan.ts'

/** Something of a person that only the words in front of it tell from anything else: `DOB: 12/03/1985`. */
export type Labelled = {
  readonly rule: string
  readonly words: readonly string[]
  /** How it may be written; the longest that fits counts. */
  readonly forms: readonly string[]
  readonly sureness: Sureness
  /** What a form cannot say. */
  readonly isOne?: (written: string) => boolean
}

const longestLead = 14
/** Words that may stand between the label and what it labels. */
const fillers: ReadonlySet<string> = new Set([
  'number',
  'no',
  'nr',
  'code',
  'is',
  'id',
  'was',
  'ist',
  'est',
  'es',
  'address',
])

export function labelled({ rule, words, forms, sureness, isOne }: Labelled): readonly Trigger[] {
  const parsed = forms.map(parseForm)
  return words.map((word) => ({
    rule,
    word,
    begin: (behind): Candidate | null =>
      isWordUnit(word.charCodeAt(0)) && isWordUnit(behind.unitAt(behind.at - word.length - 1))
        ? null
        : new LabelledCandidate(behind.at, parsed, sureness, isOne ?? always),
  }))
}

const always = () => true

class LabelledCandidate implements Candidate {
  /** Nothing is held back before the value begins. */
  from: number
  readonly #forms: readonly Form[]
  readonly #sureness: Sureness
  readonly #isOne: (written: string) => boolean
  #at: number
  #lead = ''
  #value = ''
  #readers: FormReader[] = []
  /** How much of the value is whole, at most. */
  #whole = 0

  constructor(at: number, forms: readonly Form[], sureness: Sureness, isOne: (written: string) => boolean) {
    this.from = at
    this.#at = at
    this.#forms = forms
    this.#sureness = sureness
    this.#isOne = isOne
  }

  next(unit: number) {
    this.#at += 1
    return this.#value === '' ? this.#nextOfLead(unit) : this.#nextOfValue(unit)
  }

  end() {
    return this.#isFound(-1) ? step.here : step.none
  }

  sureness(): Sureness {
    return this.#sureness
  }

  spare(): number {
    return this.#value.length - this.#whole
  }

  #nextOfLead(unit: number) {
    const isWord = isWordUnit(unit)
    if (isWord && this.#lead === '') return step.none
    if (isWord && this.#isBetween) {
      this.#readers = this.#forms.map((form) => new FormReader(form)).filter((reader) => reader.next(unit))
      if (this.#readers.length > 0) {
        this.#value = String.fromCharCode(unit)
        this.from = this.#at - 1
        return step.more
      }
    }
    this.from = this.#at
    this.#lead += String.fromCharCode(unit).toLowerCase()
    const goesOn = isWord || isJoint(unit)
    return goesOn && this.#lead.length <= longestLead ? step.more : step.none
  }

  /** Whether what was read behind the label is signs and fillers, so that the value may begin. */
  get #isBetween(): boolean {
    if (this.#lead === '' || isWordUnit(this.#lead.charCodeAt(this.#lead.length - 1))) return false
    return wordsOf(this.#lead).every((word) => fillers.has(word))
  }

  #nextOfValue(unit: number) {
    const alive = this.#readers.filter((reader) => reader.next(unit))
    if (alive.length === 0) return this.#ended(unit)
    this.#noteWhole(unit)
    this.#readers = alive
    this.#value += String.fromCharCode(unit)
    return step.more
  }

  /** What was whole before `unit` stays so when no word goes on there. */
  #noteWhole(unit: number): void {
    if (!isWordUnit(unit) && this.#readers.some(({ isWhole }) => isWhole)) this.#whole = this.#value.length
  }

  #ended(unit: number) {
    if (this.#isFound(unit)) return step.before
    const isFiller =
      this.#lead.length + this.#value.length < longestLead && (isWordUnit(unit) || isJoint(unit))
    if (!isFiller) return step.none
    // It was a filler after all: "number is 17".
    this.#lead += this.#value.toLowerCase() + String.fromCharCode(unit).toLowerCase()
    this.#value = ''
    this.#whole = 0
    this.from = this.#at
    return step.more
  }

  #isFound(unit: number): boolean {
    if (this.#value === '') return false
    if (!isWordUnit(unit) && this.#readers.some(({ isWhole }) => isWhole)) this.#whole = this.#value.length
    return this.#whole > 0 && this.#isOne(this.#value.slice(0, this.#whole))
  }
}

function wordsOf(lead: string): readonly string[] {
  const words: string[] = []
  let word = ''
  for (const character of `${lead} `.split('')) {
    if (isWordUnit(character.charCodeAt(0))) word += character
    else {
      if (word !== '') words.push(word)
      word = ''
    }
  }
  return words
}

/** What may stand between a label and its value. */
function isJoint(unit: number): boolean {
  return unit === 9 || (unit >= 32 && unit < 48) || unit === 58 || unit === 61 || unit === 62 || unit === 124
}
