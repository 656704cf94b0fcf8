import { isWordUnit, step, type Candidate, type Step } from '../stream/candidate.ts'
import type { Trigger } from '../stream/scan-plan.ts'
import { entropyOf } from './entropy.ts'
import { FormReader, parseForm, prefixOf } from './form.ts'

/** A kind of token that a provider gives out, recognised by what it begins with. */
export type TokenKind = {
  readonly id: string
  readonly provider: string
  readonly form: string
  /** Least entropy of what follows the prefix, in tenths of a bit for each character: what is made up has less. */
  readonly minEntropyTenthBits: number
}

/** Tokens longer than this are matched piece by piece. */
const piece = 256

export function tokenTrigger({ id, form, minEntropyTenthBits }: TokenKind): Trigger {
  const prefix = prefixOf(form)
  if (prefix.length < 2) throw new Error(`the form of \`${id}\` begins with no text of its own`)
  const rest = parseForm(form.slice(prefix.length))
  const mayFollowWord = !isWordUnit(prefix.charCodeAt(0))
  return {
    rule: `secret.${id}`,
    word: prefix,
    begin: (behind): Candidate | null => {
      const from = behind.at - prefix.length
      const before = behind.unitAt(from - 1)
      if (behind.slice(from, behind.at) !== prefix || (!mayFollowWord && isWordUnit(before))) return null
      const reader = new FormReader(rest)
      let body = ''
      const ended = (whole: Step): Step =>
        reader.isWhole && entropyOf(body) * 10 >= minEntropyTenthBits ? whole : step.none
      return {
        from,
        next: (unit) => {
          if (!reader.next(unit)) return isWordUnit(unit) ? step.none : ended(step.before)
          body += String.fromCharCode(unit)
          return body.length % piece === 0 && ended(step.part) === step.part ? step.part : step.more
        },
        end: () => ended(step.here),
        sureness: () => 'certain',
      }
    },
  }
}
