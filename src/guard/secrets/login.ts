import { isWordUnit, step, type Behind, type Candidate, type Sureness } from '../stream/candidate.ts'
import type { Trigger } from '../stream/scan-plan.ts'
import { entropyOf } from './entropy.ts'
import { isMadeUp } from './judge.ts'

/** Logins that stand behind a sign of their own: headers of HTTP, commands, and files with the logins of a person. */
export const loginTriggers: readonly Trigger[] = [
  login('secret.bearer', 'bearer ', judgeBearer, () => true),
  login('secret.basic', 'basic ', judgeBasic, (behind) => isNear(behind, 'authorization', 40)),
  login('secret.basic', '"auth"', judgeBasic, () => true), // .docker/config.json
  login('secret.basic', '_auth', judgeBasic, () => true), // .npmrc
  login('secret.login', ' -u ', judgePair, (behind) => isNear(behind, 'curl', 200)),
  login('secret.login', '--user ', judgePair, () => true),
  login('secret.login', '--proxy-user ', judgePair, () => true),
  login('secret.login', 'password ', judgeWord, (behind) => isNear(behind, 'machine ', 160)), // .netrc
]

const [longestLead, longestValue] = [6, 400]

type JudgeOfLogin = (value: string) => Sureness | null

/** RFC 6750 2.1. */
function judgeBearer(value: string): Sureness | null {
  return value.length >= 20 && entropyOf(value) >= 3.4 && !isMadeUp(value) ? 'likely' : null
}

/** RFC 7617 2: the user and the password in base64, with a colon between. */
function judgeBasic(value: string): Sureness | null {
  try {
    return judgePair(atob(value)) === null ? null : 'certain'
  } catch {
    return null // no base64
  }
}

function judgePair(value: string): Sureness | null {
  const colon = value.indexOf(':')
  const password = value.slice(colon + 1)
  const isPlain = value.split('').every((character) => character >= ' ' && character <= '~')
  return colon > 0 && password.length >= 4 && isPlain && !isMadeUp(password) ? 'likely' : null
}

function judgeWord(value: string): Sureness | null {
  return value.length >= 4 && !isMadeUp(value) ? 'likely' : null
}

/** Whether `word` stands not far in front. */
function isNear(behind: Behind, word: string, reach: number): boolean {
  return behind
    .slice(Math.max(0, behind.at - reach), behind.at)
    .toLowerCase()
    .includes(word)
}

function login(
  rule: string,
  word: string,
  judge: JudgeOfLogin,
  mayBegin: (behind: Behind) => boolean,
): Trigger {
  return {
    rule,
    word,
    begin: (behind): Candidate | null => {
      const before = behind.unitAt(behind.at - word.length - 1)
      if (isWordUnit(word.charCodeAt(0)) && isWordUnit(before)) return null
      return mayBegin(behind) ? new LoginCandidate(behind.at, judge) : null
    },
  }
}

class LoginCandidate implements Candidate {
  /** Nothing is held back before the value begins. */
  from: number
  readonly #judge: JudgeOfLogin
  #at: number
  #lead = 0
  #value = ''
  #judged: Sureness | null = null

  constructor(at: number, judge: JudgeOfLogin) {
    this.from = at
    this.#at = at
    this.#judge = judge
  }

  next(unit: number) {
    this.#at += 1
    if (this.#value === '' && isLead(unit)) {
      this.from = this.#at
      this.#lead += 1
      return this.#lead <= longestLead ? step.more : step.none
    }
    if (unit > 32 && unit < 127 && !isClosing(unit)) {
      this.#value += String.fromCharCode(unit)
      return this.#value.length <= longestValue ? step.more : step.none
    }
    return this.#isLogin() ? step.before : step.none
  }

  end() {
    return this.#isLogin() ? step.here : step.none
  }

  sureness(): Sureness {
    return this.#judged ?? 'possible'
  }

  #isLogin(): boolean {
    this.#judged = this.#judge(this.#value)
    return this.#judged !== null
  }
}

/** White space, quotation marks and signs of assignment. */
function isLead(unit: number): boolean {
  return unit === 32 || unit === 9 || unit === 34 || unit === 39 || unit === 58 || unit === 61
}

function isClosing(unit: number): boolean {
  return (
    unit === 34 || unit === 39 || unit === 44 || unit === 96 || unit === 92 || unit === 125 || unit === 41
  )
}
