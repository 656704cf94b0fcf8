import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { createCourier } from '../../src/app/collaboration/deliver.ts'
import { registerWebhook, testWebhook } from '../../src/app/collaboration/webhooks.ts'
import { courierPorts } from '../support/courier.ts'
import { cloneDatabase } from '../support/database.ts'
import { fresh, issuerWith } from '../support/gateway-fixture.ts'
import { startReceiver } from '../support/webhook-receiver.ts'

const origin = 'deliveries.test/1'
const folder = mkdtempSync(join(tmpdir(), 'cs-deliveries-'))
const ascending = (a: number, b: number) => a - b
const soon = { timeout: 60_000, interval: 20 }
let child: ChildProcess | null = null
afterAll(() => {
  child?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

test('a courier that is killed between sending and marking repeats the message under its id, and loses none', async () => {
  const database = await cloneDatabase()
  const { pool, ports } = courierPorts({ database, folder, origin }, () => undefined)
  const grant = {
    id: fresh('roleGrant'),
    role: 'admin',
    fn: null,
    scope: { k: 'organisation' },
    until: null,
  } as const
  const admin = issuerWith({ k: 'person', grants: [grant], seat: null })
  const endpoint = await startReceiver()
  const input = { url: endpoint.url, kinds: ['stop'] as const, privateCidrs: ['127.0.0.0/8'] }
  const { id, secret } = await registerWebhook(ports, admin, input)
  const deliveries = [await testWebhook(ports, id), await testWebhook(ports, id)]

  endpoint.answerWith(() => void child?.kill('SIGKILL')) // it has the message; the courier never hears so
  const script = resolve(import.meta.dirname, 'courier-process.ts')
  child = spawn(process.execPath, [script, JSON.stringify({ database, folder, origin })], {
    stdio: 'inherit',
  })
  const ended = new Promise((done) => child?.once('exit', (_code, signal) => done(signal)))
  expect(await ended).toBe('SIGKILL')
  expect(endpoint.calls).toHaveLength(1)

  const states = async () =>
    (await pool.query(`select id, state, attempts from deliveries order by id`)).rows as readonly object[]
  expect(await states()).toMatchObject([
    { state: 'waiting', attempts: 1 },
    { state: 'waiting', attempts: 0 },
  ])
  endpoint.answerWith((reply) => void reply.writeHead(204).end())
  const courier = createCourier(ports)
  const { signal } = new AbortController()
  await courier.run(signal)
  await courier.settled()
  expect(endpoint.calls).toHaveLength(2) // what was taken is kept until its lease ends
  await pool.query(`update deliveries set next_at = clock_timestamp() where state = 'waiting'`)
  await vi.waitFor(async () => {
    await courier.run(signal)
    await courier.settled()
    expect(await states()).toMatchObject([{ state: 'delivered' }, { state: 'delivered' }])
  }, soon)
  const ids = endpoint.calls.map(({ headers }) => headers['webhook-id'])
  expect(ids.map((one) => deliveries.findIndex((sent) => sent === one)).toSorted(ascending)).toEqual([
    0, 0, 1,
  ])
  expect(endpoint.calls.every(({ verified }) => verified(secret.reveal()) !== null)).toBe(true)
  await endpoint.close()
  await pool.end()
}, 120_000)
