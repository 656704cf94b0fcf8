import { unreachable } from '../../kernel/index.ts'
import type { Caller, Refused } from '../admit.ts'
import type { ToolCall } from '../dialect/reading.ts'
import type { Exchange } from '../exchange.ts'
import type { ReasonCode } from '../reasons.ts'
import type { AskedCall, CallsDecision } from '../tools.ts'
import type { Again, Holds } from './holds.ts'
import { questionOf } from './question.ts'
import { deniedTelling, pendingTelling, type Telling } from './telling.ts'

/** What holding a call needs of the gateway. */
export type HoldingDeps = {
  readonly holds: Holds
  /** Key of the attach keys. */
  readonly approvalKey: Uint8Array
  /** The same caller under the snapshot of now. */
  readonly readmit: (caller: Caller) => Caller | Refused
}

/** Why calls do not leave, and what is told in their place; null: only that they were withheld. */
export type Stopped = { readonly code: ReasonCode; readonly telling: Telling | null }

/** What is particular to the calls of one answer. */
export type CallsOf = {
  /** What tells this conversation from others of the key. */
  readonly conversation: () => string
  readonly decide: (caller: Caller, calls: readonly ToolCall[]) => CallsDecision
  /** Whether calls of a tool are held at a later point before they run. */
  readonly isHeldLater: (caller: Caller, tool: string) => boolean
}

/** The calls that a model asks its caller to carry out: they leave together, after everybody has agreed, or not at all. */
export class ModelCalls {
  readonly #deps: HoldingDeps
  readonly #exchange: Exchange
  readonly #caller: Caller
  readonly #of: CallsOf

  constructor(deps: HoldingDeps, exchange: Exchange, caller: Caller, of: CallsOf) {
    this.#deps = deps
    this.#exchange = exchange
    this.#caller = caller
    this.#of = of
  }

  /** Decides at once. Calls that are held at the server that carries them out are not held here too. */
  decide(calls: readonly ToolCall[]): CallsDecision {
    return this.#decideFor(this.#caller, calls)
  }

  /** Waits for people; null when the calls may leave, or when there is nobody left to be told otherwise. */
  async hold(calls: readonly ToolCall[], asked: readonly AskedCall[]): Promise<Stopped | null> {
    const { holds, readmit } = this.#deps
    const exchange = this.#exchange
    const again = (): Again => {
      const caller = readmit(this.#caller)
      if ('refused' in caller) return { k: 'deny', code: caller.refused }
      const decision = this.#decideFor(caller, calls)
      return decision.k === 'ask'
        ? { k: 'ask', questions: this.#questions(caller, decision.asked) }
        : decision
    }
    exchange.holds()
    const held = await holds.hold(exchange, this.#questions(this.#caller, asked), again)
    exchange.goesOn()
    switch (held.k) {
      case 'approved':
      case 'gone':
        return null
      case 'pending': {
        const tools = asked.map(({ tool }) => tool)
        return { code: 'approval_pending', telling: pendingTelling(tools, held.ids, exchange.id) }
      }
      case 'closed':
        return { code: held.code, telling: deniedTelling(held.code, exchange.id) }
      default:
        return unreachable(held)
    }
  }

  #decideFor(caller: Caller, calls: readonly ToolCall[]): CallsDecision {
    const decision = this.#of.decide(caller, calls)
    if (decision.k !== 'ask') return decision
    const asked = decision.asked.filter(({ tool }) => !this.#of.isHeldLater(caller, tool))
    return asked.length === 0 ? { k: 'allow' } : { k: 'ask', asked }
  }

  #questions(caller: Caller, asked: readonly AskedCall[]) {
    return asked.map((call) => questionOf(this.#deps.approvalKey, caller, this.#of.conversation(), call))
  }
}
