import { expect, test } from 'vitest'
import { epochMs, idFrom, type JsonObject } from '../../kernel/index.ts'
import { ownModelEntry } from './model-catalogue.ts'
import { decide, evolve, initial, type Command, type Context, type State } from './own-model.ts'

const model = {
  provider: 'house',
  id: 'm-1',
  aliases: [],
  contextTokens: null,
  maxOutputTokens: 1_000,
  modalities: { input: ['text'], output: ['text'] },
  prices: [],
  retiresOn: null,
}
const ctx: Context = {
  name: 'house/m-1',
  now: epochMs(0),
  actor: { k: 'person', ref: idFrom('user', epochMs(1), new Uint8Array(10)) },
}
const described: State = { s: 'described', model: ownModelEntry.parse(model) }
const describe = (change: JsonObject): Command => ({ c: 'describe', model: { ...model, ...change } })

test.each<[string, State, Command, string[]]>([
  ['a first description', initial, describe({}), []],
  ['another price or bound', described, describe({ maxOutputTokens: 2_000 }), []],
  ['the same again', described, describe({}), ['NOTHING_CHANGED']],
  ['a member that no entry has', initial, describe({ colour: 'red' }), ['DOCUMENT_INVALID']],
  ['a bound that is none', initial, describe({ maxOutputTokens: 0 }), ['DOCUMENT_INVALID']],
  ['once more after it was withdrawn', { s: 'withdrawn' }, describe({}), []],
  ['withdrawing', described, { c: 'withdraw' }, []],
  ['withdrawing nothing', initial, { c: 'withdraw' }, ['WRONG_STATE']],
  ['withdrawing twice', { s: 'withdrawn' }, { c: 'withdraw' }, ['WRONG_STATE']],
])('%s', (_what, state, command, codes) => {
  const decided = decide(state, command, ctx)
  expect(decided.ok ? [] : decided.refused.map(({ code }) => code)).toEqual(codes)
  if (!decided.ok) return
  const after = decided.events.reduce(evolve, state)
  expect(after).toEqual(
    command.c === 'describe' ? { s: 'described', model: command.model } : { s: 'withdrawn' },
  )
})
