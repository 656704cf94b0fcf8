import { afterAll, beforeAll, expect, test } from 'vitest'
import { runMemoryGateway, type MemoryGateway } from '../../support/memory-gateway.ts'
import { startMockProvider, type MockProvider } from '../../support/mock-provider/mock-provider.ts'
import { obviousSecret } from '../../support/mock-provider/scenarios.ts'
import { evaluate, type Side } from './promptfoo.ts'

let provider: MockProvider
let gateways: readonly MemoryGateway[]
const models = ['text', 'reasoning', 'structured', 'leak', 'status-400']

beforeAll(async () => {
  provider = await startMockProvider()
  // One model has one API: each gateway serves them by another.
  gateways = await Promise.all(
    (['openai', 'anthropic'] as const).map((api) =>
      runMemoryGateway({
        servers: {},
        claims: { tier: 3, exp: Math.floor(Date.now() / 1_000) + 300 },
        models: Object.fromEntries(models.map((model) => [model, { address: `${provider.origin}/v1`, api }])),
      }),
    ),
  )
})
afterAll(async () => {
  for (const gateway of gateways) await gateway.close()
  await provider.close()
})

const directly = (): Side => ({
  openai: { url: `${provider.origin}/v1`, key: 'provider-secret' },
  anthropic: { url: provider.origin, key: 'provider-secret' },
})
function through(): Side {
  const [openai, anthropic] = gateways
  if (openai === undefined || anthropic === undefined) throw new Error('no gateways')
  return {
    openai: { url: `${openai.address}/openai/v1`, key: openai.token },
    anthropic: { url: `${anthropic.address}/anthropic`, key: anthropic.token },
  }
}
const question = 'Is this alert real?'
const blockedSoFar = async () =>
  (await Promise.all(gateways.map((gateway) => gateway.recorded())))
    .flat()
    .filter(({ codes }) => codes[0] === 'guard_blocked').length

test.each(['text', 'reasoning', 'structured', 'status-400'])(
  '%s: what promptfoo makes of the answers is the same directly and through the gateway',
  async (model) => {
    const prompts = [question, 'And this one?']
    const [expected, found] = await Promise.all(
      [directly(), through()].map((side) => evaluate(side, model, prompts)),
    )
    expect(expected?.made).toHaveLength(6)
    expect(found?.made).toStrictEqual(expected?.made)
    expect(found?.exitCode).toBe(expected?.exitCode)
  },
)

test('a prompt that the guard blocks is an error of its own, and the run goes on', async () => {
  const [blocked, reached] = [await blockedSoFar(), provider.received.length]
  const { made, exitCode } = await evaluate(through(), 'text', [`Try ${obviousSecret} now.`, question])
  expect(exitCode).toBe(100) // that of a run with failures, not of a crash
  const failed = made.filter(({ success }) => !success)
  expect(failed.map(({ provider: of, output }) => [of, output])).toEqual([
    ['anthropic:messages:text', null],
    ['openai:chat:text', null],
    ['openai:responses:text', null],
  ])
  for (const { error } of failed)
    expect(error).toMatch(/the request was stopped by policy.*(guard_blocked|content_filter)/s)
  expect(made.filter(({ success }) => success)).toHaveLength(3)
  expect(provider.received.length - reached).toBe(3)
  expect((await blockedSoFar()) - blocked).toBe(3)
})

test('an answer that is withheld gives away nothing, and the run goes on', async () => {
  const [direct, withheld] = await Promise.all(
    [directly(), through()].map((side) => evaluate(side, 'leak', [question])),
  )
  for (const { output } of direct?.made ?? []) expect(output).toContain(obviousSecret)
  expect(JSON.stringify(withheld)).not.toContain(obviousSecret)
  expect(withheld?.made).toMatchObject([
    { provider: 'anthropic:messages:leak', output: '', error: null },
    { provider: 'openai:chat:leak', output: 'This answer was withheld by policy.', guardrailsFlagged: true },
    // It takes a response without any item for none.
    {
      provider: 'openai:responses:leak',
      output: null,
      error: expect.stringContaining('content_filter') as string,
    },
  ])
})
