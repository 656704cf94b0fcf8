import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { embedMany, generateText, isStepCount, Output, streamText, tool, type LanguageModel } from 'ai'
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

const openaiOf = ({ openai, key }: Side) => createOpenAI({ baseURL: openai, apiKey: key })
const anthropicOf = ({ anthropic, key }: Side) => createAnthropic({ baseURL: `${anthropic}/v1`, apiKey: key })
const models: Readonly<Record<string, (side: Side, scenario: Scenario) => LanguageModel>> = {
  'openai chat': (side, scenario) => openaiOf(side).chat(side.model(scenario)),
  'openai responses': (side, scenario) => openaiOf(side).responses(side.model(scenario)),
  'anthropic messages': (side, scenario) => anthropicOf(side)(side.claude(scenario)),
}
const tools = {
  look_up_host: tool({
    description: toolSchemas.look_up_host.description,
    inputSchema: z.object({ host: z.string(), fields: z.array(z.string()) }),
    execute: (args) => toolResult('look_up_host', args),
  }),
  look_up_user: tool({
    description: toolSchemas.look_up_user.description,
    inputSchema: z.looseObject({ user: z.string() }),
    execute: (args) => toolResult('look_up_user', args),
  }),
}
const asked = {
  instructions: 'You triage alerts.',
  prompt: 'Is this alert real? Grüße, 日本語',
  maxRetries: 0,
  maxOutputTokens: 1_000,
  // Otherwise it refers to what the provider has kept, which is a capability of its own.
  providerOptions: { openai: { store: false, include: ['reasoning.encrypted_content'] } },
}

const cases = Object.keys(models).flatMap((api) =>
  (['text', 'cut', 'reasoning', 'tool', 'parallel', 'two-rounds', 'said-and-called'] as const).map(
    (one) => [api, one] as const,
  ),
)
const modelOf = (api: string, side: Side, scenario: Scenario): LanguageModel => {
  const make = models[api]
  if (make === undefined) throw new RangeError(api)
  return make(side, scenario)
}

test.each(cases)('%s, whole: %s', async (api, scenario) => {
  const { text } = await sides.agree(async (side) => {
    const model = modelOf(api, side, scenario)
    const result = await generateText({ ...asked, model, tools, stopWhen: isStepCount(5) })
    const { text, finishReason, usage, totalUsage, reasoningText, response } = result
    const steps = result.steps.map(({ toolCalls, toolResults }) => ({ toolCalls, toolResults }))
    return { text, finishReason, usage, totalUsage, reasoningText, steps, messages: response.messages }
  })
  expect(text).toContain('svc-backup')
})

test.each(cases)('%s, a stream part by part: %s', async (api, scenario) => {
  const { parts, text } = await sides.agree(async (side) => {
    const model = modelOf(api, side, scenario)
    const result = streamText({ ...asked, model, tools, stopWhen: isStepCount(5) })
    const found = await all(result.fullStream)
    const [text, usage] = [await result.text, await result.totalUsage]
    return { parts: found.map((part) => untimed(part)), text, usage }
  })
  expect(text).toContain('svc-backup')
  expect(parts.length).toBeGreaterThan(10)
})

test.each(Object.keys(models))('%s: structured output is parsed', async (api) => {
  const output = await sides.agree(async (side) => {
    const model = modelOf(api, side, 'structured')
    const spec = Output.object({ schema: z.strictObject(verdictSchema) })
    return (await generateText({ ...asked, model, output: spec })).output
  })
  expect(output).toEqual({ severity: 'low', confidence: 0.75, reasons: ['nightly job', 'known "owner"'] })
})

test('a reference to what the provider has kept is refused where no grant covers it', async () => {
  const model = openaiOf(sides.through).responses(sides.through.model('said-and-called'))
  const { providerOptions: _stateless, ...stateful } = asked
  await expect(generateText({ ...stateful, model, tools, stopWhen: isStepCount(5) })).rejects.toMatchObject({
    statusCode: 403,
    isRetryable: false,
    data: { error: { code: 'capability_not_granted' } },
  })
})

test('embeddings', async () => {
  const { embeddings } = await sides.agree(async (side) => {
    const model = openaiOf(side).embeddingModel(side.model('text'))
    const { embeddings, usage } = await embedMany({
      model,
      values: ['a phishing mail', 'Grüße'],
      maxRetries: 0,
    })
    return { embeddings, usage }
  })
  expect(embeddings.map(({ length }) => length)).toEqual([8, 8])
})

/** A part without what is of the moment: times, ids that the SDK makes up, and heads of requests. */
function untimed(part: object): object {
  const moment = new Set(['request', 'response', 'performance'])
  const kept = Object.entries(part).filter(
    ([name, value]) => !moment.has(name) && !(name === 'id' && /^ai\w*-/.test(String(value))),
  )
  return Object.fromEntries(kept)
}
