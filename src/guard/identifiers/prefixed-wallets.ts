import { isDigit, isLetter, isWordUnit, step, type Candidate, type Sureness } from '../stream/candidate.ts'
import type { Trigger } from '../stream/scan-plan.ts'

/** Addresses of wallets that say by their first characters what they are. */
export const walletTriggers: readonly Trigger[] = [
  // Without Keccak the case of its letters proves nothing (EIP-55): words in front have to.
  prefixed('eth', '0x', 40, 40, (body, front) => {
    if (!body.split('').every(isHexCharacter)) return null
    return walletWords.some((word) => front.includes(word)) ? 'likely' : 'possible'
  }),
  prefixed('btc.bech32', 'bc1', 39, 59, (body) => (isBech32(`bc1${body}`.toLowerCase()) ? 'certain' : null)),
]

const walletWords = ['eth', 'wallet', 'address', 'account', 'pay', 'send', 'deposit', 'contract']
const contextReach = 64

function prefixed(
  rule: string,
  word: string,
  min: number,
  max: number,
  judge: (body: string, front: string) => Sureness | null,
): Trigger {
  return {
    rule,
    word,
    begin: (behind): Candidate | null => {
      const from = behind.at - word.length
      if (isWordUnit(behind.unitAt(from - 1))) return null
      const front = behind.slice(Math.max(0, from - contextReach), from).toLowerCase()
      let [body, judged]: [string, Sureness | null] = ['', null]
      const isOne = () => {
        judged = body.length >= min ? judge(body, front) : null
        return judged !== null
      }
      return {
        from,
        next: (unit) => {
          if (!isWordUnit(unit)) return isOne() ? step.before : step.none
          body += String.fromCharCode(unit)
          return body.length <= max ? step.more : step.none
        },
        end: () => (isOne() ? step.here : step.none),
        sureness: () => judged ?? 'possible',
      }
    },
  }
}

function isHexCharacter(character: string): boolean {
  const unit = character.charCodeAt(0)
  return isDigit(unit) || (isLetter(unit) && (unit | 32) <= 102)
}

const characters = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]

/** BIP 173, and BIP 350 for the addresses of later versions: the checksum of a segregated witness address. */
function isBech32(address: string): boolean {
  const values = [3, 3, 0, 2, 3] // "bc", expanded
  for (const character of address.slice(3).split('')) {
    const value = characters.indexOf(character)
    if (value < 0) return false
    values.push(value)
  }
  let check = 1
  for (const value of values) {
    const top = check >>> 25
    check = ((check & 0x1ffffff) << 5) ^ value
    for (const [i, generator] of generators.entries()) if (((top >>> i) & 1) === 1) check ^= generator
  }
  return check === 1 || check === 0x2bc830a3
}
