/** Alphabets in which bytes are written (RFC 4648): so many bits for each character. */
export type Alphabet = {
  readonly name: 'base64' | 'hex' | 'base32'
  readonly bits: 4 | 5 | 6
  /** The value of each ASCII character; -1 for those that it does not have. */
  readonly values: Int8Array
  /** Fewest characters in a row that are taken for bytes. */
  readonly fewest: number
}

const small = 'abcdefghijklmnopqrstuvwxyz'
const large = small.toUpperCase()

/** Both base64 and base64url, whose last two characters differ. */
export const base64: Alphabet = alphabet('base64', 6, 20, [
  `${large}${small}0123456789+/`,
  `${large}${small}0123456789-_`,
])
export const hex: Alphabet = alphabet('hex', 4, 32, ['0123456789abcdef', '0123456789ABCDEF'])
export const base32: Alphabet = alphabet('base32', 5, 24, [`${large}234567`])

function alphabet(
  name: Alphabet['name'],
  bits: Alphabet['bits'],
  fewest: number,
  spellings: readonly string[],
): Alphabet {
  const values = new Int8Array(128).fill(-1)
  for (const spelling of spellings)
    for (let i = 0; i < spelling.length; i += 1) values[spelling.charCodeAt(i)] = i
  return { name, bits, values, fewest }
}
