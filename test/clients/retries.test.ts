import { createServer, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { alias } from '../support/gateway-fixture.ts'
import { obviousSecret } from '../support/mock-provider/scenarios.ts'
import { runGateway } from '../support/running-gateway.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const answer = JSON.stringify({
  id: 'c-1',
  object: 'chat.completion',
  created: 1,
  model: 'demo',
  choices: [{ index: 0, message: { role: 'assistant', content: 'served' }, finish_reason: 'stop' }],
})
const json =
  (status: number, headers: object = {}, body = '{"error":{"message":"no"}}') =>
  (to: ServerResponse) =>
    to.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
const served = json(200, {}, answer)
const reset = (to: ServerResponse) => to.destroy()

/** Part of a request whose provider carries out a tool before it answers. */
const searching = { web_search_options: {} }

/** A provider that answers each call by the next of `answers`, and by the last from then on; a gateway before it. */
async function behind(...answers: readonly ((to: ServerResponse) => void)[]) {
  let asked = 0
  const provider = createServer((request, response) => {
    request.resume()
    request.on('end', () => answers[Math.min(asked++, answers.length - 1)]?.(response))
  }).listen(0, '127.0.0.1')
  await once(provider, 'listening')
  closers.push(async () => provider.close())
  const { port } = provider.address() as AddressInfo
  const gateway = await runGateway({
    provider: `http://127.0.0.1:${port}`,
    granted: { capabilities: ['provider_tool:web_search'] },
  })
  closers.push(gateway.close)
  const ask = async (more: object = {}) => {
    const response = await fetch(`${gateway.address}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${gateway.token}` },
      body: JSON.stringify({ model: alias, messages: [{ role: 'user', content: 'hello' }], ...more }),
    })
    await response.text()
    return [response.status, response.headers.get('countersign-reason'), asked] as const
  }
  return ask
}

test.each<[string, readonly ((to: ServerResponse) => void)[], readonly [number, string | null, number]]>([
  ['busy, then not', [json(503), json(529), served], [200, null, 3]],
  ['reset, then not', [reset, served], [200, null, 2]],
  ['rate limited for a moment', [json(429, { 'retry-after': '0' }), served], [200, null, 2]],
  ['rate limited for long', [json(429, { 'retry-after': '60' }), served], [429, null, 1]],
  ['rate limited throughout', [json(429)], [429, null, 3]],
  ['broken throughout', [json(500)], [502, 'upstream_unavailable', 3]],
  ['a fault of the request', [json(400), served], [400, null, 1]],
  ['a refusal of our credential', [json(401), served], [502, 'upstream_auth', 1]],
  [
    'an answer that nobody can read',
    [json(200, {}, '{"a":1,"a":2}'), served],
    [502, 'upstream_unavailable', 1],
  ],
])('%s', async (_name, answers, expected) => {
  expect(await (await behind(...answers))()).toEqual(expected)
})

test.each<[string, (to: ServerResponse) => void, readonly [number, string | null, number]]>([
  ['reset', reset, [502, 'upstream_unavailable', 1]],
  ['broken', json(500), [502, 'upstream_unavailable', 1]],
  ['cut off from what it asks itself', json(502), [502, 'upstream_unavailable', 1]],
  ['rate limited', json(429), [200, null, 2]],
  ['busy', json(503), [200, null, 2]],
  ['overloaded', json(529), [200, null, 2]],
])(
  'what may have carried out a tool at the provider is not sent again: %s',
  async (_name, first, expected) => {
    expect(await (await behind(first, served))(searching)).toEqual(expected)
  },
)

test('what the guard has withheld is never asked for again', async () => {
  // A name cannot be changed, and belongs to no call that a person could be asked about.
  const message = { role: 'assistant', content: 'Here it is.', novel: { [obviousSecret]: 1 } }
  const body = JSON.stringify({ choices: [{ index: 0, message }] })
  const ask = await behind(json(200, {}, body), served)
  expect(await ask()).toEqual([200, 'answer_withheld', 1])
})
