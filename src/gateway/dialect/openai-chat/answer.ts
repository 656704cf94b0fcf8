import {
  callName,
  either,
  id,
  json,
  list,
  media,
  name,
  number,
  counts,
  object,
  opaque,
  readPlaces,
  text,
  word,
  type Place,
} from '../place.ts'
import type { Telling } from '../../held/telling.ts'
import type { Answer } from '../dialect.ts'
import {
  isCount,
  isTree,
  listOf,
  usageOf as usageFrom,
  type ToolCall,
  type Tree,
  type Usage,
} from '../reading.ts'
import { toolCall } from './request.ts'

export const finishReason = word('stop', 'length', 'tool_calls', 'content_filter', 'function_call')

const annotations = json('unknown')

const message = object({
  role: word('assistant'),
  content: either(text('model'), list(json('model'))),
  refusal: text('model'),
  reasoning_content: text('reasoning'),
  tool_calls: list(toolCall),
  function_call: object({ name: callName, arguments: json('tool_args', 'call') }),
  annotations,
  audio: object({ id, data: media('audio', 'inline'), expires_at: number, transcript: text('model') }),
})

/** Words of the answer, one by one, with the bytes that they are made of. */
const logprob: Place = object({
  token: json('model', 'sealed'),
  logprob: number,
  bytes: counts,
  top_logprobs: json('model', 'sealed'),
})
export const logprobs: Place = object({ content: list(logprob), refusal: list(logprob) })

/** What both the answer and each event of a stream say about themselves. */
export const envelope: Readonly<Record<string, Place>> = {
  id,
  object: word('chat.completion', 'chat.completion.chunk'),
  created: number,
  model: name,
  system_fingerprint: id,
  service_tier: word('auto', 'default', 'flex', 'priority', 'scale'),
  usage: counts,
  obfuscation: opaque,
}

const members: Readonly<Record<string, Place>> = {
  ...envelope,
  choices: list(object({ index: number, message, logprobs, finish_reason: finishReason })),
}
const body = object(members)

/** Reads a chat completion. SPEC: OpenAI API reference, the chat completion object. */
export function readAnswer(tree: unknown): Answer | null {
  if (!isTree(tree)) return null
  const calls = listOf(tree, 'choices').flatMap((choice) =>
    isTree(choice) && isTree(choice['message']) ? callsOf(choice['message']) : [],
  )
  return { reading: readPlaces(body, tree, members), calls, usage: usageOf(tree) }
}

/** The answer with every choice taken out of it. */
export function withheld(tree: unknown): string {
  return told(tree, { k: 'denied', text: refusalText, id: '' })
}

/** The answer with nothing in its choices but what is told. */
export function told(tree: unknown, { k, text: words }: Telling): string {
  const whole = isTree(tree) ? tree : {}
  const isPending = k === 'pending'
  const choices = listOf(whole, 'choices').map((_, index) => ({
    index,
    message: {
      role: 'assistant',
      content: isPending ? words : null,
      refusal: isPending ? null : words,
    },
    logprobs: null,
    finish_reason: isPending ? 'stop' : 'content_filter',
  }))
  return JSON.stringify({ ...pick(whole, ['id', 'object', 'created', 'model', 'usage']), choices })
}

export const refusalText = 'This answer was withheld by policy.'

/** Token counts that an answer states about itself. */
export function usageOf(tree: Tree): Usage | null {
  const usage = tree['usage']
  if (!isTree(usage)) return null
  const { prompt_tokens: input, completion_tokens: output, prompt_tokens_details: details } = usage
  if (!isCount(input) || !isCount(output)) return null
  const { cached_tokens: cached, cache_write_tokens: written } = isTree(details) ? details : {}
  return usageFrom(input, output, cached, written)
}

function callsOf(tree: Tree): ToolCall[] {
  const calls = listOf(tree, 'tool_calls').flatMap((call): ToolCall[] => {
    if (!isTree(call)) return []
    const isCustom = isTree(call['custom'])
    const named = isCustom ? call['custom'] : call['function']
    if (!isTree(named)) return []
    return [callOf(call['id'], named['name'], named[isCustom ? 'input' : 'arguments'], isCustom)]
  })
  const old = tree['function_call']
  return isTree(old) ? [...calls, callOf('', old['name'], old['arguments'], false)] : calls
}

function callOf(callId: unknown, name: unknown, args: unknown, isCustom: boolean): ToolCall {
  return {
    id: typeof callId === 'string' ? callId : '',
    name: typeof name === 'string' ? name : '',
    args: typeof args === 'string' ? args : '',
    form: isCustom ? 'text' : 'json',
  }
}

export function pick(tree: Tree, names: readonly string[]): Tree {
  return Object.fromEntries(names.flatMap((name) => (name in tree ? [[name, tree[name]]] : [])))
}
