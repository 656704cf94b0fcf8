import { expect, test } from 'vitest'
import { digestOf, epochMs, type DeploymentId } from '../../kernel/index.ts'
import * as watch from './definition-watch.ts'

const [pinned, other] = [digestOf('pinned'), digestOf('other')]
const ctx = {
  deploymentId: `dep_${'0'.repeat(26)}` as DeploymentId,
  toolId: 'mail/send',
  actor: { k: 'system', role: 'monitor' } as const,
  now: epochMs(0),
}
const observed = (state: watch.State, seen = other, at = pinned) => {
  const decided = watch.decide(state, { c: 'observe', pinned: at, seen }, ctx)
  return decided.ok ? decided.events.reduce(watch.evolve, state) : null
}

test('another definition than the pinned one is told once', () => {
  const told = observed(watch.initial)
  expect(told).toEqual({ pinned, told: [other] })
  expect(observed(told ?? watch.initial)).toBeNull()
  expect(observed(watch.initial, pinned)).toBeNull()
})

test('another pin begins anew: what was approved by then may change again', () => {
  expect(observed({ pinned: other, told: [digestOf('x')] })).toEqual({ pinned, told: [other] })
})

test('a server that changes its tool again and again is told of eight times', () => {
  let state = watch.initial
  for (let n = 0; n < 20; n += 1) state = observed(state, digestOf(n)) ?? state
  expect(state.told).toHaveLength(watch.mostTold)
})
