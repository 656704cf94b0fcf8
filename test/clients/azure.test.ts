import OpenAI, { AzureOpenAI, BadRequestError } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startMockProvider } from '../support/mock-provider/mock-provider.ts'
import { obviousSecret, type Scenario } from '../support/mock-provider/scenarios.ts'
import { runGateway } from '../support/running-gateway.ts'
import { all, granted, startSides, type Side, type Sides } from './sides.ts'
import { chatTools, responseTools } from './tools.ts'

const apiVersion = '2024-10-21'
const messages = [{ role: 'user' as const, content: 'Is this alert real? Grüße, 日本語 \u2028 "quoted"' }]
const scenarios: readonly Scenario[] = ['text', 'empty', 'long', 'filtered', 'refusal', 'tool', 'parallel']

/** The same calls by both of Azure's addresses: its older one with a version and deployments, and its newer one. */
describe.each([
  [
    'deployments',
    { basePath: '/openai', apiVersion },
    ({ azure, key }: Side) => new AzureOpenAI({ endpoint: azure, apiKey: key, apiVersion, maxRetries: 0 }),
    '/openai/deployments/text/chat/completions',
  ],
  [
    'v1',
    { basePath: '/openai/v1' },
    ({ azure, key }: Side) => new OpenAI({ baseURL: `${azure}/openai/v1`, apiKey: key, maxRetries: 0 }),
    '/openai/v1/chat/completions',
  ],
] as const)('Azure, %s', (_name, azure, clientOf, path) => {
  let sides: Sides

  beforeAll(async () => {
    sides = await startSides({ azure })
  })
  afterAll(() => sides.close())

  test.each(scenarios)('a whole answer: %s', async (scenario) => {
    const completion = await sides.agree((side) =>
      clientOf(side).chat.completions.create({ model: side.model(scenario), messages, tools: chatTools }),
    )
    expect(completion.choices).toHaveLength(1)
  })

  test.each(scenarios)('a stream, chunk by chunk: %s', async (scenario) => {
    for (const counts of [{}, { stream_options: { include_usage: true } }]) {
      const chunks = await sides.agree(async (side) =>
        all(
          await clientOf(side).chat.completions.create({
            model: side.model(scenario),
            messages,
            tools: chatTools,
            stream: true,
            ...counts,
          }),
        ),
      )
      expect(chunks.some((chunk) => 'usage' in chunk)).toBe('stream_options' in counts)
    }
  })

  test('responses and embeddings', async () => {
    for (const stream of [false, true])
      await sides.agree(async (side) => {
        const request = { model: side.model('parallel'), input: 'Is it?', store: false, tools: responseTools }
        const { responses } = clientOf(side)
        return stream ? all(await responses.create({ ...request, stream })) : responses.create(request)
      })
    const { data } = await sides.agree((side) =>
      clientOf(side).embeddings.create({ model: side.model('text'), input: ['a', 'b'] }),
    )
    expect(data).toHaveLength(2)
  })

  test('the provider is asked under its own address, with its own key', async () => {
    await clientOf(sides.through).chat.completions.create({ model: 'mock/text', messages })
    const { headers, query, path: asked } = sides.provider.received.at(-1) ?? {}
    expect([asked, query]).toEqual([path, 'apiVersion' in azure ? `?api-version=${apiVersion}` : ''])
    expect(headers?.['api-key']).toBe('provider-secret')
    expect(headers?.authorization).toBeUndefined()
  })
})

describe('the client that Azure has', () => {
  let sides: Sides

  beforeAll(async () => {
    sides = await startSides({ azure: { basePath: '/openai', apiVersion } })
  })
  afterAll(() => sides.close())

  test('the deployment that it is bound to is the model, whatever the body says', async () => {
    const bound = new AzureOpenAI({
      endpoint: sides.through.azure,
      apiKey: sides.through.key,
      apiVersion,
      deployment: 'mock/text',
      maxRetries: 0,
    })
    const asked = (model: string) => bound.chat.completions.create({ model, messages })
    expect((await asked('anything')).model).toBe('text')
    expect((await asked('mock/status-500')).model).toBe('text')
    expect(JSON.parse(sides.provider.received.at(-1)?.body ?? '')).toMatchObject({ model: 'text' })
  })

  test('a body without a model gets the one of its path', async () => {
    const { azure, key } = sides.through
    const response = await fetch(
      `${azure}/openai/deployments/mock%2ftext/chat/completions?api-version=${apiVersion}`,
      {
        method: 'POST',
        headers: { 'api-key': key, 'content-type': 'application/json' },
        body: JSON.stringify({ messages }),
      },
    )
    expect(response.status).toBe(200)
    expect(JSON.parse(sides.provider.received.at(-1)?.body ?? '')).toMatchObject({ model: 'text' })
  })

  test.each([
    ['a slash that is not encoded', 'deployments/mock/text/chat/completions'],
    ['a name that climbs', 'deployments/..%2f..%2ftext/chat/completions'],
    ['a name that is encoded twice', 'deployments/mock%252ftext/chat/completions'],
    ['an operation that it has not', 'deployments/mock%2ftext/images/generations'],
    ['no name', 'deployments//chat/completions'],
  ])('%s leads nowhere', async (_what, path) => {
    const { azure, key } = sides.through
    const before = sides.provider.received.length
    const response = await fetch(`${azure}/openai/${path}?api-version=${apiVersion}`, {
      method: 'POST',
      headers: { 'api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'mock/text', messages }),
    })
    expect([403, 404]).toContain(response.status)
    expect(sides.provider.received).toHaveLength(before)
  })
})

test('what the guard stops has the code of the content filter', async () => {
  const provider = await startMockProvider()
  const gateway = await runGateway({
    provider: provider.origin,
    granted: { models: granted.models },
    tier: 3,
  })
  const client = new AzureOpenAI({
    endpoint: `${gateway.address}/azure`,
    apiKey: gateway.token,
    apiVersion,
    maxRetries: 0,
  })
  const error: unknown = await client.chat.completions
    .create({ model: 'mock/text', messages: [{ role: 'user', content: `Try ${obviousSecret}` }] })
    .catch((e: unknown) => e)
  expect(error).toBeInstanceOf(BadRequestError)
  expect(error).toMatchObject({
    status: 400,
    code: 'content_filter',
    error: { innererror: { code: 'ResponsibleAIPolicyViolation' } },
  })
  const denied: unknown = await client.chat.completions
    .create({ model: 'other', messages })
    .catch((e: unknown) => e)
  expect(denied).toMatchObject({ status: 403, code: 'model_not_granted' })
  expect(denied).not.toHaveProperty('error.innererror')
  await gateway.close()
  await provider.close()
})
