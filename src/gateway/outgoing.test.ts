import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { epochMs, idFrom } from '../kernel/index.ts'
import type { Ask, Dialect } from './dialect/dialect.ts'
import { openaiChat } from './dialect/openai-chat/index.ts'
import { openaiEmbeddings } from './dialect/openai-embeddings/index.ts'
import { openaiResponses } from './dialect/openai-responses/index.ts'
import { outgoingBody, pathAt } from './outgoing.ts'
import type { Target } from './ports.ts'

const target: Target = {
  id: idFrom('upstream', epochMs(1), new Uint8Array(10)),
  origin: 'https://api.example.com',
  basePath: '/v1',
  api: 'openai',
  model: 'there',
  region: 'eu',
  secretRef: null,
  privateCidrs: [],
}

function sent(dialect: Dialect, text: string, mayKeep = false): string {
  const tree = JSON.parse(text) as { readonly model?: unknown }
  const ask = dialect.readRequest({ ...tree, model: 'here' }) as Ask // the cases are requests
  return outgoingBody(text, ask, target, { named: tree.model, edits: new Map(), mayKeep })
}

test.each<[string, Dialect, string, string]>([
  [
    'a name that is the same',
    openaiChat,
    '{"model":"there", "messages":[] }',
    '{"model":"there", "messages":[] }',
  ],
  ['another name', openaiChat, '{"messages":[],"model":"here"}', '{"messages":[],"model":"there"}'],
  ['no name', openaiChat, '{"messages":[]}', '{"model":"there","messages":[]}'],
  [
    'a stream that is to say its usage',
    openaiChat,
    '{"model":"there","messages":[],"stream":true}',
    '{"stream_options":{"include_usage":true},"model":"there","messages":[],"stream":true}',
  ],
  [
    'beside another option',
    openaiChat,
    '{"model":"there","messages":[],"stream":true,"stream_options":{"include_obfuscation":false}}',
    '{"model":"there","messages":[],"stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}}',
  ],
  [
    'although it was refused',
    openaiChat,
    '{"model":"there","messages":[],"stream":true,"stream_options":{"include_usage":false}}',
    '{"model":"there","messages":[],"stream":true,"stream_options":{"include_usage":true}}',
  ],
  [
    'or left open',
    openaiChat,
    '{"model":"there","messages":[],"stream":true,"stream_options":null}',
    '{"model":"there","messages":[],"stream":true,"stream_options":{"include_usage":true}}',
  ],
  [
    'a stream whose usage was asked for',
    openaiChat,
    '{"model":"there","messages":[],"stream":true,"stream_options":{"include_usage":true}}',
    '{"model":"there","messages":[],"stream":true,"stream_options":{"include_usage":true}}',
  ],
  [
    'a response that is not to be kept',
    openaiResponses,
    '{"model":"there","input":"x"}',
    '{"store":false,"model":"there","input":"x"}',
  ],
])('%s', (_what, dialect, text, expected) => {
  expect(sent(dialect, text)).toBe(expected)
})

test('law: whatever else a request says reaches the target unit by unit', () => {
  const law = fc.property(
    fc.dictionary(fc.string(), fc.jsonValue()),
    fc.constantFrom(0, 2),
    fc.boolean(),
    (others, space, stream) => {
      const { model: _m, stream_options: _s, ...rest } = others
      const text = JSON.stringify({ ...rest, messages: [], stream, model: 'there' }, null, space)
      const added = stream ? '"stream_options":{"include_usage":true},' : ''
      expect(sent(openaiChat, text)).toBe(`{${added}${text.slice(1)}`)
    },
  )
  fc.assert(law)
})

const azure = { ...target, api: 'azure' as const, basePath: '/openai', model: 'of eu/1' }
test.each<[string, Target, Dialect, string]>([
  ['of every vendor', target, openaiChat, '/v1/chat/completions'],
  [
    'of Azure, the newer one',
    { ...azure, basePath: '/openai/v1' },
    openaiChat,
    '/openai/v1/chat/completions',
  ],
  [
    'of Azure, the older one',
    { ...azure, apiVersion: '2024-10-21' },
    openaiChat,
    '/openai/deployments/of%20eu%2F1/chat/completions?api-version=2024-10-21',
  ],
  [
    'of Azure, for embeddings',
    { ...azure, apiVersion: '2024-10-21' },
    openaiEmbeddings,
    '/openai/deployments/of%20eu%2F1/embeddings?api-version=2024-10-21',
  ],
  [
    'of Azure, for responses',
    { ...azure, apiVersion: '2025-04-01-preview' },
    openaiResponses,
    '/openai/responses?api-version=2025-04-01-preview',
  ],
])('a path %s', (_what, at, dialect, expected) => {
  expect(pathAt(at, dialect)).toBe(expected)
})
