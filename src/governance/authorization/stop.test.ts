import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { epochMs, idFrom, type IdKind } from '../../kernel/index.ts'
import {
  covers,
  decide,
  effectiveEpoch,
  evolve,
  initial,
  stopReasons,
  type Context,
  type Event,
  type State,
  type StopTarget,
} from './stop.ts'

let count = 0
const id = <K extends IdKind>(kind: K, n = 0) => idFrom(kind, epochMs(n), new Uint8Array(10))
const ctx: Context = {
  now: epochMs(100),
  actor: { k: 'person', ref: id('user') },
  ids: { next: (kind) => id(kind, (count += 1)) },
  resume: null,
  prohibitedCleared: false,
}
const target = { scope: 'system', targetId: id('system') } as const
const order = (state: State, reasonCode: (typeof stopReasons)[number]) => {
  const decided = decide(state, { c: 'order', target, reasonCode }, ctx)
  if (!decided.ok) throw new Error('a stop was refused')
  return decided.events.reduce(evolve, state)
}
const resumeOf = (state: State) =>
  state.s === 'clear'
    ? null
    : {
        caseId: id('case'),
        decisionId: id('decision'),
        outcome: 'approved' as const,
        stopIds: state.stops.map((stop) => stop.id),
        decidedAt: ctx.now,
        expiresAt: epochMs(1_000),
        revoked: false,
      }
const codes = (state: State, context: Partial<Context>) => {
  const stopId = state.s === 'clear' ? id('stop') : (state.stops[0]?.id ?? id('stop'))
  const decided = decide(state, { c: 'lift', stopId, cause: 'inc-1' }, { ...ctx, ...context })
  return decided.ok ? [] : decided.refused.map(({ code }) => code)
}

test('one person or the system stops at once, for every reason and in every state', () => {
  let state: State = initial
  for (const reason of stopReasons) state = order(state, reason)
  expect(state.s === 'stopped' && state.stops.length).toBe(stopReasons.length)
})

test('a stop is lifted by its own decided resume case alone', () => {
  const state = order(initial, 'score')
  const resume = resumeOf(state)
  expect(codes(initial, { resume })).toEqual(['WRONG_STATE'])
  expect(codes(state, {})).toEqual(['RESUME_NOT_DECIDED'])
  if (resume === null) throw new Error('no stop')
  expect(codes(state, { resume: { ...resume, outcome: 'rejected' } })).toEqual(['RESUME_NOT_DECIDED'])
  expect(codes(state, { resume: { ...resume, stopIds: [] } })).toEqual(['RESUME_OF_OTHER_STOP'])
  expect(codes(state, { resume: { ...resume, decidedAt: epochMs(99) } })).toEqual(['RESUME_OF_OTHER_STOP'])
  expect(codes(state, { resume: { ...resume, revoked: true } })).toEqual(['RESUME_NOT_IN_FORCE'])
  expect(codes(state, { resume })).toEqual([])
  const prohibited = order(initial, 'prohibited')
  expect(codes(prohibited, { resume: resumeOf(prohibited) })).toEqual(['PROHIBITED_NOT_CLEARED'])
})

test('lifting one of two stops leaves the other in force', () => {
  const state = order(order(initial, 'score'), 'key_compromise')
  if (state.s !== 'stopped' || state.stops[0] === undefined) throw new Error('no stop')
  const command = { c: 'lift', stopId: state.stops[0].id, cause: 'inc-1' } as const
  const decided = decide(state, command, { ...ctx, resume: resumeOf(state) })
  const after = decided.ok ? decided.events.reduce(evolve, state) : state
  expect(after).toMatchObject({ s: 'stopped', stops: [{ reasonCode: 'key_compromise' }] })
})

test.each([
  ['route', 'r', true],
  ['route', 'q', false],
  ['deployment', 'd', true],
  ['system', 's', true],
  ['use_case', 'u', true],
  ['use_case', 's', false],
  ['installation', '', true],
] as const)('a stop of %s `%s` covers the deployment: %s', (scope, targetId, covered) => {
  const place = { deploymentId: 'd', routes: ['r'], systemId: 's', useCaseId: 'u' }
  expect(covers({ scope, targetId }, place)).toBe(covered)
})

const place = { deploymentId: 'd', routes: ['r'], systemId: 's', useCaseId: 'u' }
const targets: readonly StopTarget[] = [
  { scope: 'route', targetId: 'r' },
  { scope: 'route', targetId: 'q' },
  { scope: 'deployment', targetId: 'd' },
  { scope: 'system', targetId: 's' },
  { scope: 'use_case', targetId: 'u' },
  { scope: 'installation', targetId: 'installation' },
]

test('law: each order and each lift raises the epoch of what it covers by one, and nothing lowers it', () => {
  const reached = { raised: 0, lifted: 0 }
  const anyStep = fc.tuple(
    fc.nat(targets.length - 1),
    fc.constantFrom('order', 'order', 'lift', 'lift badly'),
  )
  const law = fc.property(fc.array(anyStep, { minLength: 4, maxLength: 30 }), (steps) => {
    const states: State[] = targets.map(() => initial)
    const logs: Event[][] = targets.map(() => [])
    const sum = () =>
      effectiveEpoch(
        1,
        place,
        targets.map((target, i) => ({ target, epoch: states[i]?.epoch ?? 0 })),
      )
    for (const [i, step] of steps) {
      const [target, state] = [targets[i], states[i]]
      if (target === undefined || state === undefined) throw new Error('no such target')
      const before = sum()
      const stopId = state.s === 'clear' ? id('stop') : (state.stops[0]?.id ?? id('stop'))
      const command =
        step === 'order'
          ? ({ c: 'order', target, reasonCode: 'person' } as const)
          : ({ c: 'lift', stopId, cause: 'inc-1' } as const)
      const decided = decide(state, command, { ...ctx, resume: step === 'lift' ? resumeOf(state) : null })
      const events = decided.ok ? decided.events : []
      logs[i]?.push(...events)
      states[i] = events.reduce(evolve, state)
      expect(sum() - before).toBe(decided.ok && covers(target, place) ? 1 : 0)
      if (sum() > before) reached.raised += 1
      if (decided.ok && step === 'lift') reached.lifted += 1
      // What was recorded may be read again, in any order, and still nothing falls.
      for (const event of logs[i] ?? [])
        expect(evolve(states[i] ?? initial, event).epoch).toBe(states[i]?.epoch)
    }
    targets.forEach((_, i) => expect(logs[i]?.reduce(evolve, initial)).toEqual(states[i]))
  })
  fc.assert(law, { numRuns: 300 })
  expect(reached.raised).toBeGreaterThan(500)
  expect(reached.lifted).toBeGreaterThan(100)
})
