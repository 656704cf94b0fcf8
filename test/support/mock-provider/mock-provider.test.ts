import { request as send } from 'node:http'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Split } from './delivery.ts'
import { startMockProvider, type MockProvider } from './mock-provider.ts'
import { piecesOf } from './script.ts'
import type { Scenario } from './scenarios.ts'

let provider: MockProvider

beforeAll(async () => {
  provider = await startMockProvider()
})
afterAll(() => provider.close())

const paths = {
  chat: '/v1/chat/completions',
  responses: '/v1/responses',
  embeddings: '/v1/embeddings',
  messages: '/v1/messages',
} as const
type Api = keyof typeof paths

/** What a socket sees: pieces as they arrived, and how it ended. */
async function call(api: Api, model: Scenario, stream = false) {
  const content = { model, stream, messages: [{ role: 'user', content: 'x' }], input: 'x', max_tokens: 9 }
  return new Promise<{ status: number; type: string; text: string; pieces: number; isWhole: boolean }>(
    (resolve, reject) => {
      const outgoing = send(`${provider.origin}${paths[api]}`, { method: 'POST', agent: false }, (answer) => {
        const pieces: Buffer[] = []
        outgoing.off('error', reject).on('error', () => undefined) // the answer tells of it by itself
        answer.on('data', (piece: Buffer) => pieces.push(piece))
        answer.on('error', () => undefined) // `close` follows
        answer.on('close', () =>
          resolve({
            status: answer.statusCode ?? 0,
            type: answer.headers['content-type'] ?? '',
            text: Buffer.concat(pieces).toString(),
            pieces: pieces.length,
            isWhole: answer.complete,
          }),
        )
      })
      outgoing.on('error', reject)
      outgoing.end(JSON.stringify(content))
    },
  )
}

function namesOf(text: string): string[] {
  const events = text.split('\n\n').filter((event) => event !== '')
  return events.map((event) => /^event: (.*)$/m.exec(event)?.[1] ?? event.slice('data: '.length))
}

/** Runs of the same name told once. */
function shapeOf(text: string): string[] {
  return namesOf(text).filter((name, n, all) => name !== all[n - 1])
}

test('a stream of Anthropic has the documented order, with a ping and an empty first piece of arguments', async () => {
  const { text } = await call('messages', 'said-and-called', true)
  expect(shapeOf(text)).toEqual([
    'message_start',
    'content_block_start',
    'ping',
    'content_block_delta',
    'content_block_stop',
    'content_block_start',
    'content_block_delta',
    'content_block_stop',
    'content_block_start',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ])
  expect(text).toContain('"signature_delta"')
  expect(text).toContain('"partial_json":""')
})

test('a stream of the Responses API has the documented order, and numbers its events', async () => {
  const { text } = await call('responses', 'said-and-called', true)
  const numbers = [...text.matchAll(/"sequence_number":(\d+)/g)].map(([, n]) => Number(n))
  expect(numbers).toEqual(numbers.map((_, n) => n))
  expect(shapeOf(text)).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.reasoning_summary_part.added',
    'response.reasoning_summary_text.delta',
    'response.reasoning_summary_text.done',
    'response.reasoning_summary_part.done',
    'response.output_item.done',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.output_item.added',
    'response.function_call_arguments.delta',
    'response.function_call_arguments.done',
    'response.output_item.done',
    'response.completed',
  ])
})

test('a chat stream ends with its mark; parallel calls come in pieces, each under its index', async () => {
  const { text } = await call('chat', 'parallel', true)
  const events = namesOf(text)
  expect(events.at(-1)).toBe('[DONE]')
  const pieces = ['', '']
  for (const event of events.slice(0, -1)) {
    const [choice] = (JSON.parse(event) as { choices: { delta: { tool_calls?: ToolPiece[] } }[] }).choices
    for (const { index, function: said } of choice?.delta.tool_calls ?? []) pieces[index] += said.arguments
  }
  expect(pieces.map((args) => JSON.parse(args))).toEqual([
    { host: 'srv-7', fields: ['owner', 'os'] },
    { user: 'svc-backup', 'odd "key"': '\\ \u2028 }{' },
  ])
})
type ToolPiece = { readonly index: number; readonly function: { readonly arguments: string } }

test.each<Split>(['bytes', { seed: 1 }, { seed: 2 }])('%j: the same bytes in other pieces', async (how) => {
  const whole = await call('messages', 'reasoning', true)
  provider.split(how)
  const cut = await call('messages', 'reasoning', true)
  provider.split('whole')
  expect(cut.text).toBe(whole.text)
  expect(cut.pieces).toBeGreaterThan(whole.pieces * 10)
})

test.each([
  ['status-429', 429, 'application/json', true],
  ['reset-within', 200, 'application/json', false],
  ['too-short', 200, 'application/json', false],
  ['wrong-type', 200, 'text/html', true],
  ['gzip-bomb', 200, 'application/json', true],
] as const)('%s: status %i, %s, whole: %s', async (model, status, type, isWhole) => {
  for (const api of ['chat', 'responses', 'embeddings', 'messages'] as const) {
    expect(await call(api, model)).toMatchObject({ status, type, isWhole })
  }
})

test.each([
  ['chat', '"type":"requests"'],
  ['messages', '"type":"rate_limit_error"'],
] as const)('%s tells an error in the form of its vendor', async (api, form) => {
  expect((await call(api, 'status-429')).text).toContain(form)
})

test.each([
  ['reset-between', 4, false],
  ['truncated-frame', 4, true],
  ['error-within', 3, true],
] as const)('%s: so many events and no end', async (model, events, isWhole) => {
  for (const api of ['chat', 'responses', 'messages'] as const) {
    const { text, isWhole: whole } = await call(api, model, true)
    expect(namesOf(text).length).toBe(model === 'reset-between' ? events : events + 1)
    expect(whole).toBe(isWhole)
    expect(text).not.toMatch(/\[DONE\]|message_stop|response\.completed/)
  }
})

test('a connection that is reset at once gives no answer', async () => {
  await expect(call('chat', 'reset-at-once')).rejects.toMatchObject({ code: 'ECONNRESET' })
})

test('law: pieces make up the text, and none holds half a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(piecesOf(text).join('')).toBe(text)
      expect(piecesOf(text).every((piece) => piece.isWellFormed())).toBe(true)
    }),
  )
})
