import { isWordUnit, step, type Candidate } from '../stream/candidate.ts'
import type { Trigger } from '../stream/scan-plan.ts'

const opening = '-----BEGIN '
const longestLabel = 100
/** The longest body that is read on: no key is longer. */
const longestBody = 16_384
const piece = 256
/** A shorter one is no key. */
const shortestBody = 40
const hyphen = 45

/** A private key in an armour: PEM (RFC 7468), OpenSSH, OpenPGP. It is matched from its first line on. */
const armoured: Trigger = {
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

const puttyOpening = 'Private-Lines: '

/** The private lines of a PuTTY key (PPK format 2 and 3): how many there are, then base64, up to the MAC. */
const putty: Trigger = {
  rule: 'secret.private-key',
  word: puttyOpening,
  begin: (behind): Candidate => {
    let [length, run] = [0, 0]
    return {
      from: behind.at - puttyOpening.length,
      next: (unit) => {
        length += 1
        const isBody =
          unit === 10 || unit === 13 || unit === 43 || unit === 47 || unit === 61 || isWordUnit(unit)
        if (!isBody) return run >= shortestBody ? step.before : step.none
        run += 1
        if (length > longestBody) return step.before
        return length % piece === 0 ? step.part : step.more
      },
      end: () => (run >= shortestBody ? step.here : step.none),
      sureness: () => 'certain',
    }
  },
}

export const privateKeyTriggers: readonly Trigger[] = [armoured, putty]
