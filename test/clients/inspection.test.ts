import { afterAll, beforeAll, expect, test } from 'vitest'
import { obviousSecret } from '../support/mock-provider/scenarios.ts'
import { runGateway } from '../support/running-gateway.ts'
import { apis } from './apis.ts'
import { granted, startSides, type Side, type Sides } from './sides.ts'

let sides: Sides
let strict: Awaited<ReturnType<typeof runGateway>>
let throughStrict: Pick<Side, 'openai' | 'anthropic' | 'key'>

beforeAll(async () => {
  sides = await startSides()
  strict = await runGateway({ provider: sides.provider.origin, granted, tier: 3 })
  const { address, token } = strict
  throughStrict = { openai: `${address}/openai/v1`, anthropic: `${address}/anthropic`, key: token }
})
afterAll(async () => {
  await strict.close()
  await sides.close()
})

const all = Object.entries(apis)
const streaming = all.filter(([, { streams }]) => streams)

test.each(all)('%s: a secret in a request is masked before it leaves', async (_name, api) => {
  const before = sides.provider.received.length
  const model = `${api.provider}/text`
  await api.call(sides.through, { model, text: `Is ${obviousSecret} ours? Grüße` }, { maxRetries: 0 })
  const [received, ...more] = sides.provider.received.slice(before)
  expect(more).toEqual([])
  expect(received?.body).toMatch(/Is .+ ours\? Grüße/)
  expect(received?.body).not.toContain(obviousSecret)
})

test.each(streaming)('%s: a secret in an answer is masked, whole or as a stream', async (_name, api) => {
  for (const stream of [false, true])
    for (const split of ['whole', 'bytes', { seed: 4 }] as const) {
      sides.provider.split(split)
      const { text } = await api.call(
        sides.through,
        { model: `${api.provider}/leak`, stream },
        { maxRetries: 0 },
      )
      expect(text).toMatch(/^Use .+ from now on\.$/)
      expect(text).not.toContain(obviousSecret)
    }
  sides.provider.split('whole')
})

test.each(streaming)(
  '%s: an answer that is withheld ends as the vendor’s own filter ends one',
  async (_name, api) => {
    for (const stream of [false, true]) {
      const asked = { model: `${api.provider}/leak`, stream }
      const said = await api.call(throughStrict, asked, { maxRetries: 0 })
      expect(said.isFiltered, `stream: ${stream}`).toBe(true)
      expect(said.text).not.toContain(obviousSecret)
    }
  },
)
