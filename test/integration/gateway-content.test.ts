import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createContentOpener } from '../../src/adapters/postgres/content-store.ts'
import { openContent, setRouteContent, sweepContent } from '../../src/app/gateway-content.ts'
import { AppError, type RecordId } from '../../src/kernel/index.ts'
import { issuerWith } from '../support/gateway-fixture.ts'
import { startMockProvider, type MockProvider } from '../support/mock-provider/mock-provider.ts'
import { conversationKey, runGateway } from '../support/running-gateway.ts'

const admin = issuerWith({ k: 'system' })
const reason = 'An analyst asks whether the alert of Tuesday was answered.'
const asked = 'Is this alert about svc-backup-17 real?'
let provider: MockProvider
let gateway: Awaited<ReturnType<typeof runGateway>>
beforeEach(async () => {
  provider = await startMockProvider()
  gateway = await runGateway({ provider: provider.origin, granted: { models: ['text'] } })
})
afterEach(async () => {
  await gateway.close()
  await provider.close()
})

/** Makes one call, and ends the gateway so that everything of it is stored. */
async function call(): Promise<{ readonly id: RecordId; readonly said: string; readonly content: unknown }> {
  const { data, response } = await gateway.openai.chat.completions
    .create({ model: 'mock/text', messages: [{ role: 'user', content: asked }] })
    .withResponse()
  await gateway.stop()
  const id = response.headers.get('countersign-record') as RecordId
  const [row] = await gateway.query<{ content: unknown }>(
    `select record -> 'content' as content from gateway_records where id = $1`,
    [id],
  )
  return { id, said: data.choices[0]?.message.content ?? '', content: row?.content ?? null }
}
const keep = async (days: number | null) => {
  await setRouteContent(gateway.ports, admin, gateway.ids.route, { days })
  const { begun } = gateway.polls
  await vi.waitFor(() => expect(gateway.polls.done).toBeGreaterThan(begun), { timeout: 10_000, interval: 10 })
}
const ports = () => ({ ...gateway.ports, content: createContentOpener(gateway.query, conversationKey) })
const kinds = async () =>
  (await gateway.query<{ kind: string }>('select kind from ledger.entry order by seq')).map(
    ({ kind }) => kind,
  )
const count = async (table: string) =>
  (await gateway.owner.query<{ n: number }>(`select count(*)::integer as n from ${table}`)).rows[0]?.n

test('nothing of a call is kept unless somebody has said so', async () => {
  const { id, content } = await call()
  expect(content).toBeNull()
  expect(await count('gateway_content')).toBe(0)
  expect(await openContent(ports(), admin, id, reason)).toBeNull()
}, 60_000)

test('what was sent and answered is kept sealed, opened for a reason, and gone after its days', async () => {
  await keep(30)
  const { id, said, content } = await call()
  expect(content).toBe('queued')
  expect(await count('gateway_content')).toBe(2)
  const { rows } = await gateway.owner.query<{ sealed: Buffer }>('select sealed from gateway_content')
  for (const { sealed } of rows) expect(sealed.toString('latin1')).not.toMatch(/svc-backup|Likely noise/)

  const reader = issuerWith({ k: 'service', permissions: ['content.read'], useCaseId: null })
  const opened = await openContent(ports(), reader, id, reason)
  expect(JSON.parse(opened?.input?.text ?? 'null')).toMatchObject({ messages: [{ content: asked }] })
  expect(opened?.output?.text).toContain(JSON.stringify(said).slice(1, 20))
  expect(await kinds()).toEqual(expect.arrayContaining(['gateway.content.kept', 'gateway.content.read']))

  const before = (await kinds()).filter((kind) => kind === 'gateway.content.read').length
  const blind = issuerWith({ k: 'service', permissions: ['useCase.read'], useCaseId: null })
  await expect(openContent(ports(), blind, id, reason)).rejects.toThrow(AppError)
  await expect(openContent(ports(), reader, id, 'because')).rejects.toThrow()
  expect((await kinds()).filter((kind) => kind === 'gateway.content.read')).toHaveLength(before)
  const other = { ...ports(), content: createContentOpener(gateway.query, Buffer.alloc(32, 1)) }
  expect(await openContent(other, reader, id, reason)).toBeNull()

  expect(await sweepContent(gateway.query)).toBe(0)
  await gateway.owner.query(
    `update gateway_content set expires_on = current_date; update content_keys set expires_on = current_date`,
  )
  await gateway.owner.query(
    `insert into holds (id, subject, use_case_id, placed_by, placed_at) values ('h', 'use_case', $1, 'x', now())`,
    [gateway.ids.useCase],
  )
  expect(await sweepContent(gateway.query)).toBe(0)
  await gateway.owner.query(`update holds set released_at = now(), released_by = 'y'`)
  expect(await sweepContent(gateway.query)).toBe(1)
  expect([await count('content_keys'), await count('gateway_content')]).toEqual([0, 0])
  expect(await openContent(ports(), reader, id, reason)).toBeNull()
}, 120_000)

test('a call goes on when its content cannot be kept', async () => {
  await keep(1)
  await gateway.owner.query(
    'revoke execute on function content_key(text, date, bytea) from countersign_gateway',
  )
  const { said, content } = await call()
  expect(said).not.toBe('')
  expect(content).toBe('queued')
  expect(await count('gateway_content')).toBe(0)
}, 60_000)

test('keeping ends at once for what comes', async () => {
  await keep(1)
  await keep(null)
  expect((await call()).content).toBeNull()
  expect(await kinds()).toEqual(expect.arrayContaining(['gateway.content.kept', 'gateway.content.stopped']))
}, 60_000)
