import {
  isLetter,
  isWordUnit,
  step,
  type Behind,
  type Candidate,
  type Sureness,
} from '../stream/candidate.ts'
import type { Trigger } from '../stream/scan-plan.ts'
import { entropyOf } from './entropy.ts'
import { hasForm, parseForm } from './form.ts'
import { isMadeUp, judgeKey, judgePassword, type Judge } from './judge.ts'

/** A secret without a prefix, which stands behind the name of its provider and a sign of assignment. */
export type NamedKind = { readonly id: string; readonly word: string; readonly form: string }

/** How far a sign of assignment may stand behind the name, and the value behind the sign. */
const longestName = 24
const longestLead = 6
const longestValue = 150

/** Secrets of providers, by the name in front; several kinds may share a name. */
export function namedTriggers(kinds: readonly NamedKind[]): readonly Trigger[] {
  const words = new Set(kinds.map(({ word }) => word))
  return [...words].flatMap((word) =>
    kinds
      .filter((kind) => kind.word === word)
      .map(({ id, form }) => {
        const parts = parseForm(form)
        return assignment(`secret.${id}`, word, (value) =>
          hasForm(value, parts) && entropyOf(value) >= 3 && !isMadeUp(value) ? 'likely' : null,
        )
      }),
  )
}

const passwords = [
  'password',
  'passwd',
  'passwort',
  'kennwort',
  'passphrase',
  'passcode',
  'pwd',
  'mot de passe',
  'contraseña',
  'wachtwoord',
  'senha',
  'hasło',
  'lösenord',
  'пароль',
  '密码',
  'パスワード',
]
const keys = [
  'secret',
  'token',
  'api_key',
  'api-key',
  'apikey',
  'api key',
  'access_key',
  'access-key',
  'accesskey',
  'account_key',
  'accountkey',
  'shared_key',
  'sharedkey',
  'private_key',
  'auth_key',
  'credential',
  'encryption_key',
  'signing_key',
  'master_key',
  'license_key',
  'bearer',
]

/** Credentials of any kind behind a word that says so. */
export const credentialTriggers: readonly Trigger[] = [
  ...passwords.map((word) => assignment('secret.password', word, judgePassword)),
  // Shorter than what many a name begins with: nothing may follow but a sign.
  assignment('secret.password', 'pass', judgePassword, 'alone'),
  ...keys.map((word) => assignment('secret.credential', word, judgeKey)),
]

/** In the rest of a name: it names something about a secret. `alone`: the name ends with the word. */
const aspects =
  'id last next chang hash polic reset expir length min max enabled required field file path url count date age rotation hint type name label prompt state status strength manager digest algorithm'.split(
    ' ',
  )
/** In front of the word: something else that is called so. */
const others = 'public publickey page next search continuation hashed csrf cancel sync max stop'.split(' ')
const reach = 14

function assignment(rule: string, word: string, judge: Judge, rest: 'any' | 'alone' = 'any'): Trigger {
  return {
    rule,
    word,
    begin: (behind): Candidate | null => {
      const first = behind.unitAt(behind.at - word.length)
      const before = behind.unitAt(behind.at - word.length - 1)
      if (isLetter(first) && isLetter(before) && !isHump(before, first)) return null
      const front = behind.slice(behind.at - word.length - reach, behind.at - word.length).toLowerCase()
      if (others.some((other) => trimmed(front).endsWith(other))) return null
      return new AssignmentCandidate(behind.at, judge, rest === 'alone', isFlag(behind, word.length))
    },
  }
}

/** Without the joint of a name at its end. */
function trimmed(front: string): string {
  return front.endsWith('_') || front.endsWith('-') || front.endsWith(' ') ? front.slice(0, -1) : front
}

/** Whether the name is an option of a command, such as `--db-password`. */
function isFlag(behind: Behind, length: number): boolean {
  let at = behind.at - length
  while (behind.at - at < longestName && (isWordUnit(behind.unitAt(at - 1)) || behind.unitAt(at - 1) === 45))
    at -= 1
  return behind.unitAt(at) === 45 && behind.unitAt(at + 1) === 45
}

/** A capital behind a small letter begins a new word in names such as `dbPassword`. */
function isHump(before: number, first: number): boolean {
  return before >= 97 && first < 97
}

class AssignmentCandidate implements Candidate {
  /** Nothing is held back before the value begins. */
  from: number
  readonly #judge: Judge
  readonly #isAlone: boolean
  readonly #isFlag: boolean
  #at: number
  #phase: 'name' | 'lead' | 'value' = 'name'
  #read = ''
  /** A quotation mark has closed the name. */
  #isNamed = false
  #after = ''
  #isComma = false
  #quote = 0
  #judged: Sureness | null = null

  constructor(at: number, judge: Judge, isAlone: boolean, isFlag: boolean) {
    this.from = at
    this.#at = at
    this.#judge = judge
    this.#isAlone = isAlone
    this.#isFlag = isFlag
  }

  next(unit: number) {
    this.#at += 1
    if (this.#phase === 'value') return this.#nextOfValue(unit)
    this.from = this.#at
    return this.#phase === 'name' ? this.#nextOfName(unit) : this.#nextOfLead(unit)
  }

  end() {
    return this.#phase === 'value' && this.#isSecret() ? step.here : step.none
  }

  sureness(): Sureness {
    return this.#judged ?? 'possible'
  }

  #nextOfName(unit: number) {
    if (isLetter(unit) && (this.#isNamed ? !this.#isAttribute(unit) : this.#isAlone && this.#read === ''))
      return step.none
    if (isQuote(unit)) this.#isNamed = true
    this.#read += String.fromCharCode(unit)
    const kind = inName[unit] ?? ends
    this.#isComma = unit === comma
    if (kind === sign || (unit === space && (isVerb(this.#read) || this.#isFlag))) {
      const rest = this.#read.toLowerCase()
      if (aspects.some((aspect) => rest.startsWith(aspect) || rest.startsWith(`_${aspect}`))) return step.none
      this.#phase = 'lead'
      this.#read = ''
      return step.more
    }
    return kind === goesOn && this.#read.length < longestName ? step.more : step.none
  }

  /** Whether a letter behind a quoted name is one of `value`, as in `<add key="password" value="…"/>`. */
  #isAttribute(unit: number): boolean {
    this.#after += String.fromCharCode(unit)
    return 'value'.startsWith(this.#after)
  }

  #nextOfLead(unit: number) {
    if (this.#isComma && unit === space) return step.none // the comma of a sentence
    const character = String.fromCharCode(unit)
    if (' \t=>:|'.includes(character) || isQuote(unit)) {
      if (isQuote(unit)) this.#quote = unit
      this.#read += character
      return this.#read.length < longestLead ? step.more : step.none
    }
    this.#phase = 'value'
    this.#read = ''
    this.from = this.#at - 1
    return this.#nextOfValue(unit)
  }

  #nextOfValue(unit: number) {
    const isEnd = this.#quote === 0 ? endsValue(unit) : unit === this.#quote || unit === 10
    if (isEnd) return this.#isSecret() ? step.before : step.none
    this.#read += String.fromCharCode(unit)
    return this.#read.length <= longestValue ? step.more : step.none
  }

  #isSecret(): boolean {
    this.#judged = this.#judge(this.#read)
    return this.#judged !== null
  }
}

const [space, comma] = [32, 44]
/** What a unit behind a name does: most of what is read there is prose, so this is asked of many. */
const [ends, goesOn, sign] = [0, 1, 2]
const inName = Uint8Array.from({ length: 128 }, (_, unit) => {
  const character = String.fromCharCode(unit)
  if ('=:>|,'.includes(character)) return sign
  return isWordUnit(unit) || ' _.-\t\'"?]`'.includes(character) ? goesOn : ends
})

const verbs = [' is ', ' was ', ' lautet ', ' ist ', ' est ', ' es ', ' è ', ' jest ']

/** "the password is …" */
function isVerb(read: string): boolean {
  return read === ' to ' || verbs.some((verb) => read.endsWith(verb))
}

function isQuote(unit: number): boolean {
  return unit === 34 || unit === 39 || unit === 96
}

/** White space, and what closes or separates in code and prose. */
function endsValue(unit: number): boolean {
  return unit <= 32 || unit > 126 || isQuote(unit) || ',;)]}<>|\\'.includes(String.fromCharCode(unit))
}
