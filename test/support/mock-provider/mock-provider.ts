import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { anthropicCount, anthropicMessages } from './anthropic-messages.ts'
import { deliver, type Split } from './delivery.ts'
import { isTree, type Asked, type Dialect, type WireEvent } from './dialect.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiEmbeddings } from './openai-embeddings.ts'
import { openaiResponses } from './openai-responses.ts'
import { scenarios } from './scenarios.ts'
import { answerAt, type Answer, type Script } from './script.ts'

const dialects: Readonly<Record<string, Dialect>> = {
  '/v1/chat/completions': openaiChat,
  '/v1/responses': openaiResponses,
  '/v1/embeddings': openaiEmbeddings,
  '/v1/messages': anthropicMessages,
  '/v1/messages/count_tokens': anthropicCount,
}

/** Azure has the same APIs under paths of its own; the older ones name the model. SPEC: Azure OpenAI REST API reference. */
function placeOf(path: string): { readonly operation: string; readonly deployment: string | null } {
  const [, deployment, operation] = /^\/openai\/deployments\/([^/]+)\/(.+)$/.exec(path) ?? []
  if (deployment !== undefined)
    return { operation: `/v1/${operation}`, deployment: decodeURIComponent(deployment) }
  return { operation: path.replace(/^\/openai\/(v1\/)?/, '/v1/'), deployment: null }
}

export type ReceivedCall = {
  readonly path: string
  /** With its question mark; empty when there is none. */
  readonly query: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type MockProvider = {
  readonly origin: string
  /** Calls so far, as they arrived. */
  readonly received: readonly ReceivedCall[]
  /** Calls whose connection the caller closed before the answer was complete. */
  readonly aborted: () => number
  /** How the bytes of answers are cut from now on. */
  readonly split: (how: Split) => void
  /** Gives a model a script of its own. */
  readonly teach: (model: string, script: Script) => void
  readonly close: () => Promise<void>
}

/**
 * A provider that speaks the APIs of OpenAI and of Anthropic, streams included. What it says follows from the model's
 * name (`scenarios.ts`) or from a script of the test, and from how often the model has spoken in the conversation.
 */
export async function startMockProvider(): Promise<MockProvider> {
  const received: ReceivedCall[] = []
  const scripts = new Map<string, Script>(Object.entries(scenarios))
  let [split, aborted]: [Split, number] = ['whole', 0]
  const server = createServer((request, response) => {
    response.on('close', () => {
      if (!response.writableFinished) aborted += 1
    })
    void readText(request).then(async (body) => {
      const [path = ''] = (request.url ?? '').split('?', 1)
      if (request.method === 'GET' && path === '/v1/models')
        return writeJson(response, 200, modelList(request, [...scripts.keys()]))
      const { operation, deployment } = placeOf(path)
      const dialect = Object.hasOwn(dialects, operation) ? dialects[operation] : undefined
      if (dialect === undefined || request.method !== 'POST')
        return writeJson(response, 404, openaiChat.error(404, 'there is no such path'))
      received.push({ path, query: (request.url ?? '').slice(path.length), headers: request.headers, body })
      const asked = readAsked(dialect, body, deployment)
      if (asked === null) return writeJson(response, 400, dialect.error(400, 'the request is malformed'))
      const script = scripts.get(asked.model)
      if (script === undefined) return writeJson(response, 404, dialect.error(404, 'no such model'))
      return respond(response, { dialect, asked, script, split })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number } // a TCP server has a port
  return {
    origin: `http://127.0.0.1:${port}`,
    received,
    aborted: () => aborted,
    split: (how) => void (split = how),
    teach: (model, script) => void scripts.set(model, script),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type Reply = {
  readonly dialect: Dialect
  readonly asked: Asked
  readonly script: Script
  readonly split: Split
}

async function respond(response: ServerResponse, reply: Reply): Promise<void> {
  const { dialect, asked, script } = reply
  const { fault } = script
  if (fault?.k === 'hang') return
  if (fault?.k === 'reset' && 'afterBytes' in fault && fault.afterBytes === 0)
    return void response.socket?.resetAndDestroy()
  if (fault?.k === 'status') {
    for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value)
    return writeJson(
      response,
      fault.status,
      dialect.error(fault.status, 'a simulated failure'),
      dialect.headers,
    )
  }
  const answer = answerAt(script, asked.spoken)
  if (asked.isStream && dialect.events !== null)
    return writeStream(response, dialect.events(asked, answer), reply)
  return writeWhole(response, answer, reply)
}

async function writeWhole(response: ServerResponse, answer: Answer, reply: Reply): Promise<void> {
  const { dialect, asked, script } = reply
  const { fault } = script
  const isError = fault?.k === 'error_in_200'
  const value = isError ? dialect.error(500, 'a simulated failure') : dialect.body(asked, answer)
  const bytes = Buffer.from(JSON.stringify(value))
  const head = { 'content-type': 'application/json', ...dialect.headers }
  await write(response, bytes, { ...head, 'content-length': String(bytes.length) }, reply)
}

async function writeStream(
  response: ServerResponse,
  events: readonly WireEvent[],
  reply: Reply,
): Promise<void> {
  const { dialect, script } = reply
  const { fault } = script
  const kept = fault !== undefined && 'afterEvents' in fault ? events.slice(0, fault.afterEvents) : events
  const text = kept.map((event) => eventText(event)).join('')
  const tail =
    fault?.k === 'error_in_200'
      ? eventText(dialect.errorEvent('a simulated failure'))
      : fault?.k === 'truncated_frame'
        ? eventText(events[fault.afterEvents] ?? { event: null, data: '{}' }).slice(0, -20)
        : ''
  const body = Buffer.from(fault?.k === 'error_in_200' && kept === events ? tail : text + tail)
  const head = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' }
  await write(response, body, { ...head, ...dialect.headers }, reply)
}

/** Writes head and body, with those faults that do not depend on what is said. */
async function write(
  response: ServerResponse,
  bytes: Buffer,
  headers: Readonly<Record<string, string>>,
  { script: { fault }, split }: Reply,
): Promise<void> {
  const head: Record<string, string> = { ...headers }
  let body: Buffer = bytes
  if (fault?.k === 'wrong_type') head['content-type'] = fault.type
  if (fault?.k === 'gzip_bomb') {
    body = gzipSync(Buffer.alloc(fault.bytes))
    head['content-encoding'] = 'gzip'
    head['content-length'] = String(body.length)
  }
  if (fault?.k === 'wrong_length') head['content-length'] = String(bytes.length + fault.by)
  response.strictContentLength = false
  response.writeHead(200, head)
  if (fault?.k === 'reset') {
    await deliver(response, 'afterBytes' in fault ? body.subarray(0, fault.afterBytes) : body, split)
    await sleep(20) // what was written shall arrive first
    return void response.socket?.resetAndDestroy()
  }
  await deliver(
    response,
    body,
    fault?.k === 'drip' ? 'bytes' : split,
    fault?.k === 'drip' ? fault.pauseMs : 0,
  )
  const { socket } = response
  response.end(() => {
    if (fault?.k === 'wrong_length') socket?.destroySoon()
  })
}

function eventText({ event, data }: WireEvent): string {
  return event === null ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`
}

/** Null when the body is not a request of this dialect. */
function readAsked(dialect: Dialect, body: string, deployment: string | null): Asked | null {
  try {
    const tree: unknown = JSON.parse(body)
    if (!isTree(tree)) return null
    const { messages, input } = tree
    const model = deployment ?? tree['model']
    const read = dialect.read(tree)
    if (typeof model !== 'string' || read === null) return null
    const inputTokens = Math.ceil(JSON.stringify(messages ?? input).length / 4)
    return { model, isStream: tree['stream'] === true, inputTokens, tree, ...read }
  } catch {
    return null
  }
}

/** Both vendors list their models under one path; Anthropic's callers name their version. */
function modelList({ headers }: IncomingMessage, ids: readonly string[]): object {
  if (headers['anthropic-version'] === undefined)
    return { object: 'list', data: ids.map((id) => ({ id, object: 'model', created: 0, owned_by: 'mock' })) }
  const data = ids.map((id) => ({
    type: 'model',
    id,
    display_name: id,
    created_at: '2026-01-01T00:00:00Z',
  }))
  return { data, has_more: false, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null }
}

function writeJson(
  response: ServerResponse,
  status: number,
  value: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(value))
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer) // a request without encoding yields buffers
  return Buffer.concat(chunks).toString('utf8')
}
