import { expect, test } from 'vitest'
import { isMutation } from '../contracts/route.ts'
import { routes } from '../contracts/routes/index.ts'
import type { Role, Scope } from '../governance/people/index.ts'
import { epochMs, idFrom } from '../kernel/index.ts'
import { createAuthentication, type Caller } from './authentication.ts'

const now = epochMs(Date.UTC(2026, 0, 1))
const { authorize } = createAuthentication({
  query: async () => [],
  origin: 'https://localhost',
  isDemo: false,
})
const useCase = { k: 'use_case', id: idFrom('useCase', now, new Uint8Array(10)) } as const
const unit = { k: 'unit', id: idFrom('unit', now, new Uint8Array(10)) } as const
const organisation = { k: 'organisation' } as const

function holding(role: Role, scope: Scope): Caller {
  const id = idFrom('user', now, new Uint8Array(10))
  const grant = { id: idFrom('roleGrant', now, new Uint8Array(10)), role, fn: null, scope, until: null }
  return {
    id,
    via: 'session',
    actor: { k: 'person', ref: id },
    authn: { method: 'passkey', mfa: true, at: now },
    authority: { k: 'person', grants: [grant], seat: null },
    session: null,
    readAt: now,
    idleEndsAt: null,
  }
}

/** What changes something under one of `permissions` and opens to the caller. */
function opened(caller: Caller, permissions: readonly string[]): readonly string[] {
  return routes
    .filter((route) => isMutation(route) && 'permission' in route.access)
    .filter(({ access }) => 'permission' in access && permissions.includes(access.permission))
    .filter(({ access }) => authorize(caller, access) === 'ok')
    .map(({ id }) => id)
}

const guarding = ['guardPolicy.write', 'guardPolicy.activate', 'toolPolicy.write', 'toolPolicy.activate']

test.each([useCase, unit])(
  'a role in a part of the organisation decides no policy of all of it: $k',
  (scope) => {
    // Trying and proposing change nothing that is in force, and a proposal is judged at its deployment.
    const harmless = [
      'guardPolicies.propose',
      'toolPolicies.check',
      'toolPolicies.try',
      'toolPolicies.replay',
    ]
    expect(new Set(opened(holding('analyst', scope), guarding))).toEqual(new Set(harmless))
    expect(opened(holding('analyst', organisation), guarding).length).toBeGreaterThan(harmless.length + 10)
  },
)

test('what a gateway has of the whole organisation opens to no role that ends before it', () => {
  const belongsToDeployments = /^(?:routes|gatewayLimits|guardCanaries)\./
  const managing = ['gateway.manage', 'settings.manage']
  const gateway = /^(?:upstreams|gatewayModels|tools|keys)\./
  const narrow = opened(holding('admin', useCase), managing)
  expect(narrow.filter((id) => gateway.test(id))).toEqual([])
  expect(
    opened(holding('admin', useCase), ['gateway.manage']).every((id) => belongsToDeployments.test(id)),
  ).toBe(true)
  expect(opened(holding('admin', organisation), managing).filter((id) => gateway.test(id)).length).toBe(10)
})
