import type { Entities } from './entity.ts'
import { erred, type Outcome } from './outcome.ts'
import { isLong } from './long.ts'
import { areEqual, isSet, type CedarSet } from './value.ts'

/** An operator that evaluates all its operands first. Operands of another type than it takes make it err. */
export type Operator = {
  readonly arity: 1 | 2
  readonly apply: (left: Outcome, right: Outcome, entities: Entities) => Outcome
}

/** The strict operators by their names in the JSON form; those that may leave an operand alone are compiled apart. */
export const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['!', { arity: 1, apply: (value) => (typeof value === 'boolean' ? !value : erred) }],
  ['neg', { arity: 1, apply: (value) => (typeof value === 'bigint' ? long(-value) : erred) }],
  ['isEmpty', { arity: 1, apply: (value) => (isSet(value) ? value.items.size === 0 : erred) }],
  ['==', { arity: 2, apply: (a, b) => (a === erred || b === erred ? erred : areEqual(a, b)) }],
  ['!=', { arity: 2, apply: (a, b) => (a === erred || b === erred ? erred : !areEqual(a, b)) }],
  ['<', comparing((a, b) => a < b)],
  ['<=', comparing((a, b) => a <= b)],
  ['>', comparing((a, b) => a > b)],
  ['>=', comparing((a, b) => a >= b)],
  ['+', calculating((a, b) => a + b)],
  ['-', calculating((a, b) => a - b)],
  ['*', calculating((a, b) => a * b)],
  ['containsAll', ofSets((all, some) => [...some.items.keys()].every((key) => all.items.has(key)))],
  ['containsAny', ofSets((all, some) => [...some.items.keys()].some((key) => all.items.has(key)))],
  ['hasTag', ofTags((tags, name) => tags?.has(name) ?? false)],
  ['getTag', ofTags((tags, name) => tags?.get(name) ?? erred)],
])

/** Longs with Longs, instants with instants, durations with durations. */
function comparing(holds: (a: bigint, b: bigint) => boolean): Operator {
  const apply = (a: Outcome, b: Outcome): Outcome => {
    if (typeof a === 'bigint' && typeof b === 'bigint') return holds(a, b)
    if (typeof a !== 'object' || typeof b !== 'object') return erred
    if (a.k === 'datetime' && b.k === 'datetime') return holds(a.ms, b.ms)
    return a.k === 'duration' && b.k === 'duration' ? holds(a.ms, b.ms) : erred
  }
  return { arity: 2, apply }
}

function calculating(result: (a: bigint, b: bigint) => bigint): Operator {
  return {
    arity: 2,
    apply: (a, b) => (typeof a === 'bigint' && typeof b === 'bigint' ? long(result(a, b)) : erred),
  }
}

function ofSets(holds: (a: CedarSet, b: CedarSet) => boolean): Operator {
  return { arity: 2, apply: (a, b) => (isSet(a) && isSet(b) ? holds(a, b) : erred) }
}

function ofTags(read: (tags: ReadonlyMap<string, Outcome> | undefined, name: string) => Outcome): Operator {
  const apply = (entity: Outcome, name: Outcome, entities: Entities): Outcome => {
    if (typeof entity !== 'object' || entity.k !== 'entity' || typeof name !== 'string') return erred
    return read(entities.get(entity.uid)?.tags, name)
  }
  return { arity: 2, apply }
}

function long(value: bigint): Outcome {
  return isLong(value) ? value : erred
}
