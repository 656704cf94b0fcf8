import {
  Agent,
  OpenAIChatCompletionsModel,
  OpenAIResponsesModel,
  Runner,
  tool,
  type Model,
} from '@openai/agents'
import OpenAI from 'openai'
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

const clientOf = ({ openai, key }: Side) => new OpenAI({ baseURL: openai, apiKey: key, maxRetries: 0 })
const models: Readonly<Record<string, (side: Side, scenario: Scenario) => Model>> = {
  'openai chat': (side, scenario) => new OpenAIChatCompletionsModel(clientOf(side), side.model(scenario)),
  'openai responses': (side, scenario) => new OpenAIResponsesModel(clientOf(side), side.model(scenario)),
}
const tools = [
  tool({
    name: 'look_up_host',
    description: toolSchemas.look_up_host.description,
    parameters: z.object({ host: z.string(), fields: z.array(z.string()) }),
    execute: (args) => toolResult('look_up_host', args),
  }),
  tool({
    name: 'look_up_user',
    description: toolSchemas.look_up_user.description,
    parameters: z.object({ user: z.string(), 'odd "key"': z.string() }),
    execute: (args) => toolResult('look_up_user', args),
  }),
]
const runner = new Runner({ tracingDisabled: true })
const modelOf = (api: string, side: Side, scenario: Scenario): Model => {
  const make = models[api]
  if (make === undefined) throw new RangeError(api)
  return make(side, scenario)
}
const agentOf = (model: Model) =>
  new Agent({
    name: 'triage',
    instructions: 'You triage alerts.',
    model,
    tools,
    modelSettings: { store: false },
  })

const cases = Object.keys(models).flatMap((api) =>
  (['text', 'tool', 'parallel', 'two-rounds'] as const).map((one) => [api, one] as const),
)

test.each(cases)('%s, a run: %s', async (api, scenario) => {
  const { output } = await sides.agree(async (side) => {
    const result = await runner.run(agentOf(modelOf(api, side, scenario)), 'Is this alert real?')
    return { output: result.finalOutput, history: result.history, responses: result.rawResponses }
  })
  expect(output).toContain('svc-backup')
})

test.each(cases)('%s, a run as a stream: %s', async (api, scenario) => {
  const { events, output } = await sides.agree(async (side) => {
    const agent = agentOf(modelOf(api, side, scenario))
    const result = await runner.run(agent, 'Is this alert real?', { stream: true })
    const told = await all(result)
    await result.completed
    const models = told.filter((event) => event.type === 'raw_model_stream_event').map(({ data }) => data)
    return { events: models, output: result.finalOutput }
  })
  expect(output).toContain('svc-backup')
  expect(events.length).toBeGreaterThan(8)
})

test.each(Object.keys(models))('%s: structured output is parsed', async (api) => {
  const output = await sides.agree(async (side) => {
    const agent = new Agent({
      name: 'judge',
      instructions: 'You triage alerts.',
      model: modelOf(api, side, 'structured'),
      modelSettings: { store: false },
      outputType: z.strictObject(verdictSchema),
    })
    return (await runner.run(agent, 'Is this alert real?')).finalOutput
  })
  expect(output).toEqual({ severity: 'low', confidence: 0.75, reasons: ['nightly job', 'known "owner"'] })
})
