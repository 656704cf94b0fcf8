import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Scenario } from '../support/mock-provider/scenarios.ts'
import { apis, type Api } from './apis.ts'
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

test.each(
  all.flatMap(([name, api]) =>
    (
      [
        'status-500',
        'status-529',
        'status-401',
        'reset-at-once',
        'reset-within',
        'too-short',
        'too-long',
        'wrong-type',
        'gzip-bomb',
      ] as const
    ).map((scenario) => [name, scenario, api] as const),
  ),
)('%s, %s: the provider has failed, and none of its bytes arrive', async (_name, scenario, api) => {
  for (const stream of api.streams ? [false, true] : [false]) {
    const failed = ask(api, scenario, stream)
    if (stream && (scenario === 'reset-within' || scenario.startsWith('too-'))) {
      await failed.catch(() => undefined) // of streams below
      continue
    }
    await expect(failed, `stream: ${stream}`).rejects.toBeInstanceOf(api.errors[502])
    await expect(ask(api, scenario, stream)).rejects.toMatchObject({ status: 502 })
  }
})

test.each(
  streaming.flatMap(([name, api]) =>
    (['reset-within', 'reset-between', 'truncated-frame', 'error-in-200', 'error-within'] as const).map(
      (scenario) => [name, scenario, api] as const,
    ),
  ),
)('%s, %s: a stream that breaks never looks whole', async (_name, scenario, api) => {
  for (const split of ['whole', 'bytes', { seed: 3 }] as const) {
    sides.provider.split(split)
    await expect(ask(api, scenario, true), JSON.stringify(split)).rejects.toBeInstanceOf(api.errors.any)
  }
  sides.provider.split('whole')
})

test.each(all)('%s: an answer that comes byte by byte with pauses is an answer', async (_name, api) => {
  expect((await ask(api, 'drip', false)).text).not.toBe('')
})
