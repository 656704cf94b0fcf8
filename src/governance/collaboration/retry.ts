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

/** When a delivery whose attempt number `attempts` failed at `at` is tried again; null: never by itself. */
export function nextAttempt(attempts: number, at: EpochMs): EpochMs | null {
  const waitMs = waitsMs[attempts - 1]
  return waitMs === undefined ? null : addMs(at, waitMs)
}
