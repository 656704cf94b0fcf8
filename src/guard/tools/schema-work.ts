import type { Json, JsonObject } from '../../kernel/index.ts'

/** Why a schema cannot be used: it refers out of itself or in a circle, is too deep, or costs too much for each value. */
export type WorkFault =
  | 'too_wide'
  | 'remote_ref'
  | 'unresolved_ref'
  | 'ref_loop'
  | 'nested_id'
  | 'too_deep'
  | 'too_costly'
export type Work =
  | { readonly ok: true; readonly stepsPerValue: number }
  | { readonly ok: false; readonly fault: WorkFault }

/** Levels of schemas within schemas, and of values within arguments. */
export const maxDepth = 16
/** Schemas directly under one keyword: the validator writes each of them into the one before. */
export const maxParts = 256
export const maxSchemas = 2_000
export const maxStepsPerValue = 20_000

/** Keywords by what they hold, and whether it applies to the same value (`here`) or to a part of it. */
const schemaHere = ['not', 'if', 'then', 'else']
const listsHere = ['allOf', 'anyOf', 'oneOf']
const mapsHere = ['dependentSchemas', 'dependencies']
const ofItems = ['items', 'additionalItems', 'unevaluatedItems', 'contains']
const ofMembers = ['additionalProperties', 'unevaluatedProperties', 'propertyNames']
const definitions = ['$defs', 'definitions']
const maxVisits = 200_000

/**
 * How many keywords a validator looks at, at most, for one value of the arguments. A schema of hostile making can cost
 * exponentially much in its own size, or in the depth of the arguments; here both are counted before it is compiled.
 */
export function workOf(root: Json): Work {
  const counter = new WorkCounter(root)
  try {
    counter.checkDefinitions(root, 0)
    const stepsPerValue = Math.max(counter.steps(root, 'list', 0), counter.steps(root, 'object', 0))
    return stepsPerValue > maxStepsPerValue ? { ok: false, fault: 'too_costly' } : { ok: true, stepsPerValue }
  } catch (cause) {
    if (!(cause instanceof Unusable)) throw cause
    return { ok: false, fault: cause.fault }
  }
}

class Unusable extends Error {
  readonly fault: WorkFault
  constructor(fault: WorkFault) {
    super(fault)
    this.fault = fault
  }
}

/** A value is a list or an object, never both, so that alternatives of both kinds are not added up. */
type Kind = 'list' | 'object'

class WorkCounter {
  readonly #root: Json
  readonly #known = new Map<Json, Map<string, number | 'open'>>()
  #visits = 0
  #schemas = 0

  constructor(root: Json) {
    this.#root = root
  }

  /** Refuses identifiers inside, and schemas within schemas without end, whether they are used or not. */
  checkDefinitions(schema: Json, depth: number): void {
    if (!isObject(schema)) return
    if (depth > maxDepth) throw new Unusable('too_deep')
    this.#schemas += 1
    if (this.#schemas > maxSchemas || isWide(schema)) throw new Unusable('too_wide')
    if (depth > 0 && (Object.hasOwn(schema, '$id') || Object.hasOwn(schema, 'id')))
      throw new Unusable('nested_id')
    for (const part of partsOf(schema, [...schemaHere, ...listsHere, ...mapsHere, ...ofItems, ...ofMembers]))
      this.checkDefinitions(part, depth + 1)
    for (const part of partsOf(schema, ['prefixItems', 'properties', 'patternProperties', ...definitions]))
      this.checkDefinitions(part, depth + 1)
  }

  /** Keywords looked at for one value of this kind and, on the costliest way down, for what is in it. */
  steps(schema: Json, kind: Kind, depth: number): number {
    if (!isObject(schema) || depth > maxDepth) return 1
    const key = `${kind}${depth}`
    const found = this.#known.get(schema) ?? new Map<string, number | 'open'>()
    this.#known.set(schema, found)
    const known = found.get(key)
    if (known === 'open') throw new Unusable('ref_loop')
    if (known !== undefined) return known
    this.#visits += 1
    if (this.#visits > maxVisits) throw new Unusable('too_costly')
    found.set(key, 'open')
    const here = partsOf(schema, [...schemaHere, ...listsHere, ...mapsHere])
    const total =
      ownSteps(schema) +
      sum([...here, ...this.#referred(schema)].map((part) => this.steps(part, kind, depth))) +
      (kind === 'list' ? this.#ofItems(schema, depth + 1) : this.#ofMembers(schema, depth + 1))
    found.set(key, total)
    return total
  }

  #ofItems(schema: JsonObject, depth: number): number {
    const each = partsOf(schema, ofItems).map((part) => this.#worst(part, depth))
    return sum(each) + largest(partsOf(schema, ['prefixItems']).map((part) => this.#worst(part, depth)))
  }

  #ofMembers(schema: JsonObject, depth: number): number {
    const each = partsOf(schema, [...ofMembers, 'patternProperties']).map((part) => this.#worst(part, depth))
    return sum(each) + largest(partsOf(schema, ['properties']).map((part) => this.#worst(part, depth)))
  }

  #worst(schema: Json, depth: number): number {
    return Math.max(this.steps(schema, 'list', depth), this.steps(schema, 'object', depth))
  }

  #referred(schema: JsonObject): Json[] {
    if (Object.hasOwn(schema, '$dynamicRef') || Object.hasOwn(schema, '$recursiveRef'))
      throw new Unusable('unresolved_ref')
    const { $ref: ref } = schema
    if (ref === undefined) return []
    if (typeof ref !== 'string' || !ref.startsWith('#')) throw new Unusable('remote_ref')
    return [this.#at(ref)]
  }

  /** The schema at a JSON pointer; anchors are not followed. */
  #at(ref: string): Json {
    if (ref === '#') return this.#root
    if (!ref.startsWith('#/') || ref.includes('%')) throw new Unusable('unresolved_ref')
    let found: Json | undefined = this.#root
    for (const token of ref.slice(2).split('/')) {
      const name = token.replaceAll('~1', '/').replaceAll('~0', '~')
      if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name))
        throw new Unusable('unresolved_ref')
      found = (found as JsonObject)[name] // an object or a list, whose places are its names
      if (found !== undefined && isRenamed(found)) throw new Unusable('nested_id')
    }
    if (found === undefined) throw new Unusable('unresolved_ref')
    return found
  }
}

/** The schemas that stand directly under these keywords, alone, in a list or by name. */
function partsOf(schema: JsonObject, keywords: readonly string[]): Json[] {
  return keywords.flatMap((keyword) => {
    const held = Object.hasOwn(schema, keyword) ? schema[keyword] : undefined
    if (held === undefined || held === null) return []
    if (Array.isArray(held)) return held as readonly Json[] // a list of schemas
    return isObject(held) && holdsByName.has(keyword) ? Object.values(held) : [held]
  })
}

const holdsByName = new Set([...mapsHere, ...definitions, 'properties', 'patternProperties'])

function isWide(schema: JsonObject): boolean {
  return [...listsHere, 'prefixItems', ...holdsByName].some(
    (keyword) => partsOf(schema, [keyword]).length > maxParts,
  )
}

/** Whether a schema has a name of its own, from which references inside it would count. */
function isRenamed(schema: Json): boolean {
  return isObject(schema) && (typeof schema['$id'] === 'string' || typeof schema['id'] === 'string')
}

/** One step for each keyword, and for each name and each alternative that a keyword lists. */
function ownSteps(schema: JsonObject): number {
  return sum(
    Object.values(schema).map((value) =>
      typeof value === 'object' && value !== null ? 1 + Object.keys(value).length : 1,
    ),
  )
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number), 0)
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
