import { isDigit, isWordUnit, step, type Behind, type Candidate } from '../stream/candidate.ts'
import type { Trigger } from '../stream/scan-plan.ts'

/** The first groups of global unicast addresses that registries have given out (IANA, IPv6 Global Unicast Address Assignments). */
const allocated = (
  '2001 2002 2003 2400 2401 2402 2403 2404 2405 2406 2407 2408 2409 240a 240b 240c 240d 240e 2600 2601 2602 2603 2604 2605 2606 2607 ' +
  '2610 2620 2630 2800 2801 2803 2804 2806 2a00 2a01 2a02 2a03 2a04 2a05 2a06 2a07 2a08 2a09 2a0a 2a0b 2a0c 2a0d 2a0e 2a0f 2a10 2a11 ' +
  '2a12 2a13 2a14 2c0f'
).split(' ')
const longest = 39
const contextReach = 48
const context = ['ip', 'address', 'client', 'source', 'login', 'adresse', 'host']

/** A public IPv6 address (RFC 4291 2.2), without those of documentation (RFC 3849). */
export const ipv6Triggers: readonly Trigger[] = allocated.map((group) => ({
  rule: 'ipv6',
  word: `${group}:`,
  begin: (behind): Candidate | null => {
    const from = behind.at - group.length - 1
    const before = behind.unitAt(from - 1)
    if (isWordUnit(before) || before === colon) return null
    const hasContext = isSupported(behind, from)
    let read = `${group}:`
    return {
      from,
      next: (unit) => {
        if (!isHex(unit) && unit !== colon)
          return !isWordUnit(unit) && isAddress(read) ? step.before : step.none
        read += String.fromCharCode(unit)
        return read.length <= longest ? step.more : step.none
      },
      end: () => (isAddress(read) ? step.here : step.none),
      sureness: () => (hasContext ? 'likely' : 'possible'),
    }
  },
}))

const colon = 58

function isSupported(behind: Behind, from: number): boolean {
  const front = behind.slice(Math.max(0, from - contextReach), from).toLowerCase()
  return context.some((word) => front.includes(word))
}

function isAddress(read: string): boolean {
  const lower = read.toLowerCase()
  if (
    lower.startsWith('2001:db8:') ||
    lower.startsWith('2001:0db8:') ||
    lower.endsWith(':') !== lower.endsWith('::')
  )
    return false
  const halves = lower.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  if (groups.some((group) => group === '' || group.length > 4)) return false
  return halves.length === 2 ? groups.length >= 2 && groups.length < 8 : groups.length === 8
}

function isHex(unit: number): boolean {
  const lower = unit | 32
  return isDigit(unit) || (lower >= 97 && lower <= 102)
}
