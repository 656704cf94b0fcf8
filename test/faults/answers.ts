import { model } from './ways.ts'

/** How each API writes a call of `f`, and what a model thinks, whole and as a stream. */
const parameters = { type: 'object', properties: { to: { type: 'string' } } } as const
export const offers = {
  'openai-chat': { type: 'function', function: { name: 'f', description: 'Does it.', parameters } },
  'openai-responses': { type: 'function', name: 'f', description: 'Does it.', parameters, strict: false },
  'anthropic-messages': { name: 'f', description: 'Does it.', input_schema: parameters },
} as const
export type Api = keyof typeof offers
export type Said = { readonly thought?: string; readonly args?: string }

const events = (all: readonly object[], isNamed: boolean) =>
  all
    .map((event) => {
      const name = isNamed && 'type' in event ? `event: ${String(event.type)}\n` : ''
      return `${name}data: ${JSON.stringify(event)}\n\n`
    })
    .join('')
const halves = (text: string) => [text.slice(0, text.length >> 1), text.slice(text.length >> 1)]

/** What a provider answers. */
export const answers: Readonly<Record<Api, (said: Said, isStream: boolean) => string>> = {
  'openai-chat': ({ thought, args }, isStream) => {
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: args } }
    const message = {
      role: 'assistant',
      content: 'Done.',
      ...(thought === undefined ? {} : { reasoning_content: thought }),
      ...(args === undefined ? {} : { tool_calls: [call] }),
    }
    const finish = args === undefined ? 'stop' : 'tool_calls'
    const of = (rest: object, object: string) => ({
      id: 'c',
      object,
      created: 1,
      model,
      choices: [{ index: 0, ...rest }],
    })
    if (!isStream) return JSON.stringify(of({ message, finish_reason: finish }, 'chat.completion'))
    const delta = (delta: object, finish_reason: string | null = null) =>
      of({ delta, finish_reason }, 'chat.completion.chunk')
    const all = [
      ...halves(thought ?? '').map((reasoning_content) => delta({ reasoning_content })),
      delta({ content: 'Done.' }),
      ...(args === undefined
        ? []
        : [
            delta({ tool_calls: [{ ...call, index: 0, function: { name: 'f', arguments: '' } }] }),
            ...halves(args).map((part) =>
              delta({ tool_calls: [{ index: 0, function: { arguments: part } }] }),
            ),
          ]),
      delta({}, finish),
    ]
    return `${events(all, false)}data: [DONE]\n\n`
  },
  'openai-responses': ({ thought, args }, isStream) => {
    const reasoning = { type: 'reasoning', id: 'r', summary: [{ type: 'summary_text', text: thought }] }
    const call = { type: 'function_call', id: 'i', call_id: 'c', name: 'f', arguments: args }
    const output = [...(thought === undefined ? [] : [reasoning]), ...(args === undefined ? [] : [call])]
    const response = { id: 'r', object: 'response', created_at: 1, status: 'completed', model, output }
    if (!isStream) return JSON.stringify(response)
    const at = { item_id: 'r', output_index: 0, summary_index: 0 }
    const all = [
      { type: 'response.created', response: { ...response, output: [] } },
      ...halves(thought ?? '').map((delta) => ({
        type: 'response.reasoning_summary_text.delta',
        ...at,
        delta,
      })),
      { type: 'response.reasoning_summary_text.done', ...at, text: thought ?? '' },
      ...output.map((item, output_index) => ({ type: 'response.output_item.done', output_index, item })),
      { type: 'response.completed', response },
    ]
    return events(all, true)
  },
  'anthropic-messages': ({ thought, args }, isStream) => {
    const thinking = { type: 'thinking', thinking: thought, signature: 'c2lnbmVk' }
    const call = { type: 'tool_use', id: 't', name: 'f', input: JSON.parse(args ?? '{}') as object }
    const content = [
      ...(thought === undefined ? [] : [thinking]),
      { type: 'text', text: 'Done.' },
      ...(args === undefined ? [] : [call]),
    ]
    const message = { id: 'm', type: 'message', role: 'assistant', model, stop_sequence: null }
    const usage = { input_tokens: 1, output_tokens: 1 }
    const stop_reason = args === undefined ? 'end_turn' : 'tool_use'
    if (!isStream) return JSON.stringify({ ...message, content, stop_reason, usage })
    const blocks = [
      [
        { ...thinking, thinking: '', signature: '' },
        halves(thought ?? '').map((part) => ({ type: 'thinking_delta', thinking: part })),
      ],
      [{ type: 'text', text: '' }, [{ type: 'text_delta', text: 'Done.' }]],
      [
        { ...call, input: {} },
        halves(args ?? '').map((part) => ({ type: 'input_json_delta', partial_json: part })),
      ],
    ] as const
    const shown = blocks.filter((_, n) => (n === 0 ? thought : n === 2 ? args : '') !== undefined)
    const all = [
      { type: 'message_start', message: { ...message, content: [], stop_reason: null, usage } },
      ...shown.flatMap(([content_block, deltas], index) => [
        { type: 'content_block_start', index, content_block },
        ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
        { type: 'content_block_stop', index },
      ]),
      { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 1 } },
      { type: 'message_stop' },
    ]
    return events(all, true)
  },
}
