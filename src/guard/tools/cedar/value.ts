import type { Json } from '../../../kernel/index.ts'
import type { Extension } from './extension.ts'
import { keyOfExtension, readExtension } from './extension.ts'

/** A value of the Cedar language. A Long is a `bigint`, so that its 64 bits are exact. */
export type CedarValue = boolean | string | bigint | EntityUid | CedarSet | CedarRecord | Extension

/** `uid` is one text for type and id: entities are equal when it is. */
export type EntityUid = {
  readonly k: 'entity'
  readonly type: string
  readonly id: string
  readonly uid: string
}
/** Items by their key, so that equal items are one. */
export type CedarSet = { readonly k: 'set'; readonly items: ReadonlyMap<string, CedarValue> }
export type CedarRecord = { readonly k: 'record'; readonly members: ReadonlyMap<string, CedarValue> }

/** Names an entity. */
export function entityUid(type: string, id: string): EntityUid {
  return { k: 'entity', type, id, uid: `${type}::${JSON.stringify(id)}` }
}

/** A set of values, each once. */
export function setOf(values: readonly CedarValue[]): CedarSet {
  const items = new Map<string, CedarValue>()
  for (const value of values) items.set(keyOf(value), value)
  return { k: 'set', items }
}

/** A record of its members. */
export function recordOf(members: Readonly<Record<string, CedarValue>>): CedarRecord {
  return { k: 'record', members: new Map(Object.entries(members)) }
}

export function isSet(value: CedarValue | symbol): value is CedarSet {
  return typeof value === 'object' && value.k === 'set'
}

/** Whether two values are equal: values of different types never are. */
export function areEqual(a: CedarValue, b: CedarValue): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  return a.k === b.k && keyOf(a) === keyOf(b)
}

/** One text for a value: two values have the same exactly when they are equal. */
export function keyOf(value: CedarValue): string {
  if (typeof value === 'string') return `${value.length}"${value}` // its length says where it ends
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  switch (value.k) {
    case 'entity':
      return value.uid
    case 'set':
      return `[${[...value.items.keys()].sort().join()}]`
    case 'record':
      return `{${[...value.members]
        .map(([name, member]) => `${JSON.stringify(name)}:${keyOf(member)}`)
        .sort()
        .join()}}`
    default:
      return keyOfExtension(value)
  }
}

/**
 * Reads a value in Cedar's own JSON form, in which `__entity` and `__extn` have a meaning; null for what is none.
 * Only for documents of our own; what a caller sends is read by `valueOfData`.
 */
export function valueOfCedarJson(json: Json | undefined): CedarValue | null {
  if (typeof json === 'boolean' || typeof json === 'string') return json
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : null
  if (json === null || json === undefined) return null
  if (isList(json)) {
    const items = json.map(valueOfCedarJson)
    return items.includes(null) ? null : setOf(items as CedarValue[]) // none is null
  }
  if (Object.hasOwn(json, '__entity')) return entityOfJson(json)
  if (Object.hasOwn(json, '__extn')) return readExtension(json)
  if (Object.hasOwn(json, '__expr')) return null
  const members = Object.entries(json).map(([name, member]) => [name, valueOfCedarJson(member)] as const)
  if (members.some(([, member]) => member === null)) return null
  return { k: 'record', members: new Map(members as (readonly [string, CedarValue])[]) } // none is null
}

/** Reads the name of an entity, with or without its `__entity` around it. */
export function entityOfJson(json: Json | undefined): EntityUid | null {
  if (typeof json !== 'object' || json === null || isList(json)) return null
  const inner = Object.hasOwn(json, '__entity') ? json['__entity'] : json
  if (typeof inner !== 'object' || inner === null || isList(inner)) return null
  const { type, id } = inner
  return typeof type === 'string' && typeof id === 'string' ? entityUid(type, id) : null
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json)
}
