import { t } from '../../messages/guard.ts'

/** A share of `n` texts with its 95 % interval. */
export type Share = {
  readonly n: number
  readonly share: number
  readonly low: number
  readonly high: number
}

/** The share of a part of at least one, with its interval (Wilson 1927). */
export function shareOf(part: number, n: number): Share {
  const z = 1.959964
  const share = part / n
  const middle = (share + (z * z) / (2 * n)) / (1 + (z * z) / n)
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))
  return { n, share, low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}

/** The same in words, as the console tells every share; "unknown" of nothing. */
export function shareText(part: number, whole: number): string {
  return whole === 0 ? t('common.unknown') : intervalText(shareOf(part, whole))
}

/** A share whose interval is known. */
export function intervalText({ share, low, high, n }: Share): string {
  return t('guard.share', { share: percent(share), low: percent(low), high: percent(high), n })
}

function percent(share: number): string {
  return (share * 100).toFixed(1)
}
