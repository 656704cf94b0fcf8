import { AppError, type Json } from '../kernel/index.ts'

const maxDepth = 32
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

type Token = { readonly sign: string; readonly from: number; readonly to: number }

/** Strings and signs in their order. Scans without recursion: one string may be as long as the largest body. */
function* tokensOf(text: string): Generator<Token> {
  const start = /["{}[\]:,]/g
  for (let found = start.exec(text); found !== null; found = start.exec(text)) {
    const [sign] = found
    const from = found.index
    const to = sign === '"' ? endOfString(text, from) : from + 1
    yield { sign, from, to }
    start.lastIndex = to
  }
}

/** The place after the closing quote; the end of the text where there is none. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = 0
    while (text.charAt(at - 1 - escapes) === '\\') escapes += 1
    if (escapes % 2 === 0) return at + 1
  }
  return text.length
}

function assertShallow(text: string): void {
  let depth = 0
  for (const { sign } of tokensOf(text)) {
    if (sign === '{' || sign === '[') depth += 1
    else if (sign === '}' || sign === ']') depth -= 1
    if (depth > maxDepth)
      throw new AppError('INVALID_INPUT', `the body is nested deeper than ${maxDepth} levels`)
  }
}

/** Walks the tokens of text that is known to be JSON: only there is a string before `:` always a member name. */
function assertNames(text: string): void {
  const open: Set<string>[] = []
  let last = ''
  for (const { sign, from, to } of tokensOf(text)) {
    if (sign === '{' || sign === '[') open.push(new Set())
    else if (sign === '}' || sign === ']') open.pop()
    else if (sign === ':') assertName(last, open.at(-1))
    else if (sign === '"') {
      last = String(JSON.parse(text.slice(from, to)))
      if (!isStorable(last)) throw new AppError('INVALID_INPUT', 'a text holds NUL or a lone surrogate')
    }
  }
}

function assertName(name: string, names: Set<string> | undefined): void {
  if (forbidden.has(name)) throw new AppError('INVALID_INPUT', 'a member has a reserved name')
  if (names?.has(name)) throw new AppError('INVALID_INPUT', 'a member is named twice')
  names?.add(name)
}
