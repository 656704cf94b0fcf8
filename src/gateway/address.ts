import { BlockList, isIP } from 'node:net'

/** Whether `address` lies in one of `ranges`. A range that cannot be read contains nothing. */
export function isWithin(address: string, ranges: readonly string[]): boolean {
  const plain = unmapped(address)
  return isIP(plain) !== 0 && contains(blockListOf(ranges), plain)
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** `::ffff:10.0.0.1` is judged as `10.0.0.1`. */
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
