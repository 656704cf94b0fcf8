import { isTree, type Tree } from '../dialect/reading.ts'
import { readExactTree } from '../wire/json.ts'
import { membersOf, objectText } from '../wire/members.ts'

/** One JSON-RPC message. Ids and parts are kept as they are written. */
export type Message = {
  readonly tree: Tree
  /** The whole text. */
  readonly text: string
  /** Long numbers that the tree does not hold as they are written. */
  readonly numbers: readonly string[]
} & (
  | { readonly k: 'request'; readonly id: string; readonly method: string; readonly params: Tree }
  | { readonly k: 'notification'; readonly method: string; readonly params: Tree }
  | { readonly k: 'result'; readonly id: string; readonly result: Tree }
  | { readonly k: 'error'; readonly id: string | null; readonly error: Tree }
)
export type Request = Message & { readonly k: 'request' }
export type Answer = Message & { readonly k: 'result' | 'error' }

export type MessageFault = 'not_json' | 'batch' | 'no_message'

/** SPEC: JSON-RPC 2.0; MCP allows neither batches (since 2025-06-18) nor ids that are null. */
export function readMessage(text: string): Message | { readonly fault: MessageFault } {
  const read = readExactTree(text)
  if (!read.ok) return { fault: 'not_json' }
  const { tree, numbers } = read
  if (Array.isArray(tree)) return { fault: 'batch' }
  if (!isTree(tree) || tree['jsonrpc'] !== '2.0') return { fault: 'no_message' }
  const { method, params = {}, result, error } = tree
  const common = { tree, text, numbers }
  const hasId = Object.hasOwn(tree, 'id')
  const id = isMessageId(tree['id']) ? (membersOf(text)?.get('id') ?? null) : null
  if (method !== undefined) {
    const isNamed = typeof method === 'string' && method.length <= 128
    if (!isNamed || !isTree(params) || result !== undefined || error !== undefined)
      return { fault: 'no_message' }
    if (!hasId) return { ...common, k: 'notification', method, params }
    return id === null ? { fault: 'no_message' } : { ...common, k: 'request', id, method, params }
  }
  if (isTree(result) && error === undefined && id !== null) return { ...common, k: 'result', id, result }
  const isAnonymous = !hasId || tree['id'] === null
  if (isTree(error) && result === undefined && (id !== null || isAnonymous))
    return { ...common, k: 'error', id, error }
  return { fault: 'no_message' }
}

/** Whether a value may name a request. Also what may be a token of progress. */
export function isMessageId(value: unknown): value is string | number {
  return typeof value === 'string' ? value.length <= 256 : Number.isSafeInteger(value)
}

/** The member `name` of the message as it is written, or of one of its members. */
export function writtenAt(text: string, ...names: readonly string[]): string | null {
  let at: string | null = text
  for (const name of names) at = at === null ? null : (membersOf(at)?.get(name) ?? null)
  return at
}

/** A response. `result` and `id` are written already. */
export function resultText(id: string, result: string): string {
  return objectText([
    ['jsonrpc', '"2.0"'],
    ['id', id],
    ['result', result],
  ])
}

/** An error response; `id` is left out when the request could not be read. */
export function errorText(
  id: string | null,
  error: { readonly code: number; readonly message: string; readonly data?: object },
): string {
  return objectText([
    ['jsonrpc', '"2.0"'],
    ...(id === null ? [] : ([['id', id]] as const)),
    ['error', JSON.stringify(error)],
  ])
}

/** Codes of the protocol. SPEC: JSON-RPC 2.0 5.1; MCP 2026-07-28, error codes. */
export const rpcCodes = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  headerMismatch: -32020,
  unsupportedVersion: -32022,
} as const
