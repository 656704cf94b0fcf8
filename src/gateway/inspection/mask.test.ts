import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { LaneGaps, merged, withGaps, type Gap } from './mask.ts'

const text = 'abcdefghijklmnopqrstuvwxyz0123456789'.repeat(3)
/** Of two rules that meet in one place either may give its name to the mask. */
const unmasked = (written: string) => written.replaceAll(/(\[[ab]\])+/g, '*')
const gap = fc
  .record({ start: fc.nat(90), length: fc.integer({ min: 1, max: 9 }), rule: fc.constantFrom('a', 'b') })
  .map(({ start, length, rule }): Gap => ({ start, end: start + length, rule, mask: `[${rule}]` }))

test('law: of a lane that grows just that is released which is of the whole text, wherever it is cut', () => {
  const law = fc.property(
    fc.array(gap, { maxLength: 12 }),
    fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
    (gaps, sizes) => {
      const lane = new LaneGaps()
      const inOrder = gaps.toSorted((a, b) => a.end - b.end)
      for (const one of inOrder) lane.add(one)
      let [out, from] = ['', 0]
      for (let n = 0; from < text.length; n += 1) {
        const piece = text.slice(from, from + (sizes[n % sizes.length] ?? 1))
        out += lane.write(piece, from)
        from += piece.length
      }
      expect(unmasked(out)).toBe(unmasked(withGaps(text, merged(gaps))))
    },
  )
  fc.assert(law, { numRuns: 300 })
})

test('PD-30: what a finding costs does not grow with those before it', () => {
  const lane = new LaneGaps()
  let looks = 0
  for (let n = 0; n < 20_000; n += 1) {
    const start = n * 10
    const counted: Gap = {
      start,
      rule: 'a',
      mask: '[A]',
      get end() {
        looks += 1
        return start + 4
      },
    }
    lane.add(counted)
    expect(lane.write('0123456789', start)).toBe('[A]456789')
  }
  expect(looks).toBeLessThan(20_000 * 20)
})

test('PD-29: a lane that was written keeps nothing of it', () => {
  const lane = new LaneGaps()
  for (let n = 0; n < 20_000; n += 1) {
    lane.add({ start: n * 10, end: n * 10 + 4, rule: 'a', mask: '[A]' })
    lane.write('0123456789', n * 10)
  }
  expect(lane.kept).toBeLessThan(2_000)
})
