import type {
  Response,
  ResponseFunctionToolCall,
  ResponseOutputItem,
  ResponseOutputMessage,
  ResponseReasoningItem,
  ResponseStreamEvent,
} from 'openai/resources/responses/responses'
import { madeAt, namedEvent, objectsIn, type Asked, type Dialect, type WireEvent } from './dialect.ts'
import { openaiError, openaiHeaders } from './openai-error.ts'
import { piecesOf, tokensOf, type Answer } from './script.ts'

/** `output_text` is made by the SDK; it is not on the wire. */
type WireResponse = Omit<Response, 'output_text'>
type Item = ResponseOutputMessage | ResponseFunctionToolCall | ResponseReasoningItem
type Numbered = ResponseStreamEvent extends infer E
  ? E extends ResponseStreamEvent
    ? Omit<E, 'sequence_number'>
    : never
  : never

/** SPEC: OpenAI API reference, Responses: the object and its streaming events. */
export const openaiResponses: Dialect = {
  read: ({ input }) => (input === undefined ? null : { spoken: spokenIn(input) }),
  body: (asked, answer) => responseOf(asked, answer),
  events: (asked, answer) => {
    const whole = responseOf(asked, answer)
    const begun: WireResponse = {
      ...whole,
      status: 'in_progress',
      output: [],
      completed_at: null,
      incomplete_details: null,
    }
    delete begun.usage
    const last = whole.status === 'incomplete' ? 'response.incomplete' : 'response.completed'
    const events: Numbered[] = [
      { type: 'response.created', response: asResponse(begun) },
      { type: 'response.in_progress', response: asResponse(begun) },
      ...whole.output.flatMap((item, at) => itemEvents(item as Item, at)),
      { type: last, response: asResponse(whole) },
    ]
    return events.map((event, n) => numbered(event, n))
  },
  error: openaiError,
  errorEvent: (message) => numbered({ type: 'error', code: 'server_error', message, param: null }, 0),
  headers: openaiHeaders,
}

function numbered(event: Numbered, n: number): WireEvent {
  return namedEvent({ ...event, sequence_number: n })
}

/** The wire has no `output_text`. */
function asResponse(response: WireResponse): Response {
  return response as Response
}

/** Each run of items that a model said, ended by something that it did not, is one answer. */
function spokenIn(input: unknown): number {
  const isSaid = (item: { readonly [name: string]: unknown }) =>
    item['role'] === 'assistant' || item['type'] === 'function_call' || item['type'] === 'reasoning'
  const said = objectsIn(input).map((item) => isSaid(item))
  return said.filter((is, n) => is && said[n + 1] !== true).length
}

function responseOf(asked: Asked, answer: Answer): WireResponse {
  const { tree, model, inputTokens } = asked
  const reasoning = { parts: answer.parts.filter(({ k }) => k === 'reasoning') }
  const reason =
    answer.ends === 'length' ? 'max_output_tokens' : answer.ends === 'filter' ? 'content_filter' : null
  return {
    id: `resp_mock_${model.replaceAll(/\W/g, '_')}_${asked.spoken}`,
    object: 'response',
    created_at: madeAt,
    completed_at: madeAt + 1,
    status: reason === null ? 'completed' : 'incomplete',
    background: false,
    access_programs: null,
    error: null,
    incomplete_details: reason === null ? null : { reason },
    instructions: null,
    max_output_tokens: null,
    metadata: {},
    model,
    output: answer.parts.map((part, n): ResponseOutputItem => itemOf(asked, part, n)),
    parallel_tool_calls: true,
    previous_response_id: null,
    store: false,
    temperature: 1,
    text: (tree['text'] ?? { format: { type: 'text' } }) as NonNullable<Response['text']>,
    tool_choice: 'auto',
    tools: (tree['tools'] ?? []) as Response['tools'], // as the vendor does, what was sent comes back
    top_p: 1,
    truncation: 'disabled',
    usage: {
      input_tokens: inputTokens,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: tokensOf(answer),
      output_tokens_details: { reasoning_tokens: tokensOf(reasoning) },
      total_tokens: inputTokens + tokensOf(answer),
    },
  } as WireResponse
}

function itemOf({ spoken }: Asked, part: Answer['parts'][number], n: number): Item {
  const id = `${spoken}_${n}`
  switch (part.k) {
    case 'text':
      return message(id, [{ type: 'output_text', text: part.text, annotations: [], logprobs: [] }])
    case 'refusal':
      return message(id, [{ type: 'refusal', refusal: part.text }])
    case 'reasoning':
      return {
        id: `rs_${id}`,
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: part.text }],
        encrypted_content: part.signature,
      }
    case 'redacted':
      return { id: `rs_${id}`, type: 'reasoning', summary: [], encrypted_content: part.data }
    case 'call':
      return {
        id: `fc_${id}`,
        type: 'function_call',
        status: 'completed',
        call_id: `call_${id}`,
        name: part.name,
        arguments: JSON.stringify(part.args),
      }
    default:
      return part
  }
}

function message(id: string, content: ResponseOutputMessage['content']): ResponseOutputMessage {
  return { id: `msg_${id}`, type: 'message', status: 'completed', role: 'assistant', content }
}

function itemEvents(item: Item, output_index: number): Numbered[] {
  const place = { item_id: item.id ?? '', output_index }
  const added = (begun: Item): Numbered => ({ type: 'response.output_item.added', output_index, item: begun })
  const done: Numbered = { type: 'response.output_item.done', output_index, item }
  switch (item.type) {
    case 'message':
      return [
        added({ ...item, status: 'in_progress', content: [] }),
        ...item.content.flatMap((part, at) => partEvents(part, { ...place, content_index: at })),
        done,
      ]
    case 'function_call':
      return [
        added({ ...item, status: 'in_progress', arguments: '' }),
        ...piecesOf(item.arguments).map(
          (delta): Numbered => ({ type: 'response.function_call_arguments.delta', ...place, delta }),
        ),
        { type: 'response.function_call_arguments.done', ...place, arguments: item.arguments },
        done,
      ]
    case 'reasoning':
      return [
        added({ ...item, summary: [] }),
        ...item.summary.flatMap(({ text }, at) => summaryEvents(text, { ...place, summary_index: at })),
        done,
      ]
    default:
      return item
  }
}

type InItem = { readonly item_id: string; readonly output_index: number }

function partEvents(
  part: ResponseOutputMessage['content'][number],
  place: InItem & { readonly content_index: number },
): Numbered[] {
  if (part.type === 'refusal') {
    const { refusal } = part
    return [
      { type: 'response.content_part.added', ...place, part: { ...part, refusal: '' } },
      ...piecesOf(refusal).map((delta): Numbered => ({ type: 'response.refusal.delta', ...place, delta })),
      { type: 'response.refusal.done', ...place, refusal },
      { type: 'response.content_part.done', ...place, part },
    ]
  }
  const { text } = part
  return [
    { type: 'response.content_part.added', ...place, part: { ...part, text: '' } },
    ...piecesOf(text).map(
      (delta): Numbered => ({ type: 'response.output_text.delta', ...place, delta, logprobs: [] }),
    ),
    { type: 'response.output_text.done', ...place, text, logprobs: [] },
    { type: 'response.content_part.done', ...place, part },
  ]
}

function summaryEvents(text: string, place: InItem & { readonly summary_index: number }): Numbered[] {
  const part = { type: 'summary_text', text } as const
  return [
    { type: 'response.reasoning_summary_part.added', ...place, part: { ...part, text: '' } },
    ...piecesOf(text).map(
      (delta): Numbered => ({ type: 'response.reasoning_summary_text.delta', ...place, delta }),
    ),
    { type: 'response.reasoning_summary_text.done', ...place, text },
    { type: 'response.reasoning_summary_part.done', ...place, part },
  ]
}
