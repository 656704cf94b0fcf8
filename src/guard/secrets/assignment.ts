import { isDigit, isLetter, isWordUnit, step, type Candidate, type Sureness } from '../stream/candidate.ts'
import type { Trigger } from '../stream/scan-plan.ts'
import { entropyOf } from './entropy.ts'
import { hasForm, parseForm } from './form.ts'

/** A secret without a prefix, which stands behind the name of its provider and a sign of assignment. */
export type NamedKind = { readonly id: string; readonly word: string; readonly form: string }

/** How far a sign of assignment may stand behind the name, and the value behind the sign. */
const longestName = 24
const longestLead = 6
const longestValue = 150

type Judge = (value: string) => Sureness | null

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
  'passphrase',
  'pwd',
  'mot de passe',
  'contraseña',
  'wachtwoord',
  'senha',
  'hasło',
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
  'private_key',
  'client_secret',
  'auth_key',
  'credential',
  'encryption_key',
  'signing_key',
  'bearer',
]

/** Credentials of any kind behind a word that says so. */
export const credentialTriggers: readonly Trigger[] = [
  ...passwords.map((word) => assignment('secret.password', word, judgePassword)),
  ...keys.map((word) => assignment('secret.credential', word, judgeKey)),
]

function judgePassword(value: string): Sureness | null {
  if (value.length < 6 || value.length > 64 || isMadeUp(value) || isCode(value)) return null
  const classes = classesOf(value)
  if (classes < 2) return null
  return classes >= 3 && value.length >= 8 ? 'likely' : 'possible'
}

function judgeKey(value: string): Sureness | null {
  if (value.length < 16 || isMadeUp(value) || isCode(value)) return null
  const hasDigits = value.split('').some((character) => isDigit(character.charCodeAt(0)))
  if (!hasDigits || entropyOf(value) < 3.2) return null
  return entropyOf(value) >= 3.6 && value.length >= 20 ? 'likely' : 'possible'
}

/** Kinds of characters: small letters, capitals, digits, others. */
function classesOf(value: string): number {
  const classes = new Set<string>()
  for (let i = 0; i < value.length; i += 1) {
    const unit = value.charCodeAt(i)
    classes.add(isDigit(unit) ? 'digit' : !isLetter(unit) ? 'other' : unit >= 97 ? 'small' : 'capital')
  }
  return classes.size
}

const madeUp = [
  'example',
  'changeme',
  'change_me',
  'placeholder',
  'your',
  'xxxx',
  '****',
  '....',
  'redacted',
  'masked',
  'dummy',
  'sample',
  'todo',
  'insert',
  'replace',
  'null',
  'undefined',
  'none',
  'true',
  'false',
  'string',
  '123456',
  'abcdef',
  'qwerty',
  'password',
  'secret',
]

/** What stands where a secret would, such as `changeme`, `${VAR}` or `<token>`. */
export function isMadeUp(value: string): boolean {
  const lower = value.toLowerCase()
  const [first, last] = [value[0] ?? '', value.at(-1) ?? '']
  return '$<{[%('.includes(first) || last === '>' || madeUp.some((word) => lower.includes(word))
}

/** A name, a call or a path rather than a value. */
function isCode(value: string): boolean {
  if (value.includes('(') || value.includes('[') || value.includes('://')) return true
  // Words joined by dots or underscores, without a digit: `config.auth.token`, `MY_TOKEN_NAME`.
  return value.split('').every((character) => isLetter(character.charCodeAt(0)) || '._-/'.includes(character))
}

function assignment(rule: string, word: string, judge: Judge): Trigger {
  return {
    rule,
    word,
    begin: (behind): Candidate | null => {
      const first = behind.unitAt(behind.at - word.length)
      const before = behind.unitAt(behind.at - word.length - 1)
      if (isLetter(first) && isLetter(before) && !isHump(before, first)) return null
      return new AssignmentCandidate(behind.at, judge)
    },
  }
}

/** A capital behind a small letter begins a new word in names such as `dbPassword`. */
function isHump(before: number, first: number): boolean {
  return before >= 97 && first < 97
}

class AssignmentCandidate implements Candidate {
  /** Nothing is held back before the value begins. */
  from: number
  readonly #judge: Judge
  #at: number
  #phase: 'name' | 'lead' | 'value' = 'name'
  #read = ''
  #quote = 0
  #judged: Sureness | null = null

  constructor(at: number, judge: Judge) {
    this.from = at
    this.#at = at
    this.#judge = judge
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
    this.#read += String.fromCharCode(unit)
    const isSign = '=:>|,'.includes(String.fromCharCode(unit)) || isVerb(this.#read)
    if (isSign) {
      this.#phase = 'lead'
      this.#read = ''
      return step.more
    }
    const goesOn = isWordUnit(unit) || ' _.-\t\'"?'.includes(String.fromCharCode(unit))
    return goesOn && this.#read.length < longestName ? step.more : step.none
  }

  #nextOfLead(unit: number) {
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

/** "the password is …" */
function isVerb(read: string): boolean {
  return (
    read.endsWith(' is ') || read.endsWith(' was ') || read.endsWith(' lautet ') || read.endsWith(' est ')
  )
}

function isQuote(unit: number): boolean {
  return unit === 34 || unit === 39 || unit === 96
}

/** White space, and what closes or separates in code and prose. */
function endsValue(unit: number): boolean {
  return unit <= 32 || unit > 126 || isQuote(unit) || ',;)]}<>\\'.includes(String.fromCharCode(unit))
}
