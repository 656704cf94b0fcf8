import Anthropic, { NotFoundError as AnthropicNotFound } from '@anthropic-ai/sdk'
import OpenAI, { NotFoundError } from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMockProvider, type MockProvider } from '../support/mock-provider/mock-provider.ts'
import { runGateway } from '../support/running-gateway.ts'
import { all } from './sides.ts'

let provider: MockProvider
let gateway: Awaited<ReturnType<typeof runGateway>>
beforeAll(async () => {
  provider = await startMockProvider()
  gateway = await runGateway({ provider: provider.origin, granted: { models: ['text', 'tool'] } })
})
afterAll(async () => {
  await gateway.close()
  await provider.close()
})

test('each API lists the models that are granted and served by it', async () => {
  const openai = new OpenAI({ baseURL: `${gateway.address}/openai/v1`, apiKey: gateway.token })
  expect((await all(await openai.models.list())).map(({ id }) => id)).toEqual([
    'demo/demo',
    'demo/demo-endless',
    'mock/text',
    'mock/tool',
  ])
  const anthropic = new Anthropic({ baseURL: `${gateway.address}/anthropic`, apiKey: gateway.token })
  expect((await all(await anthropic.models.list())).map(({ id }) => id)).toEqual([
    'mock-anthropic/text',
    'mock-anthropic/tool',
  ])
})

test('a path that leads nowhere is refused in the words of its API', async () => {
  const anthropic = new Anthropic({
    baseURL: `${gateway.address}/anthropic`,
    apiKey: gateway.token,
    maxRetries: 0,
  })
  const openai = new OpenAI({ baseURL: `${gateway.address}/openai/v1`, apiKey: gateway.token, maxRetries: 0 })
  await expect(anthropic.messages.batches.list()).rejects.toThrow(AnthropicNotFound)
  await expect(openai.files.list()).rejects.toThrow(NotFoundError)
})
