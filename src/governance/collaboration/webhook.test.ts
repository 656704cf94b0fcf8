import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { epochMs, idFrom } from '../../kernel/index.ts'
import { webhook } from './index.ts'

const now = epochMs(1_800_000_000_000)
const webhookId = idFrom('webhook', now, new Uint8Array(10))
const ctx: webhook.Context = {
  now,
  actor: { k: 'person', ref: idFrom('user', now, new Uint8Array(10)) },
  active: 0,
}
const register = {
  c: 'register',
  webhookId,
  url: 'https://hooks.example/countersign?team=7',
  kinds: ['stop', 'breach', 'stop'],
  privateCidrs: [],
} as const satisfies webhook.Command
const active: webhook.Webhook = { s: 'active', id: webhookId, kinds: ['stop'], privateCidrs: [], secrets: 1 }
const disabled: webhook.Webhook = { ...active, s: 'disabled' }
const at = (url: string, privateCidrs: readonly string[] = []) => ({ ...register, url, privateCidrs })
const loopback = ['127.0.0.0/8', '::1/128']

const change = { c: 'change', kinds: ['expiry', 'stop', 'stop'], description: 'Pager' } as const
const move = (url: string, privateCidrs: readonly string[] = []) =>
  ({ c: 'move', url, privateCidrs }) as const

function codesOf(state: webhook.State, command: webhook.Command, context = ctx): readonly string[] {
  const decided = webhook.decide(state, command, context)
  return decided.ok ? [] : decided.refused.map(({ code }) => code)
}

test.each<readonly [string, webhook.State, webhook.Command, readonly string[]]>([
  ['registering', webhook.initial, register, []],
  ['registering twice', active, register, ['WRONG_STATE']],
  ['no address', webhook.initial, at('hooks.example'), ['URL_INVALID']],
  ['another scheme', webhook.initial, at('ftp://hooks.example/'), ['URL_INVALID']],
  ['a password in it', webhook.initial, at('https://me:secret@hooks.example/'), ['URL_INVALID']],
  ['a fragment', webhook.initial, at('https://hooks.example/#x'), ['URL_INVALID']],
  ['not encrypted', webhook.initial, at('http://hooks.example/'), ['URL_NOT_ENCRYPTED']],
  ['loopback, not opened', webhook.initial, at('http://127.0.0.1:9/'), ['URL_NOT_ENCRYPTED']],
  ['loopback, opened', webhook.initial, at('http://127.0.0.1:9/', loopback), []],
  ['loopback, opened, in the other family', webhook.initial, at('http://[::1]:9/', loopback), []],
  ['a name of loopback', webhook.initial, at('http://localhost:9/', loopback), ['URL_NOT_ENCRYPTED']],
  ['private, opened', webhook.initial, at('http://10.0.0.1/', ['10.0.0.0/8']), ['URL_NOT_ENCRYPTED']],
  ['private, opened, encrypted', webhook.initial, at('https://10.0.0.1/', ['10.0.0.0/8']), []],
  ['no range', webhook.initial, at('https://x.example/', ['10.0.0.1/8']), ['RANGE_INVALID']],
  ['a public range', webhook.initial, at('https://x.example/', ['8.0.0.0/8']), ['RANGE_NOT_PRIVATE']],
  [
    'where clouds keep secrets',
    webhook.initial,
    at('https://x.example/', ['169.254.0.0/16']),
    ['RANGE_NOT_PRIVATE'],
  ],
  ['everything at once', webhook.initial, at('x', ['y']), ['RANGE_INVALID', 'URL_INVALID']],
  ['another secret', active, { c: 'rotate', overlapHours: 24 }, []],
  ['another secret for none', disabled, { c: 'rotate', overlapHours: 24 }, ['WRONG_STATE']],
  ['other kinds', active, change, []],
  ['other kinds for one that is over', disabled, change, ['WRONG_STATE']],
  ['other kinds for none', webhook.initial, change, ['WRONG_STATE']],
  ['another address', active, move('https://new.example/'), []],
  ['another address, not encrypted', active, move('http://new.example/'), ['URL_NOT_ENCRYPTED']],
  ['another address with everything wrong', active, move('x', ['y']), ['RANGE_INVALID', 'URL_INVALID']],
  ['another address for one that is over', disabled, move('https://new.example/'), ['WRONG_STATE']],
  ['disabling', active, { c: 'disable', cause: 'person' }, []],
  ['disabling what is', disabled, { c: 'disable', cause: 'gone' }, ['WRONG_STATE']],
  ['disabling nothing', webhook.initial, { c: 'disable', cause: 'person' }, ['WRONG_STATE']],
])('%s', (_what, state, command, codes) => {
  expect(codesOf(state, command)).toEqual(codes)
})

test('at most fifty are active', () => {
  expect(codesOf(webhook.initial, register, { ...ctx, active: 49 })).toEqual([])
  expect(codesOf(webhook.initial, register, { ...ctx, active: 50 })).toEqual(['TOO_MANY_WEBHOOKS'])
})

test('the fact seals the host, and holds neither the address nor a secret', () => {
  const decided = webhook.decide(webhook.initial, register, ctx)
  expect(decided.ok ? decided.events : []).toEqual([
    {
      e: 'webhook.registered',
      webhookId,
      kinds: ['breach', 'stop'],
      privateCidrs: [],
      by: ctx.actor,
      at: now,
      sealed: { host: 'hooks.example' },
    },
  ])
})

test('a change of address counts a further secret, and neither fact holds what a person wrote or the address', () => {
  const facts = [change, move('https://new.example/hook?team=8', ['10.0.0.0/8'])].flatMap((command) => {
    const decided = webhook.decide(active, command, { ...ctx, active: 50 })
    return decided.ok ? decided.events : []
  })
  expect(facts).toMatchObject([
    { e: 'webhook.changed', kinds: ['expiry', 'stop'], sealed: { description: 'Pager' } },
    { e: 'webhook.moved', privateCidrs: ['10.0.0.0/8'], sealed: { host: 'new.example' } },
  ])
  expect(JSON.stringify(facts)).not.toContain('team=8')
  expect(facts.reduce<webhook.State>(webhook.evolve, active)).toEqual({
    ...active,
    kinds: ['expiry', 'stop'],
    privateCidrs: ['10.0.0.0/8'],
    secrets: 2,
  })
})

test('law: what is disabled never comes back, and is told nothing by a change of its secret', () => {
  const step = fc.constantFrom<webhook.Command[]>(
    register,
    { c: 'rotate', overlapHours: 0 },
    change,
    move('https://new.example/'),
    { c: 'disable', cause: 'person' },
    { c: 'disable', cause: 'gone' },
  )
  let ended = 0
  const law = fc.property(fc.array(step, { minLength: 3, maxLength: 12 }), (steps) => {
    let state: webhook.State = webhook.initial
    const log: webhook.Event[] = []
    for (const command of steps) {
      const before = state
      const decided = webhook.decide(state, command, ctx)
      if (!decided.ok) continue
      log.push(...decided.events)
      state = decided.events.reduce(webhook.evolve, state)
      expect(before.s).not.toBe('disabled')
      if (state.s === 'disabled') ended += 1
    }
    expect(log.reduce(webhook.evolve, webhook.initial)).toEqual(state)
  })
  fc.assert(law, { numRuns: 1_000 })
  expect(ended).toBeGreaterThan(100)
})
