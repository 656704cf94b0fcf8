/**
 * Whether `text` is a network in CIDR form: canonical decimal or hexadecimal address, prefix length, and no bit set
 * beyond it. An IPv4 network is written as such and not mapped into IPv6. SPEC: RFC 4632 3.1, RFC 4291 2.3.
 */
export function isCidr(text: string): boolean {
  const [, address, digits] = /^([0-9a-f.:]{2,39})\/(0|[1-9]\d{0,2})$/.exec(text) ?? []
  if (address === undefined) return false
  const octets = address.includes('.') ? ipv4(address) : ipv6(address)
  const prefix = Number(digits)
  if (octets === null || prefix > octets.length * 8) return false
  const bits = octets.map((octet) => octet.toString(2).padStart(8, '0')).join('')
  return !bits.slice(prefix).includes('1')
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
