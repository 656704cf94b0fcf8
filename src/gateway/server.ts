import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { DeploymentId, KeyId } from '../kernel/index.ts'
import { dayMs } from '../kernel/index.ts'
import type { Guard } from '../guard/inspect.ts'
import type { Caller, Moment } from './admit.ts'
import { admitCaller, isFresh } from './admit.ts'
import { readBody } from './body.ts'
import { readChat } from './chat.ts'
import { answerCheck, readCheck } from './check.ts'
import type { ExchangeDeps } from './exchange.ts'
import { Exchange } from './exchange.ts'
import type { Limits } from './limits.ts'
import { defaultLimits } from './limits.ts'
import type { GatewayClock, Log, UpstreamSecrets } from './ports.ts'
import type { ReasonCode } from './reasons.ts'
import type { Records } from './records.ts'
import type { SnapshotSource } from './snapshot.ts'
import { createUpstreams } from './upstream.ts'
import { bodyFault, readHead } from './wire/headers.ts'

export type GatewayOptions = {
  readonly port: number
  readonly host: string
  /** Port of `/healthz` and `/readyz`, on loopback; left out: none. */
  readonly adminPort?: number
  readonly snapshot: SnapshotSource
  readonly records: Records
  readonly clock: GatewayClock
  readonly upstreamSecrets: UpstreamSecrets
  readonly guard: Guard
  readonly log: Log
  readonly limits?: Partial<Limits>
}

export type Gateway = {
  readonly start: () => Promise<{ readonly port: number; readonly adminPort: number | null }>
  readonly isReady: () => boolean
  readonly openExchanges: () => number
  /** Stops accepting, lets calls finish within the drain time, cuts the rest, and flushes the records. */
  readonly close: () => Promise<void>
}

/** The only way from a deployment to its models: no grant in force, no byte upstream. */
export function createGateway(options: GatewayOptions): Gateway {
  const { snapshot, records, clock, log } = options
  const limits: Limits = { ...defaultLimits, ...options.limits }
  const upstreams = createUpstreams(limits.connectMs)
  const deps: ExchangeDeps = { clock, records, secrets: options.upstreamSecrets, upstreams, limits, log }
  const open = new Set<Exchange>()
  const quotas = createQuotas(limits)
  let isClosing = false
  let sweeper: NodeJS.Timeout | null = null

  const moment = (): Moment => ({ now: clock.now(), monotonicMs: clock.monotonicMs() })
  const sweep = (): void => {
    const [current, at] = [snapshot.current(), moment()]
    for (const exchange of open) exchange.sweep(current, at)
  }
  snapshot.onSwap(sweep)

  function isReady(): boolean {
    const current = snapshot.current()
    if (current === null || isClosing || !records.ready()) return false
    return isFresh(current, 3, moment())
  }

  async function serve(request: IncomingMessage, exchange: Exchange): Promise<void> {
    const source = request.socket.remoteAddress ?? ''
    const head = readHead(request)
    if ('refused' in head) return exchange.refuse(head.refused)
    if (!quotas.mayTry(source, clock.monotonicMs())) return exchange.refuse('rate_limited')
    const caller = admitCaller(snapshot.current(), head.credential, source, moment())
    if ('refused' in caller) {
      exchange.identify(caller.key, null)
      if (caller.refused.startsWith('key_')) quotas.failed(source, clock.monotonicMs())
      return exchange.refuse(caller.refused)
    }
    exchange.identify(caller.key, caller)
    if (head.endpoint === 'models') return exchange.answer(modelList(caller))

    const over = quotas.take(caller, moment())
    if (over !== null) return exchange.refuse(over)
    exchange.onSettled(() => quotas.give(caller.key.id))
    const fault = bodyFault(request)
    if (fault !== null) return exchange.refuse(fault)
    const body = await readBody(request, limits)
    if ('refused' in body) return exchange.refuse(body.refused)
    exchange.sweep(snapshot.current(), moment()) // reading may have taken a while
    if (head.endpoint === 'check') {
      if (body.length > limits.checkBytes) return exchange.refuse('too_large')
      const check = readCheck(body)
      if ('refused' in check) return exchange.refuse(check.refused)
      return exchange.answerCheck(body, answerCheck(options.guard, exchange.id, check))
    }
    const call = readChat(body)
    if ('refused' in call) return exchange.refuse(call.refused)
    exchange.dispatch(call, body)
  }

  const listener: RequestListener = (request: IncomingMessage, response: ServerResponse) => {
    const exchange = new Exchange(deps, response)
    open.add(exchange)
    exchange.onSettled(() => open.delete(exchange))
    if (isClosing) response.setHeader('connection', 'close')
    serve(request, exchange).catch((error: unknown) => {
      // INVARIANT: an error in a check is a refusal (PD-20).
      log('error', 'gateway.exchange.fault', { cause: error instanceof Error ? error.message : 'unknown' })
      exchange.refuse('check_fault')
    })
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
  server.on('clientError', (_error, socket) => {
    if (socket.writable)
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    else socket.destroy()
  })
  const admin = createServer((request, response) => {
    const isHealth = request.url === '/healthz'
    const status =
      isHealth || (request.url === '/readyz' && isReady()) ? 200 : request.url === '/readyz' ? 503 : 404
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ ok: status === 200, open: open.size }))
  })

  return {
    isReady,
    openExchanges: () => open.size,
    start: async () => {
      sweeper = setInterval(sweep, 1_000).unref()
      records.start()
      await snapshot.start()
      const port = await listen(server, options.port, options.host)
      const adminPort =
        options.adminPort === undefined ? null : await listen(admin, options.adminPort, '127.0.0.1')
      return { port, adminPort }
    },
    close: async () => {
      isClosing = true
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      const late = setTimeout(() => {
        for (const exchange of open) exchange.refuse('check_fault')
      }, limits.drainMs)
      await Promise.all(
        [...open].map((exchange) => new Promise<void>((resolve) => exchange.onSettled(resolve))),
      )
      clearTimeout(late)
      server.closeAllConnections()
      await closed
      if (sweeper !== null) clearInterval(sweeper)
      snapshot.stop()
      if (admin.listening) {
        admin.closeAllConnections()
        await new Promise<void>((resolve) => admin.close(() => resolve()))
      }
      await upstreams.close()
      await records.close()
    },
  }
}

/** Calls in flight by key, calls of the day by deployment, failed keys of the minute by source. */
function createQuotas(limits: Limits) {
  const inFlight = new Map<KeyId, number>()
  const failures = new Map<string, number>()
  const today = new Map<DeploymentId, number>()
  let [minute, day] = [-1, -1]

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
    take: ({ key, grant }: Caller, { now }: Moment): ReasonCode | null => {
      const current = Math.floor(now / dayMs)
      if (current !== day) today.clear()
      day = current
      const [running, used] = [inFlight.get(key.id) ?? 0, today.get(key.deployment) ?? 0]
      if (running >= limits.concurrentPerKey) return 'rate_limited'
      if (used >= grant.scope.volumePerDay) return 'budget_exhausted'
      inFlight.set(key.id, running + 1)
      today.set(key.deployment, used + 1)
      return null
    },
    give: (key: KeyId): void => {
      const running = inFlight.get(key) ?? 1
      if (running <= 1) inFlight.delete(key)
      else inFlight.set(key, running - 1)
    },
  }
}

function modelList({ grant, route }: Caller): string {
  const aliases = grant.scope.models.filter((alias) => Object.hasOwn(route.models, alias))
  const data = aliases.map((id) => ({ id, object: 'model', created: 0, owned_by: 'countersign' }))
  return JSON.stringify({ object: 'list', data })
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.removeListener('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}
