import { BlockList, isIP } from 'node:net'

/** Loopback, link-local (with cloud metadata), private, shared, multicast, reserved and mapped ranges. */
const closedRanges = [
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
]
const closed = blockListOf(closedRanges)

/** Whether the gateway may connect to `address`: a public one, or one inside the ranges its target allows. */
export function mayConnect(address: string, allowed: readonly string[]): boolean {
  const plain = unmapped(address)
  if (isIP(plain) === 0) return false
  return !contains(closed, plain) || contains(blockListOf(allowed), plain)
}

/** Whether `address` lies in one of `ranges`. A range that cannot be read contains nothing. */
export function isWithin(address: string, ranges: readonly string[]): boolean {
  const plain = unmapped(address)
  return isIP(plain) !== 0 && contains(blockListOf(ranges), plain)
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** `::ffff:10.0.0.1` is judged as `10.0.0.1`. Other spellings of mapped addresses are refused by the ranges. */
function unmapped(address: string): string {
  const found = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  return found?.[1] ?? address
}

function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', bits = ''] = range.split('/')
    const family = isIP(network)
    const prefix = Number(bits)
    if (family === 0 || !/^\d{1,3}$/.test(bits) || prefix > (family === 6 ? 128 : 32)) continue
    list.addSubnet(network, prefix, family === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}
