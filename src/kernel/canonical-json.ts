import canonicalize from 'canonicalize'

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export type JsonObject = { readonly [name: string]: Json }

/** Why a value has no canonical form here. */
export class NotCanonical extends Error {
  override readonly name = 'NotCanonical'
}

const maxDepth = 64

/**
 * RFC 8785 text of `value`, in the narrow profile of everything that is hashed or signed here: integers within
 * ±(2^53 - 1) only, no lone surrogate, no `__proto__` member, depth at most 64, plain objects and arrays only.
 * A member that is `undefined` is left out. Throws `NotCanonical` for anything outside the profile.
 */
export function canonicalJson(value: unknown): string {
  // Members that already stand in order need no sorting; the rest of RFC 8785 is how ECMAScript writes JSON.
  const text = isSorted(value) ? JSON.stringify(value) : canonicalize(value)
  if (text === undefined) throw new NotCanonical('the value has no JSON form')
  return text
}

/** RFC 8785 text of any JSON value, decimals too: for what others write and nothing here signs. Throws `NotCanonical`. */
export function rfc8785(value: Json): string {
  const text = canonicalize(value)
  if (text === undefined) throw new NotCanonical('the value has no JSON form')
  return text
}

/** UTF-8 bytes of `canonicalJson(value)`. */
export function canonicalBytes(value: unknown): Uint8Array {
  return Buffer.from(canonicalJson(value), 'utf8')
}

/** Parses text that must already be canonical; throws `NotCanonical` when one byte of it would be written differently. */
export function parseCanonical(text: string): Json {
  let value: Json
  try {
    value = JSON.parse(text) as Json // JSON.parse returns JSON by definition
  } catch (cause) {
    throw new NotCanonical('the text is not JSON', { cause })
  }
  if (canonicalJson(value) !== text) throw new NotCanonical('the text is not in canonical form')
  return value
}

/** Whether all stands in canonical order already. Throws `NotCanonical`. */
function isSorted(value: unknown): boolean {
  try {
    return isInOrder(value, 0)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const place = error.path.toReversed().map((name) => `/${name}`)
    throw new NotCanonical(`${error.message} at \`${place.join('')}\``)
  }
}

/** Whether the members of all objects stand in canonical order. Throws `NotCanonical` for what is outside the profile. */
function isInOrder(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) {
    const fault = faultOfLeaf(value)
    if (fault !== null) throw new Fault(fault)
    return true
  }
  if (depth > maxDepth) throw new Fault(`deeper than ${maxDepth} levels`)
  if (Array.isArray(value)) return areItemsInOrder(value, depth)
  if (!isPlain(value)) throw new Fault('no JSON form')
  return areMembersInOrder(value as Readonly<Record<string, unknown>>, depth) // a plain object
}

/** Why a value that holds no other has no canonical form; null when it has one. */
function faultOfLeaf(value: unknown): string | null {
  if (typeof value === 'string') return value.isWellFormed() ? null : 'lone surrogate'
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? null : 'not a safe integer'
  return value === null || typeof value === 'boolean' ? null : 'no JSON form'
}

function areItemsInOrder(items: readonly unknown[], depth: number): boolean {
  let isSorted = true
  for (let n = 0; n < items.length; n += 1)
    try {
      isSorted = isInOrder(items[n], depth + 1) && isSorted
    } catch (error) {
      throw within(error, n)
    }
  return isSorted
}

function areMembersInOrder(members: Readonly<Record<string, unknown>>, depth: number): boolean {
  let isSorted = true
  let previous = ''
  for (const name of Object.keys(members)) {
    if (name === '__proto__') throw new Fault('member `__proto__`')
    if (!name.isWellFormed()) throw new Fault('lone surrogate in a member name')
    const member = members[name]
    if (typeof member === 'object' ? member !== null : member !== undefined && faultOfLeaf(member) !== null)
      try {
        isSorted = isInOrder(member, depth + 1) && isSorted
      } catch (error) {
        throw within(error, name)
      }
    isSorted &&= name >= previous
    previous = name
  }
  return isSorted
}

/** What lies outside the profile, and on its way out the names of the members that hold it, the innermost first. */
class Fault extends Error {
  readonly path: (string | number)[] = []
}

/** A path is put together where something is wrong only: most of what is hashed has no fault. */
function within(error: unknown, name: string | number): unknown {
  if (error instanceof Fault) error.path.push(name)
  return error
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
