import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { fakeApprovals, type FakeApprovals } from '../../src/app/ports/approval.fake.ts'
import { pinOf, type DefinitionForm } from '../../src/guard/tools/pin.ts'
import { digestOf, epochMs, type Json } from '../../src/kernel/index.ts'
import { runMemoryGateway, type MemoryGateway } from '../support/memory-gateway.ts'
import { startMockProvider, type MockProvider } from '../support/mock-provider/mock-provider.ts'

const parameters = { type: 'object', properties: { host: { type: 'string' } } } as const
const words = { name: 'look_up_host', description: 'Looks up a host.' } as const
const tools = {
  'openai-chat': { type: 'function', function: { ...words, parameters } },
  'openai-responses': { type: 'function', ...words, parameters, strict: false },
  'anthropic-messages': { ...words, input_schema: parameters },
} as const satisfies Partial<Record<DefinitionForm, Json>>
type Form = keyof typeof tools

/** What a client makes of an answer: the calls that it would carry out, what it was told, and why the answer ended. */
type Made = { readonly calls: readonly string[]; readonly said: string; readonly end: string | null }

let provider: MockProvider
let people: FakeApprovals
let gateway: MemoryGateway
beforeAll(async () => {
  provider = await startMockProvider()
})
afterEach(() => gateway.close())
afterAll(() => provider.close())

async function begin(form: Form, { asks = true, holdMs = 30_000 } = {}) {
  people = fakeApprovals(() => epochMs(Date.now()))
  const pin = pinOf(form, tools[form])
  gateway = await runMemoryGateway({
    servers: {},
    models: Object.fromEntries(
      ['tool', 'said-and-called'].map((model) => [
        model,
        {
          address: `${provider.origin}/v1`,
          api: form === 'anthropic-messages' ? ('anthropic' as const) : ('openai' as const),
        },
      ]),
    ),
    scope: {
      tools: [
        {
          toolId: 'fn/look_up_host',
          definitionSha256: pin.ok ? pin.digest : digestOf('none'),
          effect: 'write',
          autonomyMax: 'A2',
        },
      ],
    },
    ...(asks ? { approvals: people.port } : {}),
    limits: { holdMs, holdPollMs: 5, keepAliveMs: 10, approvalAnswerMs: 100, idleMs: 60 },
  })
}

const user = { role: 'user', content: 'Which host is it?' } as const

async function ask(form: Form, stream: boolean, model = 'tool'): Promise<Made> {
  const options = { apiKey: gateway.token, maxRetries: 0 }
  if (form === 'anthropic-messages') {
    const client = new Anthropic({ ...options, baseURL: `${gateway.address}/anthropic` })
    const wish = { model, max_tokens: 500, messages: [user], tools: [tools[form]] }
    const message = stream
      ? await client.messages.stream(wish).finalMessage()
      : await client.messages.create(wish)
    return {
      calls: message.content.flatMap((block) => (block.type === 'tool_use' ? [block.name] : [])),
      said: message.content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
      end: message.stop_reason,
    }
  }
  const client = new OpenAI({ ...options, baseURL: `${gateway.address}/openai/v1` })
  if (form === 'openai-chat') {
    const wish = { model, messages: [user], tools: [tools[form]] }
    const completion = stream
      ? await client.chat.completions.stream(wish).finalChatCompletion()
      : await client.chat.completions.create(wish)
    const [choice] = completion.choices
    const { content, refusal, tool_calls: calls = [] } = choice?.message ?? {}
    return {
      calls: (calls ?? []).flatMap((call) => ('function' in call ? [call.function.name] : [])),
      said: `${content ?? ''}${refusal ?? ''}`,
      end: choice?.finish_reason ?? null,
    }
  }
  const wish = { model, input: [user], tools: [tools[form]] }
  const response = stream
    ? await client.responses.stream(wish).finalResponse()
    : await client.responses.create(wish)
  return {
    calls: response.output.flatMap((item) => (item.type === 'function_call' ? [item.name] : [])),
    said: response.output
      .flatMap((item) => (item.type === 'message' ? item.content : []))
      .map((part) => (part.type === 'output_text' ? part.text : part.refusal))
      .join(''),
    end: response.incomplete_details?.reason ?? response.status ?? null,
  }
}

const ends = {
  'openai-chat': { calls: 'tool_calls', pending: 'stop', denied: 'content_filter' },
  'openai-responses': { calls: 'completed', pending: 'completed', denied: 'content_filter' },
  'anthropic-messages': { calls: 'tool_use', pending: 'end_turn', denied: 'refusal' },
} as const
const everywhere = Object.keys(tools).flatMap((form) =>
  [false, true].map((stream) => [form as Form, stream ? 'stream' : 'whole', stream] as const),
)
const asked = () =>
  vi.waitFor(() => expect(people.told.looked).toBeGreaterThan(1), { timeout: 5_000, interval: 2 })
const codes = async () => (await gateway.recorded()).map(({ action, codes: all }) => [action, ...all])

describe.each(everywhere)('%s, %s', (form, _how, stream) => {
  test('a call leaves once a person has agreed to it', async () => {
    await begin(form)
    const made = ask(form, stream)
    await asked()
    expect(people.records()[0]?.question).toMatchObject({
      tool: 'fn/look_up_host',
      shown: '{"fields":["owner","os"],"host":"srv-7"}',
      reasons: ['autonomy_needs_approval'],
    })
    people.settle('approved')
    expect(await made).toMatchObject({ calls: ['look_up_host'], end: ends[form].calls })
    expect(people.records().map(({ state }) => state)).toEqual(['used'])
    expect(await codes()).toEqual([['allow']])
  })

  test('a call that waits for longer than its client does is told to be pending, and found again', async () => {
    await begin(form, { holdMs: 40 })
    const made = await ask(form, stream)
    expect(made).toMatchObject({ calls: [], end: ends[form].pending })
    expect(made.said).toContain('apr_1')
    expect(made.said).toContain('`fn/look_up_host`')
    people.settle('approved')
    expect((await ask(form, stream)).calls).toEqual(['look_up_host'])
    expect(people.records()).toHaveLength(1)
    expect(await codes()).toEqual([['held', 'approval_pending'], ['allow']])
  })

  test.each([
    ['denied', 'approval_denied'],
    ['expired', 'approval_expired'],
    ['cancelled', 'approval_denied'],
  ] as const)('a call that is %s does not leave', async (state, code) => {
    await begin(form)
    const made = ask(form, stream)
    await asked()
    people.settle(state)
    const { said, ...rest } = await made
    expect(rest).toEqual({ calls: [], end: ends[form].denied })
    expect(said).toContain(code)
    expect(await codes()).toEqual([['block', code]])
  })

  test('where nobody can be asked, the caller is told that nobody can', async () => {
    await begin(form, { asks: false })
    const { calls, said, end } = await ask(form, stream)
    expect({ calls, end }).toEqual({ calls: [], end: ends[form].denied })
    expect(said).toContain('nobody can be asked (approval_denied, record ')
  })

  test('what was said before a call stays said, and the end follows it', async () => {
    await begin(form, { holdMs: 40 })
    const { calls, said } = await ask(form, stream, 'said-and-called')
    expect(calls).toEqual([])
    expect(said).toMatch(/A person has to approve the call of `fn\/look_up_host` before it runs\./)
    if (stream) expect(said).toMatch(/^Likely noise/)
  })

  test('a stop reaches a held call', async () => {
    await begin(form)
    const made = ask(form, stream).catch((error: unknown) => String(error))
    await asked()
    await gateway.stopDeployment()
    await made
    people.settle('approved')
    expect(people.records().map(({ state }) => state)).toEqual(['approved'])
    expect(await codes()).toEqual([['block', 'grant_stopped']])
  })

  test('an approval for what is not granted any more opens nothing', async () => {
    await begin(form)
    const made = ask(form, stream).catch((error: unknown) => String(error))
    await asked()
    await gateway.regrant({ tools: [] })
    people.settle('approved')
    await made
    expect(people.records().map(({ state }) => state)).toEqual(['approved'])
    expect((await codes())[0]?.[0]).toBe('block')
  })
})

test('a gateway that drains answers held calls with their pending form', async () => {
  await begin('openai-chat')
  const made = ask('openai-chat', false)
  await asked()
  const closed = gateway.close()
  expect(await made).toMatchObject({ calls: [], end: 'stop' })
  await closed
})

test('a caller who goes away leaves the question open, and nothing is used', async () => {
  await begin('openai-chat')
  const stop = new AbortController()
  const gone = fetch(`${gateway.address}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tool', messages: [user], tools: [tools['openai-chat']] }),
    signal: stop.signal,
  }).catch(() => null)
  await asked()
  stop.abort()
  await gone
  await vi.waitFor(() => expect(gateway.openExchanges()).toBe(0), { timeout: 5_000, interval: 2 })
  people.settle('approved')
  expect((await ask('openai-chat', false)).calls).toEqual(['look_up_host'])
  expect(people.records().map(({ state }) => state)).toEqual(['used'])
})

test('two conversations that are alike cannot both use one approval', async () => {
  await begin('openai-chat')
  const both = [ask('openai-chat', false), ask('openai-chat', true)]
  await vi.waitFor(() => expect(people.told.asked).toBe(2), { timeout: 5_000, interval: 2 })
  people.settle('approved')
  const made = await Promise.all(both)
  expect(made.flatMap(({ calls }) => calls)).toEqual(['look_up_host'])
})
