import type { Json } from '../../../kernel/index.ts'
import { isIn } from './entity.ts'
import {
  compileExpression,
  DoesNotCompile,
  membersOf,
  type CedarRequest,
  type Expression,
  type ExpressionFault,
} from './expression.ts'
import { erred, type Outcome } from './outcome.ts'
import { SharedExpressions } from './shared.ts'
import { entityOfJson, type CedarRecord, type EntityUid } from './value.ts'

/** Policies in Cedar's JSON form, by their ids. */
export type PolicyDocuments = { readonly [id: string]: Json }

/** Policies as closures, to be found by action and resource. */
export type CompiledPolicies = ReadonlyMap<string, ReadonlyMap<string, readonly Policy[]>>

export type PolicyFault = { readonly policy: string; readonly fault: ExpressionFault | 'too_many' }
export type Compiled =
  | { readonly ok: true; readonly policies: CompiledPolicies }
  | { readonly ok: false; readonly faults: readonly PolicyFault[] }

/**
 * `policies` are those that decided, in the order of their ids; a denial by none of them is a denial by default.
 * `skipped`: of a permission, those that would permit but could not be evaluated; left out when there are none.
 */
export type Authorization = {
  readonly k: 'permit' | 'deny' | 'fault'
  readonly policies: readonly string[]
  readonly skipped?: readonly string[]
}

/** What of a request decides which policies apply to it. */
export type RequestScope = Omit<CedarRequest, 'context' | 'memo'>

export const maxPolicies = 2_000

/** Compiles a set of policies. A set with one policy that does not compile is none at all. */
export function compilePolicies(documents: PolicyDocuments): Compiled {
  const ids = Object.keys(documents).sort()
  if (ids.length > maxPolicies) return { ok: false, faults: [{ policy: '', fault: 'too_many' }] }
  const [policies, faults]: [Policy[], PolicyFault[]] = [[], []]
  const shared = new SharedExpressions()
  for (const id of ids) {
    try {
      policies.push(compilePolicy(id, documents[id], shared))
    } catch (cause) {
      if (!(cause instanceof DoesNotCompile)) throw cause
      faults.push({ policy: id, fault: cause.fault })
    }
  }
  if (faults.length > 0) return { ok: false, faults }
  return { ok: true, policies: indexOf(policies) }
}

/**
 * Decides one request.
 * SPEC: Cedar policy language reference, authorization: one `forbid` denies, else one `permit` permits, else deny.
 * INVARIANT: it differs from Cedar in one way and towards denial only: a `forbid` that errs is a fault, not a policy
 * that is skipped (checked case by case against cedar-wasm).
 */
export function authorize(policies: CompiledPolicies, { context, ...scope }: CedarRequest): Authorization {
  return authorizer(policies, scope)(context)
}

/** Decides requests that differ in their context only: which policies apply to them is found out once. */
export function authorizer(
  policies: CompiledPolicies,
  scope: RequestScope,
): (context: CedarRecord) => Authorization {
  const applicable = applicablePolicies(policies, scope)
  const { principal, action, resource, entities } = scope
  return (context) => authorizeAmong(applicable, { principal, action, resource, entities, context, memo: [] })
}

/** The policies whose scope holds, in the order of their ids. */
function applicablePolicies(policies: CompiledPolicies, request: RequestScope): readonly Policy[] {
  const found = new Set<Policy>()
  for (const action of placesOf(request.action, request)) {
    const byResource = policies.get(action)
    if (byResource === undefined) continue
    for (const resource of placesOf(request.resource, request))
      for (const policy of byResource.get(resource) ?? []) if (policy.applies(request)) found.add(policy)
  }
  return [...found].sort((a, b) => (a.id < b.id ? -1 : 1))
}

function authorizeAmong(policies: readonly Policy[], request: CedarRequest): Authorization {
  const [permitting, forbidding, erring]: [string[], string[], string[]] = [[], [], []]
  let skipped: string[] | null = null
  for (const { id, isForbid, evaluate } of policies) {
    const outcome = evaluate(request)
    if (outcome === true) (isForbid ? forbidding : permitting).push(id)
    else if (outcome === erred && isForbid) erring.push(id)
    else if (outcome === erred) (skipped ??= []).push(id)
  }
  if (erring.length > 0) return { k: 'fault', policies: erring }
  if (forbidding.length > 0) return { k: 'deny', policies: forbidding }
  if (permitting.length === 0) return { k: 'deny', policies: permitting }
  return { k: 'permit', policies: permitting, ...(skipped === null ? {} : { skipped }) }
}

type Policy = {
  readonly id: string
  readonly isForbid: boolean
  /** Where it is filed: the entities of which the action, or the resource, must be one or be in one. */
  readonly actions: readonly string[]
  readonly resource: string
  readonly applies: (request: RequestScope) => boolean
  /** True when every condition holds. */
  readonly evaluate: (request: CedarRequest) => Outcome
}

/** Stands for a scope that names no entity. */
const anywhere = ''

function placesOf(entity: EntityUid, { entities }: RequestScope): readonly string[] {
  const ancestors = entities.get(entity.uid)?.ancestors
  return ancestors === undefined ? [anywhere, entity.uid] : [anywhere, entity.uid, ...ancestors]
}

function indexOf(policies: readonly Policy[]): CompiledPolicies {
  const index = new Map<string, Map<string, Policy[]>>()
  for (const policy of policies) {
    for (const action of policy.actions) {
      const byResource = index.get(action) ?? new Map<string, Policy[]>()
      index.set(action, byResource.set(policy.resource, [...(byResource.get(policy.resource) ?? []), policy]))
    }
  }
  return index
}

function compilePolicy(id: string, json: Json | undefined, shared: SharedExpressions): Policy {
  const document = membersOf(json, 'effect', 'principal', 'action', 'resource', 'conditions', 'annotations?')
  const { effect, conditions } = document
  if ((effect !== 'permit' && effect !== 'forbid') || !Array.isArray(conditions))
    throw new DoesNotCompile('malformed')
  const principal = compileScope(document['principal'])
  const action = compileActionScope(document['action'])
  const resource = compileScope(document['resource'])
  const clauses = (conditions as readonly Json[]).map((clause) => compileClause(clause, shared))
  return {
    id,
    isForbid: effect === 'forbid',
    actions: action.within.length === 0 ? [anywhere] : action.within.map(({ uid }) => uid),
    resource: resource.within[0]?.uid ?? anywhere,
    applies: (request) =>
      principal.holds(request.principal, request) &&
      action.holds(request.action, request) &&
      resource.holds(request.resource, request),
    evaluate: (request) => {
      for (const clause of clauses) {
        const outcome = clause(request)
        if (outcome !== true) return outcome
      }
      return true
    },
  }
}

type Scope = {
  /** An entity for which the scope holds is one of these or in one of these; none of them: the scope names no entity. */
  readonly within: readonly EntityUid[]
  readonly holds: (entity: EntityUid, request: RequestScope) => boolean
}

function compileScope(json: Json | undefined): Scope {
  const op = typeof json === 'object' && json !== null && 'op' in json ? json.op : undefined
  switch (op) {
    case 'All':
      membersOf(json, 'op')
      return { within: [], holds: () => true }
    case '==': {
      const { entity, slot } = membersOf(json, 'op', 'entity?', 'slot?')
      const named = namedEntity(entity, slot)
      return { within: [named], holds: ({ uid }) => uid === named.uid }
    }
    case 'in': {
      const { entity, slot } = membersOf(json, 'op', 'entity?', 'slot?')
      return scopeIn([namedEntity(entity, slot)])
    }
    case 'is': {
      const { entity_type: wanted, in: group } = membersOf(json, 'op', 'entity_type', 'in?')
      if (typeof wanted !== 'string' || wanted === '') throw new DoesNotCompile('malformed')
      if (group === undefined) return { within: [], holds: ({ type }) => type === wanted }
      const { entity, slot } = membersOf(group, 'entity?', 'slot?')
      const { within, holds } = scopeIn([namedEntity(entity, slot)])
      return { within, holds: (one, request) => one.type === wanted && holds(one, request) }
    }
    default:
      throw new DoesNotCompile('malformed')
  }
}

/** An action has no type to ask for, and may be in one of several. */
function compileActionScope(json: Json | undefined): Scope {
  const members = membersOf(json, 'op', 'entity?', 'entities?')
  const { op, entities } = members
  if (op === 'is') throw new DoesNotCompile('malformed')
  if (op !== 'in' || entities === undefined) return compileScope(json)
  if (!Array.isArray(entities) || members['entity'] !== undefined) throw new DoesNotCompile('malformed')
  return scopeIn((entities as readonly Json[]).map((item) => namedEntity(item, undefined)))
}

function scopeIn(within: readonly EntityUid[]): Scope {
  return { within, holds: (one, { entities }) => within.some((group) => isIn(one, group, entities)) }
}

function namedEntity(entity: Json | undefined, slot: Json | undefined): EntityUid {
  if (slot !== undefined) throw new DoesNotCompile('template_slot')
  const named = entityOfJson(entity)
  if (named === null) throw new DoesNotCompile('malformed')
  return named
}

function compileClause(json: Json, shared: SharedExpressions): (request: CedarRequest) => Outcome {
  const { kind, body } = membersOf(json, 'kind', 'body')
  const { evaluate }: Expression = compileExpression(body, shared)
  if (kind === 'when') return (request) => asBoolean(evaluate(request))
  if (kind !== 'unless') throw new DoesNotCompile('malformed')
  return (request) => {
    const outcome = asBoolean(evaluate(request))
    return outcome === erred ? erred : !outcome
  }
}

function asBoolean(outcome: Outcome): boolean | typeof erred {
  return typeof outcome === 'boolean' ? outcome : erred
}
