import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { obviousSecret } from '../../test/support/mock-provider/scenarios.ts'

export type Started = {
  readonly origin: string
  readonly key: string
  readonly headers?: Readonly<Record<string, string>>
}

export const answerText = 'An alert like this one is usually noise. '.repeat(36)

/** Of an answer that is asked of the model `paced`: so many events, so far apart. */
const paced = { events: 20, everyMs: 50 } as const

/**
 * A provider that answers at once: 1.7 KB of JSON, or 288 events, or a few at a pace. A request that holds the secret is
 * answered with 409.
 */
export function startUpstream(): Promise<Started> {
  const [whole, chunks] = [wholeOf(answerText), chunksOf(answerText)]
  const server = createServer((request, response) => {
    const body: Buffer[] = []
    request.on('data', (chunk: Buffer) => body.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(body).toString()
      if (text.includes(obviousSecret)) {
        response.writeHead(409, { 'content-type': 'application/json' })
        return response.end('{"error":{"message":"the secret has arrived"}}')
      }
      const isStream = text.includes('"stream":true')
      response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' })
      if (!isStream) return response.end(whole)
      if (text.includes('"model":"paced"')) return void writePaced(response, chunks)
      for (const chunk of chunks) response.write(chunk)
      return response.end('data: [DONE]\n\n')
    })
  })
  return listening(server)
}

/** An answer as one body. */
export function wholeOf(content: string): string {
  return JSON.stringify({
    id: 'x',
    object: 'chat.completion',
    created: 0,
    model: 'demo',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1_000, completion_tokens: 375, total_tokens: 1_375 },
  })
}

/** An answer as the events of a stream, a word each, without the last one. */
export function chunksOf(text: string): readonly string[] {
  return text.split(/(?<= )/).map((content) => {
    const choices = [{ index: 0, delta: { content } }]
    const event = { id: 'x', object: 'chat.completion.chunk', created: 0, model: 'demo', choices }
    return `data: ${JSON.stringify(event)}\n\n`
  })
}

async function writePaced(response: ServerResponse, chunks: readonly string[]): Promise<void> {
  for (const chunk of chunks.slice(0, paced.events)) {
    response.write(chunk)
    await sleep(paced.everyMs)
  }
  response.end('data: [DONE]\n\n')
}

/** The bare proxy: the same server and client, no check, no record. */
export function startFloor(origin: string): Promise<Started> {
  const pool = new Pool(origin, { connections: 1_024 })
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      pool.dispatch(
        {
          method: 'POST',
          path: request.url ?? '/',
          headers: { 'content-type': 'application/json' },
          body: Buffer.concat(chunks),
        },
        {
          onRequestStart: () => {},
          onResponseStart: (_controller, status, headers) => {
            response.writeHead(status, { 'content-type': String(headers['content-type']) })
          },
          onResponseData: (_controller, chunk) => void response.write(chunk),
          onResponseEnd: () => void response.end(),
          onResponseError: () => void response.destroy(),
        },
      )
    })
  })
  return listening(server)
}

async function listening(server: Server): Promise<Started> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number } // a TCP server has a port
  return { origin: `http://127.0.0.1:${port}`, key: 'none' }
}
