/** A straight line through points: how much `y` grows with each unit of `x`, and how far that may be off (95 %). */
export type Slope = { readonly perUnit: number; readonly low: number; readonly high: number }

/**
 * Least squares with Student's interval. Points must not say the same thing twice: of samples that follow each other
 * closely, give their means (`meansBy`). Fewer than three points have no interval.
 */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): Slope {
  const n = points.length
  if (n < 3) return { perUnit: Number.NaN, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))]
  const spread = sum(points.map(([x]) => (x - meanX) ** 2))
  const perUnit = sum(points.map(([x, y]) => (x - meanX) * (y - meanY))) / spread
  const left = sum(points.map(([x, y]) => (y - meanY - perUnit * (x - meanX)) ** 2))
  const margin = studentOf(n - 2) * Math.sqrt(left / (n - 2) / spread)
  return { perUnit, low: perUnit - margin, high: perUnit + margin }
}

/** The means of each `count` points that follow each other; what is left over at the end is not used. */
export function meansBy(
  count: number,
  points: readonly (readonly [x: number, y: number])[],
): (readonly [number, number])[] {
  return Array.from({ length: Math.floor(points.length / count) }, (_, n) => {
    const group = points.slice(n * count, (n + 1) * count)
    return [mean(group.map(([x]) => x)), mean(group.map(([, y]) => y))] as const
  })
}

/** Student's 0.975 quantile; exact for one and two degrees, within 1 % beyond (Cornish and Fisher's expansion). */
function studentOf(degrees: number): number {
  if (degrees === 1) return 12.706
  if (degrees === 2) return 4.303
  const z = 1.96
  const [second, third] = [(z ** 3 + z) / 4, (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96]
  const fourth = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384
  return z + second / degrees + third / degrees ** 2 + fourth / degrees ** 3
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]) => sum(values) / values.length
