import type { RuntimeRecord } from '../../app/ports/gateway.ts'
import type { Channel } from '../../guard/text.ts'

/** A text of a body, decoded, with the JSON pointer of its string (RFC 6901). */
export type Segment = {
  readonly path: string
  readonly channel: Channel
  readonly text: string
  /**
   * How it may be changed: `text` is replaced in place; a `sealed` one (a name, a number, something signed, JSON within
   * a string) is released as it is or not at all. A `call` is sealed too: it is of the arguments of a call that is decided
   * before it leaves, so that a person may be asked.
   */
  readonly splice: 'text' | 'sealed' | 'call'
  /**
   * How a `call` may be changed where a request only repeats it, so that nobody carries it out: a text, or JSON that has to
   * stay JSON. Left out: not at all.
   */
  readonly repeated?: 'text' | 'json'
  /** Of what a JSON text means where it writes it in another way: the place of that text. Left out: it is none. */
  readonly meantAt?: string
  /** Which texts are read as one with it: parts of a message that stand side by side. Left out: none. */
  readonly run?: string
}

/** Content that no detector of texts reads. */
export type Media = {
  readonly path: string
  readonly kind: 'image' | 'audio' | 'file'
  readonly at: 'inline' | 'url' | 'provider_id'
}

/** What a body holds. INVARIANT: every string, every name that is not the dialect's and every long number is in it. */
export type Reading = {
  readonly segments: readonly Segment[]
  readonly media: readonly Media[]
  /** Names of top-level members that the dialect does not know. */
  readonly strange: readonly string[]
}

/** A call of a tool that a model asks for. `args` is the text of its arguments as the model wrote it. */
export type ToolCall = {
  readonly id: string
  readonly name: string
  readonly args: string
  /** `text` of a custom tool is no JSON. */
  readonly form: 'json' | 'text'
}

/** A tool that is offered to a model. A hosted one runs at the provider and goes by its type. */
export type ToolOffer = { readonly name: string; readonly isHosted: boolean; readonly definition: unknown }

/** Tokens as a provider states them. All of the input counts in `inputTokens`; what a cache gave or took is told apart. */
export type Usage = NonNullable<RuntimeRecord['usage']>

/** `cached` and `written` are parts of `input`; what is no count is none. Members stand in canonical order. */
export function usageOf(input: number, output: number, cached: unknown, written: unknown): Usage {
  if (!isCount(written) && !isCount(cached)) return { inputTokens: input, outputTokens: output } // most say no more
  return {
    ...(isCount(written) && written > 0 ? { cacheWriteTokens: written } : {}),
    ...(isCount(cached) && cached > 0 ? { cachedInputTokens: cached } : {}),
    inputTokens: input,
    outputTokens: output,
  }
}

export type Tree = { readonly [name: string]: unknown }

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Messages or items of one request that are read; one with more is refused. */
export const mostMessages = 4_096

/** The list at `name`, or an empty one. */
export function listOf(tree: Tree, name: string): readonly unknown[] {
  const value = tree[name]
  return Array.isArray(value) ? value : []
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
