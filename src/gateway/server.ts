import type { ClassifierTier } from '../app/ports/classifier-tier.ts'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { ApprovalPort } from '../app/ports/approval.ts'
import type { ContentStore } from '../app/ports/gateway-content.ts'
import type { Socket } from 'node:net'
import type { ConversationVault } from '../app/ports/conversation-vault.ts'
import type { Digest, KeyId } from '../kernel/index.ts'
import { guardUnder, type Guard } from '../guard/inspect.ts'
import type { Caller, Moment } from './admit.ts'
import { admitCaller, isFresh, readmitCaller } from './admit.ts'
import { readBody } from './body.ts'
import { Call, type CallDeps } from './call.ts'
import { dialectAt } from './endpoints.ts'
import { answerBatch, answerCheck, explainedChecks, readCheck, type Batch, type Check } from './check.ts'
import type { ShapedCheck } from './check-shapes.ts'
import { policyOver } from './clearance.ts'
import { watchOver } from './inspection/canaries.ts'
import { SecondReader } from './inspection/second-reader.ts'
import { Policing } from './inspection/policing.ts'
import type { ExchangeDeps } from './exchange.ts'
import { Exchange } from './exchange.ts'
import type { Limits } from './limits.ts'
import { VerdictCache } from './inspection/verdict-cache.ts'
import { McpProxy } from './mcp/proxy.ts'
import { modelList } from './model-list.ts'
import { OpenCalls } from './open-calls.ts'
import { defaultLimits } from './limits.ts'
import { ContentQueue } from './content/queue.ts'
import { Holds } from './held/holds.ts'
import { nobody } from './held/nobody.ts'
import type { GatewayClock, Log, UpstreamSecrets } from './ports.ts'
import type { ReasonCode } from './reasons.ts'
import type { Records } from './records.ts'
import type { SnapshotSource } from './snapshot.ts'
import { randomSource } from './random.ts'
import type { Sightings } from './sightings.ts'
import type { ToolPolicies } from './tool-rules.ts'
import { createToolGates } from './tools.ts'
import { priceOf, withOwnModels, type ModelCatalogue } from '../governance/registry/index.ts'
import type { Budgets } from './leases/budgets.ts'
import { countedUsage, type Estimate } from './leases/estimate.ts'
import { createBreakers, type Breakers } from './sending/breakers.ts'
import { createUpstreams } from './upstream.ts'
import { acceptsAnswers, bodyFault, readHead } from './wire/headers.ts'

export type GatewayOptions = {
  readonly port: number
  readonly host: string
  /** Whether other processes listen on the same port, and the system deals connections out to them. */
  readonly sharesPort?: boolean
  readonly snapshot: SnapshotSource
  readonly records: Records
  readonly clock: GatewayClock
  readonly upstreamSecrets: UpstreamSecrets
  readonly guard: Guard
  /** A model of the operator's own that looks at what the scorer could not decide; left out: there is none. */
  readonly classifier?: ClassifierTier
  /** Policies about tools, by the digest under which releases and grants name them. */
  readonly toolPolicies: ToolPolicies
  readonly budgets: Budgets<Caller>
  /** What was replaced in requests, so that answers can be turned back. */
  readonly conversations: ConversationVault
  /** How the control plane names canary tokens. */
  readonly canaryDigestOf: (token: string) => Digest
  /** What models cost, as shipped; an organisation's own prices come with the snapshot. */
  readonly models: ModelCatalogue
  readonly log: Log
  readonly limits?: Partial<Limits>
  /** Where definitions of tools are told that pass by; left out: nobody is told. */
  readonly sightings?: Sightings
  /** Origins of pages that may speak to tool servers; others with an `Origin` are refused. */
  readonly mcpOrigins?: readonly string[]
  /** Keeps the texts of calls whose route says so; left out: none are kept. */
  readonly content?: ContentStore
  /** Where people agree to calls of tools; left out: there are none, and what needs one is denied. */
  readonly approvals?: ApprovalPort
  /** Key by which a call that comes again finds its record; processes of one gateway share it. Left out: one of this process. */
  readonly approvalKey?: Uint8Array
  /** Key by which windows of texts are named, as the control plane names them; left out: no entry of a policy is ever met. */
  readonly windowKey?: Uint8Array
}

export type Gateway = {
  readonly start: () => Promise<{ readonly port: number }>
  readonly isReady: () => boolean
  readonly openExchanges: () => number
  readonly heldCalls: () => number
  /** How each target that was tried stands. */
  readonly breakers: Breakers['states']
  /** Stops accepting, lets calls finish within the drain time, cuts the rest, and flushes the records. */
  readonly close: (drain?: Drain) => Promise<void>
}

/** How a gateway ends. */
export type Drain = {
  /** For how long it is not ready but still accepts, so that a balancer can learn of it. */
  readonly acceptMs: number
  /** Once this has come to be, calls that still run are ended as their APIs end them. */
  readonly cut: Promise<unknown>
}

/** The only way from a deployment to its models: no grant in force, no byte upstream. */
export function createGateway(options: GatewayOptions): Gateway {
  const { snapshot, records, clock, log, sightings = unseen } = options
  const limits: Limits = { ...defaultLimits, ...options.limits }
  const upstreams = createUpstreams(limits.connectMs)
  const content = options.content === undefined ? null : new ContentQueue(options.content, log)
  const deps: ExchangeDeps = { clock, records, limits, log, content }
  const holds = new Holds({ approvals: options.approvals ?? nobody, clock, limits, log })
  const { classifier } = options
  const callDeps: CallDeps = {
    ...(classifier === undefined ? {} : { secondReader: () => new SecondReader(classifier, options.log) }),
    holds,
    approvalKey: options.approvalKey ?? randomSource()(32),
    readmit: (caller) => readmitCaller(snapshot.current(), caller, moment()),
    conversations: options.conversations,
    canaryDigestOf: options.canaryDigestOf,
    windowKey: options.windowKey ?? randomSource()(32),
    now: clock.now,
    guard: options.guard,
    verdicts: new VerdictCache(),
    tools: createToolGates(options.toolPolicies, log, sightings),
    sightings,
    secrets: options.upstreamSecrets,
    upstreams,
    breakers: createBreakers(limits.breaker, clock.monotonicMs),
    limits,
    log,
    recordsReady: records.ready,
    budgets: options.budgets,
    modelOf: (alias) => {
      const model = models.models.get(alias)
      return { maxOutput: model?.maxOutputTokens ?? null, price: priceOf(models, alias, clock.now()) }
    },
  }
  const { sharesPort = false } = options
  const mcp = new McpProxy({ ...callDeps, clock, sharesClients: sharesPort })
  const mcpOrigins = new Set(options.mcpOrigins ?? [])
  const open = new OpenCalls<Exchange>()
  let models = options.models
  const quotas = createQuotas(limits)
  let isClosing = false
  let sweeper: NodeJS.Timeout | null = null

  const moment = (): Moment => ({ now: clock.now(), monotonicMs: clock.monotonicMs() })
  const sweep = (): void => {
    const [current, at] = [snapshot.current(), moment()]
    for (const exchange of open.now()) exchange.sweep(current, at)
  }
  snapshot.onSwap(() => {
    models = withOwnModels(options.models, snapshot.current()?.ownModels ?? [])
    sweep()
  })

  function isReady(): boolean {
    const current = snapshot.current()
    if (current === null || isClosing || !records.ready()) return false
    return isFresh(current, 3, moment())
  }

  /** Counts a call that goes to no model; refuses it when there is no budget for it. */
  async function isWithinBudgets(exchange: Exchange, caller: Caller): Promise<boolean> {
    const reserved = await options.budgets.reserve(caller, noTokens)
    if ('refused' in reserved) exchange.refuse(reserved.refused)
    else exchange.onSettled(() => reserved.settle(countedUsage(0, 0)))
    return !exchange.isOver
  }

  async function serve(request: IncomingMessage, exchange: Exchange): Promise<void> {
    const source = request.socket.remoteAddress ?? ''
    const head = readHead(request)
    const { endpoint } = head
    if (endpoint?.k === 'mcp' || endpoint?.k === 'decide') McpProxy.speak(exchange)
    else if (endpoint?.k === 'check' && endpoint.shape !== null)
      exchange.speak({ name: 'guard-check', refusal: endpoint.shape.refusal })
    else exchange.speak(endpoint?.k === 'call' ? endpoint.dialect : dialectAt(request.url ?? ''))
    const { origin } = request.headers
    if (endpoint?.k === 'mcp' && origin !== undefined && !mcpOrigins.has(origin))
      return exchange.refuse('origin_refused')
    if ('refused' in head) return exchange.refuse(head.refused)
    if (!quotas.mayTry(source, clock.monotonicMs())) return exchange.refuse('rate_limited')
    const caller = admitCaller(snapshot.current(), head.credential, source, moment())
    if ('refused' in caller) {
      exchange.identify(caller.key, null)
      if (caller.refused.startsWith('key_')) quotas.failed(source, clock.monotonicMs())
      return exchange.refuse(caller.refused)
    }
    exchange.identify(caller.key, caller)
    if (head.endpoint.k === 'models') return exchange.answer(modelList(caller, head.endpoint.api))

    const over = quotas.take(caller)
    if (over !== null) return exchange.refuse(over)
    exchange.onSettled(() => quotas.give(caller.key.id))
    if (head.endpoint.k === 'mcp') {
      const { server } = head.endpoint
      if (request.method === 'DELETE') return mcp.end(exchange, caller, server, request.headers)
      if (!acceptsAnswers(request)) return exchange.refuse('not_acceptable')
      if (request.method === 'GET') return await mcp.listen(exchange, caller, server, request.headers)
    }
    const fault = bodyFault(request)
    if (fault !== null) return exchange.refuse(fault)
    const body = await readBody(request, limits)
    if ('refused' in body) return exchange.refuse(body.refused)
    exchange.sweep(snapshot.current(), moment()) // reading may have taken a while
    if (head.endpoint.k === 'check') {
      if (body.length > limits.checkBytes) return exchange.refuse('too_large')
      const { shape } = head.endpoint
      const check = shape === null ? readCheck(body) : shape.read(body)
      if ('refused' in check) return exchange.refuse(check.refused)
      if (!(await isWithinBudgets(exchange, caller))) return
      const policy = policyOver(callDeps, caller)
      const watched = {
        guard: guardUnder(options.guard, policy.inForce),
        watch: watchOver(caller, options.canaryDigestOf),
        policing: new Policing(policy),
        isExplained: caller.grant.scope.capabilities.includes(explainedChecks),
      }
      if (isShaped(check)) return exchange.answerCheck(body, check.answer(watched, exchange.id))
      if ('segments' in check) return exchange.answerCheck(body, answerCheck(watched, exchange.id, check))
      const answer = await answerBatch(watched, exchange.id, check)
      return exchange.answerCheck(body, answer)
    }
    if (exchange.isOver) return
    if (head.endpoint.k !== 'call' && !(await isWithinBudgets(exchange, caller))) return
    if (head.endpoint.k === 'decide') return await mcp.decide(exchange, caller, body)
    if (head.endpoint.k === 'mcp')
      return await mcp.post(exchange, caller, head.endpoint.server, request.headers, body)
    await new Call(callDeps, exchange, head.endpoint, caller, head).start(body)
  }

  const listener: RequestListener = (request: IncomingMessage, response: ServerResponse) => {
    const exchange = new Exchange(deps, response)
    open.add(exchange)
    exchange.onSettled(() => open.delete(exchange))
    if (isClosing) response.setHeader('connection', 'close')
    serve(request, exchange).catch((error: unknown) => exchange.refuseFor(error)) // PD-20
  }
  const server = createServer(
    {
      maxHeaderSize: 16_384,
      headersTimeout: 10_000,
      requestTimeout: limits.bodyTotalMs + 15_000,
      keepAliveTimeout: 30_000,
      insecureHTTPParser: false,
      requireHostHeader: true,
    },
    listener,
  )
  server.maxHeadersCount = 100
  server.on('clientError', (_error, socket: Socket) => {
    // INVARIANT: one request has one answer. What is wrong behind a head that was answered gets no second one.
    if (socket.writable && socket.bytesWritten === 0)
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    else socket.destroySoon()
  })

  return {
    isReady,
    openExchanges: () => open.size,
    heldCalls: () => holds.count,
    breakers: callDeps.breakers.states,
    start: async () => {
      sweeper = setInterval(sweep, 1_000).unref()
      records.start()
      content?.start(1_000)
      options.budgets.start()
      sightings.start()
      await snapshot.start()
      const { port, host } = options
      return { port: await listen(server, { port, host, reusePort: sharesPort }) }
    },
    close: async ({ acceptMs, cut }: Drain = atOnce) => {
      isClosing = true // from here on nobody is told to keep a connection
      mcp.close()
      holds.drain()
      await Promise.race([new Promise((resolve) => setTimeout(resolve, acceptMs).unref()), cut])
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      const cutAll = () => {
        for (const exchange of open.now()) exchange.refuse('process_ended')
      }
      const late = setTimeout(cutAll, limits.drainMs)
      void cut.then(cutAll)
      await Promise.all(
        open.now().map((exchange) => new Promise<void>((resolve) => exchange.onSettled(resolve))),
      )
      clearTimeout(late)
      server.closeAllConnections()
      await closed
      if (sweeper !== null) clearInterval(sweeper)
      snapshot.stop()
      await options.budgets.close()
      await upstreams.close()
      await sightings.close()
      await records.close()
      await content?.close()
    },
  }
}

const unseen: Sightings = { see: () => undefined, start: () => undefined, close: async () => undefined }
const atOnce: Drain = { acceptMs: 0, cut: new Promise(() => undefined) }

/** Calls in flight by key, failed keys of the minute by source. */
function createQuotas(limits: Limits) {
  const inFlight = new Map<KeyId, number>()
  const failures = new Map<string, number>()
  let minute = -1

  function turnMinute(monotonicMs: number): void {
    const current = Math.floor(monotonicMs / 60_000)
    if (current !== minute) failures.clear()
    minute = current
  }
  return {
    mayTry: (source: string, monotonicMs: number): boolean => {
      turnMinute(monotonicMs)
      return (failures.get(source) ?? 0) < limits.failuresPerMinute
    },
    failed: (source: string, monotonicMs: number): void => {
      turnMinute(monotonicMs)
      failures.set(source, (failures.get(source) ?? 0) + 1)
    },
    take: ({ key }: Caller): ReasonCode | null => {
      const running = inFlight.get(key.id) ?? 0
      if (running >= limits.concurrentPerKey) return 'rate_limited'
      inFlight.set(key.id, running + 1)
      return null
    },
    give: (key: KeyId): void => {
      const running = inFlight.get(key) ?? 1
      if (running <= 1) inFlight.delete(key)
      else inFlight.set(key, running - 1)
    },
  }
}

function listen(
  server: Server,
  at: { readonly port: number; readonly host: string; readonly reusePort: boolean },
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(at, () => {
      server.removeListener('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : at.port)
    })
  })
}

function isShaped(check: Check | Batch | ShapedCheck): check is ShapedCheck {
  return 'answer' in check
}

/** A check of texts goes to no model. */
const noTokens: Estimate = {
  inputTokens: 0,
  maxOutputTokens: 0,
  price: {
    effectiveFrom: '2000-01-01',
    knownAt: '2000-01-01',
    source: 'no model',
    microUsdPerMTok: { input: 0, cachedInput: 0, cacheWrite: 0, output: 0 },
  },
}
