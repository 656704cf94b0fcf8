import { z } from 'zod'

/** What the gateway says about one message. Messages are texts. */
export type WrapDecision = {
  readonly forward: string | null
  readonly back: string | null
  readonly needsList: boolean
}

export type WrapPorts = {
  /** Asks the gateway. Throws when it cannot be reached or does not answer as it should. */
  readonly decide: (kind: 'call' | 'list' | 'result', message: string) => Promise<WrapDecision>
  readonly toClient: (line: string) => void
  readonly toServer: (line: string) => void
  readonly warn: (text: string) => void
}

type Line = { readonly tree: { readonly [name: string]: unknown }; readonly text: string }

const mostPages = 32
const unreachable = {
  code: 503,
  message: 'the gateway cannot be reached or refuses to decide; nothing was passed on',
}

/**
 * Stands between a client and a local tool server and asks the gateway about every message of both. It decides nothing
 * itself. INVARIANT: what the gateway has not let through passes in neither direction.
 */
export class McpWrap {
  readonly #ports: WrapPorts
  #fromClient: Promise<void> = Promise.resolve()
  #fromServer: Promise<void> = Promise.resolve()
  #lists = new Map<string, (answer: Line) => void>()
  #lastList = 0

  constructor(ports: WrapPorts) {
    this.#ports = ports
  }

  /** Takes a line of the client. Lines are dealt with in their order. */
  fromClient(text: string): Promise<void> {
    this.#fromClient = this.#fromClient.then(() => this.#client(text))
    return this.#fromClient
  }

  /** Takes a line of the server. Its answers to our own questions are not the client's. */
  fromServer(text: string): Promise<void> {
    const line = lineOf(text)
    const waiting = typeof line?.tree['id'] === 'string' ? this.#lists.get(line.tree['id']) : undefined
    if (line !== null && waiting !== undefined) {
      waiting(line)
      return Promise.resolve()
    }
    this.#fromServer = this.#fromServer.then(() => this.#server(text))
    return this.#fromServer
  }

  /** The server is gone: nobody answers any more. */
  end(): void {
    for (const waiting of this.#lists.values()) waiting({ tree: {}, text: '{}' })
  }

  async #client(text: string): Promise<void> {
    const line = lineOf(text)
    if (line === null) return this.#ports.toClient(errorLine(null, { code: -32700, message: 'Parse error' }))
    try {
      if (line.tree['method'] === 'tools/list') return await this.#list(line)
      let decision = await this.#ports.decide('call', text)
      if (decision.needsList) {
        const all = await this.#allTools(0, line)
        if (all === null) throw new Error('the server does not tell its tools')
        await this.#ports.decide('list', all)
        decision = await this.#ports.decide('call', text)
      }
      this.#pass(decision, this.#ports.toServer, this.#ports.toClient)
    } catch (error) {
      this.#warn(error)
      const { id, method } = line.tree
      if (id !== undefined && method !== undefined) this.#ports.toClient(errorLine(id, unreachable))
    }
  }

  async #server(text: string): Promise<void> {
    const line = lineOf(text)
    if (line === null) return this.#ports.warn('a line of the server was no message')
    try {
      this.#pass(await this.#ports.decide('result', text), this.#ports.toClient, this.#ports.toServer)
    } catch (error) {
      this.#warn(error)
      const { id, method } = line.tree
      if (id !== undefined) {
        const answer = errorLine(id, unreachable)
        if (method === undefined) this.#ports.toClient(answer)
        else this.#ports.toServer(answer)
      }
    }
  }

  /** The client gets one page, which holds all that it may know. */
  async #list(line: Line): Promise<void> {
    const { id } = line.tree
    const all = await this.#allTools(id ?? 0, line)
    if (all === null) return this.#ports.toClient(errorLine(id, { code: 502, message: 'no list of tools' }))
    this.#pass(await this.#ports.decide('list', all), this.#ports.toClient, this.#ports.toClient)
  }

  #pass({ forward, back }: WrapDecision, on: (line: string) => void, home: (line: string) => void): void {
    // Between values a line break is white space; within them there is none.
    if (forward !== null) on(forward.replaceAll(/[\r\n]/g, ' '))
    if (back !== null) home(back.replaceAll(/[\r\n]/g, ' '))
  }

  /**
   * Asks the server for all of its tools, as the answer to `id`; null when it does not answer with a list. Nobody has let
   * pass what `asked` says, so nothing of it but its revision reaches the server.
   */
  async #allTools(id: unknown, asked: Line): Promise<string | null> {
    const found: unknown[] = []
    const params = isNewer(asked) ? newerParams : {}
    let cursor: unknown
    for (let page = 0; page < mostPages; page += 1) {
      const answer = await this.#ask({ ...params, ...(cursor === undefined ? {} : { cursor }) })
      const result = answer.tree['result']
      if (!isObject(result) || !Array.isArray(result['tools'])) return null
      const { tools, nextCursor, ...others } = result
      found.push(...(tools as readonly unknown[]))
      cursor = nextCursor
      if (cursor === undefined || cursor === null)
        return JSON.stringify({ jsonrpc: '2.0', id, result: { ...others, tools: found } })
    }
    return null
  }

  #ask(params: object): Promise<Line> {
    this.#lastList += 1
    const id = `countersign-list-${this.#lastList}`
    return new Promise((resolve) => {
      this.#lists.set(id, (answer) => {
        this.#lists.delete(id)
        resolve(answer)
      })
      this.#ports.toServer(JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/list', params }))
    })
  }

  #warn(error: unknown): void {
    this.#ports.warn(error instanceof Error ? error.message : 'the gateway did not decide')
  }
}

const newerVersion = '2026-07-28'
const versionName = 'io.modelcontextprotocol/protocolVersion'
/** What each request says of itself in the newer revision. SPEC: MCP 2026-07-28, basic, `_meta`. */
const newerParams = {
  _meta: {
    [versionName]: newerVersion,
    'io.modelcontextprotocol/clientInfo': { name: 'countersign-wrap', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  },
}

function isNewer({ tree: { params } }: Line): boolean {
  const meta = isObject(params) ? params['_meta'] : undefined
  return isObject(meta) && meta[versionName] === newerVersion
}

const answerForm = z.object({
  forward: z.string().nullable(),
  back: z.string().nullable(),
  needsList: z.boolean(),
})

/** The port that asks a gateway by HTTP. */
export function askGateway(settings: {
  readonly fetch: typeof fetch
  readonly gateway: string
  readonly key: string
  readonly server: string
}): WrapPorts['decide'] {
  const url = new URL('/v1/gateway/decide', settings.gateway)
  return async (kind, message) => {
    const response = await settings.fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${settings.key}`, 'content-type': 'application/json' },
      // The message stands in it as it was written.
      body: `{"server":${JSON.stringify(settings.server)},"kind":${JSON.stringify(kind)},"message":${message}}`,
      redirect: 'error',
      // A call may wait for a person at the gateway; nothing else does.
      signal: AbortSignal.timeout(kind === 'call' ? 90_000 : 30_000),
    })
    if (!response.ok)
      throw new Error(
        `the gateway answers ${response.status} ${response.headers.get('countersign-reason') ?? ''}`,
      )
    return answerForm.parse(await response.json())
  }
}

function lineOf(text: string): Line | null {
  try {
    const tree: unknown = JSON.parse(text)
    return isObject(tree) ? { tree, text } : null
  } catch {
    return null
  }
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function errorLine(id: unknown, error: { readonly code: number; readonly message: string }): string {
  return JSON.stringify({ jsonrpc: '2.0', id: id ?? null, error })
}
