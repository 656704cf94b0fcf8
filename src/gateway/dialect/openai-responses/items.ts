import type { Channel } from '../../../guard/text.ts'
import {
  by,
  either,
  id,
  json,
  callName,
  callText,
  list,
  media,
  object,
  opaque,
  parts,
  text,
  word,
  type Place,
} from '../place.ts'
import { isTree, type ToolCall } from '../reading.ts'

const status = word('in_progress', 'completed', 'incomplete')
const words = json('model', 'sealed')

/** One part of a message. */
export function part(channel: Channel): Place {
  const type = word(
    'input_text',
    'output_text',
    'refusal',
    'input_image',
    'input_file',
    'reasoning_text',
    'summary_text',
  )
  const written = { type, text: text(channel), annotations: json('unknown'), logprobs: words }
  return by('type', {
    input_text: object(written),
    output_text: object(written),
    reasoning_text: object({ type, text: text('reasoning') }),
    summary_text: object({ type, text: text('reasoning') }),
    refusal: object({ type, refusal: text(channel) }),
    input_image: object({
      type,
      image_url: media('image', 'url'),
      file_id: media('image', 'provider_id'),
      detail: word('auto', 'low', 'high'),
    }),
    input_file: object({
      type,
      file_data: media('file', 'inline'),
      file_url: media('file', 'url'),
      file_id: media('file', 'provider_id'),
      filename: text(channel),
    }),
  })
}

function message(channel: Channel): Place {
  return object({
    type: word('message'),
    id,
    role: word('user', 'system', 'developer', 'assistant'),
    status,
    phase: word('commentary', 'final_answer'),
    content: either(text(channel), parts(part(channel))),
  })
}

const messages = by('role', {
  user: message('user'),
  system: message('system'),
  developer: message('system'),
  assistant: message('model'),
})

/** One item of what goes in or comes out. An item without a type is a message. */
export const item: Place = by(
  'type',
  {
    message: messages,
    reasoning: object({
      type: word('reasoning'),
      id,
      status,
      summary: list(part('reasoning')),
      content: list(part('reasoning')),
      encrypted_content: opaque,
    }),
    function_call: object({
      type: word('function_call'),
      id,
      call_id: id,
      status,
      name: callName,
      arguments: callText(),
    }),
    custom_tool_call: object({
      type: word('custom_tool_call'),
      id,
      call_id: id,
      status,
      name: callName,
      input: json('tool_args', 'call'),
    }),
    function_call_output: output('function_call_output'),
    custom_tool_call_output: output('custom_tool_call_output'),
    item_reference: object({ type: word('item_reference'), id }),
  },
  (value, path, out) => (isTree(value) && !('type' in value) ? messages : json('unknown'))(value, path, out),
)

function output(type: string): Place {
  return object({
    type: word(type),
    id,
    call_id: id,
    status,
    output: either(text('tool_result'), parts(part('tool_result'))),
  })
}

/** The calls that the caller is to carry out. */
export function callsOf(items: readonly unknown[]): readonly ToolCall[] {
  return items.flatMap((of): ToolCall[] => {
    const call = callOf(of)
    return call === null ? [] : [call]
  })
}

export function callOf(of: unknown): ToolCall | null {
  if (!isTree(of) || (of['type'] !== 'function_call' && of['type'] !== 'custom_tool_call')) return null
  const isJson = of['type'] === 'function_call'
  const args = of[isJson ? 'arguments' : 'input']
  return {
    id: typeof of['call_id'] === 'string' ? of['call_id'] : '',
    name: typeof of['name'] === 'string' ? of['name'] : '',
    args: typeof args === 'string' ? args : '',
    form: isJson ? 'json' : 'text',
  }
}

/** Whether an item asks for something to be done, here or at the provider. */
export function isAct(of: unknown): boolean {
  return isTree(of) && typeof of['type'] === 'string' && of['type'].endsWith('_call')
}

/** Whether something is named that the provider keeps. */
export function refersToState(items: unknown): boolean {
  return Array.isArray(items) && items.some((of) => isTree(of) && of['type'] === 'item_reference')
}
