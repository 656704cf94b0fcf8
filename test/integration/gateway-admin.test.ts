import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatewayHandlers } from '../../src/api/handlers/gateway.ts'
import type { Principal } from '../../src/api/handler.ts'
import { createApiServer } from '../../src/api/server.ts'
import type { Authority } from '../../src/app/access.ts'
import type { Issuer } from '../../src/app/command.ts'
import { gatewayRoutes as routeAggregate, upstreams } from '../../src/app/aggregates/gateway.ts'
import {
  changeUpstreamSecret,
  configureRoute,
  disableUpstream,
  issueGatewayKey,
  registerUpstream,
  revokeGatewayKey,
  setUpstreamCeiling,
} from '../../src/app/gateway-admin.ts'
import { listRecords, sweepGatewayRecords } from '../../src/app/gateway-records.ts'
import { listRoutes, readRoute, readUpstream } from '../../src/app/gateway-views.ts'
import { encodeCursor } from '../../src/contracts/paging.ts'
import { gatewayRoutes } from '../../src/contracts/routes/gateway.ts'
import { stop, type StopScope } from '../../src/governance/authorization/index.ts'
import { upstreamSecretRef } from '../../src/adapters/files/upstream-secrets.ts'
import {
  createGatewayFeed,
  createIdempotencyStore,
  readTrustBundle,
} from '../../src/adapters/postgres/index.ts'
import {
  Secret,
  addDays,
  digestOfBytes,
  epochMs,
  parseId,
  toRfc3339,
  type Fact,
  type UseCaseId,
} from '../../src/kernel/index.ts'
import { parseKeyToken } from '../../src/kernel/key-token.ts'
import { alias, fresh, gatewayFixture, issuerWith, type GatewayFixture } from '../support/gateway-fixture.ts'

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
const roleAt = (role: 'requester' | 'soc_analyst', useCaseId: UseCaseId): Authority => ({
  k: 'person',
  grants: [{ id: fresh('roleGrant'), role, fn: null, scope: { k: 'use_case', id: useCaseId }, until: null }],
  seat: null,
})
const inMonth = () => addDays(epochMs(Date.now()), 30)
const keyInput = () => ({ agent: 'triage-bot', expiresAt: inMonth(), sources: [] })

async function upstream(name: string) {
  const input = {
    name,
    origin: 'https://api.example.com',
    basePath: '/v1',
    api: 'openai' as const,
    region: 'eu',
    privateCidrs: [],
  }
  return registerUpstream(fixture.ports, admin, { ...input, secret: new Secret('sk-first') })
}

async function storedSecret(id: string): Promise<string | null> {
  const { rows } = await fixture.app.query<{ sealed: Buffer | null }>(
    'select secret_sealed as sealed from upstreams where id = $1',
    [id],
  )
  const sealed = rows[0]?.sealed ?? null
  if (sealed === null) return null
  return fixture.vault.open(upstreamSecretRef(parseId('upstream', id), sealed))?.reveal() ?? 'not opened'
}

test('an upstream is registered, gets another secret and is disabled; no secret stands in the ledger or in a row', async () => {
  const { ports, query, app } = fixture
  const { id } = await upstream('life')
  await expect(upstream('life')).rejects.toMatchObject({ reasons: [{ code: 'NAME_TAKEN', path: '/name' }] })
  expect(await storedSecret(id)).toBe('sk-first')
  const stale = changeUpstreamSecret(ports, admin, id, { secret: new Secret('sk-second'), revision: 9 })
  await expect(stale).rejects.toMatchObject({ code: 'STALE' })
  await changeUpstreamSecret(ports, admin, id, { secret: new Secret('sk-second'), revision: 1 })
  expect(await storedSecret(id)).toBe('sk-second')
  const dump = await app.query(
    `select t::text from (select u.* from upstreams u) t union all select facts from ledger.payload`,
  )
  expect(JSON.stringify(dump.rows)).not.toMatch(/sk-first|sk-second/)
  await disableUpstream(ports, admin, id)
  expect(await storedSecret(id)).toBeNull()
  expect((await readUpstream(query, id))?.state.s).toBe('disabled')
  await expect(disableUpstream(ports, admin, id)).rejects.toMatchObject({ code: 'REFUSED' })
  expect(await replayed(`upstream/${id}`, upstreams)).toEqual((await readUpstream(query, id))?.state)
  await upstream('life') // the name is free again
})

test('a route is configured with declared models and known upstreams only, and replay gives its state', async () => {
  const { ports, ids, query } = fixture
  const { id: upstreamId } = await upstream('for-route')
  const place = { routeId: ids.route, systemId: ids.system }
  const before = await readRoute(query, place)
  expect(before).toMatchObject({ models: {}, revision: 0, aliases: [alias, 'demo/demo-endless'] })
  expect(before.upstreams.every(({ state }) => state === 'active')).toBe(true)
  const wrong = { 'demo/none': { upstreamId: fresh('upstream'), model: 'm' } }
  await expect(configureRoute(ports, admin, ids.route, { models: wrong })).rejects.toMatchObject({
    reasons: [{ code: 'ALIAS_UNKNOWN', path: '/models/demo~1none' }, { code: 'UPSTREAM_UNKNOWN' }],
  })
  const models = { [alias]: { upstreamId, model: 'demo' } }
  await configureRoute(ports, admin, ids.route, { models, revision: 0 })
  const again = configureRoute(ports, admin, ids.route, { models: {}, revision: 0 })
  await expect(again).rejects.toMatchObject({ code: 'STALE' })
  const after = await readRoute(query, place)
  expect(after).toMatchObject({ models, revision: 1 })
  const state = await replayed(`route/${ids.route}`, routeAggregate)
  expect(state.models).toEqual(after.models)
})

test('an alias has several providers in their order, each with what it may be sent; one alone is as it was', async () => {
  const { ports, ids, query, gateway } = fixture
  const [{ id: first }, { id: second }] = [await upstream('of-several'), await upstream('behind-it')]
  const place = { routeId: ids.route, systemId: ids.system }
  const fallbacks = [
    { upstreamId: second, model: 'demo-eu' },
    { upstreamId: first, model: 'endless', declaredAs: 'demo/demo-endless' },
  ]
  const models = { [alias]: { upstreamId: first, model: 'demo', fallbacks } }
  await configureRoute(ports, admin, ids.route, { models })
  await setUpstreamCeiling(ports, admin, second, { ceiling: 'public' })
  const found = await readRoute(query, place)
  expect(found.models).toEqual(models)
  expect(found.upstreams.find(({ id }) => id === second)).toMatchObject({ ceiling: 'public' })
  expect(await replayed(`upstream/${second}`, upstreams)).toEqual((await readUpstream(query, second))?.state)
  const feed = createGatewayFeed(gateway, { trustBundle: () => readTrustBundle(gateway) })
  const targets = async () => (await feed.load()).routes[0]?.models[alias]
  expect(await targets()).toMatchObject([
    { id: first, model: 'demo', ceiling: 'restricted' },
    { id: second, model: 'demo-eu', ceiling: 'public' },
    { id: first, model: 'endless', declaredAs: 'demo/demo-endless' },
  ])
  expect((await targets())?.[0]).not.toHaveProperty('declaredAs')
  const [listed] = await listRoutes(query, {
    visibility: { all: true, units: [], useCases: [], person: null },
    limit: 1,
  })
  expect(listed?.models.map(({ position, upstream: name }) => [position, name])).toEqual([
    [0, 'of-several'],
    [1, 'behind-it'],
    [2, 'of-several'],
  ])
  // What is disabled is left out, and those behind it move up.
  await disableUpstream(ports, admin, first)
  expect(await targets()).toMatchObject([{ id: second }])
  const { id: alone } = await upstream('alone')
  await configureRoute(ports, admin, ids.route, { models: { [alias]: { upstreamId: alone, model: 'demo' } } })
  expect(await targets()).toMatchObject([{ id: alone }])
})

test('a key is issued once, its token is nowhere, and twenty are enough', async () => {
  const { ports, ids, app } = fixture
  const first = await issueGatewayKey(ports, admin, ids.route, keyInput())
  expect(parseKeyToken(first.token.reveal())).toMatchObject({ kind: 'csk', id: first.id })
  const dump = await app.query(
    `select t::text from (select k.* from gateway_keys k) t union all select facts from ledger.payload`,
  )
  expect(JSON.stringify(dump.rows)).not.toContain(first.token.reveal().split('_')[2])
  const late = { ...keyInput(), expiresAt: addDays(epochMs(Date.now()), 91) }
  await expect(issueGatewayKey(ports, admin, ids.route, late)).rejects.toMatchObject({
    reasons: [{ code: 'LIFETIME_OUT_OF_RANGE', params: { maxDays: 90 } }],
  })
  const keys = [first.id]
  while (keys.length < 20) keys.push((await issueGatewayKey(ports, admin, ids.route, keyInput())).id)
  await expect(issueGatewayKey(ports, admin, ids.route, keyInput())).rejects.toMatchObject({
    reasons: [{ code: 'TOO_MANY_KEYS' }],
  })
  for (const key of keys) await revokeGatewayKey(ports, admin, key)
  await expect(revokeGatewayKey(ports, admin, first.id)).rejects.toMatchObject({
    reasons: [{ code: 'KEY_UNKNOWN' }],
  })
})

test('who manages the deployment manages its route; who may only stop may only revoke; a stranger finds nothing', async () => {
  const { ports, ids } = fixture
  const manager = issuerWith(roleAt('requester', ids.useCase))
  const analyst = issuerWith(roleAt('soc_analyst', ids.useCase))
  const stranger = issuerWith(roleAt('requester', fresh('useCase')))
  const { id } = await issueGatewayKey(ports, manager, ids.route, keyInput())
  await expect(issueGatewayKey(ports, analyst, ids.route, keyInput())).rejects.toMatchObject({
    code: 'FORBIDDEN',
  })
  await expect(configureRoute(ports, analyst, ids.route, { models: {} })).rejects.toMatchObject({
    code: 'FORBIDDEN',
  })
  await expect(issueGatewayKey(ports, stranger, ids.route, keyInput())).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
  await expect(revokeGatewayKey(ports, stranger, id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await revokeGatewayKey(ports, analyst, id)
})

test('over HTTP every reply keeps its contract, and a list holds what its reader may see', async () => {
  const { ids, query, ports } = fixture
  const boot = 'http-boot'
  const record = fresh('record')
  await fixture.owner.query(
    `insert into gateway_batches (boot, batch, root, n, sealed_at) values ($1, 0, $2, 1, clock_timestamp())`,
    [boot, digestOfBytes('root')],
  )
  await fixture.owner.query(
    `insert into gateway_records (id, boot, batch, position, at, deployment_id, action, record, salt)
     values ($1, $2, 0, 0, clock_timestamp(), $3, 'block', $4, $5)`,
    [
      record,
      boot,
      ids.deployment,
      JSON.stringify({ id: record, at: Date.now(), action: 'block' }),
      randomBytes(32),
    ],
  )
  await fixture.owner.query(
    `insert into ledger.command (id, actor, at) values ('cmd_http', 'sys:gateway', now())`,
  )
  const entry = fresh('event')
  await fixture.owner.query(
    `insert into ledger.entry (id, seq, part, parts, stream, rev, kind, leaf)
     select $1, seq, 1, 1, 'gateway-boot/http-boot', 1, 'gateway.traffic.sealed', '' from ledger.command where id = 'cmd_http'`,
    [entry],
  )
  await fixture.owner.query(
    `insert into ledger.payload (event_id, facts, facts_key) values ($1, '{"root":"sha256:"}', $2)`,
    [entry, randomBytes(32)],
  )
  const root = await clientFor(admin)
  const analyst = await clientFor(issuerWith(roleAt('soc_analyst', ids.useCase)))
  const stranger = await clientFor(issuerWith(roleAt('requester', fresh('useCase'))))

  const body = {
    name: 'http',
    origin: 'https://api.example.com',
    basePath: '',
    region: 'eu',
    secret: 'sk-http',
  }
  const made = await root('POST', '/upstreams', body)
  expect(made.statusCode).toBe(201)
  const { id } = made.json<{ id: string }>()
  expect((await root('GET', '/upstreams')).json<{ items: object[] }>().items[0]).toMatchObject({
    id,
    hasSecret: true,
  })
  expect((await root('GET', `/upstreams/${id}`)).json()).toMatchObject({
    name: 'http',
    state: 'active',
    revision: 1,
  })
  expect(
    (await root('PUT', `/upstreams/${id}/secret`, { secret: 'sk-2' }, { 'if-match': '"1"' })).statusCode,
  ).toBe(200)
  const models = { [alias]: { upstreamId: id, model: 'm' } }
  const { revision } = (await root('GET', `/routes/${ids.route}`)).json<{ revision: number }>()
  const match = { 'if-match': `"${revision}"` }
  expect((await root('PUT', `/routes/${ids.route}/models`, { models })).statusCode).toBe(428)
  expect((await root('PUT', `/routes/${ids.route}/models`, { models }, match)).statusCode).toBe(200)
  expect((await analyst('GET', `/routes/${ids.route}`)).json()).toMatchObject({ models, environment: 'prod' })
  const expiresAt = toRfc3339(inMonth())
  const issued = await root('POST', `/routes/${ids.route}/keys`, { agent: 'bot', expiresAt })
  expect(parseKeyToken(issued.json<{ token: string }>().token)?.kind).toBe('csk')
  expect((await analyst('POST', `/keys/${issued.json<{ id: string }>().id}/revoke`, {})).statusCode).toBe(200)
  expect((await root('POST', `/upstreams/${id}/disable`, {})).statusCode).toBe(200)

  const seen: string[] = []
  for (let next: string | undefined = ''; next !== undefined; ) {
    const reply = await analyst(
      'GET',
      `/keys?limit=5&deployment=${ids.deployment}${next === '' ? '' : `&cursor=${next}`}`,
    )
    const page: { items: { id: string }[]; next?: string } = reply.json()
    seen.push(...page.items.map((row) => row.id))
    next = page.next
  }
  const [keys] = await query<{ n: number }>('select count(*) as n from gateway_keys')
  expect([new Set(seen).size, seen.length]).toEqual([keys?.n, keys?.n])
  // A text that no column can hold is no place in a list, and no fault of the server.
  const [ofId, ofInstant] = [encodeCursor(['a\0']), encodeCursor([1, 'a\0'])]
  for (const path of [`/upstreams?cursor=${ofId}`, `/records?cursor=${ofInstant}`])
    expect((await root('GET', path)).statusCode).toBe(400)
  const named = async (q: string) =>
    (await analyst('GET', `/keys?q=${encodeURIComponent(q)}`)).json<{ items: { id: string }[] }>().items
  const { id: keyId } = issued.json<{ id: string }>()
  expect((await named('BOT')).map((row) => row.id)).toContain(keyId)
  expect((await named(keyId)).map((row) => row.id)).toEqual([keyId])
  for (const q of ['b%t', 'nobody']) expect(await named(q)).toEqual([])
  expect((await stranger('GET', '/keys?q=bot')).json()).toEqual({ items: [] })
  expect(
    (await analyst('GET', '/records?action=block')).json<{ items: { id: string }[] }>().items[0]?.id,
  ).toBe(record)
  const proven = { entry, log: null, salt: null, batch: { boot, index: 0, size: 1, path: [] } }
  expect((await analyst('GET', `/records/${record}`)).json()).toMatchObject(proven)
  expect((await root('GET', `/records/${record}`)).json<{ salt: string }>().salt).toHaveLength(43)

  expect((await stranger('GET', '/keys')).json()).toEqual({ items: [] })
  expect((await stranger('GET', '/records')).json()).toEqual({ items: [] })
  for (const path of [`/routes/${ids.route}`, `/records/${record}`])
    expect((await stranger('GET', path)).statusCode).toBe(404)

  /** Calls of one person through the real server. */
  async function clientFor(issuer: Issuer) {
    const { actor, authn, authority } = issuer
    const principal: Principal = { id: 'usr', via: 'api_key', actor, authn, authority, session: null }
    const server = await createApiServer({
      routes: gatewayRoutes,
      handlers: gatewayHandlers({
        ...ports,
        query,
        ledger: { proof: async () => null },
        gatewayOrigin: null,
        content: { open: () => Promise.resolve(null) },
        now: () => epochMs(Date.now()),
      }),
      authenticate: async () => principal,
      authorize: () => 'ok',
      idempotency: createIdempotencyStore(fixture.app),
      info: { title: 'test', version: '0', state: () => 'running' },
    })
    return (
      method: 'GET' | 'POST' | 'PUT',
      path: string,
      payload?: object,
      headers: Record<string, string> = {},
    ) =>
      server.inject({
        method,
        url: `/api/v1/gateway${path}`,
        headers: { 'idempotency-key': randomBytes(8).toString('hex'), ...headers },
        ...(payload === undefined ? {} : { payload }),
      })
  }
})

test('the view of epochs and the pure sum agree, at every scope', async () => {
  const { ids, query, order } = fixture
  const place = {
    deploymentId: ids.deployment,
    routes: [ids.route],
    systemId: ids.system,
    useCaseId: ids.useCase,
  }
  const targets: [StopScope, string][] = [
    ['route', ids.route],
    ['deployment', ids.deployment],
    ['system', ids.system],
    ['use_case', ids.useCase],
    ['installation', 'installation'],
    ['system', fresh('system')],
  ]
  const epochOf = async () =>
    (
      await query<{ epoch: number }>('select epoch from deployment_epochs where deployment_id = $1', [
        ids.deployment,
      ])
    )[0]?.epoch
  let expected = 1
  for (const [scope, targetId] of targets) {
    await order(scope, targetId)
    const rows = await query<{ scope: StopScope; targetId: string; epoch: number }>(
      'select scope, target as "targetId", epoch from stops',
    )
    const sum = stop.effectiveEpoch(
      1,
      place,
      rows.map(({ epoch, ...target }) => ({ target, epoch })),
    )
    expect(await epochOf()).toBe(sum)
    expect(sum - expected).toBe(scope === 'system' && targetId !== ids.system ? 0 : 1)
    expected = sum
  }
})

test('retention takes whole batches that are old enough and leaves their roots', async () => {
  const { owner, query, ids } = fixture
  for (const [batch, days] of [
    [0, 200],
    [1, 10],
  ] as const) {
    await owner.query(
      `insert into gateway_batches (boot, batch, root, n, sealed_at)
       values ('old', $1, 'sha256:', 2, clock_timestamp() - make_interval(days => $2))`,
      [batch, days],
    )
    for (const position of [0, 1])
      await owner.query(
        `insert into gateway_records (id, boot, batch, position, at, deployment_id, action, record, salt)
         values ($1, 'old', $2, $3, clock_timestamp() - make_interval(days => $4), $5, 'allow', '{"action":"allow"}', $6)`,
        [fresh('record'), batch, position, days, ids.deployment, randomBytes(32)],
      )
  }
  await expect(sweepGatewayRecords(query, 30)).rejects.toThrow(RangeError)
  const place = `insert into holds (id, subject, use_case_id, placed_by, placed_at) values ($1, $2, $3, 'usr_a', now())`
  for (const [subject, useCaseId] of [
    ['installation', null],
    ['use_case', ids.useCase],
  ]) {
    await owner.query(place, [fresh('hold'), subject, useCaseId])
    expect(await sweepGatewayRecords(query, 184)).toBe(0)
    await owner.query(`update holds set released_by = 'usr_b', released_at = now()`)
  }
  expect(await sweepGatewayRecords(query, 184)).toBe(2)
  expect(await sweepGatewayRecords(query, 184)).toBe(0)
  const visibility = { all: true, units: [], useCases: [], person: null }
  const left = await listRecords(query, {
    visibility,
    deployment: ids.deployment,
    action: 'allow',
    limit: 10,
  })
  expect(left).toHaveLength(2)
  expect(await query("select 1 from gateway_batches where boot = 'old'")).toHaveLength(2)
})

/** The state that the recorded facts of a stream fold to. */
async function replayed<S, E extends Fact>(
  stream: string,
  { initial, evolve }: { readonly initial: S; readonly evolve: (state: S, event: E) => S },
): Promise<S> {
  const rows = await fixture.query<{ kind: string; facts: string }>(
    'select e.kind, p.facts from ledger.entry e join ledger.payload p on p.event_id = e.id where e.stream = $1 order by e.rev',
    [stream],
  )
  return rows.reduce((state, row) => evolve(state, { e: row.kind, ...JSON.parse(row.facts) } as E), initial)
}
