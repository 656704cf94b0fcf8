import type { Dialect as DialectName } from '../../app/ports/gateway.ts'
import type { ReasonCode } from '../reasons.ts'
import type { Telling } from '../held/telling.ts'
import type { Reading, ToolCall, ToolOffer, Usage } from './reading.ts'
import type { StreamReader } from './stream.ts'

/** What a request asks for. */
export type Ask = {
  readonly model: string
  readonly stream: boolean
  readonly maxOutput: number | null
  readonly reading: Reading
  readonly offers: readonly ToolOffer[]
  /** Whether the caller insists on a tool. */
  readonly forcesTool: boolean
  /** Things beside tools that a grant must name, such as `logprobs` or `provider_state`. */
  readonly capabilities: readonly string[]
  /** The member that is set to false unless the grant lets the provider keep what it is sent; null: there is none. */
  readonly keepsNothing: string | null
  /** Whether the provider must be asked to say how many tokens a stream took, since the caller has not. */
  readonly addsUsage: boolean
  /** The name under which the provider keeps the conversation that goes on; null when the request holds all of it. */
  readonly thread: string | null
}

/** What an answer that came whole holds. */
export type Answer = {
  readonly reading: Reading
  readonly calls: readonly ToolCall[]
  readonly usage: Usage | null
}

export type Refused = { readonly refused: ReasonCode }

/**
 * One wire form: how it is read, and how the gateway speaks in it. Everything that the gateway does beside this is the
 * same for all.
 */
export type Dialect = {
  readonly name: DialectName
  /** Which API a target must have. */
  readonly api: 'openai' | 'anthropic'
  /** Path below the base path of the target. */
  readonly upstreamPath: string
  readonly readRequest: (tree: unknown) => Ask | Refused
  readonly readAnswer: (tree: unknown) => Answer | null
  /** Null where the API has no streams. */
  readonly stream: (() => StreamReader) | null
  /** Takes out of the data of an event what is there only because usage was asked for; null where none is ever. */
  readonly withoutUsage: ((data: string) => { readonly data: string; readonly isHidden: boolean }) | null
  /** Body of a refusal. */
  readonly refusal: (code: ReasonCode, record: string) => string
  /** The answer in place of `tree` when it may not be released; null where the API has no such answer. */
  readonly withheld: ((tree: unknown) => string) | null
  /** The answer in place of `tree` that tells what became of its calls; null where no answer holds calls. */
  readonly told: ((tree: unknown, telling: Telling) => string) | null
}
