import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { placesOf, stretchOf } from './finding-places.ts'
import type { RecordFinding } from './runtime-record.ts'

const finding = (more: Partial<RecordFinding>): RecordFinding => ({
  side: 'input',
  path: '/messages/0/content',
  channel: 'user',
  rule: 'email',
  kind: 'pii',
  severity: 'high',
  sureness: 'certain',
  start: 0,
  end: 1,
  effect: 'none',
  ...more,
})

test('places stand by side, findings by where they begin, numbers as they are read', () => {
  const places = placesOf([
    finding({ side: 'output', path: '/choices/0/message/content', channel: 'model' }),
    finding({ path: '/b', start: 9, end: 12 }),
    finding({ path: '/a' }),
    finding({ path: '/b', start: 2, end: 5 }),
  ])
  expect(
    places.map(({ side, path, findings }) => [side, path, findings.map(({ n, start }) => [n, start])]),
  ).toEqual([
    [
      'input',
      '/b',
      [
        [1, 2],
        [2, 9],
      ],
    ],
    ['input', '/a', [[3, 0]]],
    ['output', '/choices/0/message/content', [[4, 0]]],
  ])
  expect(placesOf([])).toEqual([])
})

test('the same path of another channel is another place', () => {
  expect(placesOf([finding({}), finding({ channel: 'system' })])).toHaveLength(2)
})

const anySpan = fc.tuple(fc.nat(1e7), fc.nat(1e7)).map(([start, length]) => ({ start, end: start + length }))

test('law: every finding is drawn within its bar, in the order of the text, and never too small to see', () => {
  const law = fc.property(fc.array(anySpan, { minLength: 1, maxLength: 16 }), (spans) => {
    const last = Math.max(...spans.map(({ end }) => end))
    const drawn = spans.toSorted((a, b) => a.start - b.start).map((span) => stretchOf(span, last))
    let before = 0
    for (const { from, length } of drawn) {
      expect(from).toBeGreaterThanOrEqual(before === 0 ? 0 : Math.min(before, from))
      expect(length).toBeGreaterThanOrEqual(0.006)
      expect(from + length).toBeLessThanOrEqual(1 + 1e-9)
      before = from
    }
  })
  fc.assert(law)
})
