import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { Pool } from 'undici'

export type Started = { readonly origin: string; readonly key: string }

const answerText = 'An alert like this one is usually noise. '.repeat(36)

/** A provider that answers at once: 1.7 KB of JSON, or 288 events. */
export function startUpstream(): Promise<Started> {
  const whole = JSON.stringify({
    id: 'x',
    object: 'chat.completion',
    created: 0,
    model: 'demo',
    choices: [{ index: 0, message: { role: 'assistant', content: answerText }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1_000, completion_tokens: 375, total_tokens: 1_375 },
  })
  const chunks = answerText.split(/(?<= )/).map((content) => {
    const choices = [{ index: 0, delta: { content } }]
    const event = { id: 'x', object: 'chat.completion.chunk', created: 0, model: 'demo', choices }
    return `data: ${JSON.stringify(event)}\n\n`
  })
  const server = createServer((request, response) => {
    const body: Buffer[] = []
    request.on('data', (chunk: Buffer) => body.push(chunk))
    request.on('end', () => {
      const isStream = Buffer.concat(body).toString().includes('"stream":true')
      response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' })
      if (!isStream) return response.end(whole)
      for (const chunk of chunks) response.write(chunk)
      return response.end('data: [DONE]\n\n')
    })
  })
  return listening(server)
}

/** The bare proxy: the same server and client, no check, no record. */
export function startFloor(origin: string): Promise<Started> {
  const pool = new Pool(origin, { connections: 256 })
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
