import type { Ask, Refused } from '../dialect.ts'
import { either, json, list, name, count, object, readPlaces, text, word, type Place } from '../place.ts'
import { isCount, isTree, listOf, mostMessages, type ToolOffer, type Tree } from '../reading.ts'
import { item, refersToState } from './items.ts'

const definition = json('tool_def', 'sealed')
/** How something is to be done. */
const option = json('system', 'sealed')
/** What an application says of its user or of itself: no content, and nothing that an unknown hand has written. */
const label = json('user', 'sealed')

const members: Readonly<Record<string, Place>> = {
  model: name,
  input: either(text('user'), list(item)),
  instructions: text('system'),
  tools: definition,
  tool_choice: definition,
  text: definition,
  metadata: json('user'),
  user: label,
  safety_identifier: label,
  prompt_cache_key: label,
  prompt_cache_retention: option,
  include: option,
  stream: option,
  stream_options: option,
  reasoning: option,
  store: option,
  background: option,
  conversation: option,
  previous_response_id: option,
  prompt: json('unknown'),
  parallel_tool_calls: option,
  truncation: word('auto', 'disabled'),
  service_tier: word('auto', 'default', 'flex', 'priority', 'scale'),
  temperature: count,
  top_p: count,
  top_logprobs: count,
  max_output_tokens: count,
  max_tool_calls: count,
}
const body = object(members)

/** Reads a request for a response. SPEC: OpenAI API reference, create a model response. */
export function readRequest(tree: unknown): Ask | Refused {
  if (!isTree(tree)) return malformed
  const { model, input, stream, max_output_tokens: most } = tree
  if (typeof model !== 'string' || (typeof input !== 'string' && !Array.isArray(input))) return malformed
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') return malformed
  if (Array.isArray(input) && input.length > mostMessages) return tooLarge
  const offers = offersOf(tree)
  if (offers === null) return malformed
  const choice = tree['tool_choice']
  return {
    model,
    stream: stream === true,
    maxOutput: isCount(most) ? most : null,
    reading: readPlaces(body, tree, members),
    offers,
    forcesTool: choice === 'required' || isTree(choice),
    capabilities: capabilitiesOf(tree),
    keepsNothing: tree['store'] === undefined ? 'store' : null,
    addsUsage: false,
    thread: threadOf(tree),
  }
}

const malformed: Refused = { refused: 'malformed' }
const tooLarge: Refused = { refused: 'too_large' }

function offersOf({ tools }: Tree): ToolOffer[] | null {
  if (tools === undefined || tools === null) return []
  if (!Array.isArray(tools)) return null
  const offers: ToolOffer[] = []
  for (const tool of tools as readonly unknown[]) {
    if (!isTree(tool) || typeof tool['type'] !== 'string') return null
    const isOwn = tool['type'] === 'function' || tool['type'] === 'custom'
    const named = isOwn ? tool['name'] : tool['type']
    if (typeof named !== 'string') return null
    offers.push({ name: named, isHosted: !isOwn, definition: tool })
  }
  return offers
}

/** The conversation of the provider, else the response that is answered. */
function threadOf({ conversation, previous_response_id: previous }: Tree): string | null {
  const id = isTree(conversation) ? conversation['id'] : conversation
  return typeof id === 'string' ? id : typeof previous === 'string' ? previous : null
}

function capabilitiesOf(tree: Tree): string[] {
  const isSet = (member: string) =>
    tree[member] !== undefined && tree[member] !== null && tree[member] !== false
  const wants: string[] = []
  const keeps =
    tree['store'] === null ||
    ['store', 'previous_response_id', 'conversation', 'background', 'prompt'].some(isSet)
  if (keeps || refersToState(tree['input'])) wants.push('provider_state')
  const includes = listOf(tree, 'include')
  if (isSet('top_logprobs') || includes.includes('message.output_text.logprobs')) wants.push('logprobs')
  return wants
}
