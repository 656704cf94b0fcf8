import type { Json, JsonObject } from '../../../kernel/index.ts'
import { isIn, type Entities } from './entity.ts'
import { extensionFunctions } from './extension.ts'
import { compileLike } from './like.ts'
import { operators } from './operators.ts'
import { erred, type Outcome } from './outcome.ts'
import type { Memo, SharedExpressions } from './shared.ts'
import {
  entityUid,
  isSet,
  keyOf,
  setOf,
  valueOfCedarJson,
  type CedarRecord,
  type CedarValue,
  type EntityUid,
} from './value.ts'

/** Who wants to do what with what, and what is known about it. */
export type CedarRequest = {
  readonly principal: EntityUid
  readonly action: EntityUid
  readonly resource: EntityUid
  readonly context: CedarRecord
  readonly entities: Entities
  /** What was evaluated for it already; left out: nothing is remembered. */
  readonly memo?: Memo
}

/** An expression as a closure; a constant one has been evaluated once. */
export type Expression = {
  readonly evaluate: (request: CedarRequest) => Outcome
  readonly isConstant: boolean
}

/** Why an expression does not compile. */
export type ExpressionFault = 'malformed' | 'unknown_operator' | 'wrong_arity' | 'template_slot' | 'too_deep'

export class DoesNotCompile extends Error {
  override readonly name = 'DoesNotCompile'
  readonly fault: ExpressionFault
  constructor(fault: ExpressionFault) {
    super(fault)
    this.fault = fault
  }
}

const maxDepth = 200

/**
 * Compiles an expression of the JSON form of Cedar policies.
 * SPEC: Cedar policy language reference, JSON policy format, `JsonExpr` objects.
 * Throws `DoesNotCompile` for whatever the reference does not know.
 */
export function compileExpression(json: Json | undefined, shared: SharedExpressions, depth = 0): Expression {
  if (depth > maxDepth) throw new DoesNotCompile('too_deep')
  const [kind, body] = onlyMember(json)
  if (kind === 'Var' || kind === 'Value') return compileOperation(kind, body, noParts)
  const part = (inner: Json | undefined) => compileExpression(inner, shared, depth + 1)
  return shared.of(json, () => compileOperation(kind, body, part))
}

function compileOperation(kind: string, body: Json, part: Part): Expression {
  const compiler = Object.hasOwn(compilers, kind) ? compilers[kind] : undefined
  if (compiler !== undefined) return compiler(body, part)
  const operator = operators.get(kind)
  if (operator?.arity === 1) {
    const arg = part(membersOf(body, 'arg')['arg'])
    return from([arg], (request) => operator.apply(arg.evaluate(request), erred, request.entities))
  }
  if (operator !== undefined) return compileBinary(body, part, operator.apply)
  return compileCall(kind, body, part)
}

type Part = (inner: Json | undefined) => Expression
const noParts: Part = () => {
  throw new DoesNotCompile('malformed')
}

const compilers: Readonly<Record<string, (body: Json, part: Part) => Expression>> = {
  Value: (body) => {
    const value = valueOfCedarJson(body)
    if (value === null) throw new DoesNotCompile('malformed')
    return { evaluate: () => value, isConstant: true }
  },
  Var: (body) => {
    if (body !== 'principal' && body !== 'action' && body !== 'resource' && body !== 'context')
      throw new DoesNotCompile('malformed')
    return { evaluate: (request) => request[body], isConstant: false }
  },
  Slot: () => {
    throw new DoesNotCompile('template_slot')
  },
  '&&': (body, part) => {
    const { left, right } = pairOf(body, part)
    return from([left, right], (request) => {
      const first = left.evaluate(request)
      return first === true ? asBoolean(right.evaluate(request)) : asBoolean(first)
    })
  },
  '||': (body, part) => {
    const { left, right } = pairOf(body, part)
    return from([left, right], (request) => {
      const first = left.evaluate(request)
      return first === false ? asBoolean(right.evaluate(request)) : asBoolean(first)
    })
  },
  'if-then-else': (body, part) => {
    const members = membersOf(body, 'if', 'then', 'else')
    const [condition, yes, no] = [part(members['if']), part(members['then']), part(members['else'])]
    return from([condition, yes, no], (request) => {
      const found = condition.evaluate(request)
      if (typeof found !== 'boolean') return erred
      return (found ? yes : no).evaluate(request)
    })
  },
  '.': (body, part) => {
    const { left, attr } = membersOf(body, 'left', 'attr')
    const of = part(left)
    if (typeof attr !== 'string') throw new DoesNotCompile('malformed')
    if (isContext(left)) return from([], ({ context }) => context.members.get(attr) ?? erred) // most are
    return from([], (request) => memberOf(of.evaluate(request), attr, request.entities) ?? erred)
  },
  has: (body, part) => {
    const { left, attr } = membersOf(body, 'left', 'attr')
    const of = part(left)
    const names: readonly unknown[] = Array.isArray(attr) ? attr : [attr]
    if (names.length === 0 || !names.every((name) => typeof name === 'string'))
      throw new DoesNotCompile('malformed')
    return from([], (request) => hasAll(of.evaluate(request), names, request.entities))
  },
  contains: (body, part) => {
    const { left, right } = pairOf(body, part)
    // What is looked for hardly ever changes: its key is written once.
    const key = right.isConstant ? keyOfItem(right.evaluate(noRequest)) : null
    return from([left, right], (request) => {
      const set = left.evaluate(request)
      const wanted = key ?? keyOfItem(right.evaluate(request))
      return isSet(set) && wanted !== null ? set.items.has(wanted) : erred
    })
  },
  like: (body, part) => {
    const { left, pattern } = membersOf(body, 'left', 'pattern')
    const [of, matches] = [part(left), compileLike(pattern)]
    if (matches === null) throw new DoesNotCompile('malformed')
    return from([of], (request) => {
      const text = of.evaluate(request)
      return typeof text === 'string' ? matches(text) : erred
    })
  },
  is: (body, part) => {
    const { left, entity_type: type, in: group } = membersOf(body, 'left', 'entity_type', 'in?')
    const [of, within] = [part(left), group === undefined ? null : part(group)]
    if (typeof type !== 'string' || type === '') throw new DoesNotCompile('malformed')
    return from([], (request) => {
      const entity = of.evaluate(request)
      if (!isEntity(entity)) return erred
      if (within === null || entity.type !== type) return entity.type === type
      return isInAny(entity, within.evaluate(request), request.entities)
    })
  },
  in: (body, part) => {
    const { left, right } = pairOf(body, part)
    return from([], (request) => {
      const entity = left.evaluate(request)
      return isEntity(entity) ? isInAny(entity, right.evaluate(request), request.entities) : erred
    })
  },
  Set: (body, part) => {
    if (!Array.isArray(body)) throw new DoesNotCompile('malformed')
    const items = (body as readonly Json[]).map(part)
    return from(items, (request) => {
      const values = items.map((item) => item.evaluate(request))
      return values.includes(erred) ? erred : setOf(values as CedarValue[]) // none has erred
    })
  },
  Record: (body, part) => {
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw new DoesNotCompile('malformed')
    const members = Object.entries(body as JsonObject).map(([name, inner]) => [name, part(inner)] as const)
    const parts = members.map(([, member]) => member)
    return from(parts, (request) => {
      const values = members.map(([name, member]) => [name, member.evaluate(request)] as const)
      if (values.some(([, value]) => value === erred)) return erred
      return { k: 'record', members: new Map(values as (readonly [string, CedarValue])[]) } // none has erred
    })
  },
}

function compileBinary(
  body: Json,
  part: Part,
  apply: (left: Outcome, right: Outcome, entities: Entities) => Outcome,
): Expression {
  const { left, right } = pairOf(body, part)
  if (!right.isConstant)
    return from([], (request) => apply(left.evaluate(request), right.evaluate(request), request.entities))
  const constant = right.evaluate(noRequest)
  return from([], (request) => apply(left.evaluate(request), constant, request.entities))
}

function compileCall(name: string, body: Json, part: Part): Expression {
  const called = extensionFunctions.get(name)
  if (called === undefined) throw new DoesNotCompile('unknown_operator')
  if (!Array.isArray(body)) throw new DoesNotCompile('malformed')
  const [first, second, ...more] = (body as readonly Json[]).map(part)
  if (first === undefined || more.length > 0 || (second !== undefined) !== (called.arity === 2))
    throw new DoesNotCompile('wrong_arity')
  const parts = second === undefined ? [first] : [first, second]
  return from(parts, (request) => {
    const a = first.evaluate(request)
    const b = second === undefined ? false : second.evaluate(request)
    return a === erred || b === erred ? erred : (called.call(a, b) ?? erred)
  })
}

/** An expression of parts. One whose parts are all constant is evaluated here; an empty list says that it depends on more. */
function from(parts: readonly Expression[], evaluate: Expression['evaluate']): Expression {
  if (parts.length === 0 || !parts.every(({ isConstant }) => isConstant))
    return { evaluate, isConstant: false }
  const value = evaluate(noRequest)
  return { evaluate: () => value, isConstant: true }
}

function isContext(json: Json | undefined): boolean {
  return typeof json === 'object' && json !== null && 'Var' in json && json.Var === 'context'
}

function keyOfItem(item: Outcome): string | null {
  return item === erred ? null : keyOf(item)
}

function asBoolean(value: Outcome): Outcome {
  return typeof value === 'boolean' ? value : erred
}

function isEntity(value: Outcome): value is EntityUid {
  return typeof value === 'object' && value.k === 'entity'
}

/** INVARIANT: a set with one item that is no entity errs, even when another item is the one that is looked for. */
function isInAny(entity: EntityUid, groups: Outcome, entities: Entities): Outcome {
  if (isEntity(groups)) return isIn(entity, groups, entities)
  if (typeof groups !== 'object' || groups.k !== 'set') return erred
  const items = [...groups.items.values()]
  return items.every(isEntity) ? items.some((group) => isIn(entity, group, entities)) : erred
}

function memberOf(value: Outcome, name: string, entities: Entities): CedarValue | undefined {
  if (typeof value !== 'object') return undefined
  if (value.k === 'record') return value.members.get(name)
  return value.k === 'entity' ? entities.get(value.uid)?.attrs.get(name) : undefined
}

function hasAll(value: Outcome, names: readonly string[], entities: Entities): Outcome {
  let of = value
  for (const name of names) {
    if (typeof of !== 'object' || (of.k !== 'record' && of.k !== 'entity')) return erred
    const member = memberOf(of, name, entities)
    if (member === undefined) return false
    of = member
  }
  return true
}

function pairOf(body: Json, part: Part): { readonly left: Expression; readonly right: Expression } {
  const { left, right } = membersOf(body, 'left', 'right')
  return { left: part(left), right: part(right) }
}

/** The members of an object that has these and no other; a name that ends in `?` may be missing. */
export function membersOf(
  json: Json | undefined,
  ...names: readonly string[]
): Record<string, Json | undefined> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new DoesNotCompile('malformed')
  const given = json as JsonObject // no list
  const isKnown = (name: string) => names.includes(name) || names.includes(`${name}?`)
  const isMissing = (name: string) => !name.endsWith('?') && !Object.hasOwn(given, name)
  if (!Object.keys(given).every(isKnown) || names.some(isMissing)) throw new DoesNotCompile('malformed')
  return { ...given }
}

function onlyMember(json: Json | undefined): readonly [string, Json] {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new DoesNotCompile('malformed')
  const [member, ...more] = Object.entries(json as JsonObject) // no list
  if (member === undefined || more.length > 0) throw new DoesNotCompile('malformed')
  return member
}

const nobody = entityUid('Nobody', '')
const noRequest: CedarRequest = {
  principal: nobody,
  action: nobody,
  resource: nobody,
  context: { k: 'record', members: new Map() },
  entities: new Map(),
}
