import { step, type Candidate } from '../stream/candidate.ts'
import type { Trigger } from '../stream/scan-plan.ts'
import { entropyOf } from '../secrets/entropy.ts'

/**
 * An image whose address carries something: Markdown that a client fetches as soon as it shows it, so that an answer
 * can send out what the model has read without a click (CommonMark 6.4).
 */
export const imageLinkTrigger: Trigger = {
  rule: 'exfiltration.image',
  word: '![',
  begin: (behind): Candidate => {
    let [phase, address]: ['label' | 'bracket' | 'address', string] = ['label', '']
    return {
      from: behind.at - 2,
      next: (unit) => {
        const character = String.fromCharCode(unit)
        if (phase === 'label') {
          if (character === ']') phase = 'bracket'
          return unit === 10 ? step.none : step.more
        }
        if (phase === 'bracket') {
          phase = 'address'
          return character === '(' ? step.more : step.none
        }
        if (character === ')') return carriesSomething(address) ? step.here : step.none
        if (unit === 10) return step.none
        address += character
        return step.more
      },
      end: () => (phase === 'address' && carriesSomething(address) ? step.here : step.none),
      sureness: () => 'likely',
    }
  },
}

/** Whether an address elsewhere has a query, a template, or a part that looks like data. */
function carriesSomething(address: string): boolean {
  const lower = address.toLowerCase()
  if (!lower.startsWith('http://') && !lower.startsWith('https://') && !lower.startsWith('//')) return false
  const rest = address.slice(address.indexOf('//') + 2)
  return (
    rest.includes('?') ||
    rest.includes('{') ||
    rest
      .replaceAll('.', '/')
      .split('/')
      .some((part) => part.length >= 24 && entropyOf(part) >= 3.5)
  )
}
