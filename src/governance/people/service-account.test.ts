import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDays, digestOfBytes, epochMs, idFrom, type AuthnContext, type KeyId } from '../../kernel/index.ts'
import { permissions, serviceAccount, servicePermissions } from './index.ts'

const now = epochMs(1_800_000_000_000)
const id = idFrom('service', now, new Uint8Array(10))
const ada = idFrom('user', now, new Uint8Array(10))
const keyId = (n: number): KeyId => idFrom('key', now, new Uint8Array(10).fill(n))
const authn: AuthnContext = { method: 'passkey', mfa: true, at: now }
const base: serviceAccount.Context = { now, id, actor: ada, authn }
const create = {
  c: 'create',
  name: 'pipeline',
  permissions: ['gate.evaluate'],
  useCaseId: null,
  cidrs: ['10.0.0.0/8'],
} as const
const secretDigest = digestOfBytes('secret')
const issue = (n: number, lifetimeDays = 90) =>
  ({ c: 'issue_key', id: keyId(n), lifetimeDays, secretDigest }) as const

function run(
  state: serviceAccount.State,
  command: serviceAccount.Command,
  more: Partial<serviceAccount.Context> = {},
) {
  const decided = serviceAccount.decide(state, command, { ...base, ...more })
  return {
    state: decided.ok ? decided.events.reduce(serviceAccount.evolve, state) : state,
    codes: decided.ok ? [] : decided.refused.map(({ code }) => code),
  }
}
const account = run(serviceAccount.initial, create).state
const twoKeys = run(run(account, issue(1)).state, issue(2)).state
const stale = { authn: { ...authn, at: epochMs(now - 16 * 60_000) } }

test.each([
  [
    'an account that votes',
    serviceAccount.initial,
    { ...create, permissions: ['case.vote'] },
    {},
    'PERMISSION_NOT_FOR_SERVICES',
  ],
  [
    'an account that may do nothing',
    serviceAccount.initial,
    { ...create, permissions: [] },
    {},
    'PERMISSIONS_REQUIRED',
  ],
  [
    'an account from nowhere',
    serviceAccount.initial,
    { ...create, cidrs: ['10.0.0.1/8'] },
    {},
    'CIDR_INVALID',
  ],
  ['an account without a fresh proof', serviceAccount.initial, create, stale, 'STEP_UP_REQUIRED'],
  ['the same account again', account, create, {}, 'WRONG_STATE'],
  ['a key for ever', account, issue(1, 366), {}, 'LIFETIME_OUT_OF_RANGE'],
  ['a key for half a day', account, issue(1, 0.5), {}, 'LIFETIME_OUT_OF_RANGE'],
  ['a key without a fresh proof', account, issue(1), stale, 'STEP_UP_REQUIRED'],
  ['a third key', twoKeys, issue(3), {}, 'TOO_MANY_KEYS'],
  ['the revocation of an unknown key', account, { c: 'revoke_key', id: keyId(9) }, {}, 'KEY_UNKNOWN'],
  ['a key of a disabled account', run(account, { c: 'disable' }).state, issue(1), {}, 'WRONG_STATE'],
] as const)('refused: %s', (_what, state, command, more, code) => {
  expect(run(state, command, more).codes).toContain(code)
})

test('a third key follows when one has ended or is revoked, by one person and an old proof', () => {
  expect(run(run(twoKeys, { c: 'revoke_key', id: keyId(1) }, stale).state, issue(3)).codes).toEqual([])
  const later = { now: addDays(now, 90), authn: { ...authn, at: addDays(now, 90) } }
  expect(run(twoKeys, issue(3), later).codes).toEqual([])
})

test('law: at most two keys live, none beyond a year, none of a disabled account, and no right beyond the list', () => {
  let issued = 0
  const anyCreate = fc.record({
    c: fc.constant('create' as const),
    name: fc.constant('x'),
    permissions: fc.oneof(fc.constant(['gate.evaluate']), fc.subarray([...permissions], { maxLength: 3 })),
    useCaseId: fc.constant(null),
    cidrs: fc.constantFrom([], ['10.0.0.0/8'], ['junk']),
  })
  const anyIssue = fc.record({
    c: fc.constant('issue_key' as const),
    id: fc.integer({ min: 1, max: 5 }).map(keyId),
    lifetimeDays: fc.constantFrom(1, 30, 90, 365, 366, 0),
    secretDigest: fc.constant(secretDigest),
  })
  const anyStop = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.integer({ min: 1, max: 5 }).map((n) => ({ c: 'revoke_key' as const, id: keyId(n) })),
    },
    { weight: 1, arbitrary: fc.constant({ c: 'disable' as const }) },
  )
  const anyStep = fc.record({
    command: fc.oneof(
      { weight: 2, arbitrary: anyCreate },
      { weight: 5, arbitrary: anyIssue },
      { weight: 1, arbitrary: anyStop },
    ),
    days: fc.integer({ min: 0, max: 40 }),
  })
  const law = fc.property(fc.array(anyStep, { minLength: 5, maxLength: 30 }), (steps) => {
    let state: serviceAccount.State = serviceAccount.initial
    let at = now
    const log: serviceAccount.Event[] = []
    for (const { command, days } of steps) {
      at = addDays(at, days)
      const decided = serviceAccount.decide(state, command, { ...base, now: at, authn: { ...authn, at } })
      if (!decided.ok) continue
      log.push(...decided.events)
      state = decided.events.reduce(serviceAccount.evolve, state)
      const live = serviceAccount.liveKeys(state, at)
      expect(live.length).toBeLessThanOrEqual(2)
      expect(serviceAccount.liveKeys(state, addDays(at, 365))).toEqual([])
      if (state.s === 'active')
        expect(state.permissions.every((permission) => servicePermissions.includes(permission))).toBe(true)
      if (state.s === 'disabled') expect(state.keys).toEqual([])
      if (decided.events.some(({ e }) => e === 'api_key.issued')) issued += 1
      for (const { id: live1 } of live)
        expect(run(state, { c: 'revoke_key', id: live1 }, { now: at }).codes).toEqual([])
    }
    expect(log.reduce(serviceAccount.evolve, serviceAccount.initial)).toEqual(state)
  })
  fc.assert(law, { numRuns: 500 })
  expect(issued).toBeGreaterThan(300)
})
