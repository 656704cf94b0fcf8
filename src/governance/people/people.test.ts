import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addDays,
  digestOf,
  epochMs,
  idFrom,
  type AuthnContext,
  type IdKind,
  type IdSource,
  type UserId,
} from '../../kernel/index.ts'
import { authorize, person, permissions, roles, servicePermissions, type Role } from './index.ts'

const now = epochMs(1_800_000_000_000)
const random = new Uint8Array(10)
let counter = 0
const ids: IdSource = {
  next: <K extends IdKind>(kind: K) => {
    counter += 1
    return idFrom(
      kind,
      now,
      Uint8Array.from([1, 2, 3, 4, 5, 6, 7, counter >> 16, (counter >> 8) & 255, counter & 255]),
    )
  },
}
const user = (n: number): UserId => idFrom('user', now, new Uint8Array(10).fill(n))
const [ada, bob, cem, eve] = [user(1), user(2), user(3), user(4)] as const
const authn: AuthnContext = { method: 'passkey', mfa: true, at: now }
const base: person.Context = {
  now,
  id: eve,
  actor: ada,
  authn,
  ids,
  otherAdministrators: 1,
  isSeated: false,
  holds: [],
  isEmailTaken: false,
  units: new Set(),
}
const everywhere = { k: 'organisation' } as const
const grant = (role: Role, more: Partial<person.NewGrant> = {}): person.NewGrant => ({
  role,
  fn: null,
  scope: everywhere,
  until: null,
  ...more,
})

function run(state: person.State, command: person.Command, more: Partial<person.Context> = {}) {
  const decided = person.decide(state, command, { ...base, ...more })
  return {
    state: decided.ok ? decided.events.reduce(person.evolve, state) : state,
    codes: decided.ok ? [] : [...new Set(decided.refused.map(({ code }) => code))],
  }
}
const enrolled = run(person.initial, {
  c: 'enrol',
  unit: null,
  name: 'Eve',
  email: 'eve@example.org',
  grants: [grant('requester')],
}).state

test.each([
  [
    'PD-04: by the person themselves',
    { c: 'grant_role', grant: grant('analyst') },
    { actor: eve },
    'SELF_APPROVAL',
  ],
  ['a reviewer without a function', { c: 'grant_role', grant: grant('reviewer') }, {}, 'FUNCTION_REQUIRED'],
  [
    'a function without a review',
    { c: 'grant_role', grant: grant('analyst', { fn: 'legal' }) },
    {},
    'FUNCTION_NOT_ALLOWED',
  ],
  ['an auditor for ever', { c: 'grant_role', grant: grant('auditor') }, {}, 'END_REQUIRED'],
  ['an end in the past', { c: 'grant_role', grant: grant('auditor', { until: now }) }, {}, 'END_IN_THE_PAST'],
  [
    'PD-04: an administrator who sits on the committee',
    { c: 'grant_role', grant: grant('admin') },
    { isSeated: true },
    'SEATED_ADMINISTRATOR',
  ],
  [
    'an administrator without a fresh proof',
    { c: 'grant_role', grant: grant('admin') },
    { authn: { ...authn, at: epochMs(now - 16 * 60_000) } },
    'STEP_UP_REQUIRED',
  ],
  [
    'any role without a second factor',
    { c: 'grant_role', grant: grant('analyst') },
    { authn: { ...authn, mfa: false } },
    'STEP_UP_REQUIRED',
  ],
  [
    'an unknown grant',
    { c: 'revoke_role', id: idFrom('roleGrant', now, new Uint8Array(10)) },
    {},
    'GRANT_UNKNOWN',
  ],
  [
    'a credential by somebody else',
    {
      c: 'register_credential',
      credential: { id: idFrom('credential', now, new Uint8Array(10)), kind: 'totp' },
    },
    {},
    'NOT_YOURSELF',
  ],
  [
    'other one-time codes by somebody else',
    { c: 'replace_secret', kind: 'totp', id: idFrom('credential', now, new Uint8Array(10)) },
    {},
    'NOT_YOURSELF',
  ],
  [
    'another password by somebody else',
    { c: 'replace_secret', kind: 'password', id: idFrom('credential', now, new Uint8Array(10)) },
    {},
    'NOT_YOURSELF',
  ],
  ['a move into no unit', { c: 'move', unit: idFrom('unit', now, random) }, {}, 'UNIT_UNKNOWN'],
  [
    'an administrator of one unit',
    { c: 'grant_role', grant: grant('admin', { scope: { k: 'unit', id: idFrom('unit', now, random) } }) },
    {},
    'SCOPE_NOT_ALLOWED',
  ],
  ['a recovery by the person themselves', { c: 'recover' }, { actor: eve }, 'SELF_APPROVAL'],
  [
    'a recovery without a fresh proof',
    { c: 'recover' },
    { authn: { ...authn, at: epochMs(now - 16 * 60_000) } },
    'STEP_UP_REQUIRED',
  ],
  ['an erasure under legal hold', { c: 'erase' }, { holds: [idFrom('hold', now, random)] }, 'ON_HOLD'],
  ['an erasure of an occupied seat', { c: 'erase' }, { isSeated: true }, 'SEAT_OCCUPIED'],
] as const)('refused: %s', (_what, command, more, code) => {
  expect(run(enrolled, command, more).codes).toContain(code)
})

test('once there are two, a further administrator needs both', () => {
  const two = { otherAdministrators: 2 }
  const asked = run(enrolled, { c: 'grant_role', grant: grant('admin') }, two).state
  const request = asked.s === 'active' ? asked.requests[0] : undefined
  if (request === undefined) throw new Error('nothing was requested')
  const approve = { c: 'approve_role', id: request.id } as const
  expect(run(asked, approve, { ...two, actor: ada }).codes).toEqual(['SELF_APPROVAL'])
  expect(run(asked, approve, { ...two, actor: eve }).codes).toEqual(['SELF_APPROVAL'])
  expect(run(asked, approve, { ...two, actor: bob }).state).toMatchObject({
    grants: [{}, { role: 'admin' }],
    requests: [],
  })
})

test('the last administrator is neither suspended, erased nor demoted', () => {
  const admin = run(enrolled, { c: 'grant_role', grant: grant('admin') }).state
  const held = admin.s === 'active' ? admin.grants.find(({ role }) => role === 'admin') : undefined
  for (const command of [
    { c: 'suspend' },
    { c: 'erase' },
    { c: 'revoke_role', id: held?.id ?? ids.next('roleGrant') },
  ] as const) {
    expect(run(admin, command, { otherAdministrators: 0 }).codes).toEqual(['LAST_ADMINISTRATOR'])
    expect(run(admin, command, { otherAdministrators: 1 }).codes).toEqual([])
  }
})

test('nobody is two people, and nobody is enrolled as administrator and reviewer at once', () => {
  const enrol = { c: 'enrol', unit: null, name: 'Eve', email: 'eve@example.org', grants: [] } as const
  expect(run(person.initial, enrol, { isEmailTaken: true }).codes).toEqual(['EMAIL_TAKEN'])
  const both = { ...enrol, grants: [grant('admin'), grant('reviewer', { fn: 'legal' })] }
  expect(run(person.initial, both).codes).toEqual(['REVIEWING_ADMINISTRATOR'])
})

test('another password or other one-time codes take the place of those before, also where they are the only second factor', () => {
  const own = { actor: eve }
  const [first, next] = [ids.next('credential'), ids.next('credential')]
  const password = { id: ids.next('credential'), kind: 'password' } as const
  const before = [password, { id: first, kind: 'totp' } as const].reduce<person.State>(
    (state, credential) => run(state, { c: 'register_credential', credential }, own).state,
    enrolled,
  )
  const replaced = run(before, { c: 'replace_secret', kind: 'totp', id: next }, own)
  expect(replaced.codes).toEqual([])
  expect(replaced.state).toMatchObject({
    credentials: [
      { id: password.id, kind: 'password' },
      { id: next, kind: 'totp' },
    ],
  })
  expect(run(before, { c: 'replace_secret', kind: 'password', id: next }, own).state).toMatchObject({
    credentials: [
      { id: first, kind: 'totp' },
      { id: next, kind: 'password' },
    ],
  })
  expect(run(before, { c: 'replace_secret', kind: 'totp', id: first }, own).codes).toEqual([
    'CREDENTIAL_EXISTS',
  ])
})

test('the last second factor stays with who needs one, and a way to sign in with everybody', () => {
  const own = { actor: eve }
  const register = (state: person.State, kind: 'password' | 'totp') => {
    const id = ids.next('credential')
    return {
      id,
      state: run(state, { c: 'register_credential', credential: { id, kind } }, own).state,
    }
  }
  const password = register(enrolled, 'password')
  const totp = register(password.state, 'totp')
  const removeTotp = { c: 'remove_credential', id: totp.id } as const
  expect(run(totp.state, removeTotp, own).codes).toEqual([])
  expect(run(totp.state, removeTotp, { ...own, isSeated: true }).codes).toEqual(['LAST_SECOND_FACTOR'])
  const analyst = run(totp.state, { c: 'grant_role', grant: grant('analyst') }).state
  expect(run(analyst, removeTotp, own).codes).toEqual(['LAST_SECOND_FACTOR'])
  expect(run(analyst, removeTotp).codes).toEqual(['NOT_YOURSELF', 'LAST_SECOND_FACTOR'])
  expect(run(totp.state, { c: 'remove_credential', id: password.id }, own).codes).toEqual(['LAST_CREDENTIAL'])
  const recovered = run(analyst, { c: 'recover' })
  expect(recovered.state).toMatchObject({ credentials: [], grants: [{}, { role: 'analyst' }] })
})

test('one administrator alone never recovers somebody who decides, once there are two', () => {
  const two = { otherAdministrators: 2 }
  const recover = { c: 'recover' } as const
  expect(run(enrolled, recover, two).state).toMatchObject({ recovery: null, credentials: [] })
  const seated = { ...two, isSeated: true }
  const asked = run(enrolled, recover, seated).state
  expect(asked).toMatchObject({ recovery: { by: ada, at: now } })
  expect(run(asked, recover, seated).codes).toEqual(['SELF_APPROVAL'])
  expect(run(asked, recover, { ...seated, actor: bob }).state).toMatchObject({ recovery: null })
  const nextDay = { ...seated, now: addDays(now, 1), authn: { ...authn, at: addDays(now, 1) } }
  expect(run(asked, recover, { ...nextDay, actor: bob }).state).toMatchObject({ recovery: { by: bob } })
  const reviewer = run(enrolled, { c: 'grant_role', grant: grant('reviewer', { fn: 'legal' }) }).state
  expect(run(reviewer, recover, two).state).toMatchObject({ recovery: { by: ada } })
  expect(run(reviewer, recover, { ...two, actor: null }).state).toMatchObject({ recovery: null })
})

test('a grant that waits for a second administrator can be declined', () => {
  const asked = run(enrolled, { c: 'grant_role', grant: grant('admin') }, { otherAdministrators: 2 }).state
  const request = asked.s === 'active' ? asked.requests[0] : undefined
  const declined = run(asked, { c: 'revoke_role', id: request?.id ?? ids.next('roleGrant') })
  expect(declined.state).toMatchObject({ requests: [], grants: [{ role: 'requester' }] })
})

test('PD-10: erasing a person leaves the pseudonym and ends every right', () => {
  const erased = run(enrolled, { c: 'erase' }).state
  expect(erased).toMatchObject({ s: 'erased', id: eve, grants: [] })
  expect(run(erased, { c: 'reinstate' }).codes).toEqual(['WRONG_STATE'])
})

test('roles end, count in their scope only, without one there is the directory, and an administrator decides nothing', () => {
  const until = addDays(now, 1)
  const grants = [{ ...grant('auditor', { until }), id: ids.next('roleGrant') }]
  expect(authorize(grants, null, 'ledger.read', null, now)).toBe(true)
  expect(authorize(grants, null, 'ledger.read', null, until)).toBe(false)
  const unit = idFrom('unit', now, new Uint8Array(10))
  const scoped = [{ ...grant('analyst', { scope: { k: 'unit', id: unit } }), id: ids.next('roleGrant') }]
  expect(authorize(scoped, null, 'useCase.triage', { unitPath: [unit], useCaseId: null }, now)).toBe(true)
  expect(authorize(scoped, null, 'useCase.triage', { unitPath: [], useCaseId: null }, now)).toBe(false)
  expect(permissions.filter((permission) => authorize([], null, permission, null, now))).toEqual([
    'people.read',
  ])
  const admin = [{ ...grant('admin'), id: ids.next('roleGrant') }]
  for (const permission of [
    'case.vote',
    'review.sign',
    'charter.propose',
    'charter.ratify',
    'waiver.accept',
  ] as const)
    expect(authorize(admin, null, permission, null, now)).toBe(false)
})

test('law: a service account never votes, signs, attests, triages, seconds or accepts', () => {
  const never = permissions.filter((permission) =>
    /vote|sign|attest|triage|second|accept|ratify|propose|review\b|grant|reveal/.test(permission),
  )
  expect(servicePermissions.filter((permission) => never.includes(permission))).toEqual([])
})

test('law: nobody gains a right by their own hand, and replay gives the state', () => {
  let granted = 0
  const step = fc.record({
    actor: fc.constantFrom<UserId>(ada, bob, cem, eve),
    role: fc.constantFrom(...roles),
    act: fc.constantFrom('grant', 'grant', 'approve', 'revoke'),
    otherAdministrators: fc.nat(3),
    isSeated: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { minLength: 3, maxLength: 15 }), (steps) => {
      let state = enrolled
      const log: person.Event[] = []
      for (const { actor, role, act, ...facts } of steps) {
        if (state.s !== 'active') return
        const last = state.requests.at(-1)?.id ?? state.grants[0]?.id ?? ids.next('roleGrant')
        const fn = role === 'reviewer' ? ('legal' as const) : null
        const command: person.Command =
          act === 'grant'
            ? { c: 'grant_role', grant: grant(role, { fn, until: addDays(now, 1) }) }
            : { c: act === 'approve' ? 'approve_role' : 'revoke_role', id: last }
        const decided = person.decide(state, command, { ...base, ...facts, actor })
        if (!decided.ok) continue
        for (const event of decided.events) {
          if (event.e !== 'role.granted') continue
          granted += 1
          expect(event.by).not.toBe(eve)
          expect(event.approvedBy).not.toBe(eve)
          expect(event.approvedBy === null || event.approvedBy !== event.by).toBe(true)
        }
        log.push(...decided.events)
        state = decided.events.reduce(person.evolve, state)
        const held = state.s === 'active' ? state.grants.map((item) => item.role) : []
        expect(held.includes('admin') && held.includes('reviewer')).toBe(false)
      }
      expect(digestOf(log.reduce(person.evolve, enrolled))).toBe(digestOf(state))
    }),
    { numRuns: 500 },
  )
  expect(granted).toBeGreaterThan(100)
})
