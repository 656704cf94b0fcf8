import type { Json } from '../../../kernel/index.ts'
import { decimalOf } from './decimal.ts'
import { setOf, type CedarRecord, type CedarValue } from './value.ts'

const nothing: CedarRecord = { k: 'record', members: new Map() }

/**
 * Reads what a caller sent. UNTRUSTED: no member name has a meaning, `__entity` names no entity here.
 *
 * Nothing is left out, because a `forbid` that asks `context.args has amount` must see each amount. What Cedar has no
 * type for becomes a value that compares with nothing, so that the policy errs and the call is denied: null is an empty
 * record; a fraction is a decimal, or its text where it has more than four places.
 */
export function valueOfData(data: Json): CedarValue {
  if (typeof data === 'string' || typeof data === 'boolean') return data
  if (data === null) return nothing
  if (typeof data === 'number')
    return Number.isSafeInteger(data) ? BigInt(data) : (decimalOf(String(data)) ?? `number:${data}`)
  if (isList(data)) return setOf(data.map(valueOfData))
  const members = new Map<string, CedarValue>()
  for (const [name, item] of Object.entries(data)) members.set(name, valueOfData(item))
  return { k: 'record', members }
}

function isList(data: Json): data is readonly Json[] {
  return Array.isArray(data)
}
