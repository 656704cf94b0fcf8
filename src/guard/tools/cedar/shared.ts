import type { Json } from '../../../kernel/index.ts'
import type { CedarRequest, Expression } from './expression.ts'
import type { Outcome } from './outcome.ts'

/** What was found for a request so far, by the number of the expression. */
export type Memo = (Outcome | undefined)[]

/** More are evaluated wherever they stand: a memo is made for each request. */
const mostShared = 128

/**
 * The expressions of a set of policies. One that comes again, such as the question for the taint that nearly all policies
 * ask, is compiled once, and evaluated once for each request.
 * INVARIANT: what an expression is depends on the request alone, so nobody can tell whether it was remembered.
 */
export class SharedExpressions {
  readonly #known = new Map<string, Known>()
  #count = 0

  /** The expression that `json` writes; `compile` is asked when it is new. What that throws is thrown. */
  of(json: Json | undefined, compile: () => Expression): Expression {
    const text = JSON.stringify(json)
    const known = this.#known.get(text)
    if (known !== undefined) {
      if (known.at < 0 && this.#count < mostShared) known.at = this.#count++
      return known.expression
    }
    const plain = compile()
    if (plain.isConstant) return plain
    const shared: Known = {
      at: -1,
      expression: { isConstant: false, evaluate: (request) => remembered(request, shared.at, plain) },
    }
    this.#known.set(text, shared)
    return shared.expression
  }
}

/** `at`: its number; -1 while it stands in one place only. */
type Known = { at: number; readonly expression: Expression }

function remembered(request: CedarRequest, at: number, { evaluate }: Expression): Outcome {
  const { memo } = request
  if (at < 0 || memo === undefined) return evaluate(request)
  const known = memo[at]
  if (known !== undefined) return known
  const outcome = evaluate(request)
  memo[at] = outcome
  return outcome
}
