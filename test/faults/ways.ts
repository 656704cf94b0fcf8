import type { GrantScope } from '../../src/governance/authorization/index.ts'
import { pinOf } from '../../src/guard/tools/pin.ts'
import { digestOf } from '../../src/kernel/index.ts'

/** Stands in every piece of a good answer; whoever has it was given something of the answer. */
export const spoken = 'Likely noise'

/** One way through the gateway: an API, whole or as a stream, and what a good answer of its upstream is. */
export type Way = {
  readonly path: string
  readonly isStream: boolean
  readonly isLegacy: boolean
  readonly headers: Readonly<Record<string, string>>
  /** The request with a text of the caller in it. */
  readonly ask: (text: string) => string
  readonly type: string
  /** The answer cut where its events end; one piece when it comes whole. */
  readonly pieces: readonly string[]
  /** Whether a caller takes what it was given for a whole, good answer. */
  readonly isWhole: (text: string) => boolean
}

export const model = 'm'
const definition = {
  name: 'search',
  description: 'Finds tickets.',
  inputSchema: { type: 'object', properties: { q: { type: 'string' } } },
}
const pin = pinOf('mcp', definition)
export const toolDefinition: object = definition
export const grantedTools: GrantScope['tools'] = [
  {
    toolId: 'tickets/search',
    definitionSha256: pin.ok ? pin.digest : digestOf('none'),
    effect: 'read',
    autonomyMax: 'A0',
  },
]

const sse = (...events: readonly (readonly [name: string | null, data: object | string])[]) =>
  events.map(([name, data]) => {
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    return `${name === null ? '' : `event: ${name}\n`}data: ${text}\n\n`
  })
const typed = (...events: readonly { readonly type: string }[]) =>
  sse(...events.map((event) => [event.type, event] as const))
const isJsonWith = (member: string) => (text: string) => {
  try {
    return member in (JSON.parse(text) as object)
  } catch {
    return false
  }
}

type Wording = Pick<Way, 'path' | 'isStream' | 'ask' | 'pieces' | 'isWhole'>
const ofModel = (wording: Wording): Way => ({
  isLegacy: false,
  headers: {},
  type: wording.isStream ? 'text/event-stream' : 'application/json',
  ...wording,
})

const chat = (isStream: boolean) => (text: string) =>
  JSON.stringify({
    model,
    messages: [{ role: 'user', content: text }],
    ...(isStream ? { stream: true } : {}),
  })
const choice = (of: object) => ({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model,
  choices: [{ index: 0, ...of }],
})
const chunk = (delta: object, finish_reason: string | null = null) =>
  [null, { ...choice({ delta, finish_reason }), object: 'chat.completion.chunk' }] as const

const responses = (isStream: boolean) => (text: string) =>
  JSON.stringify({ model, input: text, store: false, ...(isStream ? { stream: true } : {}) })
const message = (text: string) => ({
  type: 'message',
  id: 'i',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [] }],
})
const response = (output: readonly object[], status = 'completed') => ({
  id: 'r',
  object: 'response',
  created_at: 1,
  status,
  model,
  output,
})
const at = { item_id: 'i', output_index: 0, content_index: 0 }

const messages = (isStream: boolean) => (text: string) =>
  JSON.stringify({
    model,
    max_tokens: 9,
    messages: [{ role: 'user', content: text }],
    ...(isStream ? { stream: true } : {}),
  })
const claude = (content: readonly object[]) => ({
  id: 'm',
  type: 'message',
  role: 'assistant',
  model,
  content,
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
})
const delta = (text: string) => ({
  type: 'content_block_delta',
  index: 0,
  delta: { type: 'text_delta', text },
})

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
}
const result = (text: string) =>
  `{"jsonrpc":"2.0","id":MESSAGE_ID,"result":{"resultType":"complete","content":[{"type":"text","text":"${text}"}]}}`
const note = (text: string) =>
  `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":MESSAGE_ID,"progress":1,"message":"${text}"}}`
const mcp = (isLegacy: boolean, isStream: boolean): Way => ({
  path: '/mcp/tickets',
  isStream,
  isLegacy,
  headers: {
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': isLegacy ? '2025-11-25' : '2026-07-28',
    ...(isLegacy ? {} : { 'mcp-method': 'tools/call', 'mcp-name': 'search' }),
  },
  ask: (q) => {
    const progress = { progressToken: 'mine' }
    const params = { name: 'search', arguments: { q }, _meta: isLegacy ? progress : { ...meta, ...progress } }
    return JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params })
  },
  type: isStream ? 'text/event-stream' : 'application/json',
  pieces: isStream
    ? [note(spoken), note(`${spoken} again`), result(spoken)].map(
        (data) => `event: message\ndata: ${data}\n\n`,
      )
    : [result(spoken)],
  isWhole: (text) => text.includes('"result"') && !text.includes('"isError":true'),
})

export const ways = {
  'openai-chat': ofModel({
    path: '/v1/chat/completions',
    isStream: false,
    ask: chat(false),
    pieces: [
      JSON.stringify(choice({ message: { role: 'assistant', content: spoken }, finish_reason: 'stop' })),
    ],
    isWhole: isJsonWith('choices'),
  }),
  'openai-chat, stream': ofModel({
    path: '/v1/chat/completions',
    isStream: true,
    ask: chat(true),
    pieces: sse(
      chunk({ role: 'assistant', content: `${spoken} ` }),
      chunk({ content: `${spoken} ` }),
      chunk({}, 'stop'),
      [null, '[DONE]'],
    ),
    isWhole: (text) => text.endsWith('data: [DONE]\n\n') && text.includes('"stop"'),
  }),
  'openai-responses': ofModel({
    path: '/v1/responses',
    isStream: false,
    ask: responses(false),
    pieces: [JSON.stringify(response([message(spoken)]))],
    isWhole: isJsonWith('output'),
  }),
  'openai-responses, stream': ofModel({
    path: '/v1/responses',
    isStream: true,
    ask: responses(true),
    pieces: typed(
      { type: 'response.created', response: response([], 'in_progress') } as { type: string },
      { type: 'response.output_item.added', output_index: 0, item: { ...message(''), content: [] } } as {
        type: string
      },
      { type: 'response.output_text.delta', ...at, delta: `${spoken} ` } as { type: string },
      { type: 'response.output_text.delta', ...at, delta: `${spoken} ` } as { type: string },
      { type: 'response.output_text.done', ...at, text: `${spoken} ${spoken} ` } as { type: string },
      { type: 'response.completed', response: response([message(`${spoken} ${spoken} `)]) } as {
        type: string
      },
    ),
    isWhole: (text) => text.includes('event: response.completed'),
  }),
  'openai-embeddings': ofModel({
    path: '/v1/embeddings',
    isStream: false,
    ask: (input) => JSON.stringify({ model, input }),
    // Nothing in a vector speaks: its object does.
    pieces: [
      JSON.stringify({
        object: 'list',
        data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
        model,
        note: spoken,
      }),
    ],
    isWhole: isJsonWith('data'),
  }),
  'anthropic-messages': ofModel({
    path: '/v1/messages',
    isStream: false,
    ask: messages(false),
    pieces: [JSON.stringify(claude([{ type: 'text', text: spoken }]))],
    isWhole: isJsonWith('content'),
  }),
  'anthropic-messages, stream': ofModel({
    path: '/v1/messages',
    isStream: true,
    ask: messages(true),
    pieces: typed(
      { type: 'message_start', message: { ...claude([]), stop_reason: null } } as { type: string },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as {
        type: string
      },
      delta(`${spoken} `),
      delta(`${spoken} `),
      { type: 'content_block_stop', index: 0 } as { type: string },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: 1 },
      } as { type: string },
      { type: 'message_stop' },
    ),
    isWhole: (text) => text.includes('event: message_stop'),
  }),
  'mcp of today': mcp(false, false),
  'mcp of today, stream': mcp(false, true),
  'mcp of before': mcp(true, false),
  'mcp of before, stream': mcp(true, true),
} as const satisfies Readonly<Record<string, Way>>

export type WayName = keyof typeof ways
