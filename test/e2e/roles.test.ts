import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startDemoProvider, type DemoProvider } from '../../src/adapters/demo-provider/demo-provider.ts'
import { runCli } from '../../src/cli/cli.ts'
import { nodeIo } from '../../src/cli/node-io.ts'
import { configureRoute } from '../../src/contracts/routes/gateway.ts'
import { advisorySummariser } from '../../src/main/demo/answers.ts'
import { gatewayCheckCommand } from '../../src/main/gateway-check-command.ts'
import { foundOrganisation, type Organisation } from '../../src/main/demo/organisation.ts'
import { approved, issueKey, modelAlias, type Built } from '../../src/main/demo/systems.ts'
import { Shipped } from '../fault/shipped.ts'
import { freePort } from '../support/product.ts'

const soon = { timeout: 60_000, interval: 100 }
const base = mkdtempSync(join(tmpdir(), 'cs-roles-'))
const folder = join(base, 'gateway')
let [api, worker, gateway]: Shipped[] = []
let provider: DemoProvider
let org: Organisation
let built: Built
let key: string
let adminPort: number

const running = (shipped: Shipped | undefined): Shipped => {
  if (shipped === undefined) throw new Error('not started')
  return shipped
}

beforeAll(async () => {
  provider = await startDemoProvider({ chunkDelayMs: 2 })
  api = await Shipped.create({ env: { COUNTERSIGN_ROLES: 'api' } })
  await api.start()
  const url = readFileSync(join(api.home, 'database-url'), 'utf8').trim()
  worker = await Shipped.create({ home: api.home, env: { COUNTERSIGN_ROLES: 'worker', DATABASE_URL: url } })
  await worker.start()
  const equipped = await api.command(['gateway', 'equip', folder])
  expect([equipped.code, equipped.out]).toEqual([0, expect.stringContaining('no key that signs')])
  adminPort = await freePort()
  gateway = await startGateway()
  org = await foundOrganisation(api.origin, api.announced.setupToken ?? '', provider.origin, () => undefined)
  built = await approved(org, advisorySummariser('Roles'))
  key = await issueKey(org, built)
}, 180_000)

afterAll(async () => {
  await gateway?.signal('SIGKILL')
  await worker?.signal('SIGTERM')
  await api?.close()
  await provider.close()
  rmSync(base, { recursive: true, force: true })
}, 60_000)

async function startGateway(env: Readonly<Record<string, string>> = {}): Promise<Shipped> {
  const shipped = await Shipped.create({
    home: folder,
    env: { COUNTERSIGN_ROLES: 'gateway', COUNTERSIGN_ADMIN_PORT: String(adminPort), ...env },
  })
  await shipped.start()
  return shipped
}

function ask(at: Shipped, more: object = {}): Promise<Response> {
  return fetch(`${at.announced.gateway}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: modelAlias,
      messages: [{ role: 'user', content: 'Is it real?' }],
      ...more,
    }),
  })
}

const ready = async () =>
  (await fetch(`http://127.0.0.1:${adminPort}/readyz`).catch(() => null))?.status ?? null

test('each role in a process of its own: what is decided in one is served by another', async () => {
  const at = running(gateway)
  expect(running(api).announced).toMatchObject({ roles: ['api'], gateway: null })
  expect(running(worker).announced).toMatchObject({ roles: ['worker'], origin: null, gateway: null })
  expect(at.announced).toMatchObject({ roles: ['gateway'], origin: null, vkey: null, setupToken: null })
  await vi.waitFor(async () => expect((await ask(at)).status).toBe(200), soon)
  expect(await ready()).toBe(200)
})

test('the folder of a gateway holds no key that signs, and nobody else may read it', () => {
  expect(readdirSync(join(folder, 'keys'))).toEqual(['conversation.key', 'upstream.key'])
  for (const name of ['gateway.json', 'database-url', join('keys', 'upstream.key')])
    expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o600])
  expect(statSync(join(running(api).home, 'database-url')).mode & 0o777).toBe(0o600)
})

test('check-config says what was found, and names what is wrong', async () => {
  const check = async (env: Readonly<Record<string, string>>, home = folder) => {
    let out = ''
    const io = nodeIo()
    const code = await runCli([gatewayCheckCommand], ['gateway', 'check-config'], {
      ...io,
      env: { COUNTERSIGN_HOME: home, ...env },
      out: (text) => (out += text),
    })
    return { code, faults: out.split('\n').filter((line) => line.startsWith('FAULT')) }
  }
  expect(await check({})).toEqual({ code: 0, faults: [] })
  const owner = readFileSync(join(running(api).home, 'database-url'), 'utf8').trim()
  const other = `sha256:${'0'.repeat(64)}`
  for (const [env, fault] of [
    [{ DATABASE_URL: owner }, /login .*is superuser/],
    [{ COUNTERSIGN_ROOT_FINGERPRINT: other }, /trust bundle .*not signed by the root key/],
    [
      { COUNTERSIGN_ISSUER: 'urn:countersign:elsewhere' },
      /trust bundle .*not of `urn:countersign:elsewhere`/,
    ],
    [{ DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/x' }, /database .*cannot be reached/],
  ] as const) {
    const { code, faults } = await check(env)
    expect([code, faults]).toEqual([3, [expect.stringMatching(fault)]])
  }
  const empty = mkdtempSync(join(base, 'empty-'))
  expect((await check({}, empty)).faults).toHaveLength(5)
  const signs = await check({}, running(api).home)
  expect(signs.faults.join()).toMatch(/keys that sign/)
}, 120_000)

test.each([
  ['a gateway without anything', { COUNTERSIGN_ROLES: 'gateway' }, 1, 'DATABASE_URL is not set'],
  ['a role that is none', { COUNTERSIGN_ROLES: 'gateway,editor' }, 2, '`editor` is none'],
  ['another folder of keys', { COUNTERSIGN_ROLES: 'worker', database: 'yes' }, 1, 'missing: `root.pem`'],
] as const)(
  '%s does not start, and says why',
  async (_what, { ...env }, code, text) => {
    const { database, ...rest } = { database: null, ...env }
    const url = readFileSync(join(running(api).home, 'database-url'), 'utf8').trim()
    const shipped = await Shipped.create({
      env: { ...rest, ...(database === null ? {} : { DATABASE_URL: url }) },
    })
    const ended = await shipped.command(['serve'])
    expect([ended.code, ended.out]).toEqual([code, expect.stringContaining(text)])
    expect(existsSync(join(shipped.home, 'keys'))).toBe(false)
    rmSync(shipped.home, { recursive: true, force: true })
  },
  60_000,
)

test('SIGTERM: not ready, running streams go on, who comes is told to leave; a second one ends streams as their API does', async () => {
  await org.technicalOwner.call(configureRoute, {
    params: { id: built.routeId },
    body: { models: { [modelAlias]: { upstreamId: org.upstream, model: 'demo-endless' } } },
    ifMatch: 2,
  })
  await running(gateway).signal('SIGTERM')
  const at = await startGateway({ COUNTERSIGN_DRAIN_ACCEPT_SECONDS: '60' })
  gateway = at
  await vi.waitFor(async () => expect(await ready()).toBe(200), soon)
  const stream = await ask(at, { stream: true })
  expect(stream.status).toBe(200)
  const record = stream.headers.get('countersign-record')
  const text = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  const read = async () => (await text?.read())?.value ?? ''
  expect(await read()).toContain('data:')

  at.send('SIGTERM')
  await vi.waitFor(async () => expect(await ready()).toBe(503), soon)
  const late = await fetch(`${at.announced.gateway}/v1/models`, {
    headers: { authorization: `Bearer ${key}` },
  })
  expect([late.status, late.headers.get('connection')]).toEqual([200, 'close'])
  const seen: string[] = []
  const until = performance.now() + 1_500 // longer than an echo of the first signal could come
  while (performance.now() < until) seen.push(await read())
  expect(seen.slice(-5).filter((part) => part.includes('again'))).toHaveLength(5)

  at.send('SIGTERM')
  let rest = ''
  for (let part = await read(); part !== ''; part = await read()) rest += part
  expect(rest).toContain('"code":"process_ended"')
  expect(await at.ended()).toBe(0)

  await running(api).look(async (pool) => {
    const { rows } = await pool.query<{ codes: string[]; boot: string }>(
      "select record -> 'codes' as codes, boot from gateway_records where id = $1",
      [record],
    )
    expect(rows).toMatchObject([{ codes: ['process_ended'] }])
    const boot = rows[0]?.boot
    const one = async (sql: string) => (await pool.query<{ n: number }>(sql, [boot])).rows[0]?.n
    expect(await one(`select count(*) as n from gateway_processes where worker = $1`)).toBe(0)
    expect(await one(`select coalesce(sum(held), 0)::bigint as n from limit_leases where worker = $1`)).toBe(
      0,
    )
    expect(
      await one(
        `select count(*) as n from streams where stream = 'gateway-boot/' || $1 and state ->> 's' = 'closed'`,
      ),
    ).toBe(1)
  })
  expect(readdirSync(join(folder, 'spool'))).toEqual([])
}, 120_000)

test('two gateways of one machine share a port', async () => {
  const port = String(await freePort())
  const env = {
    COUNTERSIGN_GATEWAY_PORT: port,
    COUNTERSIGN_GATEWAY_SHARE_PORT: 'on',
  }
  const other = await Shipped.create({ home: folder, env: { COUNTERSIGN_ROLES: 'gateway', ...env } })
  const both = [await startGateway(env), other]
  await other.start()
  const answers = async () => (await fetch(`http://127.0.0.1:${port}/v1/models`)).status
  expect(await answers()).toBe(401)
  await both[0]?.signal('SIGKILL')
  await vi.waitFor(async () => expect(await answers()).toBe(401), soon)
  await other.signal('SIGTERM')
}, 60_000)
