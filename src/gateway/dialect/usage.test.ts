import { expect, test } from 'vitest'
import { costOf, type ModelPrice } from '../../governance/registry/index.ts'
import { countsOf, dearest } from '../leases/estimate.ts'
import { anthropicMessages } from './anthropic-messages/index.ts'
import type { Dialect } from './dialect.ts'
import { EventReader } from './event-reader.ts'
import { openaiChat } from './openai-chat/index.ts'
import { openaiResponses } from './openai-responses/index.ts'
import type { Usage } from './reading.ts'

const chatUsage = {
  prompt_tokens: 100,
  completion_tokens: 7,
  prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
}
const responsesUsage = {
  input_tokens: 100,
  output_tokens: 7,
  input_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
}
// Anthropic counts what a cache gave and took beside the input, not within it.
const anthropicUsage = {
  input_tokens: 30,
  output_tokens: 7,
  cache_read_input_tokens: 60,
  cache_creation_input_tokens: 10,
}
const expected: Usage = { cacheWriteTokens: 10, cachedInputTokens: 60, inputTokens: 100, outputTokens: 7 }

test.each<[string, Dialect, object]>([
  ['openai chat', openaiChat, { choices: [], usage: chatUsage }],
  ['openai responses', openaiResponses, { output: [], usage: responsesUsage }],
  ['anthropic messages', anthropicMessages, { content: [], usage: anthropicUsage }],
])('%s: what a cache gave and took is told apart, and is a part of the input', (_name, dialect, answer) => {
  expect(dialect.readAnswer(answer)?.usage).toEqual(expected)
})

test.each<[string, Dialect, readonly (readonly [string | null, object])[]]>([
  ['openai chat', openaiChat, [[null, { choices: [], usage: chatUsage }]]],
  [
    'openai responses',
    openaiResponses,
    [['response.completed', { type: 'response.completed', response: { output: [], usage: responsesUsage } }]],
  ],
  [
    'anthropic messages',
    anthropicMessages,
    [
      [
        'message_start',
        { type: 'message_start', message: { usage: { ...anthropicUsage, output_tokens: 1 } } },
      ],
      ['message_delta', { type: 'message_delta', delta: {}, usage: { output_tokens: 7 } }],
    ],
  ],
])('%s: a stream tells the same', (_name, dialect, events) => {
  const reader = new EventReader(dialect.stream?.() ?? openaiChat.stream?.() ?? never())
  const usages = events.map(([name, data]) => reader.read({ name, data: JSON.stringify(data) })?.step.usage)
  expect(usages.at(-1)).toEqual(expected)
})

test.each<[string, object, Usage | null]>([
  ['no cache', { ...chatUsage, prompt_tokens_details: {} }, { inputTokens: 100, outputTokens: 7 }],
  ['no details', { prompt_tokens: 1, completion_tokens: 2 }, { inputTokens: 1, outputTokens: 2 }],
  [
    'counts that are none',
    { ...chatUsage, prompt_tokens_details: { cached_tokens: -1, cache_write_tokens: 'x' } },
    { inputTokens: 100, outputTokens: 7 },
  ],
  ['no counts', { prompt_tokens: 1.5, completion_tokens: 2 }, null],
])('%s', (_what, usage, told) => {
  expect(openaiChat.readAnswer({ choices: [], usage })?.usage).toEqual(told)
})

const priced = (input: number, cachedInput: number, cacheWrite: number, output: number): ModelPrice => ({
  effectiveFrom: '2026-01-01',
  source: 'test',
  knownAt: '2026-01-01',
  microUsdPerMTok: { input, cachedInput, cacheWrite, output },
})
const price = priced(3_000_000, 300_000, 3_750_000, 15_000_000)

test('each kind of token costs its own price, and the sum is rounded up once', () => {
  expect(countsOf(expected)).toEqual({ input: 30, cachedInput: 60, cacheWrite: 10, output: 7 })
  // 30 at 3, 60 at 0.3, 10 at 3.75 and 7 at 15 dollars a million: 90 + 18 + 37.5 + 105
  expect(costOf(countsOf(expected), price)).toBe(251)
})

test('parts that are more than the whole are taken at their own word', () => {
  const odd = { inputTokens: 5, outputTokens: 0, cachedInputTokens: 60 }
  expect(countsOf(odd)).toEqual({ input: 0, cachedInput: 60, cacheWrite: 0, output: 0 })
})

test('what is reserved is the price of the target at which the call may cost most', () => {
  const [reading, writing] = [priced(10, 1, 10, 10), priced(1, 1, 1, 100)]
  expect(dearest([reading, writing], 1_000_000, 10)).toBe(reading)
  expect(dearest([reading, writing], 10, 1_000_000)).toBe(writing)
  expect(dearest([reading], 1, 1)).toBe(reading)
  expect(dearest([reading, null], 1, 1)).toBeNull() // nobody knows what it may cost
  expect(dearest([null], 1, 1)).toBeNull()
})

function never(): never {
  throw new Error('the dialect has no streams')
}
