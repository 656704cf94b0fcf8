import { HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { Scenario } from '../../support/mock-provider/scenarios.ts'
import { all, startSides, type Side, type Sides } from '../sides.ts'
import { toolResult, toolSchemas, verdictSchema } from '../tools.ts'

let sides: Sides

beforeAll(async () => {
  sides = await startSides()
})
afterAll(() => sides.close())

const apis = { 'openai chat': false, 'openai responses': true } as const
const modelOf = (side: Side, scenario: Scenario, useResponsesApi: boolean) =>
  new ChatOpenAI({
    model: side.model(scenario),
    apiKey: side.key,
    configuration: { baseURL: side.openai },
    maxRetries: 0,
    useResponsesApi,
    modelKwargs: useResponsesApi ? { store: false } : {},
  })
const tools = [
  tool((args) => toolResult('look_up_host', args), {
    name: 'look_up_host',
    description: toolSchemas.look_up_host.description,
    schema: z.object({ host: z.string(), fields: z.array(z.string()) }),
  }),
  tool((args) => toolResult('look_up_user', args), {
    name: 'look_up_user',
    description: toolSchemas.look_up_user.description,
    schema: z.object({ user: z.string(), 'odd "key"': z.string() }),
  }),
]
const asked = [new SystemMessage('You triage alerts.'), new HumanMessage('Is this alert real? Grüße, 日本語')]
const cases = Object.entries(apis).flatMap(([api, useResponses]) =>
  (['text', 'cut', 'tool', 'parallel'] as const).map((scenario) => [api, scenario, useResponses] as const),
)

test.each(cases)('%s, whole: %s', async (_api, scenario, useResponses) => {
  const message = await sides.agree(async (side) =>
    (await modelOf(side, scenario, useResponses).bindTools(tools).invoke(asked)).toDict(),
  )
  expect(JSON.stringify(message)).toMatch(/svc-backup|srv-7/)
})

test.each(cases)('%s, a stream chunk by chunk: %s', async (_api, scenario, useResponses) => {
  const chunks = await sides.agree(async (side) => {
    const stream = await modelOf(side, scenario, useResponses).bindTools(tools).stream(asked)
    return (await all(stream)).map((chunk) => chunk.toDict())
  })
  expect(chunks.length).toBeGreaterThan(8)
})

test.each(Object.entries(apis))(
  '%s: a tool is called, and its result goes back',
  async (_api, useResponses) => {
    const last = await sides.agree(async (side) => {
      const model = modelOf(side, 'parallel', useResponses).bindTools(tools)
      const first = await model.invoke(asked)
      const results = (first.tool_calls ?? []).map(
        ({ id = '', name, args }) => new ToolMessage({ tool_call_id: id, content: toolResult(name, args) }),
      )
      return (await model.invoke([...asked, first, ...results])).text
    })
    expect(last).toContain('svc-backup')
  },
)

test.each(Object.entries(apis))('%s: structured output is parsed', async (_api, useResponses) => {
  const parsed = await sides.agree((side) =>
    modelOf(side, 'structured', useResponses)
      .withStructuredOutput(z.strictObject(verdictSchema), { name: 'verdict', method: 'jsonSchema' })
      .invoke(asked),
  )
  expect(parsed).toEqual({ severity: 'low', confidence: 0.75, reasons: ['nightly job', 'known "owner"'] })
})

test('embeddings', async () => {
  const vectors = await sides.agree((side) =>
    new OpenAIEmbeddings({
      model: side.model('text'),
      apiKey: side.key,
      configuration: { baseURL: side.openai },
      maxRetries: 0,
    }).embedDocuments(['a phishing mail', 'Grüße']),
  )
  expect(vectors.map(({ length }) => length)).toEqual([8, 8])
})
