import { liesWithin, parseAddress, rangesIn, type AddressRange } from './address-range.ts'

/** Loopback, link-local (with cloud metadata), private, shared, multicast, reserved and mapped ranges. */
const closedRanges = rangesIn([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
])

/** Whether a connection to `address` is allowed: a public one, or one inside the ranges that its target opens. */
export function mayConnect(address: string, allowed: readonly string[]): boolean {
  const parsed = parseAddress(unmapped(address.toLowerCase()))
  if (parsed === null) return false
  return !isIn(parsed, closedRanges) || isIn(parsed, rangesIn(allowed))
}

function isIn(address: AddressRange, ranges: readonly AddressRange[]): boolean {
  return ranges.some((range) => liesWithin(address, range))
}

/** `::ffff:10.0.0.1` is judged as `10.0.0.1`. Other spellings of mapped addresses are closed. */
function unmapped(address: string): string {
  const found = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)
  return found?.[1] ?? address
}
