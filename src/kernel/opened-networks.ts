import type { Reason } from './decided.ts'
import { isPrivate, liesWithin, parseAddress, parseRange, type AddressRange } from './address-range.ts'

/** What speaks against a network that shall be opened to connections. */
export type NetworkRefusal = Reason<'RANGE_INVALID' | 'RANGE_NOT_PRIVATE', { range: string }>

/** Everything that speaks against opening these networks: only private ones are closed, so only they are opened. */
export function networkFaults(privateCidrs: readonly string[]): NetworkRefusal[] {
  return privateCidrs.flatMap((text, i): NetworkRefusal[] => {
    const range = parseRange(text)
    if (range !== null && isPrivate(range)) return []
    const code = range === null ? 'RANGE_INVALID' : 'RANGE_NOT_PRIVATE'
    return [{ code, params: { range: text }, path: `/privateCidrs/${i}` }]
  })
}

/** Whether the host of `url` is itself an address, of this sort, inside one of the opened networks. */
export function isOpenedHost(
  url: URL,
  privateCidrs: readonly string[],
  isOfSort: (address: AddressRange) => boolean,
): boolean {
  const address = parseAddress(url.hostname.replace(/^\[|\]$/g, ''))
  if (address === null || !isOfSort(address)) return false
  return privateCidrs.some((text) => {
    const range = parseRange(text)
    return range !== null && liesWithin(address, range)
  })
}
