import { Environment, type ASTNode } from '@marcbachmann/cel-js'
import type { Json } from '../../kernel/index.ts'

/** Types that a variable of a condition may have, by their CEL names. */
export type VariableType = 'bool' | 'int' | 'double' | 'string' | 'list<string>' | 'map<string, dyn>'

/** Why a text is no condition. */
export type ConditionFault =
  | 'too_long'
  | 'malformed'
  | 'not_boolean'
  | 'too_many_nodes'
  | 'pattern_refused'
  | 'nested_loops'

/** A compiled condition. `evaluate` gives null when it errs; what that means is decided by the place that asks. */
export type Condition = { readonly evaluate: (facts: { readonly [name: string]: Json }) => boolean | null }
export type CompiledCondition =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly fault: ConditionFault }

export const maxConditionBytes = 2_048
export const maxConditionNodes = 256
export const maxListLength = 1_000

/**
 * Compiles a condition that an operator wrote in CEL: it matches, it never authorises.
 * SPEC: github.com/google/cel-spec, without `matches` (its patterns would run in the engine of the host), without `bind`,
 * and with loops over at most 1,000 items and not within each other.
 */
export function compileCondition(
  text: string,
  variables: Readonly<Record<string, VariableType>>,
): CompiledCondition {
  if (Buffer.byteLength(text) > maxConditionBytes) return { ok: false, fault: 'too_long' }
  const environment = new Environment({
    limits: {
      maxAstNodes: maxConditionNodes,
      maxDepth: 64,
      maxListElements: maxListLength,
      maxMapEntries: maxListLength,
    },
  })
  for (const [name, type] of Object.entries(variables)) environment.registerVariable(name, type)
  const parsed = parse(environment, text)
  if (typeof parsed === 'string') return { ok: false, fault: parsed }
  const fault = faultIn(parsed.ast, 0)
  if (fault !== null) return { ok: false, fault }
  const checked = parsed.check()
  if (!checked.valid) return { ok: false, fault: 'malformed' }
  if (checked.type !== 'bool') return { ok: false, fault: 'not_boolean' }
  return { ok: true, condition: { evaluate: (facts) => evaluate(parsed, facts) } }
}

/** Whether a condition holds. It can only make a permission stricter: one that errs holds. */
export function holds(condition: Condition, facts: { readonly [name: string]: Json }): boolean {
  return condition.evaluate(facts) ?? true
}

type Parsed = ReturnType<Environment['parse']>

function parse(environment: Environment, text: string): Parsed | ConditionFault {
  try {
    return environment.parse(text)
  } catch (cause) {
    // The library tells its limits apart from errors of grammar in the code of its error.
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    return code.includes('ast_node') || code.includes('limit') ? 'too_many_nodes' : 'malformed'
  }
}

/** Calls that go over a list, each with an expression of its own. */
const loops = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

function faultIn(node: ASTNode, loopsAround: number): ConditionFault | null {
  const name = node.op === 'call' || node.op === 'rcall' ? node.args[0] : null
  if (name === 'matches') return 'pattern_refused'
  if (name === 'bind') return 'malformed' // what it names could double with each use
  const isLoop = node.op === 'rcall' && name !== null && loops.has(name)
  if (isLoop && loopsAround > 0) return 'nested_loops'
  for (const part of partsOf(node.args)) {
    const fault = faultIn(part, loopsAround + (isLoop ? 1 : 0))
    if (fault !== null) return fault
  }
  return null
}

function partsOf(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(partsOf)
  return isNode(args) ? [args] : []
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}

function evaluate(parsed: Parsed, facts: { readonly [name: string]: Json }): boolean | null {
  try {
    const outcome: unknown = parsed(
      Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, celOf(fact)])),
    )
    return typeof outcome === 'boolean' ? outcome : null
  } catch {
    return null // every error of an evaluation is one: the place that asked takes the stricter side
  }
}

/** Whole numbers are ints of CEL, others doubles. Throws where a list is too long. */
function celOf(fact: Json): unknown {
  if (typeof fact === 'number') return Number.isSafeInteger(fact) ? BigInt(fact) : fact
  if (typeof fact !== 'object' || fact === null) return fact
  const values = Object.values<Json>(fact)
  if (values.length > maxListLength) throw new RangeError('a list of facts is too long')
  if (Array.isArray(fact)) return values.map(celOf)
  return Object.fromEntries(Object.entries(fact).map(([name, value]) => [name, celOf(value)]))
}
