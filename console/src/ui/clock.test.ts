import { expect, test } from 'vitest'

test.each<[number, string]>([
  [0, '0 s'],
  [999, '0 s'],
  [59_000, '59 s'],
  [60_000, '1 min'],
  [61_000, '1 min 1 s'],
  [3 * 3_600_000 + 12 * 60_000 + 9_000, '3 h 12 min'],
  [86_400_000 + 1_000, '1 d'],
  [-90_000, '1 min 30 s'],
])('%d ms are %s', async (ms, text) => {
  Object.assign(globalThis, { localStorage: { getItem: () => null } })
  const { duration } = await import('./clock.ts')
  expect(duration(ms)).toBe(text)
})
