import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDays, addMs, epochMs, type EpochMs } from '../../kernel/index.ts'
import {
  decide,
  evolve,
  initial,
  isDue,
  signingKey,
  trustedKeys,
  type Command,
  type State,
} from './grant-keys.ts'

const start = epochMs(1_800_000_000_000)
const publish = (kid: string): Command => ({ c: 'publish', kid, publicKey: 'A'.repeat(43), custody: 'file' })
const run = (state: State, command: Command, now: EpochMs) => {
  const decided = decide(state, command, { now, actor: { k: 'system', role: 'timer' } })
  return {
    state: decided.ok ? decided.events.reduce(evolve, state) : state,
    codes: decided.ok ? [] : decided.refused.map(({ code }) => code),
  }
}

test('the first key signs at once, the next is published ahead and takes over without a gap', () => {
  const one = run(initial, publish('k1'), start).state
  expect(signingKey(one, start)?.kid).toBe('k1')
  expect(run(one, publish('k2'), addDays(start, 75)).codes).toEqual(['NOT_DUE'])
  const due = addDays(start, 76)
  const two = run(one, publish('k2'), due).state
  expect([signingKey(two, due)?.kid, signingKey(two, addDays(due, 1))?.kid]).toEqual(['k1', 'k2'])
  expect(trustedKeys(two, addDays(start, 90)).map(({ kid }) => kid)).toEqual(['k1', 'k2'])
  expect(trustedKeys(two, addMs(addDays(start, 90), 900_000)).map(({ kid }) => kid)).toEqual(['k2'])
})

test('a compromised key is believed no longer, and the next one signs at once', () => {
  const one = run(initial, publish('k1'), start).state
  const later = addDays(start, 3)
  const none = run(one, { c: 'compromise', kid: 'k1' }, later).state
  expect([trustedKeys(none, later), signingKey(none, later), isDue(none, later)]).toEqual([[], null, true])
  expect(signingKey(run(none, publish('k2'), later).state, later)?.kid).toBe('k2')
  expect(run(none, { c: 'compromise', kid: 'k1' }, later).codes).toEqual(['KEY_UNKNOWN'])
})

test('law: who publishes whenever it is due always has a key that signs, and what it signs, dated in whole seconds, is believed', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.001, max: 13, noNaN: true }), { maxLength: 60 }), (steps) => {
      let [state, now]: [State, EpochMs] = [initial, addMs(start, 987)]
      for (const [n, days] of steps.entries()) {
        if (isDue(state, now)) state = run(state, publish(`k${n}`), now).state
        const key = signingKey(state, now)
        expect(trustedKeys(state, now).some(({ kid }) => kid === key?.kid)).toBe(true)
        const issuedAt = Math.floor(now / 1_000) * 1_000
        expect(issuedAt).toBeGreaterThanOrEqual(key?.signFrom ?? Infinity)
        expect(issuedAt).toBeLessThan(key?.signUntil ?? 0)
        now = addMs(now, Math.floor(days * 86_400_000))
      }
    }),
  )
})
