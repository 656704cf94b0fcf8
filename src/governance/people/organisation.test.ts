import { expect, test } from 'vitest'
import { epochMs } from '../../kernel/index.ts'
import { decide, evolve, type State } from './organisation.ts'

const ctx = { now: epochMs(0), actor: null }
const known: State = { name: 'Example Insurance', timeZone: 'Europe/Berlin' }

test.each<[string, State, string, string, readonly string[]]>([
  ['the first description', null, 'Example Insurance', 'Europe/Berlin', []],
  ['another name', known, 'Example Group', 'Europe/Berlin', []],
  ['another zone', known, 'Example Insurance', 'UTC', []],
  ['the same once more', known, 'Example Insurance', 'Europe/Berlin', ['NOTHING_CHANGED']],
  ['a zone that does not exist', null, 'Example Insurance', 'Europe/Atlantis', ['TIME_ZONE_UNKNOWN']],
  ['an offset, which knows no summer', null, 'Example Insurance', '+02:00', ['TIME_ZONE_UNKNOWN']],
  ['no zone', null, 'Example Insurance', '', ['TIME_ZONE_UNKNOWN']],
])('%s', (_what, state, name, timeZone, codes) => {
  const decided = decide(state, { c: 'describe', name, timeZone }, ctx)
  expect(decided.ok ? [] : decided.refused.map(({ code }) => code)).toEqual(codes)
  if (decided.ok) expect(decided.events.reduce(evolve, state)).toEqual({ name, timeZone })
})
