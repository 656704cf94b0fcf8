import type { IncomingMessage } from 'node:http'
import { endpointAt, mcpMethods, type Endpoint } from '../endpoints.ts'
import type { UpstreamApi } from '../../kernel/index.ts'
import type { ReasonCode } from '../reasons.ts'

/** What the head of a request says. A refusal is worded as the API words it that the path belongs to. */
export type Head =
  | {
      readonly endpoint: Endpoint
      readonly credential: string
      readonly versions: ApiVersions
      /** The name that the client gives its conversation. */
      readonly conversation: string | null
    }
  | { readonly refused: ReasonCode; readonly endpoint: Endpoint | null }

/** What a caller says about the version of an API, checked in its shape. */
export type ApiVersions = { readonly version: string | null; readonly betas: readonly string[] }

/** The header by which a client may name its conversation; nothing of it reaches the provider. */
const conversationHeader = 'countersign-conversation'

/** Headers that may come once only, each with a bit of its own. */
const single: ReadonlyMap<string, number> = new Map(
  [
    'host',
    'authorization',
    'x-api-key',
    'api-key',
    'ocp-apim-subscription-key',
    'content-length',
    'content-type',
    'content-encoding',
    'transfer-encoding',
    'anthropic-version',
    'anthropic-beta',
    'origin',
    'accept',
    'mcp-session-id',
    'mcp-protocol-version',
    'mcp-method',
    'mcp-name',
    conversationHeader,
  ].map((name, i) => [name, 1 << i]),
)

const framing = (single.get('content-length') ?? 0) | (single.get('transfer-encoding') ?? 0)

/** Reads the head of a request. */
export function readHead(request: IncomingMessage): Head {
  const [path = '', query] = (request.url ?? '').split('?', 2)
  const endpoint = endpointAt(path)
  const refused = faultOfHead(request) ?? faultOfTarget(request, endpoint, query)
  if (endpoint === undefined || refused !== null)
    return { refused: refused ?? 'not_found', endpoint: endpoint ?? null }
  const credential = readCredential(request)
  if ('refused' in credential) return { ...credential, endpoint }
  const conversation = request.headers[conversationHeader] ?? null
  if (conversation !== null && !isName(conversation)) return { refused: 'malformed', endpoint }
  return { endpoint, credential: credential.credential, versions: readVersions(request), conversation }
}

function isName(value: string | readonly string[]): value is string {
  return typeof value === 'string' && /^[\w.:-]{1,128}$/.test(value)
}

function faultOfHead(request: IncomingMessage): ReasonCode | null {
  let seen = 0
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const bit = single.get((request.rawHeaders[i] ?? '').toLowerCase()) ?? 0
    if ((seen & bit) !== 0) return 'header_conflict'
    seen |= bit
  }
  if ((seen & framing) === framing) return 'header_conflict'
  const coding = request.headers['transfer-encoding']
  const isOther = coding !== undefined && coding.toLowerCase() !== 'chunked'
  return request.headers.upgrade !== undefined || isOther ? 'malformed' : null
}

/** The one query that is taken is the version by which clients of Azure address its API. */
function faultOfTarget(
  request: IncomingMessage,
  endpoint: Endpoint | undefined,
  query: string | undefined,
): ReasonCode | null {
  if (endpoint === undefined) return 'not_found'
  const isTaken =
    endpoint.k === 'mcp' ? mcpMethods.includes(request.method ?? '') : request.method === endpoint.method
  if (!isTaken) return 'method_not_allowed'
  if (endpoint.k === 'mcp' && query !== undefined) return 'unsupported_parameter'
  return query === undefined || /^(beta=true|api-version=[\w-]{1,32})$/.test(query)
    ? null
    : 'unsupported_parameter'
}

function readVersions({ headers }: IncomingMessage): ApiVersions {
  const [version, betas] = [headers['anthropic-version'], headers['anthropic-beta']]
  if (version === undefined && betas === undefined) return unversioned
  const isVersion = typeof version === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(version)
  const names = typeof betas === 'string' ? betas.split(',').map((name) => name.trim()) : []
  return {
    version: isVersion ? version : null,
    betas: names.filter((name) => /^[a-z0-9-]{1,64}$/.test(name)).slice(0, 16),
  }
}

const unversioned: ApiVersions = { version: null, betas: [] }

/** Whether the caller takes the forms in which a tool server may answer. */
export function acceptsAnswers({ method, headers: { accept = '' } }: IncomingMessage): boolean {
  const types = accept.split(',').map((type) => type.split(';', 1)[0]?.trim().toLowerCase())
  const takes = (type: string, family: string) =>
    types.includes(type) || types.includes(family) || types.includes('*/*')
  return (
    (method === 'GET' || takes('application/json', 'application/*')) && takes('text/event-stream', 'text/*')
  )
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

/**
 * The upstream request is written from scratch; of the caller's head only versions reach it. A beta is passed on when it
 * changes no more than how an answer is cut into events, or when the grant names it.
 */
export function upstreamHeaders(
  api: UpstreamApi,
  body: Uint8Array,
  stream: boolean,
  credential: string | null,
  { version, betas }: ApiVersions,
  granted: readonly string[],
): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'content-length': String(body.length),
    accept: stream ? 'text/event-stream' : 'application/json',
    'accept-encoding': 'identity',
    'user-agent': 'countersign-gateway',
  }
  if (credential !== null) addCredential(headers, api, credential)
  if (api !== 'anthropic') return headers
  headers['anthropic-version'] = version ?? '2023-06-01'
  const passedBetas = betas.filter((beta) => harmlessBetas.has(beta) || granted.includes(`beta:${beta}`))
  if (passedBetas.length > 0) headers['anthropic-beta'] = passedBetas.join(',')
  return headers
}

const harmlessBetas: ReadonlySet<string> = new Set(['fine-grained-tool-streaming-2025-05-14'])

function addCredential(headers: Record<string, string>, api: UpstreamApi, credential: string): void {
  if (api === 'anthropic') headers['x-api-key'] = credential
  else if (api === 'azure') headers['api-key'] = credential
  else headers['authorization'] = `Bearer ${credential}`
}

const passed = ['x-request-id', 'request-id', 'openai-processing-ms', 'retry-after'] as const

/** The few response headers that callers use, each value checked again. */
export function passedHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const name of passed) {
    const value = headers[name]
    if (typeof value === 'string' && /^[\w.:+/= -]{1,128}$/.test(value)) kept[name] = value
  }
  return kept
}

function readCredential(request: IncomingMessage): { credential: string } | { refused: ReasonCode } {
  const { authorization } = request.headers
  let credential: string | undefined
  if (authorization !== undefined) {
    const bearer = /^Bearer ([!-~]{1,512})$/i.exec(authorization)
    if (bearer?.[1] === undefined) return { refused: 'key_invalid' }
    credential = bearer[1]
  }
  for (const name of keyHeaders) {
    const value = request.headers[name]
    if (typeof value !== 'string') continue
    if (credential !== undefined && credential !== value) return { refused: 'header_conflict' }
    credential = value
  }
  return credential === undefined ? { refused: 'key_missing' } : { credential }
}

const keyHeaders = ['x-api-key', 'api-key', 'ocp-apim-subscription-key']
