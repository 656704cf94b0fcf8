import type { JsonObject } from '../../../kernel/index.ts'
import { durationOf, instantOf, instantFunctions, type CedarDuration, type CedarInstant } from './datetime.ts'
import { decimalFunctions, decimalOf, type CedarDecimal } from './decimal.ts'
import { ipAddressOf, ipFunctions, type CedarIpAddress } from './ip-address.ts'
import type { CedarValue } from './value.ts'

/** Values of the extension types of Cedar. */
export type Extension = CedarDecimal | CedarIpAddress | CedarInstant | CedarDuration

/** A function of an extension type. Null is an error: a text that it cannot read, or values of other types. */
export type ExtensionFunction = {
  readonly arity: 1 | 2
  readonly call: (first: CedarValue, second: CedarValue) => CedarValue | null
}

/** The constructors: each reads one text. */
const constructors: Readonly<Record<string, (text: string) => Extension | null>> = {
  decimal: decimalOf,
  ip: ipAddressOf,
  datetime: instantOf,
  duration: durationOf,
}

/** Every function of every extension type, by its name in a policy. */
export const extensionFunctions: ReadonlyMap<string, ExtensionFunction> = new Map([
  ...Object.entries(constructors).map(([name, read]): [string, ExtensionFunction] => [
    name,
    { arity: 1, call: (text) => (typeof text === 'string' ? read(text) : null) },
  ]),
  ...Object.entries({ ...decimalFunctions, ...ipFunctions, ...instantFunctions }),
])

/** Reads `{"__extn": {"fn", "arg"}}`; null for what is none. */
export function readExtension(json: JsonObject): CedarValue | null {
  const call = json['__extn']
  if (typeof call !== 'object' || call === null) return null
  const { fn, arg } = call as JsonObject // a list has no member `fn`
  if (typeof fn !== 'string' || typeof arg !== 'string') return null
  return Object.hasOwn(constructors, fn) ? (constructors[fn]?.(arg) ?? null) : null
}

/** One text for a value of an extension type, unlike that of any other value. */
export function keyOfExtension(value: Extension): string {
  switch (value.k) {
    case 'decimal':
      return `decimal(${value.units})`
    case 'ip':
      return `ip(${value.family},${value.address},${value.prefix})`
    default:
      return `${value.k}(${value.ms})`
  }
}
