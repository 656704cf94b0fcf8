import { isAddressUnit, isLetter, isWordUnit, step, type Candidate } from '../stream/candidate.ts'
import { longestWord } from '../stream/identifier-runs.ts'
import type { Trigger } from '../stream/scan-plan.ts'

const longestDomain = 253
/** Domains and endings that nobody has (RFC 2606, RFC 6761). */
const reserved = ['example.com', 'example.net', 'example.org', '.example', '.test', '.invalid', '.localhost']

/** An e-mail address in its usual written form (RFC 5322 3.4.1, dot-atom): local part, @, domain with an ending of letters. */
export const emailTrigger: Trigger = {
  rule: 'email',
  word: '@',
  begin: (behind): Candidate | null => {
    let from = behind.at - 1
    while (behind.at - 1 - from < longestWord && isAddressUnit(behind.unitAt(from - 1))) from -= 1
    while (from < behind.at - 1 && !isWordUnit(behind.unitAt(from))) from += 1
    if (from === behind.at - 1 || !isWordUnit(behind.unitAt(behind.at - 2))) return null
    let domain = ''
    return {
      from,
      next: (unit) => {
        if (isDomainUnit(unit) && domain.length < longestDomain) {
          domain += String.fromCharCode(unit)
          return step.more
        }
        return isDomain(domain) ? step.before : step.none
      },
      end: () => (isDomain(domain) ? step.here : step.none),
      sureness: () =>
        reserved.some((ending) => `.${trimmed(domain).toLowerCase()}`.endsWith(ending))
          ? 'possible'
          : 'likely',
      spare: () => domain.length - trimmed(domain).length,
    }
  },
}

function isDomain(domain: string): boolean {
  const labels = trimmed(domain).split('.')
  const ending = labels.at(-1) ?? ''
  const isEnding =
    ending.length >= 2 && ending.split('').every((character) => isLetter(character.charCodeAt(0)))
  return labels.length >= 2 && labels.every((label) => label.length > 0 && label.length <= 63) && isEnding
}

/** Without the dots and hyphens of the sentence in which it stands. */
function trimmed(domain: string): string {
  let end = domain.length
  while (end > 0 && (domain[end - 1] === '.' || domain[end - 1] === '-')) end -= 1
  return domain.slice(0, end)
}

function isDomainUnit(unit: number): boolean {
  return isWordUnit(unit) || unit === 45 || unit === 46
}
