import { resolve } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadGuardWithoutScorer } from '../adapters/files/guard-catalogue.ts'
import { inspect, tidied } from './inspect.ts'
import { Lane } from './lane.ts'
import { isLate } from './views.ts'
import type { Finding } from './finding.ts'

const guard = loadGuardWithoutScorer(resolve(import.meta.dirname, '../../catalogue'))
const tag = (n: number) => String.fromCodePoint(0xe0020 + n)
const selector = (n: number) => String.fromCodePoint(0xe0100 + n)
const piece = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.string({ unit: 'grapheme', maxLength: 3 }),
  fc.constantFrom(
    'ann.lee@mail.contoso.de',
    '4111 1111 1111 1111',
    ['ghp', 'Zx3Kq9Lm2Vb7Nc4Rt8Yw1Ps6Df5Gh0JkUiOa'].join('_'),
    '[INST]',
    '<|im_start|>',
    '![x](https://a.test/p?d=SGVsbG8gd29ybGQ)',
    '\u202e',
    '\u202c',
    '\ud83c',
    '\udff4',
    '\u{1f3f4}',
    ' ',
  ),
  fc.nat(90).map(tag),
  fc.array(fc.nat(90).map(tag), { maxLength: 9 }).map((tags) => tags.join('')),
  fc.array(fc.nat(200).map(selector), { maxLength: 5 }).map((selectors) => selectors.join('')),
)

test('law: findings do not depend on the pieces, and none begins before what was called safe', () => {
  const kinds = new Set<string>()
  const law = fc.property(
    fc.array(piece, { maxLength: 12 }),
    fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
    (parts, sizes) => {
      const text = parts.join('')
      const lane = new Lane(guard, 'model')
      const found: Finding[] = []
      let safe = 0
      for (let at = 0; at < text.length; ) {
        const size = sizes.next().value ?? 1
        lane.push(text.slice(at, at + size))
        at += size
        const told = lane.take()
        for (const finding of told) if (!isLate(finding)) expect(finding.start).toBeGreaterThanOrEqual(safe)
        found.push(...told)
        expect(lane.safe).toBeGreaterThanOrEqual(safe)
        expect(lane.safe).toBeLessThanOrEqual(lane.consumed)
        safe = lane.safe
      }
      lane.end()
      for (const finding of lane.take()) {
        if (!isLate(finding)) expect(finding.start).toBeGreaterThanOrEqual(safe)
        found.push(finding)
      }
      expect(lane.safe).toBe(text.length)
      expect(tidied(found)).toEqual(inspect(guard, { channel: 'model', text }))
      for (const { kind } of found) kinds.add(kind)
    },
  )
  fc.assert(law, { numRuns: 2_000 })
  expect([...kinds].toSorted()).toEqual(['exfiltration', 'hidden', 'pii', 'secret', 'structure'])
})
