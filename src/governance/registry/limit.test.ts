import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { epochMs, idFrom, type IdKind } from '../../kernel/index.ts'
import {
  decide,
  evolve,
  initial,
  maxAmount,
  maxLimits,
  type Command,
  type Context,
  type Event,
  type State,
  type Target,
  type Terms,
} from './limit.ts'

const id = <K extends IdKind>(kind: K) => idFrom(kind, epochMs(1), new Uint8Array(10))
const key: Target = { scope: 'key', keyId: id('key') }
const deployment: Target = { scope: 'deployment', deploymentId: id('deployment') }
const daily: Terms = {
  unit: 'requests',
  amount: 100,
  window: { k: 'calendar', period: 'day', zone: 'Europe/Berlin' },
}
const ctx: Context = {
  limitId: id('limit'),
  now: epochMs(0),
  actor: { k: 'person', ref: id('user') },
  deploymentRetired: false,
  keyLive: true,
  others: 0,
}
const inForce: State = { s: 'in_force', target: key, terms: daily }
const set = (terms: Partial<Terms>, target: Target = key): Command => ({
  c: 'set',
  target,
  terms: { ...daily, ...terms },
})
const change = (amount: number, window = daily.window): Command => ({ c: 'change', amount, window })

test.each<[string, State, Command, Partial<Context>, string[]]>([
  ['a daily limit of a key', initial, set({}), {}, []],
  ['the largest amount', initial, set({ amount: maxAmount }), {}, []],
  ['nothing at all', initial, set({ amount: 0 }), {}, ['AMOUNT_OUT_OF_RANGE']],
  ['half a call', initial, set({ amount: 1.5 }), {}, ['AMOUNT_OUT_OF_RANGE']],
  ['more than counts exactly', initial, set({ amount: maxAmount + 1 }), {}, ['AMOUNT_OUT_OF_RANGE']],
  ['calls at the same time', initial, set({ unit: 'concurrent', window: { k: 'none' } }), {}, []],
  ['calls at the same time, by the day', initial, set({ unit: 'concurrent' }), {}, ['WINDOW_UNFIT']],
  ['a window under a second', initial, set({ window: { k: 'sliding', ms: 999 } }), {}, ['WINDOW_UNFIT']],
  [
    'a window over a month',
    initial,
    set({ window: { k: 'sliding', ms: 2_678_400_001 } }),
    {},
    ['WINDOW_UNFIT'],
  ],
  ['a window of a minute', initial, set({ window: { k: 'sliding', ms: 60_000 } }), {}, []],
  [
    'a zone that does not exist',
    initial,
    set({ window: { k: 'calendar', period: 'month', zone: 'Mars/Olympus' } }),
    {},
    ['TIME_ZONE_UNKNOWN'],
  ],
  ['a limit of a dead key', initial, set({}), { keyLive: false }, ['KEY_UNKNOWN']],
  ['of a deployment, whose key nobody asks for', initial, set({}, deployment), { keyLive: false }, []],
  [
    'of a retired deployment',
    initial,
    set({}, deployment),
    { deploymentRetired: true },
    ['DEPLOYMENT_RETIRED'],
  ],
  ['one too many', initial, set({}), { others: maxLimits }, ['TOO_MANY_LIMITS']],
  [
    'everything at once',
    initial,
    set({ amount: 0 }),
    { others: maxLimits, keyLive: false, deploymentRetired: true },
    ['DEPLOYMENT_RETIRED', 'KEY_UNKNOWN', 'TOO_MANY_LIMITS', 'AMOUNT_OUT_OF_RANGE'],
  ],
  ['setting twice', inForce, set({}), {}, ['WRONG_STATE']],
  ['another amount', inForce, change(50), {}, []],
  ['another window', inForce, change(100, { k: 'none' }), {}, []],
  ['the same again', inForce, change(100), {}, ['NOTHING_CHANGED']],
  ['changing nothing that there is', initial, change(50), {}, ['WRONG_STATE']],
  ['changing what is removed', { s: 'removed', target: key }, change(50), {}, ['WRONG_STATE']],
  ['removing, even of a retired deployment', inForce, { c: 'remove' }, { deploymentRetired: true }, []],
  ['removing twice', { s: 'removed', target: key }, { c: 'remove' }, {}, ['WRONG_STATE']],
])('%s', (_what, state, command, facts, codes) => {
  const decided = decide(state, command, { ...ctx, ...facts })
  expect(decided.ok ? [] : decided.refused.map(({ code }) => code)).toEqual(codes)
})

const anyWindow = fc.oneof(
  fc.record({ k: fc.constant('sliding' as const), ms: fc.constantFrom(1_000, 60_000, 5e9, 0.5) }),
  fc.record({
    k: fc.constant('calendar' as const),
    period: fc.constantFrom('day' as const, 'month' as const),
    zone: fc.constantFrom('UTC', 'Asia/Tokyo', '+01:00'),
  }),
  fc.constant({ k: 'none' as const }),
)
const anyTerms = fc.record({
  unit: fc.constantFrom('requests' as const, 'concurrent' as const),
  amount: fc.constantFrom(0, 1, 7, maxAmount, maxAmount + 1, 0.5),
  window: anyWindow,
})
const anyCommand = fc.oneof(
  { weight: 4, arbitrary: anyTerms.map((terms): Command => ({ c: 'set', target: key, terms })) },
  {
    weight: 6,
    arbitrary: anyTerms.map(({ amount, window }): Command => ({ c: 'change', amount, window })),
  },
  { weight: 1, arbitrary: fc.constant<Command>({ c: 'remove' }) },
)

test('law: what is in force can be counted, its unit never changes, and what is removed stays removed', () => {
  let changed = 0
  const law = fc.property(fc.array(anyCommand, { minLength: 5, maxLength: 25 }), (commands) => {
    let state: State = initial
    const log: Event[] = []
    for (const command of commands) {
      const before: State = state
      const decided = decide(state, command, ctx)
      if (!decided.ok) continue
      log.push(...decided.events)
      state = decided.events.reduce(evolve, state)
      expect(before.s).not.toBe('removed')
      if (state.s !== 'in_force') continue
      const { unit, amount, window } = state.terms
      expect(Number.isSafeInteger(amount) && amount >= 1 && amount <= maxAmount).toBe(true)
      expect(unit === 'concurrent' && window.k !== 'none').toBe(false)
      if (before.s !== 'in_force') continue
      changed += 1
      expect(unit).toBe(before.terms.unit)
    }
    expect(log.reduce(evolve, initial)).toEqual(state)
  })
  fc.assert(law, { numRuns: 500 })
  expect(changed).toBeGreaterThan(100)
})
