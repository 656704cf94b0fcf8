// A provider that now and then fails, in a process of its own; started by soak.ts. Every twentieth call fails, each time in
// the next of a few ways. Answers every message with what it has seen so far.
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerText, chunksOf, wholeOf } from './target-floor.ts'

/** What the provider has seen: its calls, those of them that it failed, and connections that are open now. */
export type Seen = { readonly calls: number; readonly faults: number; readonly sockets: number }

const failEvery = 20
const [whole, chunks] = [wholeOf(answerText), chunksOf(answerText)]
const half = chunks.slice(0, chunks.length / 2).join('')

/** Each of these ends the call in another state: before an answer, within one, or with one that is none. */
const faults: readonly ((response: ServerResponse, isStream: boolean) => void)[] = [
  (response) => void response.socket?.resetAndDestroy(),
  (response) => void response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{}}'),
  (response, isStream) => {
    begin(response, isStream)
    response.write(isStream ? half : whole.slice(0, 500), () => response.socket?.resetAndDestroy())
  },
  (response, isStream) => {
    begin(response, isStream)
    response.end(isStream ? half.slice(0, -9) : whole.slice(0, -9))
  },
  (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>busy</p>'),
  (response, isStream) => {
    begin(response, isStream)
    response.end(isStream ? `${half}data: {"error":{"message":"overloaded"}}\n\n` : '{"error":{}}')
  },
]

let [calls, failed] = [0, 0]
const server = createServer((request, response) => {
  let isStream = false
  request.on('data', (chunk: Buffer) => (isStream ||= chunk.includes('"stream":true')))
  request.on('end', () => {
    calls += 1
    if (calls % failEvery === 0) {
      const fault = faults[failed % faults.length]
      failed += 1
      return fault?.(response, isStream)
    }
    begin(response, isStream)
    if (!isStream) return response.end(whole)
    for (const chunk of chunks) response.write(chunk)
    return response.end('data: [DONE]\n\n')
  })
})

function begin(response: ServerResponse, isStream: boolean): void {
  response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' })
}

server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.on('message', () => {
  server.getConnections((_error, sockets) =>
    process.send?.({ calls, faults: failed, sockets } satisfies Seen),
  )
})
process.on('disconnect', () => process.exit())
const { port } = server.address() as AddressInfo // a TCP server has a port
process.send?.(`http://127.0.0.1:${port}`)
