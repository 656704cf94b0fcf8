import canonicalize from 'canonicalize'

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export type JsonObject = { readonly [name: string]: Json }

/** Why a value has no canonical form here. */
export class NotCanonical extends Error {
  override readonly name = 'NotCanonical'
}

const maxDepth = 64
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/**
 * RFC 8785 text of `value`, in the narrow profile of everything that is hashed or signed here: integers within
 * ±(2^53 - 1) only, no lone surrogate, no `__proto__` member, depth at most 64, plain objects and arrays only.
 * A member that is `undefined` is left out. Throws `NotCanonical` for anything outside the profile.
 */
export function canonicalJson(value: unknown): string {
  assertProfile(value, '', 0)
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

function assertProfile(value: unknown, path: string, depth: number): void {
  if (depth > maxDepth) throw new NotCanonical(`deeper than ${maxDepth} levels at \`${path}\``)
  if (value === null || typeof value === 'boolean') return
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0))
      throw new NotCanonical(`not a safe integer at \`${path}\``)
    return
  }
  if (typeof value === 'string') {
    if (loneSurrogate.test(value)) throw new NotCanonical(`lone surrogate at \`${path}\``)
    return
  }
  if (Array.isArray(value)) {
    value.forEach((item, index) => assertProfile(item, `${path}/${index}`, depth + 1))
    return
  }
  if (typeof value !== 'object' || !isPlain(value)) throw new NotCanonical(`no JSON form at \`${path}\``)
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__') throw new NotCanonical(`member \`__proto__\` at \`${path}\``)
    if (loneSurrogate.test(name)) throw new NotCanonical(`lone surrogate in a member name at \`${path}\``)
    if (member !== undefined) assertProfile(member, `${path}/${name}`, depth + 1)
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
