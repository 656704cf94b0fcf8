import { afterAll, beforeAll, expect, test } from 'vitest'
import { createGatewayFeed } from '../../src/adapters/postgres/index.ts'
import { configureRoute, disableUpstream, registerUpstream } from '../../src/app/gateway-admin.ts'
import { readRoute } from '../../src/app/gateway-views.ts'
import { digestOf, type UpstreamApi } from '../../src/kernel/index.ts'
import { alias, gatewayFixture, issuerWith, type GatewayFixture } from '../support/gateway-fixture.ts'

let fixture: GatewayFixture
beforeAll(async () => {
  fixture = await gatewayFixture()
  const manifest = { models: [], tools: [{ toolId: 'tickets/search', server: 'tickets' }] }
  await fixture.owner.query(
    `insert into releases (digest, system_id, manifest, author, created_at) values ($1, $2, $3, $4, now())`,
    [digestOf(manifest), fixture.ids.system, JSON.stringify(manifest), fixture.ids.person],
  )
})
afterAll(() => fixture.close())

const admin = issuerWith({ k: 'system' })
const upstream = (name: string, api: UpstreamApi) =>
  registerUpstream(fixture.ports, admin, {
    name,
    origin: 'https://tools.example.com',
    basePath: '/mcp',
    api,
    region: 'eu',
    privateCidrs: [],
    secret: null,
  })

test('a tool server of a route reaches the gateway, and leaves it with its upstream', async () => {
  const { ports, ids, query, gateway } = fixture
  const [tools, models] = [await upstream('tools', 'mcp'), await upstream('models', 'openai')]
  const servers = { tickets: { upstreamId: tools.id } }
  const feed = createGatewayFeed(gateway, { trustBundle: () => Promise.resolve('none') })
  const served = async () => (await feed.load()).routes[0]?.servers

  await configureRoute(ports, admin, ids.route, { models: {}, servers })
  expect(await readRoute(query, { routeId: ids.route, systemId: ids.system })).toMatchObject({
    servers,
    declaredServers: ['tickets'],
  })
  const target = {
    id: tools.id,
    origin: 'https://tools.example.com',
    basePath: '/mcp',
    api: 'mcp',
    region: 'eu',
  }
  expect(await served()).toMatchObject({ tickets: { ...target, secretRef: null } })

  await configureRoute(ports, admin, ids.route, {
    models: { [alias]: { upstreamId: models.id, model: 'm' } },
  })
  expect(await served()).toMatchObject({ tickets: target }) // they were left out, so they stay

  const swapped = {
    models: { [alias]: { upstreamId: tools.id, model: 'm' } },
    servers: { mail: { upstreamId: models.id } },
  }
  await expect(configureRoute(ports, admin, ids.route, swapped)).rejects.toMatchObject({
    reasons: [
      { code: 'UPSTREAM_OF_OTHER_API', path: '/models/demo~1demo' },
      { code: 'SERVER_UNKNOWN', path: '/servers/mail' },
      { code: 'UPSTREAM_OF_OTHER_API', path: '/servers/mail' },
    ],
  })

  await disableUpstream(ports, admin, tools.id)
  expect(await served()).toEqual({})
})
