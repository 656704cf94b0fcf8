import type { Limits } from '../limits.ts'
import { isTree, type Tree } from '../dialect/reading.ts'
import { codeOfFault, Fault } from '../fault.ts'
import type { Log, Target, UpstreamSecrets } from '../ports.ts'
import type { Upstreams } from '../upstream.ts'
import { isEventStreamType } from '../wire/headers.ts'
import { membersOf, objectText } from '../wire/members.ts'
import { subjects } from './head.ts'
import { listedTools, mostTools, withoutNamesakes, type ListedTool } from './listed-tool.ts'
import {
  errorText,
  readMessage,
  resultText,
  rpcCodes,
  writtenAt,
  type Answer,
  type Message,
} from './message.ts'
import { headerValue, type Mirrored } from './mirrored.ts'
import { transmit, type Receiver } from './transmit.ts'
import {
  implementation,
  isLegacyVersion,
  legacyVersions,
  metaNames,
  modernVersion,
  type Era,
} from './versions.ts'

export type LinkDeps = {
  readonly upstreams: Upstreams
  readonly secrets: UpstreamSecrets
  readonly limits: Limits
  readonly log: Log
  readonly monotonicMs: () => number
}

/** What a client asks of a server: the parameters as they are written, by name. */
export type Asked = {
  readonly method: string
  readonly params: ReadonlyMap<string, string>
  /** Whether the client wants to be told of progress. */
  readonly progress?: boolean
  readonly mirrored?: Mirrored
}

/** Who takes what a server answers to one request. */
export type Sink = Pick<Receiver, 'started' | 'alive' | 'end' | 'fail'> & {
  /** The id under which the server knows the request; also its token of progress. */
  readonly sent: (id: string, cancel: () => void) => void
  /** A notification, or the answer. */
  readonly message: (message: Message) => void
}

/** Who hears what a server tells outside of requests. */
export type Listener = {
  readonly message: (message: Message & { readonly k: 'notification' }) => void
  readonly end: () => void
}

/** What a server says of itself. */
export type ServerFacts = {
  readonly capabilities: Tree
  /** As they are written; null when it says nothing. */
  readonly info: string | null
  readonly instructions: string | null
}

const askMs = 30_000
const mostPages = 32

/**
 * The gateway as a client of one server, for one key. It finds out which era the server speaks, opens a session where
 * there are sessions, and offers the server nothing: neither models, nor people, nor files of a client.
 */
export class Link {
  readonly server: string
  readonly target: Target
  readonly #deps: LinkDeps
  #era: Era = 'legacy'
  /** Null until it is agreed on. */
  #version: string | null = null
  #session: string | null = null
  #facts: ServerFacts | null = null
  #connecting: Promise<ServerFacts> | null = null
  #tools: { readonly at: number; readonly tools: readonly ListedTool[] } | null = null
  #lastId = 0
  readonly #listeners = new Set<Listener>()
  #stream: Promise<boolean> | null = null
  #abortStream = (): void => {}
  #streams = 0 // the end of an earlier stream is none of the one that is open
  usedAt = 0

  constructor(deps: LinkDeps, server: string, target: Target) {
    this.#deps = deps
    this.server = server
    this.target = target
  }

  get era(): Era {
    return this.#era
  }

  /** Connects once; what has failed is tried again by the next one who asks. Throws a Fault. */
  facts(): Promise<ServerFacts> {
    if (this.#facts !== null) return Promise.resolve(this.#facts)
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null
    })
    return this.#connecting
  }

  /** The tools that the server describes, looked at no longer than `maxAgeMs` ago. Throws a Fault. */
  async tools(maxAgeMs: number): Promise<readonly ListedTool[]> {
    const now = this.#deps.monotonicMs()
    if (this.#tools !== null && now - this.#tools.at <= maxAgeMs) return this.#tools.tools
    const found: ListedTool[] = []
    let cursor: string | null = null
    for (let page = 0; page < mostPages; page += 1) {
      const params = new Map(cursor === null ? [] : [['cursor', cursor] as const])
      const answer: Answer = await this.ask({ method: 'tools/list', params })
      const listed = answer.k === 'result' ? listedTools(answer) : null
      if (listed === null || found.length + listed.length > mostTools) throw new Fault('upstream_unavailable')
      found.push(...listed)
      cursor = writtenAt(answer.text, 'result', 'nextCursor')
      if (cursor !== null && cursor !== 'null') continue
      const tools = withoutNamesakes(found)
      this.#tools = { at: now, tools }
      return tools
    }
    throw new Fault('upstream_unavailable')
  }

  /** Asks something of the gateway's own. Throws a Fault. */
  async ask(asked: Asked): Promise<Answer> {
    await this.facts()
    return await this.#answerTo(asked)
  }

  /** Sends what a client asks and hands on what comes back. A session that the server has forgotten is opened anew. */
  relay(asked: Asked, sink: Sink): void {
    const send = (isRepeat: boolean): void => {
      const id = this.#nextId()
      const stop = new AbortController()
      sink.sent(id, () => {
        if (this.#era === 'legacy') this.notify('notifications/cancelled', new Map([['requestId', id]]))
        stop.abort()
      })
      const head = ({ status }: { readonly status: number }): boolean => {
        if (status !== 404 || this.#session === null || isRepeat) return true
        this.#forget()
        this.facts().then(
          () => send(true),
          (error: unknown) => sink.fail(codeOfFault(error)),
        )
        return false
      }
      this.#send(asked, id, {
        ...sink,
        started: (upstream) => {
          stop.signal.addEventListener('abort', () => upstream.abort())
          sink.started?.(upstream)
        },
        head,
        message: (text, isStream) => {
          const message = this.#read(text)
          if (message === null) return
          const isAnswer = message.k === 'result' || message.k === 'error'
          if (isAnswer && !isAnswerTo(message, id, isStream)) throw new Fault('upstream_unavailable')
          sink.message(message)
        },
      })
    }
    send(false)
  }

  /** Tells the server something; whether it takes it is not waited for. */
  notify(method: string, params: ReadonlyMap<string, string>): void {
    const text = objectText([
      ['jsonrpc', '"2.0"'],
      ['method', JSON.stringify(method)],
      ['params', objectText(params)],
    ])
    this.#post(text, ignoring)
  }

  /**
   * Hears what the server tells outside of requests; answers the way to stop, or null where it tells nothing. All who
   * listen share one stream, since a server tells each thing on one only.
   */
  async listen(listener: Listener): Promise<(() => void) | null> {
    await this.facts()
    if (this.#era === 'modern') return null
    this.#stream ??= this.#openStream()
    if (!(await this.#stream)) return null
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#endStream()
    }
  }

  /** Whether there is a stream now. */
  #openStream(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#streams += 1
      const own = this.#streams
      const over = (): void => {
        resolve(false)
        if (own === this.#streams) this.#endStream()
      }
      transmit(
        this.#deps,
        this.target,
        { method: 'GET', path: this.#path, headers: this.#headers(), body: null },
        {
          started: (upstream) => {
            this.#abortStream = upstream.abort
          },
          head: ({ status, headers }) => {
            const isStream = status === 200 && isEventStreamType(headers['content-type'])
            if (isStream) resolve(true)
            else over()
            return isStream
          },
          message: (text) => {
            const message = this.#read(text)
            if (message?.k === 'notification')
              for (const listener of this.#listeners) listener.message(message)
          },
          end: over,
          fail: over,
        },
      )
    })
  }

  #endStream(): void {
    this.#stream = null
    const [abort, listeners] = [this.#abortStream, [...this.#listeners]]
    this.#abortStream = () => {}
    this.#listeners.clear()
    abort()
    for (const { end } of listeners) end()
  }

  /** Ends the session at the server, where there is one. */
  close(): void {
    if (this.#session !== null)
      transmit(
        this.#deps,
        this.target,
        { method: 'DELETE', path: this.#path, headers: this.#headers(), body: null },
        ignoring,
      )
    this.#forget()
  }

  #forget(): void {
    this.#endStream()
    this.#session = null
    this.#facts = null
    this.#tools = null
  }

  /** SPEC: MCP 2026-07-28, streamable HTTP, backward compatibility: the newer era is tried first. */
  async #connect(): Promise<ServerFacts> {
    this.#session = null
    this.#era = 'modern'
    this.#version = modernVersion
    const discovered = await this.#answerTo({ method: 'server/discover', params: new Map() })
    if (discovered.k === 'result' && isSpeaking(discovered.result)) return this.#know(discovered)
    this.#era = 'legacy'
    this.#version = null
    let session: string | null = null
    const initialized = await this.#answerTo(
      {
        method: 'initialize',
        params: new Map([
          ['protocolVersion', JSON.stringify(legacyVersions[0])],
          ['capabilities', '{}'],
          ['clientInfo', implementation],
        ]),
      },
      (headers) => {
        const given = headers['mcp-session-id']
        if (typeof given === 'string' && /^[\x21-\x7e]{1,512}$/.test(given)) session = given
      },
    )
    const version = initialized.k === 'result' ? initialized.result['protocolVersion'] : null
    if (initialized.k !== 'result' || !isLegacyVersion(version)) throw new Fault('upstream_unavailable')
    this.#version = version
    this.#session = session
    await this.#tell('notifications/initialized')
    return this.#know(initialized)
  }

  #know(answer: Answer & { readonly k: 'result' }): ServerFacts {
    const { capabilities, instructions } = answer.result
    const written = (...names: readonly string[]) => writtenAt(answer.text, 'result', ...names)
    this.#facts = {
      capabilities: isTree(capabilities) ? capabilities : {},
      info: written('serverInfo') ?? written('_meta', metaNames.server),
      instructions: typeof instructions === 'string' ? written('instructions') : null,
    }
    return this.#facts
  }

  #tell(method: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const text = JSON.stringify({ jsonrpc: '2.0', method })
      const take: Receiver = {
        head: ({ status }) => {
          if (status >= 200 && status < 300) resolve()
          else reject(new Fault('upstream_unavailable'))
          return true
        },
        message: () => {},
        end: () => resolve(),
        fail: (code) => reject(new Fault(code)),
      }
      this.#post(text, take)
    })
  }

  #answerTo(
    asked: Asked,
    onHead: (headers: Readonly<Record<string, unknown>>) => void = () => {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId()
      let abort = (): void => {}
      const late = setTimeout(() => {
        abort()
        reject(new Fault('upstream_timeout'))
      }, askMs).unref()
      this.#send(asked, id, {
        started: (upstream) => {
          abort = upstream.abort
        },
        head: ({ headers }) => {
          onHead(headers)
          return true
        },
        message: (text, isStream) => {
          const message = this.#read(text)
          if (message?.k === 'result' || message?.k === 'error') {
            if (isAnswerTo(message, id, isStream)) resolve(message)
            else reject(new Fault('upstream_unavailable'))
          }
        },
        end: () => {
          clearTimeout(late)
          reject(new Fault('upstream_unavailable')) // changes nothing once there is an answer
        },
        fail: (code) => {
          clearTimeout(late)
          // A server of the older era may refuse what it does not know in any way it likes.
          if (asked.method === 'server/discover' && code === 'upstream_unavailable') return resolve(noAnswer)
          reject(new Fault(code))
        },
      })
    })
  }

  /** Null for what is not the client's: requests of the server, which get nothing. */
  #read(text: string): Message | null {
    const message = readMessage(text)
    if ('fault' in message) throw new Fault('upstream_unavailable')
    if (message.k === 'notification' && message.method === 'notifications/tools/list_changed')
      this.#tools = null
    if (message.k !== 'request') return message
    const { id, method } = message
    if (method !== 'ping')
      this.#deps.log('warn', 'gateway.mcp.server_request_refused', {
        server: this.server,
        method: method.slice(0, 64),
      })
    const refusal = { code: rpcCodes.methodNotFound, message: 'the gateway offers this to no server' }
    this.#post(method === 'ping' ? resultText(id, '{}') : errorText(id, refusal), ignoring)
    return null
  }

  #send({ method, params, progress = false, mirrored }: Asked, id: string, receiver: Receiver): void {
    const meta = membersOf(params.get('_meta') ?? '{}') ?? new Map<string, string>()
    const level = meta.get(metaNames.logLevel)
    for (const name of ['progressToken', ...Object.values(metaNames)]) meta.delete(name)
    if (progress) meta.set('progressToken', id)
    const headers: Record<string, string> = {}
    if (this.#era === 'modern') {
      meta.set(metaNames.version, JSON.stringify(modernVersion))
      meta.set(metaNames.client, implementation)
      meta.set(metaNames.capabilities, '{}')
      if (level !== undefined) meta.set(metaNames.logLevel, level)
      headers['mcp-method'] = method
      const subject = params.get(subjects[method] ?? '')
      if (subject !== undefined) headers['mcp-name'] = headerValue(String(JSON.parse(subject)))
      for (const [name, value] of mirrored ?? []) headers[name] = headerValue(value)
    }
    const all = new Map(params)
    if (meta.size > 0) all.set('_meta', objectText(meta))
    else all.delete('_meta')
    const text = objectText([
      ['jsonrpc', '"2.0"'],
      ['id', id],
      ['method', JSON.stringify(method)],
      ['params', objectText(all)],
    ])
    this.#post(text, receiver, headers)
  }

  #post(text: string, receiver: Receiver, more: Record<string, string> = {}): void {
    const body = Buffer.from(text, 'utf8')
    const { secretRef } = this.target
    if (secretRef !== null && this.#deps.secrets.open(secretRef) === null)
      return receiver.fail('upstream_unavailable')
    const headers = {
      ...this.#headers(),
      'content-type': 'application/json',
      'content-length': String(body.length),
      ...more,
    }
    transmit(this.#deps, this.target, { method: 'POST', path: this.#path, headers, body }, receiver)
  }

  /** Nothing of a client's head reaches a server. */
  #headers(): Record<string, string> {
    const { secretRef } = this.target
    const secret = secretRef === null ? null : this.#deps.secrets.open(secretRef)
    return {
      accept: 'application/json, text/event-stream',
      'accept-encoding': 'identity',
      'user-agent': 'countersign-gateway',
      ...(this.#version === null ? {} : { 'mcp-protocol-version': this.#version }),
      ...(this.#session === null ? {} : { 'mcp-session-id': this.#session }),
      ...(secret === null ? {} : { authorization: `Bearer ${secret.reveal()}` }),
    }
  }

  get #path(): string {
    return this.target.basePath === '' ? '/' : this.target.basePath
  }

  #nextId(): string {
    this.#lastId += 1
    return String(this.#lastId)
  }
}

/** A server that could not read a request answers without its id; then nothing else was asked. */
function isAnswerTo(message: Answer, id: string, isStream: boolean): boolean {
  return message.id === id || (message.k === 'error' && message.id === null && !isStream)
}

function isSpeaking(result: Tree): boolean {
  const { supportedVersions } = result
  return Array.isArray(supportedVersions) && supportedVersions.includes(modernVersion)
}

const ignoring: Receiver = { head: () => true, message: () => {}, end: () => {}, fail: () => {} }
const noAnswer: Answer = { k: 'error', id: null, error: {}, tree: {}, text: '{}', numbers: [] }
