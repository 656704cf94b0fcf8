import type { Telling } from '../../held/telling.ts'
import type { Answer } from '../dialect.ts'
import { id, json, list, name, counts, object, readPlaces, word, type Place } from '../place.ts'
import {
  isCount,
  isTree,
  listOf,
  usageOf as usageFrom,
  type ToolCall,
  type Tree,
  type Usage,
} from '../reading.ts'
import { block, callOf } from './blocks.ts'

export const stopReason = word(
  'end_turn',
  'max_tokens',
  'stop_sequence',
  'tool_use',
  'pause_turn',
  'refusal',
  'model_context_window_exceeded',
)

/** Counts, and the few words beside them. */
export const usagePlace: Place = object({
  input_tokens: counts,
  output_tokens: counts,
  cache_creation_input_tokens: counts,
  cache_read_input_tokens: counts,
  cache_creation: counts,
  server_tool_use: counts,
  service_tier: word('standard', 'priority', 'batch'),
})

export const messageMembers: Readonly<Record<string, Place>> = {
  id,
  type: word('message'),
  role: word('assistant'),
  model: name,
  content: list(block('model')),
  stop_reason: stopReason,
  stop_sequence: json('model', 'sealed'),
  usage: usagePlace,
}
const body = object(messageMembers)

/** Reads a message. SPEC: Anthropic API reference, messages. */
export function readAnswer(tree: unknown): Answer | null {
  if (!isTree(tree)) return null
  const calls = listOf(tree, 'content').map(callOf)
  return {
    reading: readPlaces(body, tree, messageMembers),
    calls: calls.filter((call): call is ToolCall => call !== null),
    usage: usageOf(tree['usage']),
  }
}

/** The message with everything taken out that it was to say. */
export function withheld(tree: unknown): string {
  const whole = isTree(tree) ? tree : {}
  return JSON.stringify({ ...whole, content: [], stop_reason: 'refusal', stop_sequence: null })
}

/** The message with nothing in it but what is told. */
export function told(tree: unknown, { k, text: words }: Telling): string {
  const whole = isTree(tree) ? tree : {}
  const content = [{ type: 'text', text: words }]
  const stop_reason = k === 'pending' ? 'end_turn' : 'refusal'
  return JSON.stringify({ ...whole, content, stop_reason, stop_sequence: null })
}

/** Tokens that were read, cached ones too, and written. */
export function usageOf(usage: unknown): Usage | null {
  if (!isTree(usage) || !isCount(usage['input_tokens']) || !isCount(usage['output_tokens'])) return null
  return usageWith(usage, usage['output_tokens'])
}

/** The same of a stream, which states what it read at first and what it wrote at last. */
export function usageWith(usage: Tree, output: number): Usage {
  const { cache_read_input_tokens: cached, cache_creation_input_tokens: written } = usage
  return usageFrom(inputTokens(usage), output, cached, written)
}

export function inputTokens(usage: Tree): number {
  const counts = ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens'].map(
    (member) => usage[member],
  )
  return counts.reduce<number>((sum, count) => sum + (isCount(count) ? count : 0), 0)
}
