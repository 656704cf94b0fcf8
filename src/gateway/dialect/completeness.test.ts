import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readExactTree } from '../wire/json.ts'
import { anthropicMessages } from './anthropic-messages/index.ts'
import type { Dialect } from './dialect.ts'
import { EventReader } from './event-reader.ts'
import { openaiChat } from './openai-chat/index.ts'
import { openaiEmbeddings } from './openai-embeddings/index.ts'
import { openaiResponses } from './openai-responses/index.ts'
import { isTree, type Reading } from './reading.ts'

const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
const spent = { input_tokens: 3, output_tokens: 2, total_tokens: 5 }
const schema = { type: 'object', properties: { id: { type: 'string', enum: ['a', 'b'] } } }
const call = { id: 'call_1', type: 'function', function: { name: 'lookup', arguments: '{"id":"a"}' } }

const requests: readonly (readonly [Dialect, object])[] = [
  [
    openaiChat,
    {
      model: 'demo/m',
      messages: [
        { role: 'system', content: 'be brief' },
        { role: 'developer', content: [{ type: 'text', text: 'be kind' }] },
        {
          role: 'user',
          name: 'ann',
          content: [
            { type: 'text', text: 'hello' },
            { type: 'image_url', image_url: { url: 'https://a.test/x.png', detail: 'low' } },
            { type: 'file', file: { file_data: 'aGVsbG8=', filename: 'a.pdf' } },
            { type: 'input_audio', input_audio: { data: 'aGVsbG8=', format: 'wav' } },
          ],
        },
        { role: 'assistant', content: null, refusal: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_1', content: 'found' },
        { role: 'function', name: 'old', content: 'found' },
        { role: 'assistant', content: 'so', function_call: { name: 'old', arguments: '{}' } },
      ],
      tools: [{ type: 'function', function: { name: 'lookup', description: 'finds', parameters: schema } }],
      tool_choice: { type: 'function', function: { name: 'lookup' } },
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema } },
      metadata: { run: 'one' },
      stop: ['end'],
      user: 'u-1',
      logit_bias: { '50256': -100 },
      prediction: { type: 'content', content: 'maybe' },
      seed: 7,
    },
  ],
  [
    openaiResponses,
    {
      model: 'm',
      instructions: 'be brief',
      input: [
        { role: 'user', content: 'hello' },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hello' }] },
        {
          type: 'message',
          role: 'user',
          content: [{ type: 'input_image', image_url: 'https://a.test/x.png' }],
        },
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [{ type: 'summary_text', text: 'so' }],
          encrypted_content: 'aGk=',
        },
        { type: 'function_call', call_id: 'call_1', name: 'lookup', arguments: '{"id":"a"}' },
        { type: 'function_call_output', call_id: 'call_1', output: 'found' },
        { type: 'custom_tool_call', call_id: 'call_2', name: 'shell', input: 'ls' },
        { type: 'custom_tool_call_output', call_id: 'call_2', output: [{ type: 'input_text', text: 'x' }] },
        { type: 'web_search_call', id: 'ws_1', action: { type: 'search', query: 'q' } },
      ],
      tools: [{ type: 'function', name: 'lookup', description: 'finds', parameters: schema, strict: true }],
      text: { format: { type: 'json_schema', name: 'n', schema } },
      metadata: { run: 'one' },
      include: ['reasoning.encrypted_content'],
      reasoning: { effort: 'low' },
    },
  ],
  [openaiEmbeddings, { model: 'm', input: ['one', 'two'], encoding_format: 'base64', user: 'u-1' }],
  [
    anthropicMessages,
    {
      model: 'm',
      max_tokens: 9,
      system: [{ type: 'text', text: 'be brief', cache_control: { type: 'ephemeral' } }],
      messages: [
        { role: 'user', content: 'hello' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'see' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
            {
              type: 'document',
              title: 't',
              source: { type: 'text', media_type: 'text/plain', data: 'words' },
            },
            { type: 'search_result', source: 's', title: 't', content: [{ type: 'text', text: 'w' }] },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
            { type: 'redacted_thinking', data: 'c2ln' },
            { type: 'tool_use', id: 'toolu_1', name: 'lookup', input: { id: 'a' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'found' }] },
          ],
        },
      ],
      tools: [{ name: 'lookup', description: 'finds', input_schema: schema }],
      metadata: { user_id: 'u-1' },
      stop_sequences: ['end'],
      thinking: { type: 'enabled', budget_tokens: 1024 },
    },
  ],
]

const message = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed' }
const response = {
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status: 'completed',
  model: 'm',
  output: [
    { ...message, content: [{ type: 'output_text', text: 'hello', annotations: [] }] },
    { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'lookup', arguments: '{"id":"a"}' },
  ],
  usage: spent,
}
const claude = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [
    { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
    { type: 'text', text: 'hello' },
    { type: 'tool_use', id: 'toolu_1', name: 'lookup', input: { id: 'a' } },
  ],
  stop_reason: 'tool_use',
  stop_sequence: null,
  usage: { input_tokens: 3, output_tokens: 2, service_tier: 'standard' },
}
const completion = {
  id: 'c-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'hello', refusal: null, tool_calls: [call], annotations: [] },
      logprobs: { content: [{ token: 'hello', logprob: -1, bytes: [1], top_logprobs: [] }], refusal: null },
      finish_reason: 'stop',
    },
  ],
  usage,
}
const answers: readonly (readonly [Dialect, object])[] = [
  [openaiChat, completion],
  [openaiChat, { error: { message: 'no', type: 'x', param: null, code: 'y' } }],
  [openaiResponses, response],
  [
    openaiEmbeddings,
    { object: 'list', data: [{ object: 'embedding', index: 0, embedding: [0.1, 2] }], model: 'm', usage },
  ],
  [anthropicMessages, claude],
  [anthropicMessages, { type: 'error', error: { type: 'overloaded_error', message: 'no' } }],
]

const chunk = (delta: object, rest: object = {}) => ({
  id: 'c-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: null, ...rest }],
})
const at = { item_id: 'msg_1', output_index: 0, content_index: 0, sequence_number: 4 }
const events: readonly (readonly [Dialect, object])[] = [
  [openaiChat, chunk({ role: 'assistant', content: 'hello' })],
  [
    openaiChat,
    chunk({ content: 'hello', refusal: 'no' }, { logprobs: { content: [{ token: 'a', logprob: -1 }] } }),
  ],
  [openaiChat, chunk({ tool_calls: [{ index: 0, ...call }] }, { finish_reason: 'tool_calls' })],
  [openaiChat, chunk({ reasoning_content: 'hm', reasoning_details: [{ text: 'x' }] })],
  [openaiResponses, { type: 'response.created', sequence_number: 0, response }],
  [
    openaiResponses,
    { type: 'response.output_item.added', output_index: 0, sequence_number: 1, item: message },
  ],
  [openaiResponses, { type: 'response.content_part.added', ...at, part: { type: 'output_text', text: '' } }],
  [
    openaiResponses,
    { type: 'response.output_text.delta', ...at, delta: 'hello', logprobs: [{ token: 'a' }] },
  ],
  [openaiResponses, { type: 'response.output_text.done', ...at, text: 'hello', logprobs: [] }],
  [openaiResponses, { type: 'response.refusal.delta', ...at, delta: 'hello' }],
  [
    openaiResponses,
    { type: 'response.reasoning_summary_text.delta', ...at, summary_index: 0, delta: 'hello' },
  ],
  [
    openaiResponses,
    { type: 'response.output_item.done', output_index: 1, sequence_number: 9, item: response.output[1] },
  ],
  [openaiResponses, { type: 'response.function_call_arguments.done', ...at, arguments: '{}' }],
  [openaiResponses, { type: 'response.code_interpreter_call_code.delta', ...at, delta: 'x' }],
  [openaiResponses, { type: 'response.completed', sequence_number: 9, response }],
  [openaiResponses, { type: 'error', sequence_number: 9, code: 'x', message: 'no', param: null }],
  [anthropicMessages, { type: 'message_start', message: claude }],
  [anthropicMessages, { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }],
  [anthropicMessages, { type: 'content_block_start', index: 1, content_block: claude.content[2] ?? {} }],
  [
    anthropicMessages,
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hello' } },
  ],
  [
    anthropicMessages,
    { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } },
  ],
  [
    anthropicMessages,
    { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'c2ln' } },
  ],
  [
    anthropicMessages,
    { type: 'content_block_delta', index: 0, delta: { type: 'citations_delta', citation: { a: 'b' } } },
  ],
  [
    anthropicMessages,
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 2 },
    },
  ],
  [anthropicMessages, { type: 'error', error: { type: 'overloaded_error', message: 'no' } }],
]

/** A text that fits no identifier, no word of a list and no base64. */
const mark = 'a mark, nobody’s'
const long = 4111111111111111

type Change = { readonly tree: unknown; readonly what: string }

/** Every tree in which one value is the mark, or one object has a member more of it, or one with its name. */
function* changes(tree: unknown): Generator<Change> {
  yield { tree: mark, what: 'value' }
  yield { tree: { [mark]: 1 }, what: 'name' }
  yield { tree: [{ deep: [mark] }], what: 'value' }
  if (Array.isArray(tree)) {
    for (const [n, item] of tree.entries())
      for (const { tree: changed, what } of changes(item)) yield { tree: tree.with(n, changed), what }
    yield { tree: [...tree, mark], what: 'value' }
  } else if (isTree(tree)) {
    for (const [name, member] of Object.entries(tree))
      for (const { tree: changed, what } of changes(member))
        yield { tree: { ...tree, [name]: changed }, what }
    yield { tree: { ...tree, extra: mark }, what: 'value' }
    yield { tree: { ...tree, [mark]: 'x' }, what: 'name' }
    yield { tree: { ...tree, extra: { deep: [long] } }, what: 'number' }
  }
}

function holds({ segments }: Pick<Reading, 'segments'>, what: string): boolean {
  const wanted = what === 'number' ? String(long) : mark
  return segments.some(({ text }) => text.includes(wanted))
}

describe('whatever stands anywhere in a body is read, or the body is refused', () => {
  test.each(requests)('request of $name', (dialect, sample) => {
    expect('refused' in dialect.readRequest(sample)).toBe(false)
    let read = 0
    for (const { tree, what } of changes(sample)) {
      const ask = dialect.readRequest(tree)
      if ('refused' in ask) continue
      read += 1
      const isModel = ask.model === mark
      if (!holds(ask.reading, what) && !isModel) expect.fail(`${what} in ${JSON.stringify(tree)}`)
    }
    expect(read).toBeGreaterThan(10)
  })

  test.each(answers)('answer of $name', (dialect, sample) => {
    for (const { tree, what } of changes(sample)) {
      const answer = dialect.readAnswer(tree)
      if (answer !== null && !holds(answer.reading, what)) expect.fail(`${what} in ${JSON.stringify(tree)}`)
    }
  })

  test.each(events)('event of $name: %j', (dialect, sample) => {
    let read = 0
    for (const { tree, what } of changes(sample)) {
      const reader = dialect.stream?.()
      if (reader === undefined) throw new Error('no stream')
      const name = isTree(tree) && typeof tree['type'] === 'string' ? tree['type'] : null
      const named = dialect === openaiChat ? null : name
      const got = new EventReader(reader).read({ name: named, data: JSON.stringify(tree) })
      if (got === null) continue
      read += 1
      const { segments, pieces, calls, isCall } = got.step
      // Parts of a call wait, and are read when the call is complete.
      const later = isCall ? (dialect.stream === null ? [] : laterCalls(dialect, reader)) : []
      const all = [
        ...segments.map(({ text }) => text),
        ...pieces.map(({ text }) => text),
        ...[...(calls ?? []), ...later].flatMap((of) => [of.name, of.args]),
      ]
      const wanted = what === 'number' ? String(long) : mark
      // A long number of a delta comes back as a segment of its own.
      if (!all.some((text) => text.includes(wanted))) expect.fail(`${what} in ${JSON.stringify(tree)}`)
    }
    expect(read).toBeGreaterThan(3)
  })
})

function laterCalls(dialect: Dialect, reader: ReturnType<NonNullable<Dialect['stream']>>) {
  const last =
    dialect === openaiChat
      ? { name: null, data: '[DONE]' }
      : { name: 'message_stop', data: '{"type":"message_stop"}' }
  const end =
    dialect === openaiResponses ? { name: 'response.completed', data: '{"type":"response.completed"}' } : last
  const tree: unknown = end.data === '[DONE]' ? undefined : JSON.parse(end.data)
  return reader.read(end, tree)?.calls ?? []
}

test('law: a text reads the same however its JSON is laid out', () => {
  const law = fc.property(
    fc.constantFrom(...requests),
    fc.constantFrom(0, 1, 2),
    ([dialect, sample], indent) => {
      const read = readExactTree(JSON.stringify(sample, null, indent))
      expect(read.ok && dialect.readRequest(read.tree)).toEqual(dialect.readRequest(sample))
    },
  )
  fc.assert(law, { numRuns: 20 })
})
