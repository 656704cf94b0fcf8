import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Scenario } from '../support/mock-provider/scenarios.ts'
import { apis, chat, type Api } from './apis.ts'
import { startSides, type Sides } from './sides.ts'

let sides: Sides

beforeAll(async () => {
  sides = await startSides()
})
afterAll(() => sides.close())

const ask = (api: Api, scenario: Scenario, stream: boolean) =>
  api.call(sides.through, { model: `${api.provider}/${scenario}`, stream }, { maxRetries: 0 })
const all = Object.entries(apis)
const streaming = all.filter(([, { streams }]) => streams)

/** A body that breaks off after its head: a stream of it has begun by then, which is another matter. */
const broken = ['reset-within', 'too-short', 'too-long'] as const
const failed = [
  'status-500',
  'status-529',
  'status-401',
  'reset-at-once',
  'wrong-type',
  'gzip-bomb',
  ...broken,
] as const

test.each(all.flatMap(([name, api]) => failed.map((scenario) => [name, scenario, api] as const)))(
  '%s, %s: the provider has failed, and none of its bytes arrive',
  async (_name, scenario, api) => {
    const begins = api.streams && !broken.some((known) => known === scenario)
    for (const stream of begins ? [false, true] : [false]) {
      await expect(ask(api, scenario, stream), `stream: ${stream}`).rejects.toBeInstanceOf(api.errors[502])
      await expect(ask(api, scenario, stream)).rejects.toMatchObject({ status: 502 })
    }
  },
)

test.each(
  streaming.flatMap(([name, api]) =>
    ([...broken, 'reset-between', 'truncated-frame', 'error-in-200', 'error-within'] as const)
      .filter((scenario) => api !== chat || scenario !== 'too-short') // of the next test
      .map((scenario) => [name, scenario, api] as const),
  ),
)('%s, %s: a stream that breaks never looks whole', async (_name, scenario, api) => {
  await inPieces(async (split) => {
    await expect(ask(api, scenario, true), split).rejects.toBeInstanceOf(api.errors.any)
  })
})

test('a stream of chat completions is over with its `[DONE]`, whatever was announced behind it', async () => {
  const whole = await ask(chat, 'text', true)
  await inPieces(async (split) => {
    expect(await ask(chat, 'too-short', true), split).toEqual(whole)
  })
})

test.each(all)('%s: an answer that comes byte by byte with pauses is an answer', async (_name, api) => {
  expect((await ask(api, 'drip', false)).text).not.toBe('')
})

async function inPieces(check: (split: string) => Promise<void>): Promise<void> {
  for (const split of ['whole', 'bytes', { seed: 3 }] as const) {
    sides.provider.split(split)
    await check(JSON.stringify(split))
  }
  sides.provider.split('whole')
}
