import { isWordUnit, step, type Candidate, type Step } from '../stream/candidate.ts'
import type { Trigger } from '../stream/scan-plan.ts'
import { entropyOf } from './entropy.ts'
import { anchored, FormReader, hasForm, parseForm } from './form.ts'
import { surenessBy, type TokenCheck } from './token-checks.ts'

/** A kind of token that a provider gives out, recognised by what it begins with or holds. */
export type TokenKind = {
  readonly id: string
  readonly provider: string
  readonly form: string
  /** Least entropy of what follows the prefix, in tenths of a bit for each character: what is made up has less. */
  readonly minEntropyTenthBits: number
  /** What else tells a token of this kind. */
  readonly check?: TokenCheck | undefined
}

/** Tokens longer than this are matched piece by piece. */
const piece = 256

export function tokenTrigger({ id, form, minEntropyTenthBits, check }: TokenKind): Trigger {
  const { lead, word, rest } = anchored(form)
  if (word.length < 2) throw new Error(`the form of \`${id}\` has no text of its own`)
  const parts = parseForm(rest)
  const leading = parseForm(lead)
  const leadLength = leading.reduce((sum, { min }) => sum + min, 0)
  if (leading.some(({ min, max }) => min !== max))
    throw new Error(`the form of \`${id}\` opens with a part of no fixed length`)
  const mayFollowWord = lead === '' && !isWordUnit(word.charCodeAt(0))
  return {
    rule: `secret.${id}`,
    word,
    begin: (behind): Candidate | null => {
      const at = behind.at - word.length
      const from = at - leadLength
      if (behind.slice(at, behind.at) !== word) return null
      if (!mayFollowWord && isWordUnit(behind.unitAt(from - 1))) return null
      const front = leadLength === 0 ? '' : behind.slice(from, at)
      if (leadLength > 0 && !hasForm(front, leading)) return null
      const reader = new FormReader(parts)
      let body = ''
      const ended = (whole: Step): Step =>
        reader.isWhole && entropyOf(front + body) * 10 >= minEntropyTenthBits ? whole : step.none
      return {
        from,
        next: (unit) => {
          if (!reader.next(unit)) return isWordUnit(unit) ? step.none : ended(step.before)
          body += String.fromCharCode(unit)
          return body.length % piece === 0 && ended(step.part) === step.part ? step.part : step.more
        },
        end: () => ended(step.here),
        sureness: () => (check === undefined ? 'certain' : surenessBy[check](bodyOf(check, word, body))),
      }
    },
  }
}

/** What a check reads: a token whole, or what follows its prefix. */
function bodyOf(check: TokenCheck, word: string, body: string): string {
  return check === 'jwt' ? word + body : body
}
