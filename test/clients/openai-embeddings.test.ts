import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSides, type Side, type Sides } from './sides.ts'

let sides: Sides

beforeAll(async () => {
  sides = await startSides()
})
afterAll(() => sides.close())

const clientOf = ({ openai, key }: Side) => new OpenAI({ baseURL: openai, apiKey: key, maxRetries: 0 })

test.each<[string, Partial<OpenAI.EmbeddingCreateParams>, number]>([
  ['a text', { input: 'a phishing mail' }, 1],
  ['several texts', { input: ['a phishing mail', 'Grüße, 日本語', ''] }, 3],
  ['fewer dimensions', { input: 'x', dimensions: 4 }, 1],
  ['as numbers', { input: ['a', 'b'], encoding_format: 'float' }, 2],
])('%s', async (_what, params, count) => {
  const { data, usage } = await sides.agree((side) =>
    clientOf(side).embeddings.create({ model: side.model('text'), input: '', ...params }),
  )
  expect(data.map(({ index }) => index)).toEqual(Array.from({ length: count }, (_, n) => n))
  expect(data.every(({ embedding }) => embedding.length === (params.dimensions ?? 8))).toBe(true)
  expect(usage.total_tokens).toBeGreaterThan(0)
})
