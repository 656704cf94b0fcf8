import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** One way of a provider or of a tool server to answer a call; it has read the whole request. */
export type Misdeed = (
  to: ServerResponse & { readonly socket: Socket },
  call: UpstreamCall,
) => void | Promise<void>

/** A call that reached the upstream: what it was asked, and the good answer to it, cut where its events end. */
export type UpstreamCall = {
  readonly body: string
  readonly type: string
  readonly pieces: readonly string[]
}

/**
 * An upstream that does what a test wants with the next call. What leads up to a call of a tool (finding out about the
 * server) it always does well; `calls` are the calls themselves.
 */
export async function startFaultyUpstream(definition: object) {
  const calls: UpstreamCall[] = []
  const state = {
    misdeed: answerWell,
    answer: { type: 'application/json', pieces: ['{}'] as readonly string[] },
    isLegacy: false,
    closed: 0,
    onCall: (): void => {},
  }
  const server = createServer((request, response) => void take(request, response))

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('close', () => {
      if (!response.writableFinished) state.closed += 1
    })
    const body = await textOf(request)
    if (request.url === '/mcp' && !body.includes('"tools/call"')) return prelude(request, response, body)
    const { type, pieces } = state.answer
    const call = { body, type, pieces: pieces.map((piece) => addressed(piece, body)) }
    calls.push(call)
    state.onCall()
    const { socket } = response
    if (socket === null) return
    socket.setNoDelay(true)
    await state.misdeed(Object.assign(response, { socket }), call)
  }

  function prelude(request: IncomingMessage, response: ServerResponse, body: string): void {
    if (request.method !== 'POST') return void response.writeHead(405).end()
    const { id, method } = JSON.parse(body) as { readonly id?: unknown; readonly method?: string } // of the gateway
    const reply = (members: object) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id, ...members }))
    const capabilities = { tools: {} }
    if (id === undefined) return void response.writeHead(202).end()
    if (method === 'tools/list') return void reply({ result: { tools: [definition] } })
    if (method === 'initialize' && state.isLegacy)
      return void reply({
        result: { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 's', version: '1' } },
      })
    if (method === 'server/discover' && !state.isLegacy)
      return void reply({
        result: { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities },
      })
    return void reply({ error: { code: -32601, message: 'Method not found' } })
  }

  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // a TCP server has a port
    calls,
    state,
    /** Forgets what was asked, and answers well from now on. */
    reset: () => {
      calls.length = 0
      Object.assign(state, { misdeed: answerWell, isLegacy: false, closed: 0, onCall: () => undefined })
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export type FaultyUpstream = Awaited<ReturnType<typeof startFaultyUpstream>>

export const answerWell: Misdeed = (to, { type, pieces }) => {
  to.writeHead(200, { 'content-type': type }).end(pieces.join(''))
}

/** Answers to a message carry its id, which only the request tells. */
function addressed(piece: string, body: string): string {
  const [, id = 'null'] = /"id":("[^"]*"|\d+)/.exec(body) ?? []
  return piece.replaceAll('MESSAGE_ID', id)
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer) // a request without encoding yields buffers
  return Buffer.concat(chunks).toString('latin1')
}
