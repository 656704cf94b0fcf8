import { isLetter, isWordUnit, step, type Candidate } from '../stream/candidate.ts'
import type { Trigger } from '../stream/scan-plan.ts'
import { isMadeUp } from './judge.ts'

const longestScheme = 24
const longestLogin = 256

/** A user and a password in front of a host: `scheme://user:password@host` (RFC 3986 3.2.1). */
export const connectionTrigger: Trigger = {
  rule: 'secret.connection-string',
  word: '://',
  begin: (behind): Candidate | null => {
    let from = behind.at - 3
    while (behind.at - from < longestScheme && isSchemeUnit(behind.unitAt(from - 1))) from -= 1
    if (from === behind.at - 3) return null
    let login = ''
    return {
      from: behind.at,
      next: (unit) => {
        const character = String.fromCharCode(unit)
        if (character === '@') return isLogin(login) ? step.before : step.none
        if (unit <= 32 || unit > 126 || '/?#"\'<>'.includes(character) || login.length >= longestLogin)
          return step.none
        login += character
        return step.more
      },
      end: () => step.none,
      sureness: () => 'certain',
    }
  },
}

function isLogin(login: string): boolean {
  const colon = login.indexOf(':')
  const password = login.slice(colon + 1)
  return colon >= 0 && password.length >= 3 && !isMadeUp(password)
}

function isSchemeUnit(unit: number): boolean {
  return isLetter(unit) || isWordUnit(unit) || unit === 43 || unit === 46 || unit === 45
}
