import { resolve } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadGuardWithoutScorer } from '../../adapters/files/guard-catalogue.ts'
import type { Tier } from '../../kernel/index.ts'
import { anthropicMessages } from '../dialect/anthropic-messages/index.ts'
import type { Dialect } from '../dialect/dialect.ts'
import { EventReader } from '../dialect/event-reader.ts'
import { openaiChat } from '../dialect/openai-chat/index.ts'
import { openaiEmbeddings } from '../dialect/openai-embeddings/index.ts'
import { openaiResponses } from '../dialect/openai-responses/index.ts'
import { isTree, type ToolCall } from '../dialect/reading.ts'
import type { SseEvent } from '../wire/sse.ts'
import { replaceStrings } from '../wire/splice.ts'
import { Inspection } from './inspection.ts'
import { modeOf, StreamInspection } from './stream-inspection.ts'

const guard = loadGuardWithoutScorer(resolve(import.meta.dirname, '../../../catalogue'))
const key = ['ghp', 'Zx3Kq9Lm2Vb7Nc4Rt8Yw1Ps6Df5Gh0JkUiOa'].join('_')
const secrets = [
  key,
  'ann.lee@mail.contoso.de',
  '4111 1111 1111 1111',
  'DE89 3704 0044 0532 0130 00',
] as const
const harmless = 'nothing that anybody would mind, in 12 words or 1,234 more'

const inspectionAt = (tier: Tier = 1) =>
  new Inspection(guard, { ceiling: 'internal', treatment: guard.treatments[tier] })

type Place = readonly [where: string, body: (text: string) => object]
const chat = (message: object, rest: object = {}) => ({ model: 'm', messages: [message], ...rest })
const user = { role: 'user', content: 'hi' }
const tool = (definition: object) =>
  chat(user, { tools: [{ type: 'function', function: { name: 'f', ...definition } }] })
const called = (name: string, args: string) => ({
  role: 'assistant',
  tool_calls: [{ id: 'c', type: 'function', function: { name, arguments: args } }],
})
const input = (item: object, rest: object = {}) => ({ model: 'm', input: [item], ...rest })
const said = (message: object, rest: object = {}) => ({
  model: 'm',
  max_tokens: 1,
  messages: [message],
  ...rest,
})
const block = (role: string, of: object) => said({ role, content: [of] })
const json = (text: string) => JSON.stringify({ to: text })

const requestPlaces: readonly (readonly [Dialect, readonly Place[]])[] = [
  [
    openaiChat,
    [
      ['system', (content) => chat({ role: 'system', content })],
      ['developer', (content) => chat({ role: 'developer', content })],
      ['user string', (content) => chat({ role: 'user', content })],
      ['user part', (text) => chat({ role: 'user', content: [{ type: 'text', text }] })],
      ['name of a user', (name) => chat({ ...user, name })],
      ['assistant', (content) => chat({ role: 'assistant', content })],
      ['refusal', (refusal) => chat({ role: 'assistant', refusal })],
      ['tool result', (content) => chat({ role: 'tool', tool_call_id: 'c', content })],
      ['tool arguments', (text) => chat(called('f', json(text)))],
      ['escaped tool arguments', (text) => chat(called('f', escapedJson(text)))],
      ['tool name of a call', (text) => chat(called(text, '{}'))],
      ['tool description', (description) => tool({ description })],
      ['tool name', (name) => tool({ name })],
      ['schema enum', (text) => tool({ parameters: { enum: [text] } })],
      ['metadata', (text) => chat(user, { metadata: { a: text } })],
      ['unknown member', (text) => chat(user, { novel: { deep: [text] } })],
      ['object key', (text) => chat(user, { metadata: { [text]: 1 } })],
      ['reasoning', (reasoning_content) => chat({ role: 'assistant', reasoning_content })],
      ['annotation', (title) => chat({ role: 'assistant', content: 'x', annotations: [{ title }] })],
      ['logprobs', (token) => chat({ role: 'assistant', content: 'x', logprobs: { content: [{ token }] } })],
      ['stop', (text) => chat(user, { stop: [text] })],
      ['user', (text) => chat({ ...user }, { user: text })],
      ['file name', (filename) => chat({ role: 'user', content: [{ type: 'file', file: { filename } }] })],
    ],
  ],
  [
    openaiResponses,
    [
      ['instructions', (instructions) => input(user, { instructions })],
      ['input', (text) => ({ model: 'm', input: text })],
      ['user string', (content) => input({ role: 'user', content })],
      ['user part', (text) => input({ role: 'user', content: [{ type: 'input_text', text }] })],
      [
        'output part',
        (text) => input({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }),
      ],
      [
        'refusal',
        (refusal) => input({ type: 'message', role: 'assistant', content: [{ type: 'refusal', refusal }] }),
      ],
      ['tool result', (output) => input({ type: 'function_call_output', call_id: 'c', output })],
      [
        'tool arguments',
        (text) => input({ type: 'function_call', call_id: 'c', name: 'f', arguments: json(text) }),
      ],
      ['custom tool', (text) => input({ type: 'custom_tool_call', call_id: 'c', name: 'f', input: text })],
      [
        'reasoning',
        (text) => input({ type: 'reasoning', id: 'r', summary: [{ type: 'summary_text', text }] }),
      ],
      [
        'tool description',
        (description) => input(user, { tools: [{ type: 'function', name: 'f', description }] }),
      ],
      [
        'schema enum',
        (text) => input(user, { tools: [{ type: 'function', name: 'f', parameters: { enum: [text] } }] }),
      ],
      ['metadata', (text) => input(user, { metadata: { a: text } })],
      ['unknown item', (text) => input({ type: 'novel', deep: [text] })],
      ['object key', (text) => input(user, { metadata: { [text]: 1 } })],
      ['tool name', (name) => input(user, { tools: [{ type: 'function', name }] })],
      ['system item', (content) => input({ role: 'system', content })],
      ['developer item', (content) => input({ role: 'developer', content })],
      [
        'annotation',
        (title) =>
          input({
            type: 'message',
            role: 'assistant',
            content: [{ type: 'output_text', text: 'x', annotations: [{ title }] }],
          }),
      ],
      [
        'logprobs',
        (token) =>
          input({
            type: 'message',
            role: 'assistant',
            content: [{ type: 'output_text', text: 'x', logprobs: [{ token }] }],
          }),
      ],
      ['prompt variable', (text) => input(user, { prompt: { id: 'p', variables: { a: text } } })],
    ],
  ],
  [
    anthropicMessages,
    [
      ['system string', (system) => said(user, { system })],
      ['system part', (text) => said(user, { system: [{ type: 'text', text }] })],
      ['user string', (content) => said({ role: 'user', content })],
      ['user part', (text) => block('user', { type: 'text', text })],
      ['assistant', (content) => said({ role: 'assistant', content })],
      ['thinking', (thinking) => block('assistant', { type: 'thinking', thinking, signature: 'c2ln' })],
      ['tool result', (content) => block('user', { type: 'tool_result', tool_use_id: 't', content })],
      [
        'tool result part',
        (text) => block('user', { type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text }] }),
      ],
      [
        'tool arguments',
        (text) => block('assistant', { type: 'tool_use', id: 't', name: 'f', input: { to: text } }),
      ],
      [
        'document',
        (data) =>
          block('user', { type: 'document', source: { type: 'text', media_type: 'text/plain', data } }),
      ],
      [
        'document title',
        (title) => block('user', { type: 'document', title, source: { type: 'text', data: 'x' } }),
      ],
      [
        'tool description',
        (description) => said(user, { tools: [{ name: 'f', description, input_schema: {} }] }),
      ],
      ['schema enum', (text) => said(user, { tools: [{ name: 'f', input_schema: { enum: [text] } }] })],
      ['tool name', (name) => said(user, { tools: [{ name, input_schema: {} }] })],
      ['tool name of a call', (name) => block('assistant', { type: 'tool_use', id: 't', name, input: {} })],
      ['metadata', (user_id) => said(user, { metadata: { user_id } })],
      ['unknown member', (text) => said(user, { novel: [text] })],
      ['object key', (text) => said(user, { novel: { [text]: 1 } })],
      ['citation', (text) => block('user', { type: 'text', text: 'x', citations: [{ cited_text: text }] })],
    ],
  ],
  [
    openaiEmbeddings,
    [
      ['input', (text) => ({ model: 'm', input: text })],
      ['inputs', (text) => ({ model: 'm', input: ['x', text] })],
      ['user', (text) => ({ model: 'm', input: 'x', user: text })],
    ],
  ],
]

function escapedJson(text: string): string {
  const units = text.split('').map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return `{"to":"${units.join('')}"}`
}

const message = (of: object) => ({
  choices: [{ index: 0, message: { role: 'assistant', ...of }, finish_reason: 'stop' }],
})
const output = (item: object) => ({ id: 'r', object: 'response', output: [item] })
const content = (of: object) => ({ type: 'message', role: 'assistant', content: [of] })
const answerPlaces: readonly (readonly [Dialect, readonly Place[]])[] = [
  [
    openaiChat,
    [
      ['text', (text) => message({ content: text })],
      ['refusal', (refusal) => message({ refusal })],
      ['reasoning', (reasoning_content) => message({ reasoning_content })],
      [
        'annotation',
        (title) =>
          message({ content: 'x', annotations: [{ type: 'url_citation', url_citation: { title } }] }),
      ],
      ['tool arguments', (text) => message(called('f', json(text)))],
      [
        'custom tool',
        (text) => message({ tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'f', input: text } }] }),
      ],
      ['tool name', (text) => message(called(text, '{}'))],
      ['unknown member', (text) => message({ novel: { deep: text } })],
      ['object key', (text) => message({ novel: { [text]: 1 } })],
      ['word', (token) => ({ choices: [{ index: 0, message: {}, logprobs: { content: [{ token }] } }] })],
      ['fingerprint', (text) => ({ ...message({}), system_fingerprint: text })],
      ['error', (text) => ({ error: { message: text } })],
    ],
  ],
  [
    openaiResponses,
    [
      ['text', (text) => output(content({ type: 'output_text', text }))],
      ['refusal', (refusal) => output(content({ type: 'refusal', refusal }))],
      [
        'annotation',
        (title) => output(content({ type: 'output_text', text: 'x', annotations: [{ title }] })),
      ],
      [
        'reasoning',
        (text) => output({ type: 'reasoning', id: 'r', summary: [{ type: 'summary_text', text }] }),
      ],
      [
        'tool arguments',
        (text) => output({ type: 'function_call', call_id: 'c', name: 'f', arguments: json(text) }),
      ],
      ['custom tool', (text) => output({ type: 'custom_tool_call', call_id: 'c', name: 'f', input: text })],
      ['unknown item', (text) => output({ type: 'novel', deep: [text] })],
      ['object key', (text) => output({ type: 'novel', [text]: 1 })],
      ['metadata', (text) => ({ ...output({}), metadata: { a: text } })],
      ['error', (text) => ({ error: { message: text } })],
    ],
  ],
  [
    anthropicMessages,
    [
      ['text', (text) => ({ content: [{ type: 'text', text }] })],
      ['thinking', (thinking) => ({ content: [{ type: 'thinking', thinking, signature: 'c2ln' }] })],
      ['citation', (title) => ({ content: [{ type: 'text', text: 'x', citations: [{ title }] }] })],
      [
        'tool arguments',
        (text) => ({ content: [{ type: 'tool_use', id: 't', name: 'f', input: { to: text } }] }),
      ],
      [
        'hosted tool',
        (text) => ({ content: [{ type: 'web_search_tool_result', content: [{ title: text }] }] }),
      ],
      ['stop sequence', (stop_sequence) => ({ content: [], stop_sequence })],
      ['object key', (text) => ({ content: [{ type: 'novel', [text]: 1 }] })],
      ['error', (text) => ({ type: 'error', error: { type: 'x', message: text } })],
    ],
  ],
]

/** What is left of a body: null when it is stopped. */
function through(side: 'input' | 'output', dialect: Dialect, body: object): string | null {
  const inspection = inspectionAt()
  const text = JSON.stringify(body)
  const read = side === 'input' ? dialect.readRequest(body) : dialect.readAnswer(body)
  if (read === null || 'refused' in read) throw new Error('not read')
  inspection.raiseTaint(read.reading.segments, true)
  const { edits, isBlocked } = inspection.judge(side, read.reading.segments)
  const areCallsClean = 'calls' in read ? passes(inspection, read.calls) : true
  return isBlocked || !areCallsClean ? null : replaceStrings(text, edits)
}

/** Whether calls of tools that read leave where there is nobody to ask. */
function passes(inspection: Inspection, calls: readonly ToolCall[]): boolean {
  if (!inspection.allowsArguments(calls)) return false
  const found = calls.map((call) => inspection.inArgumentsOf(call))
  return found.every(({ isAboveCeiling, hasCanary }) => !isAboveCeiling && !hasCanary)
}

const both = [
  ...requestPlaces.map(([dialect, places]) => ['input' as const, dialect, places] as const),
  ...answerPlaces.map(([dialect, places]) => ['output' as const, dialect, places] as const),
].flatMap(([side, dialect, places]) =>
  places.map(([where, body]) => [`${side} of ${dialect.name}: ${where}`, side, dialect, body] as const),
)

describe('the same content gets the same verdict wherever it stands', () => {
  test.each(both)('%s', (_where, side, dialect, body) => {
    expect(through(side, dialect, body(harmless))).toBe(JSON.stringify(body(harmless)))
    for (const secret of secrets) {
      const left = through(side, dialect, body(`see ${secret} now`))
      expect(left ?? '').not.toContain(secret)
      const meant = left?.replaceAll(/\\+u([0-9a-f]{4})/g, (_all, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      )
      if (meant === undefined) continue
      expect(meant).not.toContain(secret)
      expect(meant).toMatch(/see \[[A-Z_]+\] now/)
    }
  })
})

/** Parts of one message, as each API writes them; `between` stands between the first and the second. */
type PartsOf = (texts: readonly string[], between?: readonly object[]) => object
const listed =
  (form: (text: string) => object): PartsOf =>
  ([first = '', ...texts], between = []) => [form(first), ...between, ...texts.map(form)]
const written = listed((text) => ({ type: 'text', text }))
const typedInput = listed((text) => ({ type: 'input_text', text }))
const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }
const claudePicture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }
const inputPicture = { type: 'input_image', image_url: 'data:image/png;base64,AAAA' }
const partsIn: readonly (readonly [Dialect, string, object, PartsOf])[] = [
  [openaiChat, 'user', picture, (...of) => chat({ role: 'user', content: written(...of) })],
  [openaiChat, 'system', picture, (...of) => chat({ role: 'system', content: written(...of) })],
  [openaiChat, 'assistant', picture, (...of) => chat({ role: 'assistant', content: written(...of) })],
  [
    openaiChat,
    'tool result',
    picture,
    (...of) => chat({ role: 'tool', tool_call_id: 'c', content: written(...of) }),
  ],
  [
    openaiChat,
    'prediction',
    picture,
    (...of) => chat(user, { prediction: { type: 'content', content: written(...of) } }),
  ],
  [openaiResponses, 'user', inputPicture, (...of) => input({ role: 'user', content: typedInput(...of) })],
  [
    openaiResponses,
    'tool result',
    inputPicture,
    (...of) => input({ type: 'function_call_output', call_id: 'c', output: typedInput(...of) }),
  ],
  [anthropicMessages, 'user', claudePicture, (...of) => said({ role: 'user', content: written(...of) })],
  [anthropicMessages, 'system', claudePicture, (...of) => said(user, { system: written(...of) })],
  [
    anthropicMessages,
    'tool result',
    claudePicture,
    (...of) => block('user', { type: 'tool_result', tool_use_id: 't', content: written(...of) }),
  ],
  [
    anthropicMessages,
    'document',
    claudePicture,
    (...of) => block('user', { type: 'document', source: { type: 'content', content: written(...of) } }),
  ],
]

/** All texts of a body, one after the other. */
function textsOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textsOf).join('')
  if (!isTree(value)) return ''
  return Object.entries(value)
    .map(([name, member]) => (name === 'text' && typeof member === 'string' ? member : textsOf(member)))
    .join('')
}

describe('what is split over the parts of one message is found', () => {
  test.each(
    partsIn.map(
      ([dialect, where, between, body]) => [`${dialect.name}: ${where}`, dialect, between, body] as const,
    ),
  )('%s', (_where, dialect, between, body) => {
    for (const secret of secrets)
      for (let cut = 1; cut < secret.length; cut += 3) {
        const [head, tail] = [`see ${secret.slice(0, cut)}`, `${secret.slice(cut)} now`]
        for (const texts of [
          [head, tail],
          [head, '', tail],
          ['first. ', head, tail.slice(0, 2), tail.slice(2), ' last.'],
        ]) {
          const left = textsOf(JSON.parse(through('input', dialect, body(texts)) ?? '{}'))
          expect(left).not.toContain(secret)
          expect(left).toMatch(/see \[[A-Z_]+\].* now/s)
          for (let n = 0; n + 8 <= secret.length; n += 1) expect(left).not.toContain(secret.slice(n, n + 8))
        }
        // What stands apart is read apart.
        const apart = body([head, tail], [between])
        const reading = dialect.readRequest(apart)
        if (reading === null || 'refused' in reading) throw new Error('not read')
        expect(reading.reading.segments.every(({ run }) => run === undefined)).toBe(true)
      }
    const quiet = body([`${harmless} `, harmless, '', ` and ${harmless}`])
    expect(through('input', dialect, quiet)).toBe(JSON.stringify(quiet))
  })

  test('the same in turns, and where the caller is given back what was taken out', async () => {
    const { readRequest } = openaiChat
    const [secret] = secrets.slice(1)
    const body = chat({
      role: 'user',
      content: written([`to ${secret?.slice(0, 5)}`, `${secret?.slice(5)}!`]),
    })
    const read = readRequest(body)
    if ('refused' in read) throw new Error('not read')
    const [atOnce, inTurns] = [inspectionAt(), inspectionAt()]
    const judged = atOnce.judge('input', read.reading.segments)
    expect(judged.edits.size).toBe(2)
    expect(await inTurns.judgeInTurns('input', read.reading.segments)).toEqual(judged)
    expect(inTurns.findings.told).toEqual(atOnce.findings.told)
  })

  test('a message of one part, and parts of several messages, are read once', () => {
    const asked = {
      model: 'm',
      messages: [
        { role: 'user', content: written(['one']) },
        { role: 'user', content: written(['two']) },
        { role: 'user', content: 'three' },
      ],
    }
    const read = openaiChat.readRequest(asked)
    if ('refused' in read) throw new Error('not read')
    expect(read.reading.segments.filter(({ run }) => run !== undefined)).toEqual([])
  })
})

describe('what stands in the place of an answer that is withheld holds nothing of what was found', () => {
  const beside: readonly (readonly [Dialect, Place])[] = [
    [openaiChat, ['usage', (text) => ({ ...message({}), usage: { novel: text } })]],
    [openaiChat, ['name of the model', (text) => ({ ...message({}), model: `a ${text}` })]],
    [openaiResponses, ['instructions', (text) => ({ ...output({}), instructions: text })]],
    [openaiResponses, ['usage', (text) => ({ ...output({}), usage: { novel: text } })]],
    [openaiResponses, ['unknown member', (text) => ({ ...output({}), novel: { [text]: 1 } })]],
    [anthropicMessages, ['usage', (text) => ({ content: [], usage: { novel: text } })]],
    [anthropicMessages, ['unknown member', (text) => ({ content: [], novel: [text] })]],
    [anthropicMessages, ['container', (text) => ({ content: [], container: { id: text } })]],
  ]
  const all = [
    ...answerPlaces.flatMap(([dialect, places]) => places.map((place) => [dialect, place] as const)),
    ...beside,
  ]
  test.each(all.map(([dialect, [where, body]]) => [`${dialect.name}: ${where}`, dialect, body] as const))(
    '%s',
    (_where, dialect, body) => {
      for (const secret of secrets)
        for (const tier of [1, 2, 3] as const) {
          const inspection = inspectionAt(tier)
          const told = inspection.cleaned(dialect, dialect.withheld?.(body(`see ${secret} now`)) ?? '')
          expect(told ?? '').not.toContain(secret)
        }
    },
  )

  const first: readonly (readonly [Dialect, string, (text: string) => SseEvent])[] = [
    [
      openaiChat,
      'head',
      (text) =>
        sse(null, { id: 'c', object: 'chat.completion.chunk', created: 1, model: `a ${text}`, choices: [] }),
    ],
    [
      openaiResponses,
      'metadata',
      (text) =>
        typed({
          type: 'response.created',
          response: { id: 'r', object: 'response', output: [], metadata: { a: text } },
        } as { type: string }),
    ],
    [
      anthropicMessages,
      'usage',
      (text) =>
        typed({
          type: 'message_start',
          message: {
            id: 'm',
            type: 'message',
            role: 'assistant',
            content: [],
            model: 'm',
            usage: { novel: text },
          },
        } as { type: string }),
    ],
  ]
  test.each(first)('%s: %s of a stream', (dialect, _where, event) => {
    for (const secret of secrets)
      for (const tier of [1, 3] as const) {
        const call = calls.find((of) => of.dialect === dialect)?.events(['{}']) ?? []
        const passed = stream(dialect, [event(`see ${secret} now`), ...call.slice(1)], tier, false)
        expect(JSON.stringify(passed.events)).not.toContain(secret)
      }
  })
})

type Stream = {
  readonly dialect: Dialect
  readonly where: string
  readonly events: (pieces: readonly string[]) => readonly SseEvent[]
  readonly shown: (events: readonly SseEvent[]) => string
}

const sse = (name: string | null, tree: object): SseEvent => ({ name, data: JSON.stringify(tree) })
const chunk = (delta: object, finish_reason: string | null = null) =>
  sse(null, {
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason }],
  })
const closing: SseEvent = { name: null, data: '[DONE]' }
const typed = (tree: { readonly type: string }) => sse(tree.type, tree)

/** Texts of all events at a member of a delta, together. */
const gathered =
  (...path: readonly (string | number)[]) =>
  (events: readonly SseEvent[]) =>
    events
      .map(({ data }) => {
        let at: unknown = data === '[DONE]' ? null : JSON.parse(data)
        for (const name of path) at = Array.isArray(at) ? at[Number(name)] : isTree(at) ? at[name] : undefined
        return typeof at === 'string' ? at : ''
      })
      .join('')

const chatLane = (member: string): Stream => ({
  dialect: openaiChat,
  where: member,
  events: (pieces) => [
    chunk({ role: 'assistant' }),
    ...pieces.map((text) => chunk({ [member]: text })),
    chunk({}, 'stop'),
    closing,
  ],
  shown: gathered('choices', 0, 'delta', member),
})
const responsesLane = (base: string, member: string): Stream => {
  const at = { item_id: 'i', output_index: 0, content_index: 0, summary_index: 0 }
  return {
    dialect: openaiResponses,
    where: base,
    events: (pieces) => [
      typed({ type: 'response.created', response: { id: 'r', object: 'response', output: [] } } as {
        type: string
      }),
      ...pieces.map((delta) => typed({ type: `${base}.delta`, ...at, delta } as { type: string })),
      typed({ type: `${base}.done`, ...at, [member]: pieces.join('') }),
      typed({ type: 'response.completed', response: { id: 'r', object: 'response', output: [] } } as {
        type: string
      }),
    ],
    shown: gathered('delta'),
  }
}
const claudeLane = (kind: string, member: string): Stream => ({
  dialect: anthropicMessages,
  where: kind,
  events: (pieces) =>
    [
      {
        type: 'message_start',
        message: { id: 'm', type: 'message', role: 'assistant', content: [], model: 'm' },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      ...pieces.map((text) => ({
        type: 'content_block_delta',
        index: 0,
        delta: { type: kind, [member]: text },
      })),
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: 1 },
      },
      { type: 'message_stop' },
    ].map(typed),
  shown: gathered('delta', member),
})
const lanes: readonly Stream[] = [
  chatLane('content'),
  chatLane('refusal'),
  chatLane('reasoning_content'),
  chatLane('novel'),
  responsesLane('response.output_text', 'text'),
  responsesLane('response.refusal', 'refusal'),
  responsesLane('response.reasoning_text', 'text'),
  responsesLane('response.reasoning_summary_text', 'text'),
  responsesLane('response.novel', 'text'),
  claudeLane('text_delta', 'text'),
  claudeLane('thinking_delta', 'thinking'),
  claudeLane('novel_delta', 'novel'),
]
const calls: readonly Stream[] = [
  {
    dialect: openaiChat,
    where: 'arguments',
    events: (pieces) => [
      chunk({
        tool_calls: [{ index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '' } }],
      }),
      ...pieces.map((args) => chunk({ tool_calls: [{ index: 0, function: { arguments: args } }] })),
      chunk({}, 'tool_calls'),
      closing,
    ],
    shown: gathered('choices', 0, 'delta', 'tool_calls', 0, 'function', 'arguments'),
  },
  {
    dialect: openaiResponses,
    where: 'arguments',
    events: (pieces) => {
      const item = { type: 'function_call', id: 'i', call_id: 'c', name: 'f', arguments: pieces.join('') }
      return [
        { type: 'response.created', response: { id: 'r', object: 'response', output: [] } },
        { type: 'response.output_item.added', output_index: 0, item: { ...item, arguments: '' } },
        ...pieces.map((delta) => ({
          type: 'response.function_call_arguments.delta',
          item_id: 'i',
          output_index: 0,
          delta,
        })),
        {
          type: 'response.function_call_arguments.done',
          item_id: 'i',
          output_index: 0,
          arguments: item.arguments,
        },
        { type: 'response.output_item.done', output_index: 0, item },
        { type: 'response.completed', response: { id: 'r', object: 'response', output: [item] } },
      ].map(typed)
    },
    shown: gathered('delta'),
  },
  {
    dialect: anthropicMessages,
    where: 'arguments',
    events: (pieces) =>
      [
        {
          type: 'message_start',
          message: { id: 'm', type: 'message', role: 'assistant', content: [], model: 'm' },
        },
        {
          type: 'content_block_start',
          index: 0,
          content_block: { type: 'tool_use', id: 't', name: 'f', input: {} },
        },
        ...pieces.map((text) => ({
          type: 'content_block_delta',
          index: 0,
          delta: { type: 'input_json_delta', partial_json: text },
        })),
        { type: 'content_block_stop', index: 0 },
        {
          type: 'message_delta',
          delta: { stop_reason: 'tool_use', stop_sequence: null },
          usage: { output_tokens: 1 },
        },
        { type: 'message_stop' },
      ].map(typed),
    shown: gathered('delta', 'partial_json'),
  },
]

type Passed = {
  readonly events: readonly SseEvent[]
  readonly isWhole: boolean
  readonly inspection: Inspection
}

function stream(dialect: Dialect, events: readonly SseEvent[], tier: Tier = 1, mayCall = true): Passed {
  const reader = dialect.stream?.()
  if (reader === undefined) throw new Error('no stream')
  const inspection = inspectionAt(tier)
  const stream = new StreamInspection(inspection, reader, {
    decideCalls: (calls) =>
      mayCall && passes(inspection, calls) ? { k: 'allow' } : { k: 'deny', code: 'tool_denied' },
    mode: modeOf(tier),
  })
  const eventReader = new EventReader(reader)
  const out: SseEvent[] = []
  for (const event of events) {
    const read = eventReader.read(event)
    if (read === null) throw new Error(`not read: ${event.data}`)
    const turn = stream.take(event, read.tree, read.step)
    out.push(...stream.release())
    if (turn !== 'goes_on')
      return { events: [...out, ...(stream.ending() ?? [])], isWhole: false, inspection }
  }
  expect(stream.isWaiting).toBe(false)
  return { events: out, isWhole: true, inspection }
}

const plain = fc.string({ unit: fc.constantFrom(...'ab de1\\"\n4-.@é'.split('')), maxLength: 12 })
const saying = fc
  .tuple(plain, fc.constantFrom('', ...secrets), plain)
  .map(([a, secret, b]) => `${a} ${secret} ${b}`)
const cuts = fc.infiniteStream(fc.integer({ min: 1, max: 9 }))

function cut(text: string, sizes: Iterator<number>): string[] {
  const pieces: string[] = []
  for (let at = 0; at < text.length; ) {
    const size = sizes.next().value ?? 1
    pieces.push(text.slice(at, at + size))
    at += size
  }
  return pieces
}

describe('streams', () => {
  test.each(lanes.map((lane) => [`${lane.dialect.name}: ${lane.where}`, lane] as const))(
    'law: %s shows what the whole text would, however it is cut',
    (_name, { dialect, events, shown }) => {
      let kept = 0
      const law = fc.property(saying, cuts, fc.constantFrom<Tier>(1, 3), (text, sizes, tier) => {
        const whole = stream(dialect, events([text]), tier)
        const pieces = stream(dialect, events(cut(text, sizes)), tier)
        expect(pieces.isWhole).toBe(whole.isWhole)
        for (const secret of secrets) {
          expect(JSON.stringify(pieces.events)).not.toContain(secret)
          if (text.includes(secret)) kept += 1
        }
        if (whole.isWhole) expect(shown(pieces.events)).toBe(shown(whole.events))
        else expect(text.startsWith(shown(pieces.events)) || tier === 3).toBe(true)
        const rules = ({ inspection }: Passed) =>
          [...new Set(inspection.findings.told.map(({ rule }) => rule))].toSorted()
        if (whole.isWhole) expect(rules(pieces)).toEqual(rules(whole))
      })
      fc.assert(law, { numRuns: 60 })
      expect(kept).toBeGreaterThan(10)
    },
  )

  test.each(lanes.map((lane) => [`${lane.dialect.name}: ${lane.where}`, lane] as const))(
    '%s: what the end of a lane gives away as a secret does not leave with that end',
    (_name, { dialect, events }) => {
      for (const secret of secrets)
        for (const tier of [1, 2, 3] as const)
          for (const pieces of [
            [`see ${secret}`],
            ['see ', secret],
            ['see ', secret.slice(0, 9), secret.slice(9)],
          ])
            expect(JSON.stringify(stream(dialect, events(pieces), tier).events)).not.toContain(
              secret.slice(-9),
            )
    },
  )

  test.each(lanes.map((lane) => [`${lane.dialect.name}: ${lane.where}`, lane] as const))(
    '%s without a finding passes unit by unit',
    (_name, { dialect, events }) => {
      const sent = events(
        cut(
          harmless,
          [3].values().map(() => 3),
        ),
      )
      expect(stream(dialect, sent).events).toEqual(sent)
      expect(stream(dialect, sent, 3).events).toEqual(sent)
    },
  )

  test.each(calls.map((lane) => [lane.dialect.name, lane] as const))(
    'law: of a call of %s that is stopped, no unit of its arguments leaves',
    (_name, { dialect, events, shown }) => {
      const law = fc.property(saying, cuts, fc.boolean(), (text, sizes, mayCall) => {
        const args = JSON.stringify({ to: text })
        const { events: out, isWhole } = stream(dialect, events(cut(args, sizes)), 1, mayCall)
        const isClean = !secrets.some((secret) => text.includes(secret))
        if (isWhole) expect([mayCall, shown(out)]).toEqual([true, args])
        else {
          expect(mayCall && isClean && inspectsClean(text)).toBe(false)
          expect(shown(out)).toBe('')
          expect(JSON.stringify(out)).not.toContain('call_id')
        }
      })
      fc.assert(law, { numRuns: 60 })
    },
  )
})

function inspectsClean(text: string): boolean {
  return passes(inspectionAt(), [{ id: 'c', name: 'f', args: text, form: 'json' }])
}

test('a call whose arguments spell a secret in escapes is stopped', () => {
  for (const { dialect, events, shown } of calls)
    expect(shown(stream(dialect, events([escapedJson(key)])).events)).toBe('')
})

describe('arguments that parsers may read differently hide nothing in any of their readings', () => {
  const spelled = escapedJson(key).slice('{"to":"'.length, -2)
  const bodies: readonly (readonly ['input' | 'output', Dialect, (args: string) => object])[] = [
    ['input', openaiChat, (args) => chat(called('f', args))],
    [
      'input',
      openaiResponses,
      (args) => input({ type: 'function_call', call_id: 'c', name: 'f', arguments: args }),
    ],
    ['output', openaiChat, (args) => message(called('f', args))],
    [
      'output',
      openaiResponses,
      (args) => output({ type: 'function_call', call_id: 'c', name: 'f', arguments: args }),
    ],
  ]
  test.each([
    ['two members of one name', `{"to":"${spelled}","to":"x"}`],
    ['two deep members of one name', `{"a":{"to":"${spelled}"},"a":{"to":"x"}}`],
    ['a comma too many', `{"to":"${spelled}",}`],
    ['other quotes', `{'to':'${spelled}'}`],
    ['no quotes that match', `{"a":"\\"","to":"${spelled}`],
    ['half a surrogate elsewhere', `{"a":"\\ud800","to":"${spelled}"}`],
    ['another way to write a number', '{"n":4111111111111.111e3}'],
    ['two numbers of one name', '{"n":4.111111111111111e15,"n":1}'],
  ])('%s', (_what, args) => {
    for (const [side, dialect, body] of bodies) {
      expect(through(side, dialect, body(args)), `${side} of ${dialect.name}`).toBeNull()
      expect(through(side, dialect, body('{"a":"\\u0041","a":[1e3,"x"],}'))).not.toBeNull()
    }
  })
})

test('two halves that only meet when something between them is taken out do not pass', () => {
  const [head, tail] = [key.slice(0, 20), key.slice(20)]
  const inner = ['ghp', 'Qx3Kq9Lm2Vb7Nc4Rt8Yw1Ps6Df5Gh0JkUiOa'].join('_')
  const body = { model: 'm', messages: [{ role: 'user', content: `${head}${inner}${tail}` }] }
  expect(through('input', openaiChat, body) ?? '').not.toContain(key)
})
