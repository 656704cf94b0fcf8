import {
  by,
  either,
  id,
  json,
  callName,
  callText,
  list,
  media,
  name,
  count,
  counts,
  object,
  parts,
  readPlaces,
  text,
  word,
  type Place,
} from '../place.ts'
import type { Ask, Refused } from '../dialect.ts'
import { isCount, isTree, listOf, mostMessages, type ToolOffer, type Tree } from '../reading.ts'
import type { Channel } from '../../../guard/text.ts'

/** Reads a chat completion request. SPEC: OpenAI API reference, create chat completion. */
export function readRequest(tree: unknown): Ask | Refused {
  if (!isTree(tree)) return malformed
  const { model, messages, stream, max_tokens: most, max_completion_tokens: mostNow } = tree
  if (typeof model !== 'string' || !Array.isArray(messages)) return malformed
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') return malformed
  if (messages.length > mostMessages) return tooLarge
  const offers = offersOf(tree)
  if (offers === null) return malformed
  return {
    model,
    stream: stream === true,
    maxOutput: isCount(mostNow) ? mostNow : isCount(most) ? most : null,
    reading: readPlaces(body, tree, members),
    offers,
    forcesTool:
      tree['tool_choice'] === 'required' || isTree(tree['tool_choice']) || isTree(tree['function_call']),
    capabilities: capabilitiesOf(tree),
    keepsNothing: null,
    addsUsage: stream === true && !asksForUsage(tree),
    thread: null,
  }
}

function asksForUsage({ stream_options: options }: Tree): boolean {
  return isTree(options) && options['include_usage'] === true
}

const malformed: Refused = { refused: 'malformed' }
const tooLarge: Refused = { refused: 'too_large' }

/** How something is to be done. */
const option = json('system', 'sealed')

function part(channel: Channel): Place {
  const type = word('text', 'refusal', 'image_url', 'input_audio', 'file')
  return by('type', {
    text: object({ type, text: text(channel), cache_control: option }),
    refusal: object({ type, refusal: text(channel) }),
    image_url: object({
      type,
      image_url: object({ url: media('image', 'url'), detail: word('auto', 'low', 'high') }),
    }),
    input_audio: object({
      type,
      input_audio: object({ data: media('audio', 'inline'), format: word('wav', 'mp3') }),
    }),
    file: object({
      type,
      file: object({
        file_data: media('file', 'inline'),
        file_id: media('file', 'provider_id'),
        filename: text(channel),
      }),
    }),
  })
}

function message(channel: Channel, more: Readonly<Record<string, Place>> = {}): Place {
  return object({
    role: word('system', 'developer', 'user', 'assistant', 'tool', 'function'),
    content: either(text(channel), parts(part(channel))),
    name: json(channel, 'sealed'),
    ...more,
  })
}

const functionCall = object({ name: callName, arguments: callText() })

export const toolCall = object({
  id,
  index: count,
  type: word('function', 'custom'),
  function: functionCall,
  custom: object({ name: callName, input: json('tool_args', 'call') }),
})

const messagePlace = by('role', {
  system: message('system'),
  developer: message('system'),
  user: message('user'),
  assistant: message('model', {
    refusal: text('model'),
    tool_calls: list(toolCall),
    function_call: functionCall,
    audio: object({ id: media('audio', 'provider_id') }),
    reasoning_content: text('reasoning'),
  }),
  tool: message('tool_result', { tool_call_id: id }),
  function: message('tool_result'),
})

const definition = json('tool_def', 'sealed')
/** What an application says of its user or of itself: no content, and nothing that an unknown hand has written. */
const label = json('user', 'sealed')

const members: Readonly<Record<string, Place>> = {
  model: name,
  messages: list(messagePlace),
  tools: definition,
  functions: definition,
  tool_choice: definition,
  function_call: definition,
  response_format: definition,
  prediction: object({ type: word('content'), content: either(text('document'), parts(part('document'))) }),
  stop: label,
  metadata: json('user'),
  user: label,
  safety_identifier: label,
  prompt_cache_key: label,
  prompt_cache_retention: option,
  stream: option,
  stream_options: option,
  audio: option,
  modalities: list(word('text', 'audio')),
  web_search_options: option,
  reasoning_effort: word('none', 'minimal', 'low', 'medium', 'high', 'xhigh'),
  verbosity: word('low', 'medium', 'high'),
  service_tier: word('auto', 'default', 'flex', 'priority', 'scale'),
  temperature: count,
  top_p: count,
  n: count,
  seed: count,
  presence_penalty: count,
  frequency_penalty: count,
  logit_bias: counts,
  logprobs: option,
  top_logprobs: count,
  max_tokens: count,
  max_completion_tokens: count,
  parallel_tool_calls: option,
  store: option,
}

const body = object(members)

/** The tools offered to the model; null when one has no name that we can read. */
function offersOf(tree: Tree): ToolOffer[] | null {
  const offers: ToolOffer[] = []
  for (const tool of listOf(tree, 'tools')) {
    if (!isTree(tool) || typeof tool['type'] !== 'string') return null
    const { type } = tool
    const isOwn = type === 'function' || type === 'custom'
    const named = isOwn ? tool[type] : null
    const name = isOwn ? (isTree(named) ? named['name'] : undefined) : type
    if (typeof name !== 'string') return null
    offers.push({ name, isHosted: !isOwn, definition: tool })
  }
  for (const definitionOf of listOf(tree, 'functions')) {
    const name = isTree(definitionOf) ? definitionOf['name'] : undefined
    if (typeof name !== 'string') return null
    offers.push({ name, isHosted: false, definition: { type: 'function', function: definitionOf } })
  }
  const areLists = ['tools', 'functions'].every((name) => isAbsentOr(tree[name], Array.isArray))
  return areLists ? offers : null
}

function isAbsentOr(value: unknown, check: (value: unknown) => boolean): boolean {
  return value === undefined || value === null || check(value)
}

function capabilitiesOf(tree: Tree): string[] {
  const wants: string[] = []
  if (tree['store'] === true) wants.push('provider_state')
  if (tree['logprobs'] === true) wants.push('logprobs')
  if (isTree(tree['web_search_options'])) wants.push('provider_tool:web_search')
  if (listOf(tree, 'modalities').includes('audio') || isTree(tree['audio'])) wants.push('media:audio')
  return wants
}
