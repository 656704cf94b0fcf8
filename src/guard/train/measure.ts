import type { Measured } from '../injection/weights.ts'

/** z of a two-sided 95 % interval. */
const z95 = 1.959964

/** A share with its 95 % Wilson interval (Wilson, JASA 22, 1927), to four decimals. */
export function measuredShare(count: number, n: number): Measured {
  if (n === 0) return { n, share: 0, low: 0, high: 1 }
  const share = count / n
  const middle = (share + (z95 * z95) / (2 * n)) / (1 + (z95 * z95) / n)
  const half =
    (z95 * Math.sqrt((share * (1 - share)) / n + (z95 * z95) / (4 * n * n))) / (1 + (z95 * z95) / n)
  return {
    n,
    share: round(share),
    low: round(Math.max(0, middle - half)),
    high: round(Math.min(1, middle + half)),
  }
}

/** Probability that an attack has a larger score than a harmless text; equal scores count half. 0.5 is chance. */
export function areaUnderCurve(attacks: readonly number[], benign: readonly number[]): number {
  if (attacks.length === 0 || benign.length === 0) return 0.5
  const all = [
    ...attacks.map((z) => ({ z, isAttack: true })),
    ...benign.map((z) => ({ z, isAttack: false })),
  ].toSorted((a, b) => a.z - b.z)
  let ranks = 0
  for (let i = 0; i < all.length; ) {
    let end = i
    while (end < all.length && all[end]?.z === all[i]?.z) end += 1
    const rank = (i + 1 + end) / 2
    for (; i < end; i += 1) if (all[i]?.isAttack === true) ranks += rank
  }
  const n = attacks.length
  return (ranks - (n * (n + 1)) / 2) / (n * benign.length)
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4
}
