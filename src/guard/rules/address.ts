import { isForeign, isLatin } from '../normalise/look-alike.ts'
import { entropyOf } from '../secrets/entropy.ts'
import { isAddressUnit, step, type Behind, type Candidate } from '../stream/candidate.ts'
import type { Trigger } from '../stream/scan-plan.ts'

const longestHost = 128
const longestPath = 480
/** So much of a query is looked at, and held back. */
const longestQuery = 96
/** A value of a query that is as long is judged. */
const longestValue = 48
const placeholders = ['={', '=${', '=<', '=[', '=%7b']
const templateEnds = Array.from('{<[bB', (end) => end.charCodeAt(0))

/** A host that is written like another: letters of two alphabets in one name, or their form in ASCII (RFC 3492). */
export const lookAlikeHostTrigger: Trigger = {
  rule: 'exfiltration.look-alike-host',
  word: '://',
  begin: (behind): Candidate | null => {
    if (!isOfWeb(behind)) return null
    let host = ''
    const judged = () => host.split('.').some((label) => isPunycode(label) || isMixed(label))
    return {
      from: behind.at,
      next: (unit) => {
        if (unit > 127 || isAddressUnit(unit)) {
          host += String.fromCharCode(unit)
          return host.length < longestHost ? step.more : step.none
        }
        return judged() ? step.before : step.none
      },
      end: () => (judged() ? step.here : step.none),
      sureness: () => 'likely',
    }
  },
}

/** An address of the web whose query is a form to be filled in: `?q={…}`, `?d=<…>`. */
export const templateTrigger = queryTrigger('exfiltration.template', ({ unit, query }) => {
  if (!templateEnds.includes(unit)) return false
  const end = query().slice(-4).toLowerCase()
  return placeholders.some((mark) => end.endsWith(mark))
})

/** A link whose query is long and has the disorder of data. */
export const linkTrigger = queryTrigger(
  'exfiltration.link',
  ({ value, query }) => value === longestValue && entropyOf(query().slice(-longestValue)) >= 4,
)

/** A query as far as it was read: its last unit, how many units its last value has so far, and all of it. */
type ReadQuery = { readonly unit: number; readonly value: number; readonly query: () => string }

/** A query that is judged with each unit; only what follows the question mark is held back. */
function queryTrigger(rule: string, isIt: (read: ReadQuery) => boolean): Trigger {
  return {
    rule,
    word: '://',
    begin: (behind): Candidate | null => (isOfWeb(behind) ? new Query(behind.at, isIt) : null),
  }
}

class Query implements Candidate, ReadQuery {
  from: number
  unit = 0
  value = 0
  readonly query: () => string
  readonly #isIt: (read: ReadQuery) => boolean
  #length = 0
  readonly #units: number[] = []

  constructor(at: number, isIt: (read: ReadQuery) => boolean) {
    this.from = at
    this.#isIt = isIt
    this.query = () => String.fromCharCode(...this.#units)
  }

  next(unit: number) {
    if (unit <= 32 || unit === 34 || unit === 39 || unit === 41) return step.none
    const isPath = this.#units.length === 0
    if (isPath && unit !== 63) {
      this.from += 1
      this.#length += 1
      return this.#length < longestPath ? step.more : step.none
    }
    this.unit = unit
    this.value = unit === 61 || unit === 38 ? 0 : this.value + 1
    this.#units.push(unit)
    if (!isPath && this.#isIt(this)) return step.here
    return this.#units.length < longestQuery ? step.more : step.none
  }

  end() {
    return step.none
  }

  sureness() {
    return 'likely' as const
  }
}

const executable = [
  'text/html',
  'application/javascript',
  'text/javascript',
  'image/svg+xml',
  'application/xhtml',
]

/** A document or a program within an address (RFC 2397): it runs where the address is opened. */
export const dataAddressTrigger: Trigger = {
  rule: 'exfiltration.data-address',
  word: 'data:',
  begin: (behind): Candidate => {
    let type = ''
    return {
      from: behind.at - 5,
      next: (unit) => {
        type += String.fromCharCode(unit).toLowerCase()
        if (executable.includes(type)) return step.here
        return executable.some((one) => one.startsWith(type)) ? step.more : step.none
      },
      end: () => step.none,
      sureness: () => 'likely',
    }
  },
}

function isOfWeb(behind: Behind): boolean {
  return behind
    .slice(Math.max(0, behind.at - 8), behind.at - 3)
    .toLowerCase()
    .includes('http')
}

function isPunycode(label: string): boolean {
  return label.toLowerCase().startsWith('xn--')
}

function isMixed(label: string): boolean {
  if (!hasForeign(label)) return false
  const points = Array.from(label, (character) => character.codePointAt(0) ?? 0)
  return points.some(isLatin)
}

function hasForeign(label: string): boolean {
  for (let at = 0; at < label.length; at += 1) if (isForeign(label.charCodeAt(at))) return true
  return false
}

export const addressTriggers: readonly Trigger[] = [
  lookAlikeHostTrigger,
  templateTrigger,
  linkTrigger,
  dataAddressTrigger,
]
