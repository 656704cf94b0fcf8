import { sha256 } from '../../kernel/digest.ts'
import type { IdentifierRule } from '../stream/scan-plan.ts'

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** Bitcoin address in Base58Check: the last four bytes are the first of a double SHA-256 over the others. */
const bitcoin: IdentifierRule = {
  rule: 'btc.base58',
  minLength: 26,
  maxLength: 35,
  joints: [0],
  isDistinctive: true,
  context: null,
  matches: (compact, written) => {
    if (written !== compact || (compact[0] !== '1' && compact[0] !== '3')) return null
    const bytes = fromBase58(compact)
    if (bytes === null) return null
    const check = sha256(sha256(bytes.subarray(0, 21)))
    return bytes.subarray(21).every((byte, i) => byte === check[i]) ? 'check' : null
  },
}

/** The 25 bytes of an address; null when it holds another character or is longer. */
function fromBase58(text: string): Uint8Array | null {
  let number = 0n
  for (const character of text.split('')) {
    const value = alphabet.indexOf(character)
    if (value < 0) return null
    number = number * 58n + BigInt(value)
  }
  const bytes = new Uint8Array(25)
  for (let i = 24; i >= 0; i -= 1) {
    bytes[i] = Number(number & 0xffn)
    number >>= 8n
  }
  return number === 0n ? bytes : null
}

export const wallets: readonly IdentifierRule[] = [bitcoin]
