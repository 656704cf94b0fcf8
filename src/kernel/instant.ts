import type { Brand } from './brand.ts'

/** Milliseconds since 1970-01-01 UTC. Instants come from the database clock, never from the clock of the process in a pure folder. */
export type EpochMs = Brand<number, 'epochMs'>

export const secondMs = 1_000
export const minuteMs = 60_000
export const hourMs = 3_600_000
export const dayMs = 86_400_000

/** Brands a whole, safe, non-negative number of milliseconds. Throws a `RangeError` for anything else. */
export function epochMs(value: number): EpochMs {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not an instant: ${value}`)
  return value as EpochMs // brand constructor
}

/** `at` plus `ms`, which may be negative. */
export function addMs(at: EpochMs, ms: number): EpochMs {
  return epochMs(at + ms)
}

/** `at` plus `days` days of 24 hours. */
export function addDays(at: EpochMs, days: number): EpochMs {
  return addMs(at, days * dayMs)
}

/** RFC 3339 in UTC with milliseconds, the form of the wire and of exports. */
export function toRfc3339(at: EpochMs): string {
  return new Date(at).toISOString()
}

/** Reads what `toRfc3339` writes; null for every other text. */
export function fromRfc3339(text: string): EpochMs | null {
  const at = Date.parse(text)
  if (!Number.isSafeInteger(at) || at < 0 || new Date(at).toISOString() !== text) return null
  return epochMs(at)
}
