import { addMs, hourMs, minuteMs, secondMs, type EpochMs } from '../../kernel/index.ts'

/** How long a delivery waits after each failed attempt; after the last of them it is a dead letter. */
const waitsMs = [
  5 * secondMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  10 * hourMs,
] as const

/** How often a delivery is tried before it is a dead letter. */
export const maxAttempts = waitsMs.length + 1

/** The longest pause that a peer gets that asks for one: what it would wait at most without asking. */
export const longestPauseMs = 10 * hourMs

/**
 * When a delivery whose attempt number `attempts` failed at `at` is tried again; null: never by itself. A peer that has
 * asked for a pause is left alone as long as that, never shorter than without asking.
 */
export function nextAttempt(attempts: number, at: EpochMs, pauseMs = 0): EpochMs | null {
  const waitMs = waitsMs[attempts - 1]
  return waitMs === undefined ? null : addMs(at, Math.max(waitMs, Math.min(pauseMs, longestPauseMs)))
}

/**
 * The pause that a `Retry-After` asks for at `now`, in ms and bounded; null when it asks for none that can be read.
 * SPEC: RFC 9110 10.2.3, seconds or an IMF-fixdate; the obsolete forms of a date are not read.
 */
export function pauseAskedFor(header: string | null, now: EpochMs): number | null {
  const text = header?.trim() ?? ''
  const pauseMs = /^\d{1,10}$/.test(text)
    ? Number(text) * secondMs
    : fixdate.test(text)
      ? Date.parse(text) - now
      : Number.NaN
  if (!Number.isFinite(pauseMs) || pauseMs <= 0) return null
  return Math.min(pauseMs, longestPauseMs)
}

const fixdate =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/
