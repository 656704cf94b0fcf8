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
  const text = isInOrder(value, []) ? JSON.stringify(value) : canonicalize(value)
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

/** Whether the members of all objects stand in canonical order. Throws `NotCanonical` for what is outside the profile. */
function isInOrder(value: unknown, path: (string | number)[]): boolean {
  if (path.length > maxDepth) throw new NotCanonical(`deeper than ${maxDepth} levels ${placeOf(path)}`)
  if (value === null || typeof value === 'boolean') return true
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0))
      throw new NotCanonical(`not a safe integer ${placeOf(path)}`)
    return true
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new NotCanonical(`lone surrogate ${placeOf(path)}`)
    return true
  }
  if (Array.isArray(value)) return areItemsInOrder(value, path)
  if (typeof value !== 'object' || !isPlain(value)) throw new NotCanonical(`no JSON form ${placeOf(path)}`)
  return areMembersInOrder(value as Readonly<Record<string, unknown>>, path) // a plain object
}

function areItemsInOrder(items: readonly unknown[], path: (string | number)[]): boolean {
  let isSorted = true
  for (const [i, item] of items.entries()) {
    path.push(i)
    isSorted = isInOrder(item, path) && isSorted
    path.pop()
  }
  return isSorted
}

function areMembersInOrder(members: Readonly<Record<string, unknown>>, path: (string | number)[]): boolean {
  let [isSorted, previous] = [true, '']
  for (const name of Object.keys(members)) {
    if (name === '__proto__') throw new NotCanonical(`member \`__proto__\` ${placeOf(path)}`)
    if (!name.isWellFormed()) throw new NotCanonical(`lone surrogate in a member name ${placeOf(path)}`)
    const member = members[name]
    if (member !== undefined) {
      path.push(name)
      isSorted = isInOrder(member, path) && isSorted
      path.pop()
    }
    isSorted &&= name >= previous
    previous = name
  }
  return isSorted
}

function placeOf(path: readonly (string | number)[]): string {
  return `at \`${path.map((name) => `/${name}`).join('')}\``
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
