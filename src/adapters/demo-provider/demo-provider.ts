import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export type DemoProvider = {
  readonly origin: string
  readonly port: number
  /** Chat requests received so far, as they arrived. */
  readonly received: readonly { readonly body: string; readonly headers: IncomingMessage['headers'] }[]
  /** Chat requests whose connection the caller closed before the answer was complete. */
  readonly aborted: () => number
  readonly close: () => Promise<void>
}

/** Every answer begins with this: nobody may take it for the work of a model. */
export const simulatorLabel = 'SIMULATOR (no model was used):'

const faults = [
  'slow',
  'hang',
  'endless',
  'cut',
  'garbage',
  'duplicate',
  'html',
  'huge',
  'reset',
  'unauthorized',
  '400',
  '429',
  '500',
] as const
type Fault = (typeof faults)[number]

/**
 * An OpenAI-compatible simulator with answers that depend on the request only. A model name that ends in `-<fault>`
 * makes it misbehave in that way.
 */
export async function startDemoProvider(
  options: { readonly port?: number; readonly host?: string; readonly chunkDelayMs?: number } = {},
): Promise<DemoProvider> {
  const received: { body: string; headers: IncomingMessage['headers'] }[] = []
  let aborted = 0
  const { host = '127.0.0.1', chunkDelayMs = 0 } = options
  const server = createServer((request, response) => {
    response.on('close', () => {
      if (!response.writableFinished) aborted += 1
    })
    void readText(request).then(async (body) => {
      if (request.method === 'GET' && request.url === '/v1/models') return json(response, 200, modelList)
      if (request.method !== 'POST' || request.url !== '/v1/chat/completions')
        return json(response, 404, failure('not found', 'not_found'))
      received.push({ body, headers: request.headers })
      return answer(response, body, chunkDelayMs)
    })
  })
  const port = await listen(server, options.port ?? 0, host)
  return {
    origin: `http://${host}:${port}`,
    port,
    received,
    aborted: () => aborted,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type ChatRequest = {
  readonly model: string
  readonly stream: boolean
  readonly withUsage: boolean
  readonly prompt: string
}

async function answer(response: ServerResponse, body: string, chunkDelayMs: number): Promise<void> {
  const request = readChat(body)
  if (request === null)
    return json(response, 400, failure('the body is not a chat request', 'invalid_request'))
  const fault = faults.find((name) => request.model.endsWith(`-${name}`))
  if (fault === 'reset') return void response.socket?.resetAndDestroy()
  if (fault === 'hang') return
  if (fault === 'slow') await sleep(500)
  if (fault === 'unauthorized') return json(response, 401, failure('bad credential', 'invalid_api_key'))
  if (fault === '400' || fault === '429' || fault === '500')
    return json(response, Number(fault), failure('a simulated failure', 'simulated'))
  const words = replyTo(request.prompt).split(/(?<= )/)
  if (request.stream) return stream(response, request, words, fault, chunkDelayMs)
  if (fault === 'html') return send(response, 'text/html', '<html>gateway error</html>')
  if (fault === 'garbage') return send(response, 'application/json', '{"choices":[')
  if (fault === 'duplicate') return send(response, 'application/json', '{"choices":[],"choices":[{}]}')
  if (fault === 'huge') return send(response, 'application/json', JSON.stringify('x'.repeat(20 * 1_048_576)))
  if (fault === 'cut') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000 })
    response.write('{"id":')
    await sleep(10)
    return void response.destroy()
  }
  return json(response, 200, {
    ...head(request, 'chat.completion'),
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: words.join(''), refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: usage(request, words),
  })
}

async function stream(
  response: ServerResponse,
  request: ChatRequest,
  words: readonly string[],
  fault: Fault | undefined,
  chunkDelayMs: number,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  const emit = (value: unknown) => response.write(`data: ${JSON.stringify(value)}\n\n`)
  const chunk = (delta: object, finish: string | null) =>
    emit({
      ...head(request, 'chat.completion.chunk'),
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    })
  chunk({ role: 'assistant', content: '' }, null)
  for (const [n, word] of words.entries()) {
    if (n === 3 && fault === 'cut') {
      await sleep(20) // what was written shall arrive first
      return void response.destroy()
    }
    if (n === 3 && fault === 'garbage') return void response.end('data: {"choices":[\n\n')
    if (n === 3 && fault === 'duplicate') return void response.end('data: {"a":1,"a":2}\n\n')
    chunk({ content: word }, null)
    if (chunkDelayMs > 0) await sleep(chunkDelayMs)
  }
  if (fault === 'endless') {
    while (!response.destroyed) {
      chunk({ content: 'again ' }, null)
      await sleep(10)
    }
  }
  chunk({}, 'stop')
  if (request.withUsage)
    emit({ ...head(request, 'chat.completion.chunk'), choices: [], usage: usage(request, words) })
  response.end('data: [DONE]\n\n')
}

function replyTo(prompt: string): string {
  const excerpt = prompt.length > 200 ? `${prompt.slice(0, 200)} …` : prompt
  return `${simulatorLabel} you sent ${prompt.length} characters, beginning with "${excerpt}".`
}

/** Null when the text is not a chat request. */
function readChat(body: string): ChatRequest | null {
  try {
    const tree = JSON.parse(body) as {
      model?: unknown
      stream?: unknown
      stream_options?: { include_usage?: unknown }
      messages?: { role?: unknown; content?: unknown }[]
    } // every member is checked below
    if (typeof tree.model !== 'string' || !Array.isArray(tree.messages)) return null
    const last = tree.messages.findLast(({ role }) => role === 'user')?.content
    const prompt = typeof last === 'string' ? last : JSON.stringify(last ?? '')
    return {
      model: tree.model,
      stream: tree.stream === true,
      withUsage: tree.stream_options?.include_usage === true,
      prompt,
    }
  } catch {
    return null
  }
}

const modelList = {
  object: 'list',
  data: [{ id: 'demo', object: 'model', created: 0, owned_by: 'simulator' }],
}

function head({ model, prompt }: ChatRequest, object: string) {
  return { id: `chatcmpl-sim-${prompt.length}`, object, created: 0, model, system_fingerprint: 'simulator' }
}

/** One token for each four characters: a count that a test can predict. */
function usage({ prompt }: ChatRequest, words: readonly string[]) {
  const [input, output] = [Math.ceil(prompt.length / 4), Math.ceil(words.join('').length / 4)]
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
}

function failure(message: string, code: string) {
  return { error: { message: `${simulatorLabel} ${message}`, type: 'simulator', param: null, code } }
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}

function send(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, { 'content-type': type })
  response.end(body)
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer) // a request without encoding yields buffers
  return Buffer.concat(chunks).toString('utf8')
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}
