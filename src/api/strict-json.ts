import { AppError, type Json } from '../kernel/index.ts'

const maxDepth = 32
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g
const forbidden = new Set(['__proto__', 'constructor', 'prototype'])
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/**
 * Parses a request body. Refused as `INVALID_INPUT`: bytes that are no UTF-8, a member named twice (I-JSON, RFC 7493
 * 2.3), names that poison prototypes, depth over 32, and text with lone surrogates or NUL, which no column can hold.
 */
export function parseStrictJson(bytes: Uint8Array): Json {
  let text: string
  let value: Json
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'the body is not valid UTF-8', { cause })
  }
  assertShallow(text)
  try {
    value = JSON.parse(text) as Json // JSON.parse returns JSON by definition
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'the body is not valid JSON', { cause })
  }
  assertNames(text)
  return value
}

/** Whether a text can be stored and hashed: well-formed UTF-16 without NUL. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && !loneSurrogate.test(text)
}

function assertShallow(text: string): void {
  let depth = 0
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{' || token === '[') depth += 1
    else if (token === '}' || token === ']') depth -= 1
    if (depth > maxDepth)
      throw new AppError('INVALID_INPUT', `the body is nested deeper than ${maxDepth} levels`)
  }
}

/** Walks the tokens of text that is known to be JSON: only there is a string before `:` always a member name. */
function assertNames(text: string): void {
  const open: Set<string>[] = []
  let last = ''
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{' || token === '[') open.push(new Set())
    else if (token === '}' || token === ']') open.pop()
    else if (token === ':') assertName(last, open.at(-1))
    else if (token !== ',') {
      last = String(JSON.parse(token))
      if (!isStorable(last)) throw new AppError('INVALID_INPUT', 'a text holds NUL or a lone surrogate')
    }
  }
}

function assertName(name: string, names: Set<string> | undefined): void {
  if (forbidden.has(name)) throw new AppError('INVALID_INPUT', 'a member has a reserved name')
  if (names?.has(name)) throw new AppError('INVALID_INPUT', 'a member is named twice')
  names?.add(name)
}
