import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { loadGuardWithoutScorer } from '../../adapters/files/guard-catalogue.ts'
import type { Behind } from './candidate.ts'
import { lookedBackAt, reach } from './read-back.ts'

const guard = loadGuardWithoutScorer(resolve(import.meta.dirname, '../../../catalogue'))
const triggers = guard.plan.triggers.filter((trigger) => typeof trigger === 'object')

/** How far back a rule looks that is begun by the end of a text. */
function lookedBack(text: string, begin: (behind: Behind) => unknown): number {
  const at = text.length
  let first = at
  begin({
    at,
    unitAt: (position) => {
      first = Math.min(first, position)
      return position < at ? text.charCodeAt(position) : -1
    },
    slice: (from, to) => {
      first = Math.min(first, from)
      return text.slice(from, to)
    },
  })
  return at - first
}

test('law: no rule looks back further than a lane remembers that takes over within another', () => {
  const fronts = ['a', '-', ' ', '.', 'A1', 'curl ', 'machine ', 'a.b+'].map((front) => front.repeat(reach))
  let furthest = 0
  for (const front of fronts)
    for (const { word, begin } of triggers) furthest = Math.max(furthest, lookedBack(front + word, begin))
  expect(furthest).toBeLessThanOrEqual(lookedBackAt)
  expect(furthest).toBeGreaterThan(lookedBackAt / 2) // rules that look far are among them
})
