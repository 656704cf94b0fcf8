import { expect, test } from 'vitest'
import { epochMs, idFrom } from '../../kernel/index.ts'
import { decide, evolve, initial, type Command, type Context, type State } from './content.ts'

const bytes = new Uint8Array(10)
const ctx: Context = {
  now: epochMs(1),
  actor: { k: 'person', ref: idFrom('user', epochMs(1), bytes) },
  deploymentId: idFrom('deployment', epochMs(1), bytes),
  deploymentRetired: false,
}
const on: State = { s: 'on', days: 7 }

test.each<[string, State, Command, Partial<Context>, State | readonly string[]]>([
  ['keeping begins', initial, { c: 'keep', days: 30 }, {}, { s: 'on', days: 30 }],
  ['keeping goes on for other days', on, { c: 'keep', days: 1 }, {}, { s: 'on', days: 1 }],
  ['keeping ends', on, { c: 'stop' }, {}, { s: 'off' }],
  ['ending on a retired deployment', on, { c: 'stop' }, { deploymentRetired: true }, { s: 'off' }],
  ['ending what is off', initial, { c: 'stop' }, {}, ['WRONG_STATE']],
  ['no day', initial, { c: 'keep', days: 0 }, {}, ['DAYS_OUT_OF_RANGE']],
  ['half a day', initial, { c: 'keep', days: 1.5 }, {}, ['DAYS_OUT_OF_RANGE']],
  ['more than a year', initial, { c: 'keep', days: 366 }, {}, ['DAYS_OUT_OF_RANGE']],
  [
    'too long on a retired deployment',
    initial,
    { c: 'keep', days: 366 },
    { deploymentRetired: true },
    ['DEPLOYMENT_RETIRED', 'DAYS_OUT_OF_RANGE'],
  ],
])('%s', (_what, state, command, change, expected) => {
  const decided = decide(state, command, { ...ctx, ...change })
  expect(decided.ok ? decided.events.reduce(evolve, state) : decided.refused.map(({ code }) => code)).toEqual(
    expected,
  )
})
