import { step, type Candidate } from '../stream/candidate.ts'
import type { Trigger } from '../stream/scan-plan.ts'

const opening = '-----BEGIN '
const longestLabel = 100
/** The longest body that is read on: no key is longer. */
const longestBody = 16_384
const piece = 256
const hyphen = 45

/** A private key in an armour: PEM (RFC 7468), OpenSSH, OpenPGP. It is matched from its first line on. */
export const privateKeyTrigger: Trigger = {
  rule: 'secret.private-key',
  word: opening,
  begin: (behind): Candidate => {
    let label = ''
    let [length, dashes, lines] = [0, 0, 0]
    let isOpen = false
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
        dashes = unit === hyphen ? dashes + 1 : 0
        if (dashes === 5) lines += 1
        // The last line opens with five hyphens and closes with five.
        if (lines === 2) return step.here
        if (length > longestBody) return step.before
        return length % piece === 0 ? step.part : step.more
      },
      end: () => (isOpen ? step.here : step.none),
      sureness: () => 'certain',
    }
  },
}
