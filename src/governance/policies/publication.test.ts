import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestOf, epochMs, type Actor } from '../../kernel/index.ts'
import { publication } from './index.ts'

const ctx = { now: epochMs(1), actor: { k: 'system', role: 'installation' } as Actor }
const publish = (version: number, text: string): publication.Command => ({
  c: 'publish',
  publication: { kind: 'tier_policy', key: 'p', version, digest: digestOf(text), document: { text } },
})
const run = (state: publication.State, command: publication.Command) => {
  const decided = publication.decide(state, command, ctx)
  return decided.ok
    ? { state: decided.events.reduce(publication.evolve, state), codes: [], events: decided.events }
    : { state, codes: decided.refused.map(({ code }) => code), events: [] }
}

test('a published version never changes, and versions only rise', () => {
  const two = run(run(publication.initial, publish(1, 'a')).state, publish(2, 'b'))
  expect(two.events).toMatchObject([{ e: 'tier_policy.published', previousDigest: digestOf('a') }])
  expect(run(two.state, publish(2, 'c')).codes).toEqual(['VERSION_PUBLISHED'])
  expect(run(two.state, publish(2, 'b'))).toMatchObject({ codes: [], events: [] })
  expect(run(run(publication.initial, publish(2, 'b')).state, publish(1, 'a')).codes).toEqual([
    'VERSION_NOT_NEXT',
  ])
})

test('law: each version has one digest for ever, and replay gives the state', () => {
  const step = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom('a', 'b', 'c'))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let state: publication.State = publication.initial
      const log: publication.Event[] = []
      for (const [version, text] of steps) {
        const done = run(state, publish(version, text))
        log.push(...done.events)
        for (const before of state.versions) expect(done.state.versions).toContainEqual(before)
        state = done.state
      }
      expect(new Set(state.versions.map(({ version }) => version)).size).toBe(state.versions.length)
      expect(log.reduce(publication.evolve, publication.initial)).toEqual(state)
    }),
  )
})
