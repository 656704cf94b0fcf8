import { digitsIn } from './digits.ts'
import type { ExtensionFunction } from './extension.ts'
import type { CedarValue } from './value.ts'
import { isLong } from './long.ts'

/** An instant: milliseconds since 1970 in 64 bits. */
export type CedarInstant = { readonly k: 'datetime'; readonly ms: bigint }
export type CedarDuration = { readonly k: 'duration'; readonly ms: bigint }

/** Reads `2026-11-29`, `2026-11-29T10:00:00Z`, `…00.000Z`, `…00+0100` and `…00.000-0100`. */
export function instantOf(text: string): CedarInstant | null {
  const day = dayOf(text)
  if (day === null) return null
  if (text.length === 10) return { k: 'datetime', ms: day }
  const time = timeOf(text)
  if (time === null) return null
  const hasMillis = text.charAt(19) === '.'
  const millis = hasMillis ? numberAt(text, 20, 3) : 0
  const offset = offsetOf(text, hasMillis ? 23 : 19)
  if (millis === null || offset === null) return null
  return { k: 'datetime', ms: day + BigInt(time * 1_000 + millis - offset * 60_000) }
}

/** Reads `-1d2h3m4s5ms`: each unit at most once, in this order, at least one. */
export function durationOf(text: string): CedarDuration | null {
  const isNegative = text.startsWith('-')
  let at = isNegative ? 1 : 0
  let [total, next] = [0n, 0]
  if (at === text.length || text.length > 128) return null
  while (at < text.length) {
    const length = digitsIn(text, at)
    if (length === 0) return null
    const digits = text.slice(at, at + length)
    at += length
    const unit = text.startsWith('ms', at) ? 'ms' : text.charAt(at)
    const found = durationUnits.findIndex(([name]) => name === unit)
    if (found < next) return null // unknown, repeated or out of order
    total += BigInt(digits) * (durationUnits[found]?.[1] ?? 0n)
    next = found + 1
    at += unit.length
  }
  const ms = isNegative ? -total : total
  return isLong(ms) ? { k: 'duration', ms } : null
}

const [second, minute, hour, day] = [1_000n, 60_000n, 3_600_000n, 86_400_000n]
const durationUnits = [
  ['d', day],
  ['h', hour],
  ['m', minute],
  ['s', second],
  ['ms', 1n],
] as const

export const instantFunctions: Readonly<Record<string, ExtensionFunction>> = {
  offset: {
    arity: 2,
    call: (at, by) => (isInstant(at) && isDuration(by) ? bounded('datetime', at.ms + by.ms) : null),
  },
  durationSince: {
    arity: 2,
    call: (at, since) => (isInstant(at) && isInstant(since) ? bounded('duration', at.ms - since.ms) : null),
  },
  toDate: {
    arity: 1,
    call: (at) => (isInstant(at) ? bounded('datetime', at.ms - inDay(at.ms)) : null),
  },
  toTime: { arity: 1, call: (at) => (isInstant(at) ? { k: 'duration', ms: inDay(at.ms) } : null) },
  toMilliseconds: wholeUnits(1n),
  toSeconds: wholeUnits(second),
  toMinutes: wholeUnits(minute),
  toHours: wholeUnits(hour),
  toDays: wholeUnits(day),
}

function isInstant(value: CedarValue): value is CedarInstant {
  return typeof value === 'object' && value.k === 'datetime'
}

function isDuration(value: CedarValue): value is CedarDuration {
  return typeof value === 'object' && value.k === 'duration'
}

function bounded(k: 'datetime' | 'duration', ms: bigint): CedarValue | null {
  return isLong(ms) ? { k, ms } : null
}

function inDay(ms: bigint): bigint {
  return ((ms % day) + day) % day
}

/** Whole units of a duration, cut towards zero. */
function wholeUnits(unit: bigint): ExtensionFunction {
  return { arity: 1, call: (value) => (isDuration(value) ? value.ms / unit : null) }
}

function dayOf(text: string): bigint | null {
  const [year, month, date] = [numberAt(text, 0, 4), numberAt(text, 5, 2), numberAt(text, 8, 2)]
  if (year === null || month === null || date === null) return null
  if (text.charAt(4) !== '-' || text.charAt(7) !== '-') return null
  const utc = new Date(0)
  utc.setUTCFullYear(year, month - 1, date)
  const isReal = utc.getUTCMonth() === month - 1 && utc.getUTCDate() === date
  return isReal ? BigInt(utc.getTime()) : null
}

/** Seconds of the day in `Thh:mm:ss`. */
function timeOf(text: string): number | null {
  if (text.charAt(10) !== 'T' || text.charAt(13) !== ':' || text.charAt(16) !== ':') return null
  const [hours, minutes, seconds] = [numberAt(text, 11, 2), numberAt(text, 14, 2), numberAt(text, 17, 2)]
  if (hours === null || minutes === null || seconds === null) return null
  return hours < 24 && minutes < 60 && seconds < 60 ? hours * 3_600 + minutes * 60 + seconds : null
}

/** Minutes of `Z`, `+hhmm` or `-hhmm`, which must end the text. */
function offsetOf(text: string, at: number): number | null {
  const sign = text.charAt(at)
  if (sign === 'Z') return text.length === at + 1 ? 0 : null
  if ((sign !== '+' && sign !== '-') || text.length !== at + 5) return null
  const [hours, minutes] = [numberAt(text, at + 1, 2), numberAt(text, at + 3, 2)]
  if (hours === null || minutes === null || hours > 23 || minutes > 59) return null
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes)
}

function numberAt(text: string, at: number, length: number): number | null {
  return digitsIn(text.slice(at, at + length)) === length ? Number(text.slice(at, at + length)) : null
}
