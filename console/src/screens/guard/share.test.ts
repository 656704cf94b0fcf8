import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { shareText } from './share.ts'

test('a share is told with its interval and its number, and nothing is unknown, not zero', () => {
  expect(shareText(0, 0)).toBe('unknown')
  expect(shareText(3, 10)).toBe('30.0 % (10.8 to 60.3, n = 10)')
  expect(shareText(0, 10)).toBe('0.0 % (0.0 to 27.8, n = 10)')
})

test('law: the interval holds the share and lies between nothing and all', () => {
  const law = fc.property(fc.nat(500), fc.nat(500), (part, more) => {
    const text = shareText(part, part + more + 1)
    const [share = NaN, low = NaN, high = NaN] = (text.match(/\d+\.\d/g) ?? []).map(Number)
    expect(low).toBeLessThanOrEqual(share)
    expect(high).toBeGreaterThanOrEqual(share)
    expect(low >= 0 && high <= 100).toBe(true)
  })
  fc.assert(law)
})
