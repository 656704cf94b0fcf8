import type { Ask, Refused } from '../dialect.ts'
import {
  by,
  either,
  json,
  list,
  name,
  count,
  object,
  parts,
  readPlaces,
  text,
  word,
  type Place,
} from '../place.ts'
import { isCount, isTree, mostMessages, type ToolOffer, type Tree } from '../reading.ts'
import { block } from './blocks.ts'

const definition = json('tool_def', 'sealed')
/** How something is to be done. */
const option = json('system', 'sealed')
const message = (channel: 'user' | 'model') =>
  object({ role: word('user', 'assistant'), content: either(text(channel), parts(block(channel))) })

const members: Readonly<Record<string, Place>> = {
  model: name,
  messages: list(by('role', { user: message('user'), assistant: message('model') })),
  system: either(text('system'), parts(block('system'))),
  tools: definition,
  tool_choice: definition,
  output_config: definition,
  output_format: definition,
  metadata: json('user'),
  stop_sequences: json('user', 'sealed'),
  thinking: option,
  stream: option,
  container: option,
  mcp_servers: option,
  context_management: option,
  cache_control: option,
  thread: option,
  service_tier: word('auto', 'standard_only'),
  max_tokens: count,
  temperature: count,
  top_p: count,
  top_k: count,
}
const body = object(members)

/** Reads a request for a message, or for the count of its tokens. SPEC: Anthropic API reference, create a message. */
export function readRequest(tree: unknown): Ask | Refused {
  if (!isTree(tree)) return malformed
  const { model, messages, stream, max_tokens: most } = tree
  if (typeof model !== 'string' || !Array.isArray(messages)) return malformed
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') return malformed
  if (messages.length > mostMessages) return tooLarge
  const offers = offersOf(tree)
  if (offers === null) return malformed
  const choice = isTree(tree['tool_choice']) ? tree['tool_choice']['type'] : null
  const wants: string[] = []
  if (isTree(tree['thread'])) wants.push('provider_thread')
  if (isSet(tree['container'])) wants.push('provider_state')
  if (Array.isArray(tree['mcp_servers']) && tree['mcp_servers'].length > 0) wants.push('provider_tool:mcp')
  return {
    model,
    stream: stream === true,
    maxOutput: isCount(most) ? most : null,
    reading: readPlaces(body, tree, members),
    offers,
    forcesTool: choice === 'any' || choice === 'tool',
    capabilities: wants,
    keepsNothing: null,
    addsUsage: false,
    thread: null,
  }
}

const malformed: Refused = { refused: 'malformed' }
const tooLarge: Refused = { refused: 'too_large' }
/** Tools of the API that the caller carries out itself. */
const carriedOutByCaller = ['bash_', 'text_editor_', 'computer_', 'memory_']

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null
}

function offersOf({ tools }: Tree): ToolOffer[] | null {
  if (!isSet(tools)) return []
  if (!Array.isArray(tools)) return null
  const offers: ToolOffer[] = []
  for (const tool of tools as readonly unknown[]) {
    if (!isTree(tool)) return null
    const { type = 'custom', name: named } = tool
    if (typeof type !== 'string') return null
    const isOwn = type === 'custom' || carriedOutByCaller.some((prefix) => type.startsWith(prefix))
    const offered = isOwn ? named : type
    if (typeof offered !== 'string') return null
    offers.push({ name: offered, isHosted: !isOwn, definition: tool })
  }
  return offers
}
