import type { KeyId, Json } from '../../kernel/index.ts'
import { isServerName } from '../../kernel/server-name.ts'
import type { Caller } from '../admit.ts'
import { isTree } from '../dialect/reading.ts'
import type { Exchange } from '../exchange.ts'
import type { Inspection } from '../inspection/inspection.ts'
import type { Log } from '../ports.ts'
import { ModelCalls, type HoldingDeps } from '../held/model-calls.ts'
import type { Sightings } from '../sightings.ts'
import type { CallsDecision, ToolGates } from '../tools.ts'
import type { Sessions } from './sessions.ts'
import type { ReasonCode } from '../reasons.ts'
import { decodeUtf8, readExactTree } from '../wire/json.ts'
import { membersOf, objectText } from '../wire/members.ts'
import { replaceStrings } from '../wire/splice.ts'
import { listedTools, withoutNamesakes, type ListedTool } from './listed-tool.ts'
import type { Brought } from '../inspection/suspicion.ts'
import { decisionOfPolicy, isPinned, isServerGranted, mayAsk, mayCall, toolIdOf } from './may-call.ts'
import {
  errorText,
  readMessage,
  resultText,
  rpcCodes,
  writtenAt,
  type Message,
  type Request,
} from './message.ts'
import { readDefinition, readEnvelope, readReply, readRequest } from './places.ts'
import { deniedText } from './words.ts'

/** A message that passes between a client and a server somewhere else, and what it is. */
export type Passing = {
  readonly server: string
  /** `call`: from the client; `list`: all tools of the server; `result`: anything else from the server. */
  readonly kind: 'call' | 'list' | 'result'
  readonly message: Message
}

/** What is to be done with it. */
export type Decision = {
  /** What goes on to the other side as it is written; null: nothing. */
  readonly forward: string | null
  /** What its sender gets instead; null: nothing. */
  readonly back: string | null
  readonly reason: ReasonCode | null
  /** The tools of the server have to be told first; then the same message is asked about again. */
  readonly needsList: boolean
}

export type DecisionDeps = HoldingDeps & {
  readonly log: Log
  readonly tools: ToolGates
  readonly sightings: Pick<Sightings, 'see'>
}

/** For how long the tools of a server elsewhere are taken to be what they were told to be. */
const toldMs = 30_000
const mostServers = 4_096

/** Reads what an enforcement point asks: `{"server":…,"kind":…,"message":…}`. */
export function readPassing(body: Buffer): Passing | { readonly refused: ReasonCode } {
  const text = decodeUtf8(body)
  const read = text === null ? null : readExactTree(text)
  if (text === null || read?.ok !== true || !isTree(read.tree)) return { refused: 'malformed' }
  const { server, kind, ...rest } = read.tree
  const isKind = kind === 'call' || kind === 'list' || kind === 'result'
  const written = writtenAt(text, 'message')
  if (typeof server !== 'string' || !isServerName(server) || !isKind || written === null)
    return { refused: 'malformed' }
  const message = readMessage(written)
  const isAlone = Object.keys(rest).length === 1
  return 'fault' in message || !isAlone ? { refused: 'malformed' } : { server, kind, message }
}

/** Decides about servers that the gateway does not reach itself, by the same grant, pins and guard. */
export class Decisions {
  readonly #now: () => number
  readonly #log: Log
  readonly #told = new Map<string, { readonly at: number; readonly tools: readonly ListedTool[] }>()

  readonly #tools: ToolGates
  readonly #holding: HoldingDeps
  readonly #sessions: Pick<Sessions, 'memory'>

  readonly #sightings: Pick<Sightings, 'see'>

  constructor(now: () => number, deps: DecisionDeps, sessions: Pick<Sessions, 'memory'>) {
    this.#now = now
    this.#log = deps.log
    this.#tools = deps.tools
    this.#sightings = deps.sightings
    this.#holding = deps
    this.#sessions = sessions
  }

  /** `onReleased` is called when the client gets something of the server. */
  async decide(
    { exchange, caller, inspection }: { exchange: Exchange; caller: Caller; inspection: Inspection },
    passing: Passing,
    onReleased: (brought: Brought) => void,
  ): Promise<Decision> {
    const { grant, key } = caller
    const { server, kind, message } = passing
    if (!isServerGranted(grant, server)) return refusal(passing, 'server_not_granted', exchange.id)
    if (kind === 'call') return await this.#ofClient(exchange, caller, inspection, passing)
    if (kind === 'list') {
      const tools = message.k === 'result' ? listedTools(message) : null
      if (tools === null) return refusal(passing, 'upstream_unavailable', exchange.id)
      this.#remember(key.id, server, withoutNamesakes(tools))
      return this.#shown(exchange, caller, inspection, passing, withoutNamesakes(tools))
    }
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
    return forwarded(replaceStrings(message.text, edits))
  }

  async #ofClient(
    exchange: Exchange,
    caller: Caller,
    inspection: Inspection,
    passing: Passing,
  ): Promise<Decision> {
    const { message, server } = passing
    // Nothing was asked of this client.
    if (message.k === 'result' || message.k === 'error') return { ...dropped, reason: 'malformed' }
    const { segments } = readRequest(message)
    const all = [...segments, ...readEnvelope(message)]
    const { isBlocked } = await inspection.judgeByLength('input', all)
    if (isBlocked) return refusal(passing, 'guard_blocked', exchange.id)
    if (message.k === 'notification') return forwarded(message.text)
    const { method } = message
    if (method === 'tools/call') return await this.#call(exchange, caller, inspection, passing, message)
    const isFree = free.has(method) || mayAsk(caller.grant, server, message)
    if (isFree) return forwarded(message.text)
    const error = { code: rpcCodes.methodNotFound, message: 'Method not found' }
    return { ...dropped, back: errorText(message.id, error), reason: 'method_not_allowed' }
  }

  async #call(
    exchange: Exchange,
    caller: Caller,
    inspection: Inspection,
    passing: Passing,
    { params, text }: Request,
  ): Promise<Decision> {
    const { grant, key } = caller
    const { server } = passing
    const { name, arguments: args = {} } = params
    const no = (code: ReasonCode) => refusal(passing, code, exchange.id)
    if (typeof name !== 'string') return no('tool_not_granted')
    if (!isTree(args)) return no('unsupported_parameter')
    const toolId = toolIdOf(server, name)
    if (!grant.scope.tools.some((tool) => tool.toolId === toolId)) return no('tool_not_granted')
    exchange.reads(toolId)
    const told = this.#told.get(`${key.id} ${server}`)
    if (told === undefined || this.#now() - told.at > toldMs) return { ...dropped, needsList: true }
    const listed = told.tools.find((tool) => tool.name === name) ?? null
    const call = { grant, server, name, listed, args: args as Json } // read from JSON
    const memory = this.#sessions.memory(key.id, null)
    const decide = (of: Caller): CallsDecision => {
      const objection = mayCall({ ...call, grant: of.grant })
      if (objection !== null) return { k: 'deny', code: objection }
      return decisionOfPolicy(this.#tools.of(of), { ...call, grant: of.grant }, memory, {
        findings: inspection.rules,
        risk: inspection.risk,
        inArguments: () => inspection.inArguments,
        keep: exchange.keepTool,
      })
    }
    const decision = decide(caller)
    if (decision.k === 'deny') return no(decision.code)
    if (listed !== null && !isClean(inspection, listed)) return no('tool_definition_poisoned')
    if (decision.k === 'allow') return forwarded(text)
    const calls = new ModelCalls(this.#holding, exchange, caller, {
      conversation: () => 'elsewhere',
      decide,
      isHeldLater: () => false, // the message runs where it passes
    })
    const stopped = await calls.hold([], decision.asked)
    if (stopped === null) return exchange.isOver ? dropped : forwarded(text)
    const { telling } = stopped
    return telling === null
      ? no(stopped.code)
      : { ...no(stopped.code), back: heldText(passing, telling.text) }
  }

  #shown(
    exchange: Exchange,
    { grant }: Caller,
    inspection: Inspection,
    { server, message }: Passing,
    tools: readonly ListedTool[],
  ): Decision {
    const shown: string[] = []
    for (const tool of tools) {
      const toolId = toolIdOf(server, tool.name)
      this.#sightings.see(grant.claims.sub, toolId, tool.pin)
      if (!grant.scope.tools.some((granted) => granted.toolId === toolId)) continue
      if (!isPinned(grant, server, tool)) {
        exchange.note('tool_definition_changed')
        this.#log('error', 'gateway.mcp.definition_changed', {
          record: exchange.id,
          tool: toolId.slice(0, 200),
        })
      } else if (isClean(inspection, tool)) shown.push(tool.text)
      else exchange.note('tool_definition_poisoned')
    }
    const members = membersOf(writtenAt(message.text, 'result') ?? '{}') ?? new Map<string, string>()
    const kept = [...members].filter(
      ([name]) => name === 'resultType' || name === 'ttlMs' || name === 'cacheScope',
    )
    const id = writtenAt(message.text, 'id') ?? 'null'
    return forwarded(resultText(id, objectText([...kept, ['tools', `[${shown.join(',')}]`]])))
  }

  #remember(key: KeyId, server: string, tools: readonly ListedTool[]): void {
    const name = `${key} ${server}`
    this.#told.delete(name)
    if (this.#told.size >= mostServers) {
      const [oldest] = this.#told.keys()
      if (oldest !== undefined) this.#told.delete(oldest)
    }
    this.#told.set(name, { at: this.#now(), tools })
  }
}

/** The answer to an enforcement point. Messages stand in it as texts, so that nobody writes a number anew. */
export function decisionText({ forward, back, reason, needsList }: Decision, record: string): string {
  return objectText([
    ['record', JSON.stringify(record)],
    ['forward', JSON.stringify(forward)],
    ['back', JSON.stringify(back)],
    ['reason', JSON.stringify(reason)],
    ['needsList', String(needsList)],
  ])
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
function heldText({ message }: Passing, text: string): string {
  const id = writtenAt(message.text, 'id') ?? 'null'
  const newer = eraOf(message) === 'modern' ? { resultType: 'complete' } : {}
  return resultText(id, JSON.stringify({ ...newer, content: [{ type: 'text', text }], isError: true }))
}

function eraOf(message: Message): 'modern' | 'legacy' {
  return message.k === 'result' && message.result['resultType'] !== undefined ? 'modern' : 'legacy'
}

function channelOf(message: Message): 'tool_result' | 'document' {
  return message.k === 'result' && Object.hasOwn(message.result, 'content') ? 'tool_result' : 'document'
}

function isClean(inspection: Inspection, { tree, numbers }: ListedTool): boolean {
  return !inspection.judge('output', readDefinition(tree, numbers)).isBlocked
}
