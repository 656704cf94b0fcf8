import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { McpServer as OldServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createMcpHandler, McpServer as NewServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** What a tool server of the test says; a test changes it. */
export type Script = {
  description: string
  ticket: string
  note: string
  /** Bytes after which an answer is cut into pieces; 0: not at all. */
  piece: number
}
export const script = (): Script => ({
  description: 'Finds tickets by a word.',
  ticket: 'Ticket 17: the printer is offline.',
  note: 'Halfway there.',
  piece: 0,
})

export type Received = { readonly method: string; readonly headers: IncomingMessage['headers'] }
export type TestServer = {
  readonly address: string
  readonly script: Script
  readonly received: Received[]
  readonly calls: unknown[]
  /** Tells something to all who listen. */
  readonly tell: (data: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** A server of the older revisions with sessions, made with the first SDK. `json`: it answers without streams. */
export function startOldServer({ json = false } = {}): Promise<TestServer> {
  const sessions = new Map<string, StreamableHTTPServerTransport>()
  const tell = async (data: string) => {
    for (const transport of sessions.values())
      await transport.send({
        jsonrpc: '2.0',
        method: 'notifications/message',
        params: { level: 'info', data },
      })
  }
  return listening(tell, async (request, response, { script: says, calls }) => {
    const id = request.headers['mcp-session-id']
    const known = typeof id === 'string' ? sessions.get(id) : undefined
    if (known !== undefined) return await known.handleRequest(request, response)
    if (id !== undefined) return void response.writeHead(404).end()
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      enableJsonResponse: json,
      onsessioninitialized: (opened) => void sessions.set(opened, transport),
    })
    const server = new OldServer(
      { name: 'old', version: '1.0.0' },
      { capabilities: { logging: {} }, instructions: 'Search before you write.' },
    )
    server.registerTool(
      'search',
      {
        description: says.description,
        inputSchema: { word: z.string() },
        annotations: { readOnlyHint: true },
      },
      async ({ word }, { sendNotification, _meta }) => {
        calls.push({ word })
        const token = _meta?.progressToken
        if (token !== undefined)
          await sendNotification({
            method: 'notifications/progress',
            params: { progressToken: token, progress: 1, total: 2, message: says.note },
          })
        return { content: [{ type: 'text', text: says.ticket }] }
      },
    )
    server.registerTool(
      'count',
      {
        description: 'Counts tickets.',
        inputSchema: { word: z.string() },
        outputSchema: { count: z.number(), last: z.string() },
      },
      ({ word }) => {
        calls.push({ word })
        const structuredContent = { count: 3, last: says.ticket }
        return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent }
      },
    )
    server.registerTool('secret_tool', { description: 'Nobody granted this.', inputSchema: {} }, () => {
      calls.push('secret_tool')
      return { content: [] }
    })
    server.registerTool('ask', { description: 'Asks the person.', inputSchema: {} }, async () => {
      const answer = await server.server.elicitInput({
        message: 'Your password?',
        requestedSchema: { type: 'object', properties: { password: { type: 'string' } } },
      })
      return { content: [{ type: 'text', text: JSON.stringify(answer) }] }
    })
    server.registerTool('paint', { description: 'Paints.', inputSchema: {} }, () => ({
      content: [{ type: 'image', data: 'aGVsbG8=', mimeType: 'image/png' }],
    }))
    server.registerResource('readme', 'doc://readme', { description: 'What this is.' }, (uri) => ({
      contents: [{ uri: uri.href, text: says.ticket }],
    }))
    server.registerResource(
      'page',
      new ResourceTemplate('doc://page/{n}', { list: undefined }),
      { description: 'A page.' },
      (uri, { n }) => ({ contents: [{ uri: uri.href, text: `Page ${String(n)}` }] }),
    )
    server.registerPrompt(
      'greet',
      { description: 'Greets.', argsSchema: { name: z.string() } },
      ({ name }) => ({
        messages: [{ role: 'user', content: { type: 'text', text: `Greet ${name}.` } }],
      }),
    )
    await server.connect(transport)
    await transport.handleRequest(request, response)
  })
}

/** A server of the newer revision alone, without sessions, made with the second SDK. */
export function startNewServer({ stream = false } = {}): Promise<TestServer> {
  const handlers = new WeakMap<Script, ReturnType<typeof toNodeHandler>>()
  return listening(
    () => Promise.resolve(),
    async (request, response, { script: says, calls }) => {
      const handler =
        handlers.get(says) ??
        toNodeHandler(
          createMcpHandler(
            () => {
              const server = new NewServer({ name: 'new', version: '2.0.0' })
              server.registerTool(
                'search',
                { description: says.description, inputSchema: z.object({ word: z.string() }) },
                ({ word }) => {
                  calls.push({ word })
                  return { content: [{ type: 'text', text: says.ticket }] }
                },
              )
              server.registerTool('secret_tool', { description: 'Nobody granted this.' }, () => ({
                content: [],
              }))
              server.registerResource('readme', 'doc://readme', { description: 'What this is.' }, (uri) => ({
                contents: [{ uri: uri.href, text: says.ticket }],
              }))
              server.registerPrompt(
                'greet',
                { description: 'Greets.', argsSchema: z.object({ name: z.string() }) },
                ({ name }) => ({
                  messages: [{ role: 'user', content: { type: 'text', text: `Greet ${name}.` } }],
                }),
              )
              return server
            },
            { legacy: 'reject', responseMode: stream ? 'sse' : 'auto' },
          ),
        )
      handlers.set(says, handler)
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the SDK does not know of exact optional members
      await handler(request as Parameters<typeof handler>[0], response)
    },
  )
}

type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  test: Pick<TestServer, 'script' | 'calls'>,
) => Promise<void>

async function listening(tell: TestServer['tell'], handler: Handler): Promise<TestServer> {
  const [says, calls, received] = [script(), [] as unknown[], [] as Received[]]
  const server = createServer((request, response) => {
    received.push({ method: request.method ?? '', headers: request.headers })
    if (says.piece > 0) inPieces(response, says.piece)
    handler(request, response, { script: says, calls }).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  return {
    address: `http://127.0.0.1:${port}/mcp`,
    script: says,
    received,
    calls,
    tell,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}

/** Cuts everything that is written into pieces of `size` bytes. */
function inPieces(response: ServerResponse, size: number): void {
  const write = response.write.bind(response)
  response.write = (chunk: unknown, ...rest: never[]): boolean => {
    const bytes = Buffer.from(chunk as string | Uint8Array)
    for (let at = 0; at < bytes.length; at += size) write(bytes.subarray(at, at + size))
    const done: unknown = rest.findLast((item: unknown) => typeof item === 'function')
    if (typeof done === 'function') (done as () => void)()
    return true
  }
}
