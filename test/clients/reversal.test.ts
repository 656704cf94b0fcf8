import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runGateway } from '../support/running-gateway.ts'
import { apis, type Said } from './apis.ts'
import { pinsIn, startSides, type Side, type Sides } from './sides.ts'

let sides: Sides
let gateway: Awaited<ReturnType<typeof runGateway>>
let through: Pick<Side, 'openai' | 'anthropic' | 'key'>

beforeAll(async () => {
  sides = await startSides()
  gateway = await runGateway({
    provider: sides.provider.origin,
    granted: {
      models: ['text', 'tool'],
      tools: ['look_up_host', 'look_up_user'],
      capabilities: ['reversible_redaction', 'provider_state'],
      volumePerDay: 100_000,
    },
  })
  const { address, token } = gateway
  through = { openai: `${address}/openai/v1`, anthropic: `${address}/anthropic`, key: token }
})
afterAll(async () => {
  await gateway.close()
  await sides.close()
})

const [mail, card] = ['ann.lee@mail.contoso.de', '4111 1111 1111 1111']
const asked = `Tell ${mail}, and charge ${card}. Grüße`
const streaming = Object.entries(apis).filter(([, { streams }]) => streams)
const says = (model: string, text: string) =>
  sides.provider.teach(model, { answers: [{ parts: [{ k: 'text', text }] }] })
const placeholders = (body: string) => body.match(/\[[A-Z_]+_[A-Z2-7]{5}\]/g) ?? []
const lastBody = () => sides.provider.received.at(-1)?.body ?? ''

test.each(streaming)(
  '%s: the provider sees placeholders, the caller its own values, whole or as a stream',
  async (_name, api) => {
    const call = (stream: boolean): Promise<Said> =>
      api.call(through, { model: `${api.provider}/text`, text: asked, stream }, { maxRetries: 0 })
    await call(false)
    const [ofMail = '', ofCard = ''] = placeholders(lastBody())
    expect(ofMail).toMatch(/^\[EMAIL_/)
    expect(ofCard).toMatch(/^\[CARD_/)
    says('text', `I told ${ofMail} ${ofMail}, charged ${ofCard}, not [CARD_AAAAA].`)
    for (const split of ['whole', 'bytes', { seed: 4 }] as const)
      for (const stream of [false, true]) {
        sides.provider.split(split)
        const { text } = await call(stream)
        expect(text).toBe(`I told ${mail} ${mail}, charged ${card}, not [CARD_AAAAA].`)
        // The same value has the same placeholder each time, so that the provider can reuse what it has read.
        expect(placeholders(lastBody())).toEqual([ofMail, ofCard])
        for (const value of [mail, card]) expect(lastBody()).not.toContain(value)
      }
    sides.provider.split('whole')
  },
)

test.each(streaming)('%s: a placeholder stays in the arguments of a tool', async (_name, api) => {
  const model = `${api.provider}/tool`
  const wish = { model, text: asked, withTool: true }
  await api.call(through, { model: `${api.provider}/text`, text: asked }, { maxRetries: 0 })
  const [ofMail = ''] = placeholders(lastBody())
  sides.provider.teach('tool', {
    answers: [{ parts: [{ k: 'call', name: 'look_up_host', args: { host: ofMail, fields: [] } }] }],
  })
  const answers: string[] = []
  const spied: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    answers.push(await response.clone().text())
    return response
  }
  await api.call(sides.directly, { ...wish, model: 'tool' }, { maxRetries: 0 })
  const received = sides.provider.received.at(-1)
  await gateway.pin(new Map(pinsIn(received?.path ?? '', received?.body ?? '')))
  for (const stream of [false, true])
    await api.call(through, { ...wish, stream }, { maxRetries: 0, fetch: spied })
  for (const answer of answers) {
    expect(answer).toContain('look_up_host')
    expect(answer).not.toContain(mail)
  }
})

test('a conversation that the provider keeps has the name that the client gives it', async () => {
  const client = new OpenAI({ baseURL: through.openai, apiKey: through.key, maxRetries: 0 })
  const options = { headers: { 'countersign-conversation': 'case-4711' } }
  const ask = (input: string, previous: string | null) =>
    client.responses.create(
      { model: 'mock/text', input, store: true, previous_response_id: previous },
      options,
    )
  says('text', 'Noted.')
  const first = await ask(`Remember ${mail}`, null)
  const [ofMail = ''] = placeholders(lastBody())
  expect(sides.provider.received.at(-1)?.headers).not.toHaveProperty('countersign-conversation')
  says('text', `It was ${ofMail}.`)
  const next = await ask('Whom?', first.id)
  expect(next.output_text).toBe(`It was ${mail}.`)
  const other = await client.responses.create(
    { model: 'mock/text', input: 'Whom?', store: true, previous_response_id: first.id },
    { headers: { 'countersign-conversation': 'case-4712' } },
  )
  expect(other.output_text).toBe(`It was ${ofMail}.`)
})

test('a name of a conversation that is none is refused', async () => {
  const client = new OpenAI({ baseURL: through.openai, apiKey: through.key, maxRetries: 0 })
  const call = client.chat.completions.create(
    { model: 'mock/text', messages: [{ role: 'user', content: 'Hello' }] },
    { headers: { 'countersign-conversation': 'a b' } },
  )
  await expect(call).rejects.toMatchObject({ status: 400, code: 'malformed' })
})

test('while the vault cannot be reached nothing is sent that it would have to keep', async () => {
  const [chat] = streaming
  const before = sides.provider.received.length
  await gateway.owner.query('revoke execute on function keep_conversation_values from countersign_gateway')
  const call = (text: string) => chat?.[1].call(through, { model: 'mock/text', text }, { maxRetries: 0 })
  await expect(call(asked)).rejects.toMatchObject({ status: 503, code: 'vault_unavailable' })
  expect(sides.provider.received.length).toBe(before)
  says('text', 'Fine.')
  expect(await call('Is all well?')).toMatchObject({ text: 'Fine.' })
  await gateway.owner.query('grant execute on function keep_conversation_values to countersign_gateway')
  expect(await call(asked)).toMatchObject({ text: 'Fine.' })
})

test('neither the database nor a record holds a value in the clear', async () => {
  await gateway.records.flush()
  const tables = ['conversations', 'conversation_values', 'gateway_records']
  for (const table of tables) {
    const { rows } = await gateway.owner.query<{ row: string }>(`select t::text as row from ${table} t`)
    expect(rows.length).toBeGreaterThan(0)
    for (const { row } of rows)
      for (const value of [mail, card, asked])
        for (const form of [value, Buffer.from(value).toString('hex'), Buffer.from(value).toString('base64')])
          expect(row).not.toContain(form)
  }
})
