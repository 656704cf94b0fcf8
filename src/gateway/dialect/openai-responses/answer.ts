import type { Telling } from '../../held/telling.ts'
import type { Answer } from '../dialect.ts'
import {
  either,
  id,
  json,
  list,
  name,
  number,
  counts,
  object,
  readPlaces,
  text,
  word,
  type Place,
} from '../place.ts'
import { isCount, isTree, listOf, usageOf as usageFrom, type Tree, type Usage } from '../reading.ts'
import { callsOf, item } from './items.ts'

const definition = json('tool_def', 'sealed')

const answerMembers: Readonly<Record<string, Place>> = {
  id,
  object: word('response'),
  created_at: number,
  completed_at: number,
  status: word('completed', 'failed', 'in_progress', 'cancelled', 'queued', 'incomplete'),
  model: name,
  output: list(item),
  output_text: text('model'),
  instructions: either(text('system'), list(item)),
  tools: definition,
  tool_choice: definition,
  text: definition,
  usage: counts,
  temperature: number,
  top_p: number,
  top_logprobs: number,
  max_output_tokens: number,
  max_tool_calls: number,
  truncation: word('auto', 'disabled'),
  service_tier: word('auto', 'default', 'flex', 'priority', 'scale'),
  previous_response_id: id,
  metadata: json('unknown'),
}
export const responsePlace = object(answerMembers)

/** Reads a response. SPEC: OpenAI API reference, the response object. */
export function readAnswer(tree: unknown): Answer | null {
  if (!isTree(tree)) return null
  return {
    reading: readPlaces(responsePlace, tree, answerMembers),
    calls: callsOf(listOf(tree, 'output')),
    usage: usageOf(tree),
  }
}

/** The response with everything taken out that it was to say. */
export function withheld(tree: unknown): string {
  return JSON.stringify(incomplete(isTree(tree) ? tree : {}, []))
}

/** A response that ends here, with the items that were released before. */
export function incomplete(response: Tree, output: readonly unknown[]): Tree {
  const { output_text: _, ...rest } = response
  return { ...rest, status: 'incomplete', incomplete_details: { reason: 'content_filter' }, output }
}

/** The response with nothing in it but what is told. */
export function told(tree: unknown, telling: Telling): string {
  const response = isTree(tree) ? tree : {}
  const output = [itemTelling(telling)]
  return JSON.stringify(telling.k === 'pending' ? completed(response, output) : incomplete(response, output))
}

/** A response that ends in the ordinary way. */
export function completed(response: Tree, output: readonly unknown[]): Tree {
  const { output_text: _, ...rest } = response
  return { ...rest, status: 'completed', incomplete_details: null, output }
}

/** The message that tells. */
export function itemTelling(telling: Telling): Tree {
  return {
    id: `msg_${telling.id}`,
    type: 'message',
    status: 'completed',
    role: 'assistant',
    content: [partTelling(telling)],
  }
}

export function partTelling({ k, text: words }: Telling): Tree {
  return k === 'pending'
    ? { type: 'output_text', text: words, annotations: [] }
    : { type: 'refusal', refusal: words }
}

export function usageOf(tree: Tree): Usage | null {
  const { usage } = tree
  if (!isTree(usage)) return null
  const { input_tokens: input, output_tokens: output, input_tokens_details: details } = usage
  if (!isCount(input) || !isCount(output)) return null
  const { cached_tokens: cached, cache_write_tokens: written } = isTree(details) ? details : {}
  return usageFrom(input, output, cached, written)
}
