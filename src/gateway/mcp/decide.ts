import type { KeyId } from '../../kernel/index.ts'
import type { Caller } from '../admit.ts'
import { isTree } from '../dialect/reading.ts'
import type { Exchange } from '../exchange.ts'
import { ModelCalls, type HoldingDeps } from '../held/model-calls.ts'
import type { Inspection } from '../inspection/inspection.ts'
import type { Brought } from '../inspection/suspicion.ts'
import type { ReasonCode } from '../reasons.ts'
import type { CallsDecision } from '../tools.ts'
import { replaceStrings } from '../wire/splice.ts'
import { listedTools, withoutNamesakes, type ListedTool } from './listed-tool.ts'
import { isServerGranted, mayAsk, toolIdOf } from './may-call.ts'
import { errorText, resultText, rpcCodes, writtenAt, type Message, type Request } from './message.ts'
import { decideCall, openedTools, type OpenedDeps } from './opened-tools.ts'
import type { Decision, Passing } from './passing.ts'
import { readEnvelope, readReply, readRequest } from './places.ts'
import { resultIn } from './result-in.ts'
import type { Sessions } from './sessions.ts'
import { deniedText } from './words.ts'

export type DecisionDeps = HoldingDeps &
  Pick<OpenedDeps, 'log' | 'tools' | 'sightings'> & {
    readonly monotonicMs: () => number
    readonly sessions: Pick<Sessions, 'memory'>
  }

/** One question of an enforcement point. */
type Asking = {
  readonly exchange: Exchange
  readonly caller: Caller
  readonly inspection: Inspection
  readonly passing: Passing
}

/** For how long the tools of a server elsewhere are taken to be what they were told to be. */
const toldMs = 30_000
const mostServers = 4_096

/** Decides about servers that the gateway does not reach itself, by the same grant, pins and guard. */
export class Decisions {
  readonly #deps: DecisionDeps
  readonly #told = new Map<string, { readonly at: number; readonly tools: readonly ListedTool[] }>()

  constructor(deps: DecisionDeps) {
    this.#deps = deps
  }

  /** `onReleased` is called when the client gets something of the server. */
  async decide(asking: Asking, onReleased: (brought: Brought) => void): Promise<Decision> {
    const { exchange, caller, inspection, passing } = asking
    const { grant } = caller
    const { server, kind, message } = passing
    if (!isServerGranted(grant, server)) return refusal(passing, 'server_not_granted', exchange.id)
    if (kind === 'call') return await this.#ofClient(asking)
    if (kind === 'list') return this.#list(asking)
    if (message.k === 'request') return ofServer(message)
    const channel = message.k === 'notification' ? 'tool_result' : channelOf(message)
    const { segments, media } = readReply(message, channel)
    const { edits, isBlocked } = await inspection.judgeByLength('output', segments)
    const isEnvelopeClean = !inspection.judge('output', readEnvelope(message)).isBlocked
    if (!isEnvelopeClean) return { ...dropped, reason: 'answer_withheld' }
    if (isBlocked) return refusal(passing, 'answer_withheld', exchange.id)
    const has = (name: string) => grant.scope.capabilities.includes(`media:${name}`)
    if (!media.every((item) => has(item.kind))) return refusal(passing, 'media_not_granted', exchange.id)
    if (message.k === 'result' && message.result['resultType'] === 'input_required')
      return refusal(passing, 'input_refused', exchange.id)
    onReleased(inspection.takeBrought())
    return forwarded(replaceStrings(message.text, new Map([...edits, ...keepingIt(message)])))
  }

  async #ofClient(asking: Asking): Promise<Decision> {
    const { exchange, caller, inspection, passing } = asking
    const { message, server } = passing
    // Nothing was asked of this client.
    if (message.k === 'result' || message.k === 'error') return { ...dropped, reason: 'malformed' }
    const { segments } = readRequest(message)
    const all = [...segments, ...readEnvelope(message)]
    const { isBlocked } = await inspection.judgeByLength('input', all)
    if (isBlocked) return refusal(passing, 'guard_blocked', exchange.id)
    if (message.k === 'notification') return forwarded(message.text)
    const { method } = message
    if (method === 'tools/call') return await this.#call(asking, message)
    const isFree = free.has(method) || mayAsk(caller.grant, server, message)
    if (isFree) return forwarded(message.text)
    const error = { code: rpcCodes.methodNotFound, message: 'Method not found' }
    return { ...dropped, back: errorText(message.id, error), reason: 'method_not_allowed' }
  }

  async #call(asking: Asking, { id, params, text }: Request): Promise<Decision> {
    const { exchange, caller, passing } = asking
    const { server } = passing
    const { name, arguments: args = {} } = params
    const no = (code: ReasonCode) => refusal(passing, code, exchange.id)
    if (typeof name !== 'string') return no('tool_not_granted')
    if (!isTree(args)) return no('unsupported_parameter')
    const toolId = toolIdOf(server, name)
    if (!caller.grant.scope.tools.some((tool) => tool.toolId === toolId)) return no('tool_not_granted')
    exchange.reads(toolId)
    const told = this.#told.get(nameOf(caller.key.id, server))
    if (told === undefined || this.#deps.monotonicMs() - told.at > toldMs)
      return { ...dropped, needsList: true }
    const listed = told.tools.find((tool) => tool.name === name) ?? null
    const opening = this.#opening(asking)
    const decide = (of: Caller): CallsDecision => decideCall(opening, of, { server, name, args, listed })
    const decision = decide(caller)
    if (decision.k === 'deny') return no(decision.code)
    if (decision.k === 'allow') return forwarded(text)
    const calls = new ModelCalls(this.#deps, exchange, caller, {
      conversation: () => 'elsewhere',
      decide,
      isHeldLater: () => false, // the message runs where it passes
    })
    const stopped = await calls.hold([], decision.asked)
    if (stopped === null) return exchange.isOver ? dropped : forwarded(text)
    const { telling } = stopped
    return telling === null ? no(stopped.code) : { ...no(stopped.code), back: heldText(id, telling.text) }
  }

  #list(asking: Asking): Decision {
    const { exchange, caller, passing } = asking
    const { server, message } = passing
    const all = message.k === 'result' ? listedTools(message) : null
    if (message.k !== 'result' || all === null) return refusal(passing, 'upstream_unavailable', exchange.id)
    const tools = withoutNamesakes(all)
    this.#remember(nameOf(caller.key.id, server), tools)
    const shown = openedTools(this.#opening(asking), caller, server, tools).map(({ text }) => text)
    const ttlMs = writtenAt(message.text, 'result', 'ttlMs')
    const result = resultIn(eraOf(message), 'tools/list', [
      ['tools', `[${shown.join(',')}]`],
      ...(ttlMs === null ? [] : ([['ttlMs', ttlMs]] as const)),
    ])
    return forwarded(resultText(message.id, result))
  }

  #opening({ exchange, caller, inspection }: Asking): OpenedDeps {
    return { ...this.#deps, exchange, inspection, memory: this.#deps.sessions.memory(caller.key.id, null) }
  }

  #remember(name: string, tools: readonly ListedTool[]): void {
    this.#told.delete(name)
    if (this.#told.size >= mostServers) {
      const [oldest] = this.#told.keys()
      if (oldest !== undefined) this.#told.delete(oldest)
    }
    this.#told.set(name, { at: this.#deps.monotonicMs(), tools })
  }
}

function nameOf(key: KeyId, server: string): string {
  return `${key} ${server}`
}

const dropped: Decision = { forward: null, back: null, reason: null, needsList: false }
const free: ReadonlySet<string> = new Set(['initialize', 'ping', 'server/discover', 'tools/list'])

function forwarded(message: string): Decision {
  return { ...dropped, forward: message }
}

/** SPEC: a server asks a client for samples, answers and roots. None of it is offered; only whether it is heard is told. */
function ofServer({ id, method }: Request): Decision {
  if (method === 'ping') return { ...dropped, back: resultText(id, '{}') }
  const error = { code: rpcCodes.methodNotFound, message: 'the gateway offers this to no server' }
  return { ...dropped, back: errorText(id, error), reason: 'input_refused' }
}

/** A stopped request is answered in the place of its server; a stopped answer gives way to one that says so. */
function refusal({ kind, message }: Passing, reason: ReasonCode, record: string): Decision {
  if (message.k === 'notification') return { ...dropped, reason }
  const isToolCall =
    kind === 'call'
      ? 'method' in message && message.method === 'tools/call'
      : channelOf(message) === 'tool_result'
  const text = deniedText({ id: message.id, era: eraOf(message), isToolCall }, reason, record)
  return kind === 'call' || message.k === 'request'
    ? { ...dropped, back: text, reason }
    : { ...dropped, forward: text, reason }
}

/** The result of a call that was held and not forwarded. */
function heldText(id: string, text: string): string {
  return resultText(id, JSON.stringify({ content: [{ type: 'text', text }], isError: true }))
}

/** SPEC: MCP 2026-07-28, CacheableResult. What one key may see is nobody else's to keep. */
function keepingIt(message: Message): readonly (readonly [path: string, text: string])[] {
  const saysWho = message.k === 'result' && typeof message.result['cacheScope'] === 'string'
  return saysWho ? [['/result/cacheScope', 'private']] : []
}

function eraOf(message: Message): 'modern' | 'legacy' {
  return message.k === 'result' && message.result['resultType'] !== undefined ? 'modern' : 'legacy'
}

function channelOf(message: Message): 'tool_result' | 'document' {
  return message.k === 'result' && Object.hasOwn(message.result, 'content') ? 'tool_result' : 'document'
}
