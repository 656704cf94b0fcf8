import { t } from '../../messages/guard.ts'

/** A share with its 95 % interval (Wilson 1927), as the console tells every share; "unknown" of nothing. */
export function shareText(part: number, whole: number): string {
  if (whole === 0) return t('common.unknown')
  const z = 1.959964
  const p = part / whole
  const middle = (p + (z * z) / (2 * whole)) / (1 + (z * z) / whole)
  const half = (z / (1 + (z * z) / whole)) * Math.sqrt((p * (1 - p)) / whole + (z * z) / (4 * whole * whole))
  return t('guard.share', {
    share: percent(p),
    low: percent(Math.max(0, middle - half)),
    high: percent(Math.min(1, middle + half)),
    n: whole,
  })
}

function percent(share: number): string {
  return (share * 100).toFixed(1)
}
