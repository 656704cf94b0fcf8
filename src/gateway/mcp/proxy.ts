import type { IncomingHttpHeaders } from 'node:http'
import type { Caller } from '../admit.ts'
import type { CallDeps } from '../call.ts'
import type { Exchange } from '../exchange.ts'
import type { GatewayClock } from '../ports.ts'
import { randomSource } from '../random.ts'
import type { Terms } from '../inspection/effect.ts'
import { termsOf } from '../clearance.ts'
import { Inspection } from '../inspection/inspection.ts'
import { Decisions } from './decide.ts'
import { Links } from './links.ts'
import { listen } from './listen.ts'
import { McpCall } from './mcp-call.ts'
import { decisionText, readPassing } from './passing.ts'
import { routedTo } from './routed.ts'
import { createRequestStates, type RequestStates } from './request-state.ts'
import { Sessions } from './sessions.ts'
import { refusalText } from './words.ts'

export type ProxyDeps = CallDeps & {
  readonly clock: GatewayClock
  /** Whether other processes serve the same clients. */
  readonly sharesClients: boolean
}

const randomOf = randomSource()

/** The servers of a grant behind the port of the gateway: a server to every client, a client to every server. */
export class McpProxy {
  readonly #deps: ProxyDeps
  readonly #sessions: Sessions
  readonly #links: Links
  readonly #decisions: Decisions
  readonly #states: RequestStates
  readonly #listening = new Set<() => void>()

  constructor(deps: ProxyDeps) {
    const { clock, upstreams, secrets, limits, log, sharesClients } = deps
    const monotonicMs = () => clock.monotonicMs()
    this.#deps = deps
    const newId = () => randomOf(32).toString('base64url')
    this.#sessions = new Sessions({ monotonicMs, newId, sharesClients })
    this.#links = new Links({ upstreams, secrets, limits, log, monotonicMs })
    this.#states = createRequestStates(deps.approvalKey, () => clock.now())
    this.#decisions = new Decisions({ ...deps, monotonicMs, sessions: this.#sessions })
  }

  /** From now on the exchange refuses as this protocol does. */
  static speak(exchange: Exchange): void {
    exchange.speak({ name: 'mcp', refusal: (code, record) => refusalText(null, code, record) })
  }

  /** One message of a client. `server`: null on the path of all servers. */
  post(
    exchange: Exchange,
    caller: Caller,
    server: string | null,
    headers: IncomingHttpHeaders,
    body: Buffer,
  ): Promise<void> {
    const call = new McpCall(
      {
        ...this.#deps,
        sessions: this.#sessions,
        links: this.#links,
        terms: this.#termsOf(caller),
        states: this.#states,
      },
      exchange,
      caller,
      server,
      headers,
    )
    return call.start(body)
  }

  /** Decides about a message that passes somewhere else. */
  async decide(exchange: Exchange, caller: Caller, body: Buffer): Promise<void> {
    const passing = readPassing(body)
    if ('refused' in passing) return exchange.refuse(passing.refused)
    exchange.ask(body)
    if (!this.#deps.recordsReady()) return exchange.refuse('record_unavailable')
    const inspection = new Inspection(this.#deps.guard, this.#termsOf(caller))
    exchange.inspect(inspection)
    const { id } = caller.key
    inspection.raiseTaint([], !this.#sessions.isTainted(id, null))
    const decision = await this.#decisions.decide({ exchange, caller, inspection, passing }, (brought) =>
      this.#sessions.give(id, null, brought),
    )
    if (exchange.isOver) return
    exchange.inspectedAll()
    const text = decisionText(decision, exchange.id)
    exchange.send(200, {}, Buffer.from(text, 'utf8'), text, decision.reason)
  }

  #termsOf(caller: Caller): Terms {
    return { ...termsOf(this.#deps, caller, false), decidesCalls: true }
  }

  /** Opens the stream on which a server of the older revisions tells what nobody asked. */
  async listen(
    exchange: Exchange,
    caller: Caller,
    server: string | null,
    headers: IncomingHttpHeaders,
  ): Promise<void> {
    if (server === null) return exchange.refuse('method_not_allowed')
    const id = headers['mcp-session-id']
    if (typeof id !== 'string') return exchange.refuse('session_missing')
    const { key } = caller
    const session = this.#sessions.find(id, key.id, server)
    if (session === null) return exchange.refuse('session_unknown')
    if (!this.#deps.recordsReady()) return exchange.refuse('record_unavailable')
    const { target } = routedTo(caller, server)
    const inspection = new Inspection(this.#deps.guard, this.#termsOf(caller))
    const finish = await listen({
      exchange,
      caller,
      inspection,
      link: this.#links.of(key.id, server, target),
      lifetimeMs: this.#deps.limits.totalMs / 2,
      onReleased: (brought) => this.#sessions.give(key.id, session, brought),
    })
    this.#listening.add(finish)
    exchange.onSettled(() => this.#listening.delete(finish))
  }

  /** Ends what would go on for as long as anybody listens. */
  close(): void {
    for (const finish of this.#listening) finish()
  }

  /** Ends a session of a client, and with its last one the session at the server. */
  end(exchange: Exchange, { key }: Caller, server: string | null, headers: IncomingHttpHeaders): void {
    const id = headers['mcp-session-id']
    if (typeof id !== 'string') return exchange.refuse('session_missing')
    const path = server ?? ''
    if (this.#sessions.find(id, key.id, path) === null) return exchange.refuse('session_unknown')
    this.#sessions.end(id)
    if (server !== null && !this.#sessions.hasOthers(key.id, path)) this.#links.close(key.id, server)
    exchange.answer('{}')
  }
}
