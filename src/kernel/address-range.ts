/** A network by its first address and the number of leading bits that it fixes; one address is a network that fixes all. */
export type AddressRange = { readonly octets: readonly number[]; readonly prefix: number }

/**
 * Reads a network in CIDR form: canonical decimal or hexadecimal address, prefix length, no bit set beyond it. Null for
 * every other text. SPEC: RFC 4632 3.1, RFC 4291 2.3.
 */
export function parseRange(text: string): AddressRange | null {
  const [, address, digits] = /^([0-9a-f.:]{2,39})\/(0|[1-9]\d{0,2})$/.exec(text) ?? []
  const whole = address === undefined ? null : parseAddress(address)
  const prefix = Number(digits)
  if (whole === null || prefix > whole.prefix) return null
  return bitsOf(whole).slice(prefix).includes('1') ? null : { octets: whole.octets, prefix }
}

/** Reads one IPv4 or IPv6 address; null for every other text, an IPv4 address mapped into IPv6 by dots included. */
export function parseAddress(text: string): AddressRange | null {
  const octets = text.includes('.') ? ipv4(text) : ipv6(text)
  return octets === null ? null : { octets, prefix: octets.length * 8 }
}

/** Whether every address of `inner` is one of `outer`. Networks of different families share nothing. */
export function liesWithin(inner: AddressRange, outer: AddressRange): boolean {
  if (inner.octets.length !== outer.octets.length || inner.prefix < outer.prefix) return false
  return bitsOf(inner).slice(0, outer.prefix) === bitsOf(outer).slice(0, outer.prefix)
}

/**
 * What an administrator may open to connections: loopback, private and shared networks. Link-local ones never, since there
 * the metadata services of clouds answer. SPEC: RFC 1918, RFC 6598, RFC 4193.
 */
const privateRanges = rangesIn([
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
])

/** Whether every address of `range` is loopback, private or shared. */
export function isPrivate(range: AddressRange): boolean {
  return privateRanges.some((outer) => liesWithin(range, outer))
}

const loopbackRanges = rangesIn(['127.0.0.0/8', '::1/128'])

/** Whether every address of `range` is one of this machine itself. */
export function isLoopback(range: AddressRange): boolean {
  return loopbackRanges.some((outer) => liesWithin(range, outer))
}

/** Ranges that cannot be read contain nothing. */
export function rangesIn(texts: readonly string[]): readonly AddressRange[] {
  return texts.flatMap((text) => parseRange(text) ?? [])
}

function bitsOf({ octets }: AddressRange): string {
  return octets.map((octet) => octet.toString(2).padStart(8, '0')).join('')
}

function ipv4(text: string): readonly number[] | null {
  const parts = text.split('.')
  const octets = parts.map((part) => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256))
  return octets.length === 4 && octets.every((octet) => octet < 256) ? octets : null
}

function ipv6(text: string): readonly number[] | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return null
  return groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
}
