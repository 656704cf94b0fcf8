import { believes } from '../../guard/policy/apply.ts'
import type { Trust } from '../../guard/text.ts'
import type { IncomingHttpHeaders } from 'node:http'
import type { Caller } from '../admit.ts'
import type { CallDeps } from '../call.ts'
import { isTree, type Tree } from '../dialect/reading.ts'
import type { Exchange } from '../exchange.ts'
import type { Terms } from '../inspection/effect.ts'
import { Inspection } from '../inspection/inspection.ts'
import type { ReasonCode } from '../reasons.ts'
import type { AskedCall } from '../tools.ts'
import { decodeUtf8 } from '../wire/json.ts'
import { membersOf, objectText } from '../wire/members.ts'
import { replaceStrings } from '../wire/splice.ts'
import { mirrorsArguments, spokenEra } from './head.ts'
import { holdTool } from './hold-tool.ts'
import type { Link } from './link.ts'
import type { Links } from './links.ts'
import { mayAsk, offers, toolIdOf } from './may-call.ts'
import {
  errorText,
  isMessageId,
  readMessage,
  resultText,
  rpcCodes,
  writtenAt,
  type Message,
  type Request,
} from './message.ts'
import type { Mirrored } from './mirrored.ts'
import { openedTools, type OpenedDeps } from './opened-tools.ts'
import { readRequest } from './places.ts'
import { readyTool, type Ready } from './ready.ts'
import { relayTo, streamHeaders } from './relay.ts'
import type { RequestStates } from './request-state.ts'
import { resultIn } from './result-in.ts'
import { allRouted, routedTo, type Routed } from './routed.ts'
import type { Session, Sessions } from './sessions.ts'
import { ownFacts, toldFacts, type ToldFacts } from './told-facts.ts'
import { isLegacyVersion, legacyVersions, metaNames, supportedVersions, type Era } from './versions.ts'
import { deniedText, messageEvent, refusalText, rejectionOf, type Rejection, type Words } from './words.ts'

export type McpCallDeps = CallDeps & {
  readonly sessions: Sessions
  readonly links: Links
  readonly terms: Terms
  readonly states: RequestStates
}

type Called = { readonly server: string; readonly name: string; readonly args: Tree }

/** Methods that the newer revision does not have. */
const older: ReadonlySet<string> = new Set([
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
])

/** What stands between the name of a server and the name of a tool on the path of all servers. */
const joint = '__'

/** One message of a client to a server of its grant, or to all of them at once. */
export class McpCall {
  readonly #deps: McpCallDeps
  readonly #exchange: Exchange
  #caller: Caller
  readonly #server: string | null
  readonly #headers: IncomingHttpHeaders
  readonly #inspection: Inspection
  #words: Words = { id: null, era: 'legacy', isToolCall: false }
  #session: Session | null = null

  constructor(
    deps: McpCallDeps,
    exchange: Exchange,
    caller: Caller,
    server: string | null,
    headers: IncomingHttpHeaders,
  ) {
    this.#deps = deps
    this.#exchange = exchange
    this.#caller = caller
    this.#server = server
    this.#headers = headers
    this.#inspection = new Inspection(deps.guard, deps.terms)
  }

  /** Judges a message and, when nothing objects, answers it or sends it to its server. */
  async start(body: Buffer): Promise<void> {
    const exchange = this.#exchange
    const text = decodeUtf8(body)
    const message = text === null ? { fault: 'not_json' as const } : readMessage(text)
    if ('fault' in message) return this.#reject(rejectionOf(message.fault))
    exchange.ask(body)
    const id = message.k === 'request' ? message.id : null
    const isToolCall = message.k === 'request' && message.method === 'tools/call'
    this.#words = { id, era: 'legacy', isToolCall }
    exchange.speak({ name: 'mcp', refusal: (code, record) => refusalText(id, code, record) })
    const spoken = spokenEra(message, this.#headers)
    if ('fault' in spoken) return this.#reject(rejectionOf(spoken.fault, spoken.asked))
    this.#words = { id, era: spoken.era, isToolCall }
    const objection = this.#objectionToSession(message, spoken.era)
    if (objection !== null) return exchange.refuse(objection)
    if (message.k === 'notification') return this.#note(message)
    if (message.k !== 'request') return exchange.refuse('malformed') // nothing was asked of this client
    exchange.inspect(this.#inspection)
    const isTainted = this.#deps.sessions.isTainted(this.#caller.key.id, this.#session)
    this.#inspection.raiseTaint([], !isTainted) // what it has read before is not here to be read again
    const { segments } = readRequest(message)
    this.#inspection.languages.sees(segments)
    const judging = this.#inspection.judgeByLength('input', segments)
    const { isBlocked } = judging instanceof Promise ? await judging : judging
    if (exchange.isOver) return
    if (isBlocked) return this.#deny('guard_blocked')
    if (!this.#deps.recordsReady()) return exchange.refuse('record_unavailable')
    await this.#answer(message)
  }

  async #answer(message: Request): Promise<void> {
    const { era } = this.#words
    const { method } = message
    if (method === 'tools/call') return await this.#callTool(message)
    if (method === 'tools/list') return await this.#listTools(message)
    if (era === 'legacy' && method === 'ping') return this.#reply('{}')
    if (era === 'legacy' && method === 'initialize') return await this.#initialize(message)
    if (era === 'modern' && method === 'server/discover') return await this.#discover()
    return await this.#pass(message)
  }

  /** SPEC: MCP 2025-11-25, lifecycle. */
  async #initialize({ params }: Request): Promise<void> {
    const asked = params['protocolVersion']
    const version = isLegacyVersion(asked) ? asked : legacyVersions[0]
    const facts = await this.#facts()
    const session = this.#deps.sessions.open(this.#caller.key.id, this.#server ?? '')
    this.#tell(session, facts)
    const members = [
      ['protocolVersion', JSON.stringify(version)],
      ['serverInfo', facts.info],
      ...facts.members,
    ] as const
    this.#reply(objectText(members), { 'mcp-session-id': session.id })
  }

  /** SPEC: MCP 2026-07-28, server/discover. */
  async #discover(): Promise<void> {
    const facts = await this.#facts()
    this.#tell(null, facts)
    const members = [
      ['supportedVersions', JSON.stringify(supportedVersions)],
      ...facts.members,
      ['_meta', objectText([[metaNames.server, facts.info]])],
    ] as const
    this.#reply(resultIn('modern', 'server/discover', members))
  }

  async #facts(): Promise<ToldFacts> {
    if (this.#server === null) return ownFacts
    const link = this.#linkTo(routedTo(this.#caller, this.#server))
    const facts = await link.facts()
    if (this.#trustIn(this.#server, null) === 'user') this.#inspection.believe()
    return await toldFacts(facts, {
      inspection: this.#inspection,
      opened: this.#opened(this.#server),
      isOld: link.era === 'legacy' && this.#words.era === 'legacy',
    })
  }

  /** What a server says of itself counts as read like all that it says. */
  #tell(session: Session | null, { brought }: ToldFacts): void {
    const trust = this.#trustIn(this.#server ?? '', null)
    for (const one of brought) this.#deps.sessions.give(this.#caller.key.id, session, one, trust)
  }

  async #listTools({ params }: Request): Promise<void> {
    if (params['cursor'] !== undefined) return this.#deny('unsupported_parameter') // there is one page
    const servers = this.#server === null ? allRouted(this.#caller) : [routedTo(this.#caller, this.#server)]
    const found = await Promise.allSettled(servers.map(async (routed) => await this.#offered(routed)))
    const [failure] = found.filter((result) => result.status === 'rejected')
    const lists = found.filter((result) => result.status === 'fulfilled').map(({ value }) => value)
    if (failure !== undefined && lists.length === 0) throw failure.reason
    this.#reply(resultIn(this.#words.era, 'tools/list', [['tools', `[${lists.flat().join(',')}]`]]))
  }

  /** The definitions of a server that its client is shown, as they are written. */
  async #offered(routed: Routed): Promise<readonly string[]> {
    const { server } = routed
    const tools = await this.#linkTo(routed).tools(0)
    return openedTools(this.#opening(), this.#caller, server, tools).map(({ name, text }) =>
      this.#server === null ? replaceStrings(text, new Map([['/name', `${server}${joint}${name}`]])) : text,
    )
  }

  async #callTool(message: Request): Promise<void> {
    const { params } = message
    const { grant } = this.#caller
    const named = typeof params['name'] === 'string' ? this.#toolNamed(params['name']) : null
    const args = params['arguments'] ?? {}
    if (named === null) return this.#deny('tool_not_granted')
    if (!isTree(args)) return this.#deny('unsupported_parameter')
    const toolId = toolIdOf(named.server, named.name)
    if (!grant.scope.tools.some((tool) => tool.toolId === toolId)) return this.#deny('tool_not_granted')
    this.#exchange.reads(toolId)
    const call = { ...named, args }
    const ready = await this.#ready(this.#caller, call)
    if ('refused' in ready) return this.#deny(ready.refused)
    if (this.#words.era === 'modern' && !mirrorsArguments(this.#headers, ready.mirrored))
      return this.#reject(rejectionOf('header_mismatch'))
    const { link, mirrored } =
      ready.asked === null ? ready : await this.#held(message, call, ready.asked, ready)
    if (link !== null)
      await this.#relay(link, message, {
        name: JSON.stringify(named.name),
        mirrored,
        trust: this.#trustIn(named.server, named.name),
      })
  }

  /** A call that a person has to agree to; without a link when it is not to be sent. */
  async #held(
    { id, params, text }: Request,
    call: Called,
    asked: AskedCall,
    first: Ready,
  ): Promise<{ readonly link: Link | null; readonly mirrored: Mirrored }> {
    let ready = first
    const end = await holdTool(this.#deps, {
      exchange: this.#exchange,
      caller: this.#caller,
      conversation: this.#session?.id ?? 'stateless',
      words: { ...this.#words, id },
      asked,
      progressToken: progressTokenOf(params, text),
      requestState: params['requestState'],
      canShow: this.#words.era === 'modern' && canElicit(params),
      again: async () => {
        const caller = this.#deps.readmit(this.#caller)
        if ('refused' in caller) return caller
        const again = await this.#ready(caller, call, [0])
        if ('refused' in again) return again
        ready = again
        this.#caller = caller
        return { caller, asked: again.asked }
      },
    })
    if (end.k === 'approved') return ready
    if (end.k === 'told' && !this.#exchange.isOver) this.#end(end.text, end.code)
    return { ...first, link: null }
  }

  #ready(caller: Caller, call: Called, ages?: readonly number[]) {
    const link = this.#linkTo(routedTo(caller, call.server))
    return readyTool(this.#opening(), caller, link, call, ages)
  }

  #opening(): OpenedDeps {
    const { log, sessions, sightings, tools } = this.#deps
    const memory = sessions.memory(this.#caller.key.id, this.#session)
    return { log, sightings, tools, exchange: this.#exchange, inspection: this.#inspection, memory }
  }

  /** Everything else: resources, prompts, completions. On the path of all servers there are only tools. */
  async #pass(message: Request): Promise<void> {
    if (this.#server === null || !mayAsk(this.#caller.grant, this.#server, message))
      return this.#unknownMethod()
    const link = this.#linkTo(routedTo(this.#caller, this.#server))
    await link.facts()
    const isOld = link.era === 'legacy' && this.#words.era === 'legacy'
    if (older.has(message.method) && !isOld) return this.#unknownMethod()
    await this.#relay(link, message, { trust: this.#trustIn(this.#server, null) })
  }

  /** How far what a server gives is believed: by what is registered of the tool, else by the guard policy in force. */
  #trustIn(server: string, tool: string | null): Trust {
    if (tool !== null && this.#deps.tools.of(this.#caller).vouchesFor(toolIdOf(server, tool)))
      return 'trusted'
    const policy = this.#deps.terms.policy?.inForce ?? null
    const isNamed = policy !== null && believes(policy, this.#caller.key.deployment, { server, tool })
    return isNamed ? 'user' : 'untrusted'
  }

  async #relay(
    link: Link,
    message: Request,
    {
      name,
      mirrored,
      trust,
    }: { readonly name?: string; readonly mirrored?: Mirrored; readonly trust: Trust },
  ): Promise<void> {
    const [exchange, session] = [this.#exchange, this.#session]
    const { id } = message
    if (exchange.isOver) return
    if (trust === 'user') this.#inspection.believe()
    if (this.#caller.grant.claims.tier === 3) {
      const isAdmitted = await exchange.admit(link.target)
      if (exchange.isOver) return
      if (!isAdmitted) return exchange.refuse('record_unavailable')
    }
    const written = membersOf(writtenAt(message.text, 'params') ?? '{}') ?? new Map<string, string>()
    if (name !== undefined) written.set('name', name)
    // What only concerns a client and this gateway.
    if (message.method === 'tools/call') for (const own of ownParams) written.delete(own)
    const progressToken = progressTokenOf(message.params, message.text)
    exchange.content?.sends(Buffer.from(objectText([['params', objectText(written)]]), 'utf8'))
    if (!exchange.goTo(link.target)) return
    exchange.onSettled(() => session?.running.delete(id))
    const sink = relayTo({
      exchange,
      caller: this.#caller,
      inspection: this.#inspection,
      method: message.method,
      words: { ...this.#words, id },
      progressToken,
      onSent: (cancel) => session?.running.set(id, cancel),
      onReleased: (brought) => this.#deps.sessions.give(this.#caller.key.id, session, brought, trust),
    })
    link.relay(
      {
        method: message.method,
        params: written,
        progress: progressToken !== null,
        ...(mirrored === undefined ? {} : { mirrored }),
      },
      sink,
    )
  }

  /** What a client tells. Only that it no longer waits concerns a server. */
  #note({ method, params, text }: Message & { readonly k: 'notification' }): void {
    if (method === 'notifications/cancelled' && isMessageId(params['requestId'])) {
      const id = writtenAt(text, 'params', 'requestId')
      if (id !== null) this.#session?.running.get(id)?.()
    }
    this.#exchange.send(202, {}, Buffer.alloc(0), '')
  }

  #objectionToSession(message: Message, era: Era): ReasonCode | null {
    if (era === 'modern' || (message.k === 'request' && message.method === 'initialize')) return null
    const id = this.#headers['mcp-session-id']
    if (typeof id !== 'string') return 'session_missing'
    this.#session = this.#deps.sessions.find(id, this.#caller.key.id, this.#server ?? '')
    return this.#session === null ? 'session_unknown' : null
  }

  /** The server and the tool that a client means by a name. */
  #toolNamed(name: string): { readonly server: string; readonly name: string } | null {
    if (this.#server !== null) return { server: this.#server, name }
    const at = name.indexOf(joint)
    return at < 1 ? null : { server: name.slice(0, at), name: name.slice(at + joint.length) }
  }

  #linkTo({ server, target }: Routed): Link {
    return this.#deps.links.of(this.#caller.key.id, server, target)
  }

  #opened(server: string): { readonly resources: boolean; readonly prompts: boolean } {
    const { capabilities } = this.#caller.grant.scope
    return {
      resources: offers(capabilities, 'resources', server),
      prompts: offers(capabilities, 'prompts', server),
    }
  }

  #reply(result: string, headers: Record<string, string> = {}): void {
    if (this.#exchange.isOver) return
    this.#exchange.inspectedAll()
    const text = resultText(this.#words.id ?? 'null', result)
    this.#exchange.send(200, headers, Buffer.from(text, 'utf8'), text)
  }

  #deny(code: ReasonCode): void {
    if (this.#exchange.isOver) return
    this.#end(deniedText(this.#words, code, this.#exchange.id), code)
  }

  /** Answers in the place of a server; on a stream when one was begun to tell that something goes on. */
  #end(text: string, code: ReasonCode): void {
    if (this.#exchange.hasBegun) this.#exchange.withholdStream(messageEvent(text), streamHeaders, code)
    else this.#exchange.send(200, {}, Buffer.from(text, 'utf8'), text, code)
  }

  #reject({ status, code, error }: Rejection): void {
    const text = errorText(this.#words.id, { ...error, data: { ...error.data, record: this.#exchange.id } })
    this.#exchange.send(status, {}, Buffer.from(text, 'utf8'), text, code)
  }

  /** SPEC: 404 only in the newer revision: in the older ones it would end the session. */
  #unknownMethod(): void {
    const status = this.#words.era === 'modern' ? 404 : 200
    const error = { code: rpcCodes.methodNotFound, message: 'Method not found' }
    this.#reject({ status, code: 'method_not_allowed', error })
  }
}

/** What a client brings back of what it was given here. SPEC: MCP 2026-07-28, multi round-trip requests. */
const ownParams = ['requestState', 'inputResponses'] as const

function progressTokenOf({ _meta: meta }: Tree, text: string): string | null {
  const wanted = isTree(meta) ? meta['progressToken'] : undefined
  return isMessageId(wanted) ? writtenAt(text, 'params', '_meta', 'progressToken') : null
}

/** Whether the client declares that it shows forms to its user. SPEC: no modes at all mean forms. */
function canElicit({ _meta: meta }: Tree): boolean {
  const declared = isTree(meta) ? meta[metaNames.capabilities] : undefined
  const elicitation = isTree(declared) ? declared['elicitation'] : undefined
  return isTree(elicitation) && (isTree(elicitation['form']) || elicitation['url'] === undefined)
}
