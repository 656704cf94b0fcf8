import type { IncomingMessage } from 'node:http'
import type { ReasonCode } from '../reasons.ts'

export type Endpoint = 'chat' | 'models' | 'check'
export type Head =
  | { readonly endpoint: Endpoint; readonly credential: string }
  | { readonly refused: ReasonCode }

const paths: Readonly<Record<string, Endpoint>> = {
  '/v1/chat/completions': 'chat',
  '/openai/v1/chat/completions': 'chat',
  '/v1/models': 'models',
  '/openai/v1/models': 'models',
  '/v1/guard/check': 'check',
}
const methods: Readonly<Record<Endpoint, string>> = { chat: 'POST', models: 'GET', check: 'POST' }
/** Headers that may come once only, each with a bit of its own. */
const single: ReadonlyMap<string, number> = new Map(
  [
    'host',
    'authorization',
    'x-api-key',
    'api-key',
    'content-length',
    'content-type',
    'content-encoding',
    'transfer-encoding',
  ].map((name, i) => [name, 1 << i]),
)

const framing = (single.get('content-length') ?? 0) | (single.get('transfer-encoding') ?? 0)

/** Reads the head of a request. Paths are compared as they arrived: nothing is decoded, joined or normalised. */
export function readHead(request: IncomingMessage): Head {
  let seen = 0
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const bit = single.get((request.rawHeaders[i] ?? '').toLowerCase()) ?? 0
    if ((seen & bit) !== 0) return { refused: 'header_conflict' }
    seen |= bit
  }
  if ((seen & framing) === framing) return { refused: 'header_conflict' }
  const coding = request.headers['transfer-encoding']
  if (request.headers.upgrade !== undefined || (coding !== undefined && coding.toLowerCase() !== 'chunked'))
    return { refused: 'malformed' }

  const [path = '', query] = (request.url ?? '').split('?', 2)
  const endpoint = Object.hasOwn(paths, path) ? paths[path] : undefined
  if (endpoint === undefined) return { refused: 'not_found' }
  if (request.method !== methods[endpoint]) return { refused: 'method_not_allowed' }
  if (query !== undefined) return { refused: 'unsupported_parameter' }
  return readCredential(request, endpoint)
}

/** Whether the body is announced as plain JSON. */
export function bodyFault(request: IncomingMessage): ReasonCode | null {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return 'unsupported_encoding'
  return isJsonType(request.headers['content-type']) ? null : 'unsupported_encoding'
}

/** `application/json`, with UTF-8 as the only charset. */
export function isJsonType(type: unknown): boolean {
  return typeof type === 'string' && /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)
}

export function isEventStreamType(type: unknown): boolean {
  return typeof type === 'string' && /^text\/event-stream\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)
}

/** The upstream request is written from scratch; nothing of the caller's head reaches it. */
export function upstreamHeaders(
  body: Uint8Array,
  stream: boolean,
  credential: string | null,
): Record<string, string> {
  return {
    'content-type': 'application/json',
    'content-length': String(body.length),
    accept: stream ? 'text/event-stream' : 'application/json',
    'accept-encoding': 'identity',
    'user-agent': 'countersign-gateway',
    ...(credential === null ? {} : { authorization: `Bearer ${credential}` }),
  }
}

const passed = ['x-request-id', 'openai-processing-ms', 'retry-after'] as const

/** The few response headers that callers use, each value checked again. */
export function passedHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const name of passed) {
    const value = headers[name]
    if (typeof value === 'string' && /^[\w.:+/= -]{1,128}$/.test(value)) kept[name] = value
  }
  return kept
}

function readCredential(request: IncomingMessage, endpoint: Endpoint): Head {
  const { authorization } = request.headers
  const found = new Set<string>()
  if (authorization !== undefined) {
    const bearer = /^Bearer ([!-~]{1,512})$/i.exec(authorization)
    if (bearer?.[1] === undefined) return { refused: 'key_invalid' }
    found.add(bearer[1])
  }
  for (const name of ['x-api-key', 'api-key']) {
    const value = request.headers[name]
    if (typeof value === 'string') found.add(value)
  }
  const [credential] = found
  if (found.size > 1) return { refused: 'header_conflict' }
  return credential === undefined ? { refused: 'key_missing' } : { endpoint, credential }
}
