import { expect, test } from 'vitest'
import { z } from 'zod'
import { exerciseHostile } from '../../test/support/hostile.ts'
import { fakeIdempotencyStore } from '../app/ports/idempotency-store.fake.ts'
import { createClient, ProblemError } from '../contracts/client.ts'
import { decodeCursor, pageOf, pageQuery, toPage } from '../contracts/paging.ts'
import { defineRoutes, route } from '../contracts/route.ts'
import { AppError, epochMs, parseId } from '../kernel/index.ts'
import type { Principal } from './handler.ts'
import { Answer } from './handler.ts'
import { createApiServer } from './server.ts'
import { parseStrictJson } from './strict-json.ts'

const list = route({
  id: 'things.list',
  method: 'GET',
  path: '/api/v1/things',
  access: { signedIn: true },
  query: pageQuery(['name', '-name']),
  reply: pageOf(z.strictObject({ name: z.string() })),
  summary: 'Things',
  tag: 'things',
})
const create = route({
  id: 'things.create',
  method: 'POST',
  path: '/api/v1/things',
  access: { permission: 'thing.create' },
  body: z.strictObject({ name: z.string().min(1).max(20), size: z.int().optional() }),
  reply: z.strictObject({ name: z.string(), count: z.int() }),
  status: 201,
  refuses: ['TAKEN'],
  summary: 'Create a thing',
  tag: 'things',
})
const rename = route({
  id: 'things.rename',
  method: 'PATCH',
  path: '/api/v1/things/:name',
  access: { permission: 'thing.rename', proof: 'fresh_passkey' },
  params: z.strictObject({ name: z.string().max(20) }),
  body: z.strictObject({ name: z.string() }),
  reply: z.strictObject({ revision: z.int() }),
  revision: 'required',
  summary: 'Rename a thing',
  tag: 'things',
})
const login = route({
  id: 'session.start',
  method: 'POST',
  path: '/api/v1/session',
  access: { public: true },
  body: z.strictObject({ user: z.string() }),
  reply: z.strictObject({ ok: z.boolean() }),
  idempotent: false,
  summary: 'Sign in',
  tag: 'session',
})
const routes = defineRoutes([list, create, rename, login])

async function start() {
  let count = 0
  const principal = (via: Principal['via']): Principal => ({
    id: 'one',
    via,
    actor: { k: 'person', ref: parseId('user', `usr_${'0'.repeat(26)}`) },
    authn: { method: 'passkey', mfa: true, at: epochMs(1) },
    authority: { k: 'system' },
    session: null,
  })
  const app = await createApiServer({
    routes,
    authenticate: async ({ headers, cookies }) =>
      headers.authorization === 'Bearer key'
        ? principal('api_key')
        : cookies['s'] === '1'
          ? principal('session')
          : null,
    authorize: (_, access) =>
      'permission' in access && access.proof !== undefined
        ? new AppError('STEP_UP_REQUIRED', undefined, { extra: { proof: access.proof } })
        : 'ok',
    idempotency: fakeIdempotencyStore(),
    info: { title: 'Countersign', version: '0.1.0', state: () => '<bootstrap>' },
    rateLimit: { max: 100_000, windowMs: 60_000 },
    handlers: {
      'things.list': async ({ query }) =>
        toPage([{ name: 'a' }, { name: 'b' }], query.limit, (row) => [row.name]),
      'things.create': async ({ body }) => {
        if (body.name === 'taken')
          throw new AppError('REFUSED', undefined, {
            reasons: [
              { code: 'TAKEN', params: {} },
              { code: 'LATE', params: {} },
            ],
          })
        count += 1
        return body.name === 'broken' ? ({ name: 1 } as never) : { name: body.name, count }
      },
      'things.rename': async ({ ifMatch }) => ({ revision: ifMatch ?? 0 }),
      'session.start': async () => new Answer({ ok: true }, { setCookie: ['s=1; HttpOnly'] }),
    },
  })
  const post = (name: unknown, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: '/api/v1/things',
      headers: {
        authorization: 'Bearer key',
        'idempotency-key': 'k',
        'content-type': 'application/json',
        ...headers,
      },
      payload: typeof name === 'string' ? name : JSON.stringify(name),
    })
  return { app, post }
}

test('the first answer is replayed for the same key, and another request with it is refused', async () => {
  const { post } = await start()
  const first = await post({ name: 'a' })
  expect([first.statusCode, first.json()]).toEqual([201, { name: 'a', count: 1 }])
  const again = await post({ name: 'a' })
  expect([again.statusCode, again.json(), again.headers['idempotency-replayed']]).toEqual([
    201,
    { name: 'a', count: 1 },
    'true',
  ])
  expect((await post({ name: 'b' })).json()).toMatchObject({ code: 'IDEMPOTENCY_MISMATCH', status: 409 })
  expect((await post({ name: 'b' }, { 'idempotency-key': '' })).statusCode).toBe(400)
})

test('a refusal lists every reason and frees its key; a broken reply is ours and keeps it', async () => {
  const { post } = await start()
  const refused = await post({ name: 'taken' })
  expect([refused.statusCode, refused.json().reasons.length]).toEqual([422, 2])
  expect((await post({ name: 'b' })).statusCode).toBe(201)
  const broken = await post({ name: 'broken' }, { 'idempotency-key': 'other' })
  expect(broken.json()).toMatchObject({ code: 'INTERNAL', status: 500 })
  const repeated = await post({ name: 'broken' }, { 'idempotency-key': 'other' })
  expect([repeated.statusCode, repeated.headers['idempotency-replayed']]).toEqual([500, 'true'])
})

test('every field at fault is named with a pointer', async () => {
  const { post } = await start()
  const answer = await post({ name: '', size: 1.5, more: 1 })
  expect(answer.statusCode).toBe(400)
  expect(
    answer
      .json()
      .errors.map((item: { pointer: string }) => item.pointer)
      .toSorted(),
  ).toEqual(['/more', '/name', '/size'])
})

test.each([
  ['{"name":"a","name":"b"}', 400],
  ['{"name":"a","__proto__":{}}', 400],
  ['{"name":"a","\\u005f_proto__":{}}', 400],
  ['{"name":"\\u0000"}', 400],
  ['['.repeat(40) + ']'.repeat(40), 400],
  ['{"name":', 400],
  [`{"name":"${'x'.repeat(1_100_000)}"}`, 413],
])('hostile body %# is refused', async (body, status) => {
  const { post } = await start()
  expect((await post(body)).statusCode).toBe(status)
})

test('bytes that are no UTF-8 are no JSON', () => {
  expect(() => parseStrictJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow('UTF-8')
  expect(parseStrictJson(Buffer.from('{"a":{"b":"x:y"},"b":[{"a":1},{"a":2}]}'))).toEqual({
    a: { b: 'x:y' },
    b: [{ a: 1 }, { a: 2 }],
  })
})

test.each([
  [{ cookie: 's=1', authorization: '' }, 403],
  [{ cookie: 's=1', authorization: '', origin: 'https://evil.example' }, 403],
  [{ cookie: 's=1', authorization: '', 'sec-fetch-site': 'cross-site' }, 403],
  [{ cookie: 's=1', authorization: '', origin: 'http://localhost:80', 'sec-fetch-site': 'same-site' }, 403],
  [{ cookie: 's=1', authorization: '', 'sec-fetch-site': 'same-origin' }, 201],
  [{ authorization: '' }, 401],
  [{ 'content-type': 'text/plain' }, 415],
])('request from elsewhere %#', async (headers, status) => {
  const { post } = await start()
  expect((await post({ name: 'a' }, headers as never)).statusCode).toBe(status)
})

test('step-up, unknown paths and wrong methods are problems with their headers', async () => {
  const { app } = await start()
  const stepUp = await app.inject({
    method: 'PATCH',
    url: '/api/v1/things/a',
    headers: { authorization: 'Bearer key' },
  })
  expect([stepUp.statusCode, stepUp.headers['www-authenticate']]).toEqual([
    401,
    'Bearer error="insufficient_user_authentication", max_age="300"',
  ])
  expect((await app.inject('/api/v1/nothing')).json()).toMatchObject({ code: 'NOT_FOUND' })
  const method = await app.inject({ method: 'DELETE', url: '/api/v1/things' })
  expect([method.statusCode, method.headers.allow]).toEqual([405, 'GET, POST'])
  expect((await app.inject('/%zz')).json()).toMatchObject({ code: 'INVALID_INPUT' })
  const root = await app.inject('/')
  expect(root.body).toContain('&lt;bootstrap&gt;')
  expect(root.headers['content-security-policy']).toContain("frame-ancestors 'none'")
  expect(root.headers['cache-control']).toBe('no-store')
})

test('a list pages by key', async () => {
  const { app } = await start()
  const page = await app.inject({ url: '/api/v1/things?limit=1', headers: { authorization: 'Bearer key' } })
  expect(decodeCursor(page.json().next)).toEqual(['a'])
  expect(
    (await app.inject({ url: '/api/v1/things?limit=201', headers: { authorization: 'Bearer key' } }))
      .statusCode,
  ).toBe(400)
  expect(decodeCursor('AAAA')).toBeNull()
})

test('the API document names every operation', async () => {
  const { app } = await start()
  const document = (await app.inject('/api/v1/openapi.json')).json()
  expect(document.openapi).toBe('3.1.0')
  expect(Object.keys(document.paths)).toEqual(['/api/v1/session', '/api/v1/things', '/api/v1/things/{name}'])
  expect(
    document.paths['/api/v1/things'].post.requestBody.content['application/json'].schema.additionalProperties,
  ).toBe(false)
  expect(
    document.paths['/api/v1/things/{name}'].patch.parameters.map((item: { name: string }) => item.name),
  ).toEqual(['name', 'Idempotency-Key', 'If-Match'])
})

test('the typed client reads replies, keeps the session and throws problems', async () => {
  const { app } = await start()
  const base = await app.listen({ port: 0, host: '127.0.0.1' })
  const cookies = new Map<string, string>()
  const client = createClient(routes, { baseUrl: base, cookies })
  await client.call(login, { body: { user: 'a' } })
  expect(cookies.get('s')).toBe('1')
  expect((await client.call(create, { body: { name: 'a' } })).name).toBe('a')
  await expect(client.call(create, { body: { name: 'taken' } })).rejects.toBeInstanceOf(ProblemError)
  await app.close()
})

test('a route without handler, a loose schema and a doubled path do not start', async () => {
  expect(() => route({ ...create, body: z.object({}) })).toThrow('strict')
  expect(() => route({ ...rename, params: z.strictObject({ other: z.string() }) })).toThrow('segments')
  expect(() => defineRoutes([list, { ...list, id: 'things.other' }])).toThrow('twice')
})

test('no hostile request gives a 5xx', async () => {
  const { app } = await start()
  const signedOut = await exerciseHostile(app, routes, { runs: 200 })
  const report = await exerciseHostile(app, [list, create, login], {
    runs: 300,
    headers: { authorization: 'Bearer key' },
  })
  expect(signedOut.refused + report.refused).toBeGreaterThan(300)
})

test('a request that ends while the server closes does not keep it open', async () => {
  const { app } = await start()
  const arrived = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  app.addHook('preClose', async () => release.resolve())
  app.addHook('onRequest', async () => {
    arrived.resolve()
    await release.promise
  })
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  const answer = fetch(`${address}/api/v1/openapi.json`)
  await arrived.promise
  const closed = app.close()
  const { status, headers } = await answer
  expect([status, headers.get('connection')]).toEqual([200, 'close'])
  await closed
})
