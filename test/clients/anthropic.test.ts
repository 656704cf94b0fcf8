import Anthropic, { APIError, BadRequestError, NotFoundError, RateLimitError } from '@anthropic-ai/sdk'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { Scenario } from '../support/mock-provider/scenarios.ts'
import { all, startSides, type Side, type Sides } from './sides.ts'
import { anthropicTools, toolResult, verdictSchema } from './tools.ts'

let sides: Sides

beforeAll(async () => {
  sides = await startSides()
})
afterAll(() => sides.close())

const clientOf = ({ anthropic, key }: Side) =>
  new Anthropic({ baseURL: anthropic, apiKey: key, maxRetries: 0 })
const asked = {
  max_tokens: 1_024,
  system: [{ type: 'text', text: 'You triage alerts.', cache_control: { type: 'ephemeral' } }],
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'Is this alert real? Grüße, 日本語, 👩🏽‍🚀' }] },
  ],
} satisfies Omit<Anthropic.MessageCreateParamsNonStreaming, 'model'>
const cases: readonly Scenario[] = [
  'text',
  'empty',
  'long',
  'cut',
  'refusal',
  'reasoning',
  'redacted',
  'tool',
  'parallel',
  'said-and-called',
]
const stops: Partial<Record<Scenario, Anthropic.StopReason>> = {
  cut: 'max_tokens',
  refusal: 'refusal',
  tool: 'tool_use',
  parallel: 'tool_use',
  'said-and-called': 'tool_use',
}

test.each(cases)('a whole answer: %s', async (scenario) => {
  const message = await sides.agree((side) =>
    clientOf(side).messages.create({ ...asked, model: side.claude(scenario), tools: anthropicTools }),
  )
  expect(message.stop_reason).toBe(stops[scenario] ?? 'end_turn')
})

test.each(cases)('a stream, event by event: %s', async (scenario) => {
  const events = await sides.agree(async (side) =>
    all(
      await clientOf(side).messages.create({
        ...asked,
        model: side.claude(scenario),
        tools: anthropicTools,
        stream: true,
      }),
    ),
  )
  expect(events[0]?.type).toBe('message_start')
  expect(events.at(-1)?.type).toBe('message_stop')
})

test.each<Scenario>(['text', 'said-and-called', 'parallel'])(
  'the stream helper and its events: %s',
  async (scenario) => {
    const { told, message } = await sides.agree(async (side) => {
      const stream = clientOf(side).messages.stream({
        ...asked,
        model: side.claude(scenario),
        tools: anthropicTools,
      })
      const told: unknown[] = []
      stream.on('text', (delta, whole) => told.push(['text', delta, whole]))
      stream.on('thinking', (delta, whole) => told.push(['thinking', delta, whole]))
      stream.on('signature', (signature) => told.push(['signature', signature]))
      stream.on('inputJson', (delta) => told.push(['inputJson', delta]))
      stream.on('contentBlock', (block) => told.push(['contentBlock', block]))
      return { message: await stream.finalMessage(), told }
    })
    expect(told.length).toBeGreaterThan(4)
    expect(message.stop_reason).toBe(stops[scenario] ?? 'end_turn')
  },
)

test.each<Scenario>(['tool', 'parallel', 'two-rounds', 'said-and-called'])(
  'the tool runner: %s',
  async (scenario) => {
    const run = (name: string) => (args: unknown) => toolResult(name, args)
    const tools = [
      betaZodTool({
        name: 'look_up_host',
        description: 'Looks up a host of the inventory.',
        inputSchema: z.object({ host: z.string(), fields: z.array(z.string()) }),
        run: run('look_up_host'),
      }),
      betaZodTool({
        name: 'look_up_user',
        description: 'Looks up a user of the directory.',
        inputSchema: z.looseObject({ user: z.string() }),
        run: run('look_up_user'),
      }),
    ]
    for (const stream of [false, true]) {
      const last = await sides.agree(async (side) => {
        // Without `thread: false` the provider would keep the conversation.
        const request = { ...asked, model: side.claude(scenario), tools, thread: false as const }
        const { beta } = clientOf(side)
        return stream
          ? await beta.messages.toolRunner({ ...request, stream: true }).runUntilDone()
          : await beta.messages.toolRunner(request).runUntilDone()
      })
      expect(JSON.stringify(last.content)).toContain('svc-backup')
    }
  },
)

/** The gateway lets `thread` pass, with which the provider keeps the conversation where no guard reads it. */
test('the tool runner goes on without a thread where the grant allows no state at the provider', async () => {
  const tool = betaZodTool({
    name: 'look_up_host',
    description: 'Looks up a host of the inventory.',
    inputSchema: z.object({ host: z.string(), fields: z.array(z.string()) }),
    run: (args) => toolResult('look_up_host', args),
  })
  const from = sides.provider.received.length
  const { through } = sides
  const request = { ...asked, model: through.claude('tool'), tools: [tool], max_iterations: 3 }
  const last = await clientOf(through).beta.messages.toolRunner(request).runUntilDone()
  expect(JSON.stringify(last.content)).toContain('svc-backup')
  expect(sides.provider.received.slice(from).map(({ body }) => body)).toEqual([
    expect.not.stringContaining('"thread"'),
    expect.not.stringContaining('"thread"'),
  ])
})

test('structured output is parsed', async () => {
  const parsed = await sides.agree(async (side) => {
    const format = zodOutputFormat(z.strictObject(verdictSchema))
    const message = await clientOf(side).messages.parse({
      ...asked,
      model: side.claude('structured'),
      output_config: { format },
    })
    return message.parsed_output
  })
  expect(parsed).toEqual({ severity: 'low', confidence: 0.75, reasons: ['nightly job', 'known "owner"'] })
})

test('an answer of the model goes back in as it came, signed thinking included', async () => {
  const second = await sides.agree(async (side) => {
    const request = { ...asked, model: side.claude('said-and-called'), tools: anthropicTools }
    const first = await clientOf(side).messages.create(request)
    const call = first.content.find((block) => block.type === 'tool_use')
    if (call === undefined) throw new TypeError('the model has called nothing')
    return clientOf(side).messages.create({
      ...request,
      messages: [
        ...asked.messages,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'a server' }] },
      ],
    })
  })
  expect(second.stop_reason).toBe('end_turn')
})

test('tokens are counted', async () => {
  const counted = await sides.agree((side) =>
    clientOf(side).messages.countTokens({ model: side.claude('text'), messages: asked.messages }),
  )
  expect(counted.input_tokens).toBeGreaterThan(10)
})

test.each<[Scenario, unknown]>([
  ['status-400', BadRequestError],
  ['status-404', NotFoundError],
  ['status-429', RateLimitError],
])('an error of the provider stays what it is: %s', async (scenario, kind) => {
  for (const stream of [false, true]) {
    const error = await sides.agree(async (side) => {
      const request = { ...asked, model: side.claude(scenario), stream }
      const failed: unknown = await clientOf(side)
        .messages.create(request)
        .catch((e: unknown) => e)
      if (!(failed instanceof APIError)) throw new TypeError('no error of the API')
      const { status, type, message, requestID, constructor } = failed
      return { status, type, message, requestID, constructor }
    })
    expect(error.constructor).toBe(kind)
  }
})
