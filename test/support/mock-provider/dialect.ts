import type { Answer } from './script.ts'

/** One event of a stream as it is written: its name, when the vendor gives one, and its data. */
export type WireEvent = { readonly event: string | null; readonly data: string }

/** What of a request an answer depends on. */
export type Asked = {
  readonly model: string
  readonly isStream: boolean
  /** How often the model has spoken in the conversation so far. */
  readonly spoken: number
  /** Tokens of the request, by its length. */
  readonly inputTokens: number
  readonly tree: Tree
}

export type Tree = { readonly [name: string]: unknown }

/** How one API of a vendor is spoken. All answers follow from the request and the script, ids included. */
export type Dialect = {
  readonly read: (tree: Tree) => { readonly spoken: number } | null
  readonly body: (asked: Asked, answer: Answer) => object
  /** Null when this API does not stream. */
  readonly events: ((asked: Asked, answer: Answer) => readonly WireEvent[]) | null
  readonly error: (status: number, message: string) => object
  /** An error in the midst of a stream. */
  readonly errorEvent: (message: string) => WireEvent
  readonly headers: Readonly<Record<string, string>>
}

export const madeAt = 1_790_000_000

/** Events of objects that name their own type, as Anthropic and the Responses API write them. */
export function namedEvent(value: { readonly type: string; readonly sequence_number?: number }): WireEvent {
  return { event: value.type, data: JSON.stringify(value) }
}

export function objectsIn(value: unknown): Tree[] {
  return Array.isArray(value) ? value.filter((item) => isTree(item)) : []
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
