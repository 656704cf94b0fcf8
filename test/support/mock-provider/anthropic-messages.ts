import type {
  ContentBlock,
  Message,
  RawContentBlockDelta,
  RawMessageStreamEvent,
  StopReason,
} from '@anthropic-ai/sdk/resources/messages'
import { anthropicError, anthropicHeaders } from './anthropic-error.ts'
import { namedEvent, objectsIn, type Asked, type Dialect, type WireEvent } from './dialect.ts'
import { piecesOf, tokensOf, type Answer } from './script.ts'

/** SPEC: Anthropic API reference, Messages and Streaming Messages, version 2023-06-01. */
export const anthropicMessages: Dialect = {
  read: ({ messages, max_tokens: most }) =>
    Array.isArray(messages) && typeof most === 'number'
      ? { spoken: objectsIn(messages).filter(({ role }) => role === 'assistant').length }
      : null,
  body: (asked, answer) => messageOf(asked, answer),
  events: (asked, answer) => {
    const whole = messageOf(asked, answer)
    const { usage, stop_details } = whole
    const start: Message = {
      ...whole,
      content: [],
      stop_reason: null,
      stop_details: null,
      usage: { ...usage, output_tokens: 1 },
    }
    return [
      named({ type: 'message_start', message: start }),
      ...whole.content.flatMap((block, index) => blockEvents(block, index)),
      named({
        type: 'message_delta',
        delta: { stop_reason: whole.stop_reason, stop_sequence: null, container: null, stop_details },
        usage: {
          input_tokens: usage.input_tokens,
          cache_creation_input_tokens: usage.cache_creation_input_tokens,
          cache_read_input_tokens: usage.cache_read_input_tokens,
          output_tokens: usage.output_tokens,
          output_tokens_details: usage.output_tokens_details,
          server_tool_use: null,
        },
      }),
      named({ type: 'message_stop' }),
    ]
  },
  error: anthropicError,
  errorEvent: (message) => ({ event: 'error', data: JSON.stringify(anthropicError(529, message)) }),
  headers: anthropicHeaders,
}

/** SPEC: Anthropic API reference, Count Message tokens. */
export const anthropicCount: Dialect = {
  ...anthropicMessages,
  read: ({ messages }) => (Array.isArray(messages) ? { spoken: 0 } : null),
  body: ({ inputTokens }) => ({ input_tokens: inputTokens }),
  events: null,
}

function blockEvents(block: ContentBlock, index: number): WireEvent[] {
  const [empty, deltas] = startAndDeltas(block)
  return [
    named({ type: 'content_block_start', index, content_block: empty }),
    ...(index === 0 ? [ping] : []),
    ...deltas.map((delta) => named({ type: 'content_block_delta', index, delta })),
    named({ type: 'content_block_stop', index }),
  ]
}

type StartBlock = Extract<RawMessageStreamEvent, { type: 'content_block_start' }>['content_block']

function startAndDeltas(block: ContentBlock): [StartBlock, RawContentBlockDelta[]] {
  switch (block.type) {
    case 'text':
      return [{ ...block, text: '' }, piecesOf(block.text).map((text) => ({ type: 'text_delta', text }))]
    case 'thinking':
      return [
        { type: 'thinking', thinking: '', signature: '' },
        [
          ...piecesOf(block.thinking).map((thinking) => ({ type: 'thinking_delta', thinking }) as const),
          { type: 'signature_delta', signature: block.signature },
        ],
      ]
    case 'tool_use': {
      const pieces = ['', ...piecesOf(JSON.stringify(block.input))] // the first piece is empty, as the vendor's is
      return [
        { ...block, input: {} },
        pieces.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
      ]
    }
    default:
      return [block, []] // whole from the beginning, as `redacted_thinking` is
  }
}

function messageOf({ model, spoken, inputTokens }: Asked, answer: Answer): Message {
  const reasoning = { parts: answer.parts.filter(({ k }) => k === 'reasoning') }
  const stop = stopOf(answer)
  return {
    id: `msg_mock_${model.replaceAll(/\W/g, '_')}_${spoken}`,
    type: 'message',
    role: 'assistant',
    model,
    content: answer.parts.map((part, n): ContentBlock => {
      switch (part.k) {
        case 'text':
        case 'refusal':
          return { type: 'text', text: part.text, citations: null }
        case 'reasoning':
          return { type: 'thinking', thinking: part.text, signature: part.signature }
        case 'redacted':
          return { type: 'redacted_thinking', data: part.data }
        case 'call':
          return {
            type: 'tool_use',
            id: `toolu_${spoken}_${n}`,
            name: part.name,
            input: part.args,
            caller: { type: 'direct' },
          }
        default:
          return part
      }
    }),
    stop_reason: stop,
    stop_sequence: null,
    stop_details: stop === 'refusal' ? { type: 'refusal', category: null, explanation: null } : null,
    container: null,
    diagnostics: null,
    usage: {
      input_tokens: inputTokens,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      output_tokens: tokensOf(answer),
      output_tokens_details: { thinking_tokens: tokensOf(reasoning) },
      inference_geo: null,
      server_tool_use: null,
      service_tier: 'standard',
      speed: 'standard',
    },
  }
}

function stopOf({ parts, ends }: Answer): StopReason {
  if (ends === 'length') return 'max_tokens'
  if (ends === 'filter' || parts.some(({ k }) => k === 'refusal')) return 'refusal'
  return parts.some(({ k }) => k === 'call') ? 'tool_use' : 'end_turn'
}

const ping: WireEvent = { event: 'ping', data: JSON.stringify({ type: 'ping' }) }

function named(event: RawMessageStreamEvent): WireEvent {
  return namedEvent(event)
}
