import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createGatewayFeed, createLeaseStore } from '../../src/adapters/postgres/index.ts'
import { gatewayLimitHandlers } from '../../src/api/handlers/gateway-limits.ts'
import type { Principal } from '../../src/api/handler.ts'
import { createApiServer } from '../../src/api/server.ts'
import type { Authority } from '../../src/app/access.ts'
import type { Issuer } from '../../src/app/command.ts'
import { issueGatewayKey, revokeGatewayKey } from '../../src/app/gateway-admin.ts'
import { changeLimit, listLimits, removeLimit, setLimit } from '../../src/app/gateway-limits.ts'
import { describeModel, listOwnModels, withdrawModel } from '../../src/app/gateway-models.ts'
import { gatewayLimitRoutes } from '../../src/contracts/routes/gateway-limits.ts'
import type { limit } from '../../src/governance/registry/index.ts'
import { createIdempotencyStore } from '../../src/adapters/postgres/index.ts'
import { addDays, epochMs, type UseCaseId } from '../../src/kernel/index.ts'
import { fresh, gatewayFixture, issuerWith, type GatewayFixture } from '../support/gateway-fixture.ts'

let fixture: GatewayFixture
beforeAll(async () => {
  fixture = await gatewayFixture()
})
afterAll(() => fixture.close())

const admin = issuerWith({
  k: 'person',
  grants: [{ id: fresh('roleGrant'), role: 'admin', fn: null, scope: { k: 'organisation' }, until: null }],
  seat: null,
})
const roleAt = (role: 'requester' | 'soc_analyst' | 'admin', useCaseId: UseCaseId): Authority => ({
  k: 'person',
  grants: [{ id: fresh('roleGrant'), role, fn: null, scope: { k: 'use_case', id: useCaseId }, until: null }],
  seat: null,
})
const everything = { all: true, units: [], useCases: [], person: null }
const day: limit.Window = { k: 'calendar', period: 'day', zone: 'Europe/Berlin' }
const calls = (amount: number): limit.Terms => ({ unit: 'requests', amount, window: day })
const feed = () => createGatewayFeed(fixture.gateway, { trustBundle: async () => '' }).load()
const newKey = () =>
  issueGatewayKey(fixture.ports, admin, fixture.ids.route, {
    agent: 'bot',
    expiresAt: addDays(epochMs(Date.now()), 30),
    sources: [],
  })

test('a limit is set, reaches the gateway, shows what is spent and held, is changed and removed', async () => {
  const { ports, query, ids, app } = fixture
  const target: limit.Target = { scope: 'deployment', deploymentId: ids.deployment }
  const { id } = await setLimit(ports, admin, { target, terms: calls(100) })
  expect((await feed()).limits).toEqual([{ id, target, ...calls(100) }])

  const store = createLeaseStore(fixture.gateway)
  const ask = { limit: id, spentTotal: 0, target: 30, volume: null }
  await store.lease('w', [ask], 60_000)
  await store.lease('w', [{ ...ask, spentTotal: 12, target: 5 }], 60_000)
  const read = async () => (await listLimits(query, { visibility: everything, limit: 10 }))[0]
  expect(await read()).toMatchObject({ id, revision: 1, target, terms: calls(100), spent: 12, leased: 5 })

  const narrower = { amount: 15, window: day }
  const stale = changeLimit(ports, admin, id, { ...narrower, revision: 9 })
  await expect(stale).rejects.toMatchObject({ code: 'STALE' })
  await changeLimit(ports, admin, id, { ...narrower, revision: 1 })
  const [answer] = await store.lease('w', [{ ...ask, spentTotal: 12, target: 50 }], 60_000)
  expect(answer).toMatchObject({ held: 3, spent: 12 })

  await removeLimit(ports, admin, id)
  expect(await read()).toBeUndefined()
  expect((await feed()).limits).toEqual([])
  expect(await store.lease('w', [ask], 60_000)).toEqual([null])
  const left = await app.query(
    'select limit_id from limit_buckets union all select limit_id from limit_leases',
  )
  expect(left.rowCount).toBe(0)
  await expect(removeLimit(ports, admin, id)).rejects.toMatchObject({ reasons: [{ code: 'WRONG_STATE' }] })
})

test('a limit of a key ends with the life of the key for setting, and every scope has its own number of limits', async () => {
  const { ports } = fixture
  const key = await newKey()
  const target: limit.Target = { scope: 'key', keyId: key.id }
  const windows = [1, 2, 3, 4, 5, 6, 7, 8].map((n): limit.Window => ({ k: 'sliding', ms: n * 1_000 }))
  for (const window of windows) await setLimit(ports, admin, { target, terms: { ...calls(5), window } })
  await expect(setLimit(ports, admin, { target, terms: calls(5) })).rejects.toMatchObject({
    reasons: [{ code: 'TOO_MANY_LIMITS' }],
  })
  const { id } = await setLimit(ports, admin, { target: { scope: 'org' }, terms: calls(5) })
  await removeLimit(ports, admin, id)
  const revoked = await newKey()
  await revokeGatewayKey(ports, admin, revoked.id)
  const late = setLimit(ports, admin, { target: { scope: 'key', keyId: revoked.id }, terms: calls(5) })
  await expect(late).rejects.toMatchObject({ reasons: [{ code: 'KEY_UNKNOWN' }] })
})

test('a limit of the organisation takes a role for the organisation', async () => {
  const { ports, ids } = fixture
  const local = issuerWith(roleAt('admin', ids.useCase))
  const org = { target: { scope: 'org' }, terms: calls(7) } as const
  await expect(setLimit(ports, local, org)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  const { id } = await setLimit(ports, admin, org)
  const wider = changeLimit(ports, local, id, { amount: 70, window: day })
  await expect(wider).rejects.toMatchObject({ code: 'FORBIDDEN' })
  await expect(removeLimit(ports, local, id)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  await removeLimit(ports, admin, id)
})

test('over HTTP: who may spend does not decide how much, and a list holds what its reader may see', async () => {
  const { ids } = fixture
  const root = await clientFor(admin)
  const owner = await clientFor(issuerWith(roleAt('requester', ids.useCase)))
  const stranger = await clientFor(issuerWith(roleAt('requester', fresh('useCase'))))
  const target = { scope: 'deployment', deploymentId: ids.deployment }
  const made = await root('POST', '', { target, terms: { unit: 'micro_usd', amount: 5e6, window: day } })
  expect(made.statusCode).toBe(201)
  const { id } = made.json<{ id: string }>()
  for (const [client, status] of [
    [owner, 403],
    [stranger, 404],
  ] as const) {
    expect((await client('POST', '', { target, terms: calls(5) })).statusCode).toBe(status)
    expect((await client('DELETE', `/${id}`)).statusCode).toBe(status)
  }
  const ofOrganisation = await root('POST', '', { target: { scope: 'org' }, terms: calls(9_000) })
  const idsOf = async (client: typeof root) =>
    (await client('GET', '?limit=100')).json<{ items: { id: string }[] }>().items.map((item) => item.id)
  expect(await idsOf(owner)).toContain(id)
  expect(await idsOf(stranger)).toEqual([ofOrganisation.json<{ id: string }>().id])
  const first = (await root('GET', '?limit=2')).json<{ items: { id: string }[]; next: string }>()
  const second = (await root('GET', `?limit=2&cursor=${first.next}`)).json<{ items: { id: string }[] }>()
  expect(new Set([...first.items, ...second.items].map((item) => item.id)).size).toBe(4)

  const change = { amount: 6e6, window: { k: 'calendar', period: 'month', zone: 'UTC' } }
  expect((await root('PUT', `/${id}`, change)).statusCode).toBe(428)
  expect((await root('PUT', `/${id}`, change, { 'if-match': '"1"' })).statusCode).toBe(200)
  const wrong = { ...change, window: { k: 'calendar', period: 'day', zone: 'Mars' } }
  const refused = await root('PUT', `/${id}`, wrong, { 'if-match': '"2"' })
  expect(refused.statusCode).toBe(422)
  expect(refused.json()).toMatchObject({ reasons: [{ code: 'TIME_ZONE_UNKNOWN' }] })
  expect((await root('DELETE', `/${id}`)).statusCode).toBe(200)
})

test('an own price comes to the gateway instead of the shipped one until it is withdrawn; a broken entry is refused', async () => {
  const { ports, query } = fixture
  const entry = {
    aliases: [],
    contextTokens: null,
    maxOutputTokens: 4_096,
    modalities: { input: ['text'], output: ['text'] },
    prices: [
      {
        effectiveFrom: '2026-01-01',
        source: 'our contract',
        knownAt: '2026-01-01',
        microUsdPerMTok: { input: 1, cachedInput: 1, cacheWrite: 1, output: 2 },
      },
    ],
    retiresOn: null,
  }
  const named = { provider: 'house', id: 'm-1' }
  await describeModel(ports, admin, { ...named, entry })
  expect((await feed()).ownModels).toEqual([{ ...entry, ...named }])
  expect(await listOwnModels(query, { limit: 5 })).toMatchObject([{ model: named }])
  const broken = describeModel(ports, admin, { ...named, entry: { ...entry, prices: [{ input: 1 }] } })
  await expect(broken).rejects.toMatchObject({ code: 'REFUSED' })
  await withdrawModel(ports, admin, 'house/m-1')
  expect((await feed()).ownModels).toEqual([])
})

async function clientFor(issuer: Issuer) {
  const { actor, authn, authority } = issuer
  const principal: Principal = { id: 'usr', via: 'api_key', actor, authn, authority, session: null }
  const server = await createApiServer({
    routes: gatewayLimitRoutes,
    handlers: gatewayLimitHandlers({
      ...fixture.ports,
      query: fixture.query,
      now: () => epochMs(Date.now()),
    }),
    authenticate: async () => principal,
    authorize: () => 'ok',
    idempotency: createIdempotencyStore(fixture.app),
    info: { title: 'test', version: '0', state: () => 'running' },
  })
  return (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    payload?: object,
    headers: Record<string, string> = {},
  ) =>
    server.inject({
      method,
      url: `/api/v1/gateway/limits${path}`,
      headers: { authorization: 'Bearer test', 'idempotency-key': randomUUID(), ...headers },
      ...(payload === undefined ? {} : { payload }),
    })
}
