import { expect, test } from 'vitest'
import { epochMs, idFrom, type AuthnContext } from '../../kernel/index.ts'
import { decide, evolve, initial, type Command, type Context } from './disclosure.ts'

const now = epochMs(1_800_000_000_000)
const entry = idFrom('event', now, new Uint8Array(10))
const passkey: AuthnContext = { method: 'passkey', mfa: true, at: now }
const ctx: Context = {
  now,
  actor: { k: 'person', ref: idFrom('user', now, new Uint8Array(10)) },
  authn: passkey,
}
const reveal: Command = {
  c: 'reveal',
  entry,
  stream: 'useCase/x',
  reason: 'the regulator asks for the rationale',
}
const service = { k: 'service', id: idFrom('service', now, new Uint8Array(10)) } as const

test.each([
  ['with reason and a fresh passkey', reveal, {}, []],
  ['without a reason', { ...reveal, reason: 'curious' }, {}, ['REASON_REQUIRED']],
  [
    'with an old passkey',
    reveal,
    { authn: { ...passkey, at: epochMs(now - 300_001) } },
    ['STEP_UP_REQUIRED'],
  ],
  [
    'with a code only',
    reveal,
    { authn: { ...passkey, method: 'password_totp' as const } },
    ['STEP_UP_REQUIRED'],
  ],
  ['by a program', reveal, { actor: service }, ['PERSON_REQUIRED']],
  ['an export by a program', { c: 'export', size: 7 } as const, { actor: service }, []],
] as const)('opening sealed text %s', (_how, command, more, codes) => {
  const decided = decide(initial, command, { ...ctx, ...more })
  expect(decided.ok ? [] : decided.refused.map(({ code }) => code)).toEqual(codes)
  if (!decided.ok) return
  const { reveals, exports } = decided.events.reduce(evolve, initial)
  expect(reveals + exports).toBe(1)
})
