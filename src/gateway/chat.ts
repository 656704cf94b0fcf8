import type { ReasonCode } from './reasons.ts'
import type { Wish } from './admit.ts'
import { decodeUtf8, readExactTree } from './wire/json.ts'

/** A chat completion request, read once; `bytesFor` gives what goes upstream. */
export type ChatCall = {
  readonly wish: Wish
  readonly stream: boolean
  readonly bytesFor: (model: string) => Buffer
}

/** Reads the body of a chat request. The original bytes are forwarded, with the model name replaced in place. */
export function readChat(bytes: Buffer): ChatCall | { readonly refused: ReasonCode } {
  const text = decodeUtf8(bytes)
  const read = text === null ? null : readExactTree(text)
  if (text === null || read === null || !read.ok) return { refused: 'malformed' }
  const { tree } = read
  if (!isObject(tree)) return { refused: 'malformed' }
  const { model, messages, stream } = tree
  if (typeof model !== 'string' || !Array.isArray(messages)) return { refused: 'malformed' }
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') return { refused: 'malformed' }
  const tools = toolNames(tree)
  if (tools === null) return { refused: 'malformed' }
  return {
    wish: { model, tools },
    stream: stream === true,
    bytesFor: (target) => {
      if (target === model) return bytes
      const span = read.spanOf('model')
      if (span === null) throw new TypeError('the model name has no place in the text')
      return Buffer.from(text.slice(0, span.from) + JSON.stringify(target) + text.slice(span.to), 'utf8')
    },
  }
}

export type Usage = { readonly inputTokens: number; readonly outputTokens: number }

/** Token counts that an answer states about itself. */
export function usageOf(tree: unknown): Usage | null {
  const usage = isObject(tree) ? tree['usage'] : null
  if (!isObject(usage)) return null
  const { prompt_tokens: input, completion_tokens: output } = usage
  if (!isCount(input) || !isCount(output)) return null
  return { inputTokens: input, outputTokens: output }
}

export function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Names of all tools offered to the model; null when one has no name we can read. A hosted tool goes by its type. */
function toolNames(tree: { readonly [name: string]: unknown }): string[] | null {
  const { tools = [], functions = [] } = tree
  if (!Array.isArray(tools) || !Array.isArray(functions)) return null
  const names = [
    ...tools.map((tool: unknown) => {
      if (!isObject(tool)) return null
      const definition = tool['type'] === 'function' || tool['type'] === 'custom' ? tool[tool['type']] : null
      return isObject(definition) ? definition['name'] : tool['type']
    }),
    ...functions.map((definition: unknown) => (isObject(definition) ? definition['name'] : null)),
  ]
  return names.every((name) => typeof name === 'string') ? names : null
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
