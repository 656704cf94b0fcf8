import { digitsIn } from './digits.ts'
import type { ExtensionFunction } from './extension.ts'

/** An address or a range of addresses. The address of a range keeps its host bits, so `10.0.0.1/8` is not `10.0.0.2/8`. */
export type CedarIpAddress = {
  readonly k: 'ip'
  readonly family: 4 | 6
  readonly address: bigint
  readonly prefix: number
}

const longest = 43 // eight groups of four digits, seven colons and `/128`

/** Reads an IPv4 or IPv6 address, with or without a prefix length. No leading zeros, no IPv4 inside IPv6. */
export function ipAddressOf(text: string): CedarIpAddress | null {
  if (text.length > longest) return null
  const slash = text.indexOf('/')
  const address = slash === -1 ? text : text.slice(0, slash)
  const read = address.includes(':') ? ipv6Of(address) : ipv4Of(address)
  if (read === null) return null
  const family = address.includes(':') ? 6 : 4
  const prefix = slash === -1 ? bitsOf(family) : smallNumberOf(text.slice(slash + 1), bitsOf(family))
  return prefix === null ? null : { k: 'ip', family, address: read, prefix }
}

export const ipFunctions: Readonly<Record<string, ExtensionFunction>> = {
  isIpv4: about(({ family }) => family === 4),
  isIpv6: about(({ family }) => family === 6),
  isLoopback: about((ip) => isWithin(ip, ip.family === 4 ? loopback4 : loopback6)),
  isMulticast: about((ip) => isWithin(ip, ip.family === 4 ? multicast4 : multicast6)),
  isInRange: {
    arity: 2,
    call: (ip, range) => {
      if (typeof ip !== 'object' || ip.k !== 'ip' || typeof range !== 'object' || range.k !== 'ip')
        return null
      return isWithin(ip, range)
    },
  },
}

const loopback4: CedarIpAddress = { k: 'ip', family: 4, address: 127n << 24n, prefix: 8 }
const loopback6: CedarIpAddress = { k: 'ip', family: 6, address: 1n, prefix: 128 }
const multicast4: CedarIpAddress = { k: 'ip', family: 4, address: 224n << 24n, prefix: 4 }
const multicast6: CedarIpAddress = { k: 'ip', family: 6, address: 0xffn << 120n, prefix: 8 }

function about(holds: (ip: CedarIpAddress) => boolean): ExtensionFunction {
  return { arity: 1, call: (ip) => (typeof ip === 'object' && ip.k === 'ip' ? holds(ip) : null) }
}

function isWithin(ip: CedarIpAddress, range: CedarIpAddress): boolean {
  if (ip.family !== range.family || ip.prefix < range.prefix) return false
  const hostBits = BigInt(bitsOf(ip.family) - range.prefix)
  return ip.address >> hostBits === range.address >> hostBits
}

function bitsOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128
}

function ipv4Of(text: string): bigint | null {
  const parts = text.split('.')
  if (parts.length !== 4) return null
  let address = 0n
  for (const part of parts) {
    const value = smallNumberOf(part, 255)
    if (value === null) return null
    address = (address << 8n) | BigInt(value)
  }
  return address
}

function ipv6Of(text: string): bigint | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const [head, tail] = [groupsOf(halves[0] ?? ''), groupsOf(halves[1] ?? '')]
  if (head === null || tail === null) return null
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail]
  return groups.reduce((address, group) => (address << 16n) | BigInt(group), 0n)
}

function groupsOf(text: string): number[] | null {
  if (text === '') return []
  const groups = text.split(':').map(groupOf)
  return groups.includes(-1) ? null : groups
}

function groupOf(text: string): number {
  if (text.length < 1 || text.length > 4) return -1
  return Array.from(text).every((digit) => hexDigits.includes(digit)) ? Number.parseInt(text, 16) : -1
}

const hexDigits = '0123456789abcdefABCDEF'

/** A whole number without leading zeros, at most `max`. */
function smallNumberOf(text: string, max: number): number | null {
  if (text === '' || text.length > 3 || digitsIn(text) !== text.length) return null
  if (text.length > 1 && text.startsWith('0')) return null
  return Number(text) <= max ? Number(text) : null
}
