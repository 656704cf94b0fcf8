import { step, type Candidate } from '../stream/candidate.ts'
import type { Trigger } from '../stream/scan-plan.ts'

const opening = '-----BEGIN '
const longestLabel = 100
/** The longest body that is read on: no key is longer. */
const longestBody = 16_384
const piece = 256

/** A private key in an armour: PEM (RFC 7468), OpenSSH, OpenPGP. It is matched from its first line on. */
export const privateKeyTrigger: Trigger = {
  rule: 'secret.private-key',
  word: opening,
  begin: (behind): Candidate => {
    let [label, tail, length, isOpen]: [string, string, number, boolean] = ['', '', 0, false]
    return {
      from: behind.at - opening.length,
      next: (unit) => {
        length += 1
        if (!isOpen) {
          label += String.fromCharCode(unit)
          if (label.length > longestLabel || unit === 10) return step.none
          if (!label.endsWith('-----')) return step.more
          isOpen = label.toUpperCase().includes('PRIVATE KEY')
          return isOpen ? step.part : step.none
        }
        tail = (tail + String.fromCharCode(unit)).slice(-longestLabel)
        if (unit === 45 && tail.endsWith('-----') && tail.lastIndexOf('-----', tail.length - 6) >= 0)
          return step.here
        if (length > longestBody) return step.before
        return length % piece === 0 ? step.part : step.more
      },
      end: () => (isOpen ? step.here : step.none),
      sureness: () => 'certain',
    }
  },
}
