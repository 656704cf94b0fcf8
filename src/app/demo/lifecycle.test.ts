import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { evolve, found, objectionsTo, type Command, type Event, type Facts, type State } from './lifecycle.ts'

const empty: Facts = { hindrance: null, isEmpty: true }
const running: State = { k: 'running', origin: 'http://localhost:1', gateway: 'http://127.0.0.1:2' }
const failed = (during: (State & { k: 'failed' })['during']): State => ({
  k: 'failed',
  during,
  why: 'full disk',
})
const codes = (state: State, command: Command, facts = empty) =>
  objectionsTo(state, command, facts).map(({ code }) => code)

test.each<[string, State, Command, Facts, readonly string[]]>([
  ['loading where nothing is', { k: 'none' }, 'load', empty, []],
  ['loading again what failed while it was filled', failed('load'), 'load', empty, []],
  ['loading over one that runs', running, 'load', empty, ['WRONG_STATE']],
  ['loading over one that was whole', failed('run'), 'load', empty, ['WRONG_STATE']],
  [
    'loading beside a use case',
    { k: 'none' },
    'load',
    { ...empty, isEmpty: false },
    ['INSTALLATION_NOT_EMPTY'],
  ],
  [
    'every reason at once',
    running,
    'load',
    { hindrance: 'off', isEmpty: false },
    ['WRONG_STATE', 'DEMO_NOT_OFFERED', 'INSTALLATION_NOT_EMPTY'],
  ],
  ['starting one that stands in its folder', { k: 'stopped' }, 'start', { ...empty, isEmpty: false }, []],
  ['starting again what ended by itself', failed('run'), 'start', empty, []],
  ['starting one that was never filled', failed('load'), 'start', empty, ['WRONG_STATE']],
  [
    'starting where demos are off',
    { k: 'stopped' },
    'start',
    { ...empty, hindrance: 'off' },
    ['DEMO_NOT_OFFERED'],
  ],
  ['removing while it is filled', { k: 'loading', steps: [] }, 'remove', empty, []],
  ['removing where demos are off', { k: 'stopped' }, 'remove', { hindrance: 'off', isEmpty: false }, []],
  ['removing nothing', { k: 'none' }, 'remove', empty, ['WRONG_STATE']],
  ['removing twice', { k: 'removing' }, 'remove', empty, ['WRONG_STATE']],
])('%s', (_what, state, command, facts, refused) => {
  expect(codes(state, command, facts)).toEqual(refused)
})

test('a demo is filled, runs, is removed', () => {
  const events: readonly Event[] = [
    { e: 'load_begun' },
    { e: 'step', line: 'one' },
    { e: 'step', line: 'two' },
    { e: 'ready', origin: 'http://localhost:1', gateway: 'http://127.0.0.1:2' },
    { e: 'step', line: 'late' },
  ]
  expect(events.slice(0, 3).reduce<State>(evolve, { k: 'none' })).toEqual({
    k: 'loading',
    steps: ['one', 'two'],
  })
  expect(events.reduce<State>(evolve, { k: 'none' })).toEqual(running)
  const ended: readonly Event[] = [{ e: 'remove_begun' }, { e: 'ended', why: 'SIGTERM' }, { e: 'removed' }]
  expect(ended.reduce<State>(evolve, running)).toEqual({ k: 'none' })
})

test.each([
  ['none', { k: 'none' }],
  ['whole', { k: 'stopped' }],
  ['begun', { k: 'failed', during: 'load' }],
  ['foreign', { k: 'failed', during: 'remove' }],
] as const)('a folder that is %s at the start', (folder, state) => {
  expect(found(folder)).toMatchObject(state)
})

const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  fc.constantFrom<Event>(
    { e: 'ended', why: 'x' },
    { e: 'remove_failed', why: 'x' },
    { e: 'step', line: 'x' },
  ),
  fc.constant<Event>({ e: 'ready', origin: 'http://localhost:1', gateway: 'http://localhost:2' }),
)

test('law: what a process says never brings a demo back that nobody has begun, and always leaves a way out', () => {
  const law = fc.property(
    fc.constantFrom<Command>('load', 'start', 'remove'),
    fc.array(anyEvent),
    (begun, said) => {
      for (const quiet of [{ k: 'none' }, { k: 'stopped' }] as const)
        expect(said.reduce<State>(evolve, quiet)).toEqual(quiet)
      const first: State = evolve({ k: 'none' }, { e: `${begun}_begun` })
      const after = said.reduce<State>(evolve, first)
      const ways = (['load', 'start', 'remove'] as const).filter(
        (command) => codes(after, command).length === 0,
      )
      expect(after.k === 'removing' || ways.includes('remove')).toBe(true)
    },
  )
  fc.assert(law)
})
