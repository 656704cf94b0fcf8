import OpenAI, { APIError, BadRequestError, RateLimitError } from 'openai'
import { ResponsesToolRunner } from 'openai/helpers/responses-tool-runner'
import { zodTextFormat } from 'openai/helpers/zod'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { Scenario } from '../support/mock-provider/scenarios.ts'
import { all, startSides, type Side, type Sides } from './sides.ts'
import { responseTools, toolResult, verdictSchema } from './tools.ts'

let sides: Sides

beforeAll(async () => {
  sides = await startSides()
})
afterAll(() => sides.close())

const clientOf = ({ openai, key }: Side) => new OpenAI({ baseURL: openai, apiKey: key, maxRetries: 0 })
const input: OpenAI.Responses.ResponseInput = [
  { role: 'developer', content: 'You triage alerts.' },
  { role: 'user', content: [{ type: 'input_text', text: 'Is this alert real? Grüße, 日本語, 👩🏽‍🚀' }] },
]
const cases: readonly Scenario[] = [
  'text',
  'empty',
  'long',
  'cut',
  'filtered',
  'refusal',
  'reasoning',
  'redacted',
  'tool',
  'parallel',
  'said-and-called',
]
const statusOf = (scenario: Scenario) =>
  scenario === 'cut' || scenario === 'filtered' ? 'incomplete' : 'completed'

test.each(cases)('a whole answer: %s', async (scenario) => {
  const response = await sides.agree((side) =>
    clientOf(side).responses.create({
      model: side.model(scenario),
      input,
      tools: responseTools,
      store: false,
    }),
  )
  expect(response.status).toBe(statusOf(scenario))
})

test.each(cases)('a stream, event by event: %s', async (scenario) => {
  const events = await sides.agree(async (side) =>
    all(
      await clientOf(side).responses.create({
        model: side.model(scenario),
        input,
        tools: responseTools,
        store: false,
        stream: true,
      }),
    ),
  )
  expect(events.at(-1)?.type).toBe(`response.${statusOf(scenario)}`)
})

test.each<Scenario>(['text', 'refusal', 'said-and-called', 'parallel'])(
  'the stream helper and its events: %s',
  async (scenario) => {
    const { events, final } = await sides.agree(async (side) => {
      const stream = clientOf(side).responses.stream({
        model: side.model(scenario),
        input,
        tools: responseTools,
        store: false,
      })
      const told: unknown[] = []
      stream.on('event', (event) => told.push(event))
      return { final: await stream.finalResponse(), events: told }
    })
    expect(events.length).toBeGreaterThan(6)
    expect(final.status).toBe('completed')
  },
)

test.each<Scenario>(['tool', 'parallel', 'two-rounds', 'said-and-called'])(
  'the tool runner: %s',
  async (scenario) => {
    for (const stream of [false, true]) {
      const said = await sides.agree(async (side) => {
        const request = { model: side.model(scenario), input, store: false }
        const functions = responseTools.map((tool) => ({
          tool,
          execute: (args: Record<string, unknown>) => toolResult(tool.name, args),
        }))
        const runner = new ResponsesToolRunner({ functions })
        const { output_text } = await runner.run(clientOf(side), request, { stream })
        return output_text
      })
      expect(said).toContain('svc-backup')
    }
  },
)

test('structured output is parsed', async () => {
  const format = zodTextFormat(z.strictObject(verdictSchema), 'verdict')
  const parsed = await sides.agree(async (side) => {
    const request = { model: side.model('structured'), input, store: false, text: { format } }
    const whole = await clientOf(side).responses.parse(request)
    const streamed = await clientOf(side).responses.stream(request).finalResponse()
    return [whole.output_parsed, streamed.output_parsed]
  })
  expect(parsed[0]).toEqual({ severity: 'low', confidence: 0.75, reasons: ['nightly job', 'known "owner"'] })
  expect(parsed[1]).toEqual(parsed[0])
})

test('an answer of the model goes back in as it came, signed reasoning included', async () => {
  const second = await sides.agree(async (side) => {
    const request = { model: side.model('said-and-called'), tools: responseTools, store: false }
    const first = await clientOf(side).responses.create({ ...request, input })
    const call = first.output.find((item) => item.type === 'function_call')
    if (call === undefined) throw new TypeError('the model has called nothing')
    const results = [{ type: 'function_call_output' as const, call_id: call.call_id, output: 'a server' }]
    const history = first.output as OpenAI.Responses.ResponseInput // what it said may be said again
    return clientOf(side).responses.create({ ...request, input: [...input, ...history, ...results] })
  })
  expect(second.output_text).toContain('svc-backup')
})

test.each<[Scenario, unknown]>([
  ['status-400', BadRequestError],
  ['status-429', RateLimitError],
])('an error of the provider stays what it is: %s', async (scenario, kind) => {
  for (const stream of [false, true]) {
    const error = await sides.agree(async (side) => {
      const request = { model: side.model(scenario), input, store: false, stream }
      const failed: unknown = await clientOf(side)
        .responses.create(request)
        .catch((e: unknown) => e)
      if (!(failed instanceof APIError)) throw new TypeError('no error of the API')
      const { status, code, type, message, constructor } = failed
      return { status, code, type, message, constructor }
    })
    expect(error.constructor).toBe(kind)
  }
})
