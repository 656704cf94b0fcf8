import OpenAI, { APIError, BadRequestError, NotFoundError, RateLimitError } from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { Scenario } from '../support/mock-provider/scenarios.ts'
import { all, startSides, type Side, type Sides } from './sides.ts'
import { chatTools, runnableTools, verdictSchema } from './tools.ts'

let sides: Sides

beforeAll(async () => {
  sides = await startSides()
})
afterAll(() => sides.close())

const clientOf = ({ openai, key }: Side) => new OpenAI({ baseURL: openai, apiKey: key, maxRetries: 0 })
const messages = [
  { role: 'developer', content: 'You triage alerts.' },
  {
    role: 'user',
    content: [{ type: 'text', text: 'Is this alert real? Grüße, 日本語, 👩🏽‍🚀 \u2028 "quoted"' }],
  },
] as const satisfies OpenAI.ChatCompletionMessageParam[]

test.each<Scenario>(['text', 'empty', 'long', 'cut', 'filtered', 'refusal', 'tool', 'parallel'])(
  'a whole answer: %s',
  async (scenario) => {
    const completion = await sides.agree((side) =>
      clientOf(side).chat.completions.create({
        model: side.model(scenario),
        messages: [...messages],
        tools: chatTools,
        temperature: 1.0,
      }),
    )
    expect(completion.choices[0]?.finish_reason).toBe(finishes[scenario] ?? 'stop')
  },
)

test.each<Scenario>(['text', 'empty', 'long', 'cut', 'filtered', 'refusal', 'tool', 'parallel'])(
  'a stream, chunk by chunk: %s',
  async (scenario) => {
    const chunks = await sides.agree(async (side) =>
      all(
        await clientOf(side).chat.completions.create({
          model: side.model(scenario),
          messages: [...messages],
          tools: chatTools,
          stream: true,
          stream_options: { include_usage: true },
        }),
      ),
    )
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe(finishes[scenario] ?? 'stop')
    expect(chunks.at(-1)?.usage?.total_tokens).toBeGreaterThan(0)
  },
)
const finishes: Partial<Record<Scenario, string>> = {
  cut: 'length',
  filtered: 'content_filter',
  tool: 'tool_calls',
  parallel: 'tool_calls',
}

test('several choices at once, with the probabilities of their tokens, and no count that was not asked for', async () => {
  const chunks = await sides.agree(async (side) =>
    all(
      await clientOf(side).chat.completions.create({
        model: side.model('text'),
        messages: [...messages],
        n: 2,
        logprobs: true,
        stream: true,
      }),
    ),
  )
  expect(new Set(chunks.flatMap(({ choices }) => choices.map(({ index }) => index)))).toEqual(new Set([0, 1]))
  expect(chunks.some(({ choices }) => (choices[0]?.logprobs?.content?.length ?? 0) > 0)).toBe(true)
  expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false)
})

test.each<Scenario>(['text', 'refusal', 'parallel'])(
  'the stream helper and its events: %s',
  async (scenario) => {
    const { events, final } = await sides.agree(async (side) => {
      const stream = clientOf(side).chat.completions.stream({
        model: side.model(scenario),
        messages: [...messages],
        tools: chatTools,
        stream_options: { include_usage: true },
      })
      const told: unknown[] = []
      for (const name of [
        'content.delta',
        'content.done',
        'refusal.delta',
        'refusal.done',
        'tool_calls.function.arguments.delta',
        'tool_calls.function.arguments.done',
      ] as const)
        stream.on(name, (event: unknown) => told.push([name, event]))
      return { final: await stream.finalChatCompletion(), events: told }
    })
    expect(events.length).toBeGreaterThan(4)
    expect(final.usage?.total_tokens).toBeGreaterThan(0)
  },
)

test.each<Scenario>(['tool', 'parallel', 'two-rounds'])('the tool runner: %s', async (scenario) => {
  for (const stream of [false, true]) {
    const { said, conversation } = await sides.agree(async (side) => {
      const client = clientOf(side)
      const request = { model: side.model(scenario), messages: [...messages], tools: runnableTools() }
      const runner = stream
        ? client.chat.completions.runTools({ ...request, stream: true })
        : client.chat.completions.runTools(request)
      return { said: await runner.finalContent(), conversation: runner.messages }
    })
    expect(said).toContain('svc-backup')
    expect(conversation.filter(({ role }) => role === 'tool').length).toBe(scenario === 'tool' ? 1 : 2)
  }
})

test('structured output is parsed', async () => {
  const format = zodResponseFormat(z.strictObject(verdictSchema), 'verdict')
  const parsed = await sides.agree(async (side) => {
    const request = { model: side.model('structured'), messages: [...messages], response_format: format }
    const { choices } = await clientOf(side).chat.completions.parse(request)
    const streamed = await clientOf(side).chat.completions.stream(request).finalChatCompletion()
    return [choices[0]?.message.parsed, streamed.choices[0]?.message.parsed]
  })
  expect(parsed).toEqual([
    { severity: 'low', confidence: 0.75, reasons: ['nightly job', 'known "owner"'] },
    { severity: 'low', confidence: 0.75, reasons: ['nightly job', 'known "owner"'] },
  ])
})

test.each<[Scenario, unknown]>([
  ['status-400', BadRequestError],
  ['status-404', NotFoundError],
  ['status-429', RateLimitError],
])('an error of the provider stays what it is: %s', async (scenario, kind) => {
  for (const stream of [false, true]) {
    const error = await sides.agree(async (side) => {
      const request = { model: side.model(scenario), messages: [...messages], stream }
      const failed: unknown = await clientOf(side)
        .chat.completions.create(request)
        .catch((e: unknown) => e)
      if (!(failed instanceof APIError)) throw new TypeError('no error of the API')
      const { status, code, type, message, requestID, constructor } = failed
      return { status, code, type, message, requestID, constructor }
    })
    expect(error.constructor).toBe(kind)
  }
})

test('the list of models holds what is granted', async () => {
  const { data } = await clientOf(sides.through).models.list()
  expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining(['mock/text', 'mock/parallel']))
})

test('a stream that was not asked for its usage is counted all the same', async () => {
  const { gateway } = sides
  await all(
    await clientOf(sides.through).chat.completions.create({
      model: 'mock/long',
      messages: [...messages],
      stream: true,
    }),
  )
  await gateway.records.flush()
  const { rows } = await gateway.owner.query<{ usage: { readonly outputTokens: number } | null }>(
    `select record -> 'usage' as usage from gateway_records order by (record ->> 'seq')::int desc limit 1`,
  )
  expect(rows[0]?.usage?.outputTokens).toBeGreaterThan(100)
})
