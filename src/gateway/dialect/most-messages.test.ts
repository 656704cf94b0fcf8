import { expect, test } from 'vitest'
import * as anthropic from './anthropic-messages/request.ts'
import type { Ask, Refused } from './dialect.ts'
import * as chat from './openai-chat/request.ts'
import * as responses from './openai-responses/request.ts'
import { mostMessages } from './reading.ts'

const messages = (count: number) => Array.from({ length: count }, () => ({ role: 'user', content: 'hi' }))

test.each<[string, (tree: unknown) => Ask | Refused, string]>([
  ['chat completions', chat.readRequest, 'messages'],
  ['messages', anthropic.readRequest, 'messages'],
  ['responses', responses.readRequest, 'input'],
])('%s: a request of more messages than are read is refused', (_, readRequest, member) => {
  const ask = (count: number) => readRequest({ model: 'm', [member]: messages(count) })
  expect(ask(mostMessages)).not.toHaveProperty('refused')
  expect(ask(mostMessages + 1)).toEqual({ refused: 'too_large' })
})
