import { t } from '../../messages/guard.ts'

/** A share with its 95 % interval (Wilson 1927), as the console tells every share; "unknown" of nothing. */
export function shareText(part: number, whole: number): string {
  if (whole === 0) return t('common.unknown')
  const z = 1.959964
  const p = part / whole
  const middle = (p + (z * z) / (2 * whole)) / (1 + (z * z) / whole)
  const half = (z / (1 + (z * z) / whole)) * Math.sqrt((p * (1 - p)) / whole + (z * z) / (4 * whole * whole))
  return intervalText({
    share: p,
    low: Math.max(0, middle - half),
    high: Math.min(1, middle + half),
    n: whole,
  })
}

/** A share whose interval is known. */
export function intervalText({
  share,
  low,
  high,
  n,
}: {
  readonly share: number
  readonly low: number
  readonly high: number
  readonly n: number
}): string {
  return t('guard.share', { share: percent(share), low: percent(low), high: percent(high), n })
}

function percent(share: number): string {
  return (share * 100).toFixed(1)
}
