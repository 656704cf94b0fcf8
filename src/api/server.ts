import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { type DestinationStream, pino } from 'pino'
import { DryRun } from '../app/command.ts'
import type { Claim, IdempotencyStore } from '../app/ports/idempotency-store.ts'
import { openApi } from '../contracts/openapi.ts'
import { problemOf } from '../contracts/problem.ts'
import { isMutation, mayRunDry, type Access, type Route } from '../contracts/route.ts'
import {
  AppError,
  digestOfBytes,
  epochMs,
  freshMs,
  idFrom,
  type Json,
  NotCanonical,
  recentMs,
} from '../kernel/index.ts'
import { asksForScreen, sendPage, serveConsole } from './console.ts'
import { eventText } from './event-text.ts'
import { Answer, EventStream, Stream, type Handler, type Handlers, type Principal } from './handler.ts'
import { assertSameOrigin, readIdempotencyKey, readIfMatch, readInput } from './input.ts'
import { rootPage } from './root-page.ts'
import { parseStrictJson } from './strict-json.ts'

export type ApiOptions<T extends readonly Route[], P extends Principal> = {
  readonly routes: T
  readonly handlers: NoInfer<Handlers<T, P>>
  /** Null when the request carries no valid proof of who sent it. */
  readonly authenticate: (request: FastifyRequest) => Promise<P | null>
  readonly authorize: (principal: P, access: Access) => 'ok' | AppError | Promise<'ok' | AppError>
  readonly idempotency: IdempotencyStore
  readonly info: {
    readonly title: string
    readonly version: string
    readonly state: () => string | Promise<string>
  }
  readonly log?: FastifyBaseLogger
  /** Origins of the console; without any, the one that the request was sent to. */
  readonly origins?: readonly string[]
  readonly trustedProxy?: string | readonly string[] | false
  readonly rateLimit?: { readonly max: number; readonly windowMs: number }
  readonly bodyLimit?: number
  /** Folder of the built console; without it `/` says what runs. */
  readonly consoleFolder?: string
}

/** A logger that never writes credentials. */
export function apiLogger(destination?: DestinationStream, level = 'info'): FastifyBaseLogger {
  const paths = ['cookie', 'authorization', 'set-cookie'].flatMap((name) => [
    `headers["${name}"]`,
    `req.headers["${name}"]`,
    `res.headers["${name}"]`,
  ])
  return pino({ level, redact: { paths, censor: '[redacted]' } }, destination ?? pino.destination(2))
}

/** The HTTP server of the route table. Throws when a route has no handler. */
export async function createApiServer<const T extends readonly Route[], P extends Principal>(
  options: ApiOptions<T, P>,
): Promise<FastifyInstance> {
  const handlers = options.handlers as Readonly<Record<string, Handler<Route, P> | undefined>> // keyed by route id
  const missing = options.routes
    .filter((route) => !Object.hasOwn(handlers, route.id))
    .map((route) => route.id)
  if (missing.length > 0) throw new Error(`routes without a handler: ${missing.join(', ')}`)

  const { consoleFolder } = options
  const app: FastifyInstance = Fastify({
    ...(options.log === undefined ? { logger: false } : { loggerInstance: options.log }),
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
    bodyLimit: options.bodyLimit ?? 1_048_576,
    trustProxy: proxyOf(options.trustedProxy),
    requestTimeout: 30_000,
    genReqId: () => idFrom('request', epochMs(Date.now()), randomBytes(10)),
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, request, reply) => {
      sendProblem(error, request, reply)
    },
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store').header('x-request-id', request.id)
  })
  // A connection whose request ends while the server closes would else be kept alive, and the server with it.
  let isClosing = false
  const connections = new Set<Socket>()
  app.server.on('connection', (socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
    if (isClosing) socket.destroy()
  })
  app.addHook('preClose', async () => {
    isClosing = true
    // Browsers connect ahead of what they may ask. Where nothing was asked yet counts as busy, and would be waited for.
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
  })
  app.addHook('onSend', async (_, reply) => {
    if (isClosing) reply.header('connection', 'close')
  })
  app.addHook('onResponse', async (request, reply) => {
    const [path] = request.url.split('?')
    request.log.info(
      { method: request.method, path, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request',
    )
  })
  app.setErrorHandler(sendProblem)
  await app.register(cookie)
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
      },
    },
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  })
  await app.register(rateLimit, {
    max: options.rateLimit?.max ?? 600,
    timeWindow: options.rateLimit?.windowMs ?? 60_000,
  })
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request, reply) => {
    if (consoleFolder !== undefined && asksForScreen(request)) return sendPage(reply, consoleFolder)
    const allow = allowed(options.routes, request.url)
    if (allow.length > 0) reply.header('allow', allow.join(', '))
    throw new AppError(allow.length > 0 ? 'METHOD_NOT_ALLOWED' : 'NOT_FOUND')
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_: FastifyRequest, bytes: Buffer) => (bytes.length === 0 ? undefined : parseStrictJson(bytes)),
  )

  const document = openApi(options.routes, options.info)
  app.get('/api/v1/openapi.json', async (_, reply) =>
    reply.type('application/json').send(JSON.stringify(document)),
  )
  if (consoleFolder === undefined)
    app.get('/', async (_, reply) =>
      reply
        .type('text/html; charset=utf-8')
        .send(rootPage({ ...options.info, state: await options.info.state() })),
    )
  else await serveConsole(app, consoleFolder)
  for (const route of options.routes) {
    const handler = handlers[route.id]
    if (handler === undefined) continue
    app.route({
      method: route.method,
      url: route.path,
      ...(route.maxBodyBytes === undefined ? {} : { bodyLimit: route.maxBodyBytes }),
      handler: async (request, reply) => serve(options, route, handler, request, reply),
    })
  }
  return app
}

async function serve<P extends Principal>(
  options: Omit<ApiOptions<readonly Route[], P>, 'handlers' | 'routes'>,
  route: Route,
  handler: Handler<Route, P>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const principal = await options.authenticate(request)
  assertSameOrigin(route, request, principal?.via ?? null, options.origins ?? [])
  const isDry = takeDry(route, request)
  if (!('public' in route.access)) {
    if (principal === null) throw new AppError('UNAUTHENTICATED')
    const verdict = await options.authorize(principal, isDry ? withoutProof(route.access) : route.access)
    if (verdict !== 'ok') throw verdict
  }
  const { params, query, body } = readInput(route, request)
  const ifMatch = readIfMatch(route, request)
  const key = isDry
    ? undefined
    : readIdempotencyKey(route, request, principal !== null && !('public' in route.access))
  const run = async (claim?: Claim) => {
    const known = principal === null || claim === undefined ? principal : { ...principal, claim }
    const caller = known !== null && isDry ? { ...known, isDry } : known
    const result = await handler({
      params, // parsed with the schemas of the route, whose types the table has erased
      query,
      body,
      principal: caller,
      caller: () => {
        if (caller === null) throw new AppError('UNAUTHENTICATED')
        return caller
      },
      ip: request.ip,
      requestId: request.id,
      ifMatch,
      idempotencyKey: key,
      raw: request,
    })
    return result instanceof Stream || result instanceof EventStream ? result : toAnswer(route, result)
  }
  if (isDry) {
    await run().then(
      () => {
        throw new Error(`\`${route.id}\` has run although it was only asked`)
      },
      (error: unknown) => {
        if (!(error instanceof DryRun)) throw error
      },
    )
    return sendAnswer(reply, new Answer({ dry: true }))
  }
  const once = key !== undefined && principal !== null && isMutation(route) && route.idempotent !== false
  if (!once) {
    const result = await run()
    if (result instanceof EventStream) return sendEvents(reply, result)
    return result instanceof Stream ? sendStream(reply, route, result) : sendAnswer(reply, result)
  }

  const digest = digestOfBytes(JSON.stringify([route.id, params, query, body, ifMatch]))
  const begun = await options.idempotency.begin(principal.id, key, digest)
  if (begun.k === 'mismatch') throw new AppError('IDEMPOTENCY_MISMATCH')
  if (begun.k === 'in_progress') throw new AppError('IDEMPOTENCY_IN_PROGRESS')
  if (begun.k === 'answer_lost') {
    const { command, streams } = begun
    throw new AppError('IDEMPOTENCY_ANSWER_LOST', undefined, { extra: { command, streams } })
  }
  if (begun.k === 'replay')
    return sendAnswer(
      reply.header('idempotency-replayed', 'true'),
      new Answer(begun.body, { status: begun.status }),
    )
  const { claim } = begun
  const logged = (cause: unknown) => request.log.error({ err: cause }, 'the idempotency key was not settled')
  let answer: Answer<Json>
  try {
    const result = await run(claim)
    if (!(result instanceof Answer)) throw new Error(`\`${route.id}\` streams and cannot be replayed`)
    answer = result
  } catch (error) {
    // A fault with a code changed nothing, or its command keeps the key. After any other error the key stays taken.
    const settled =
      faultOf(error).code === 'INTERNAL'
        ? options.idempotency.finish(claim, { status: 500, body: documentOf(error, request.id) })
        : options.idempotency.abandon(claim)
    await settled.catch(logged)
    throw error
  }
  if (route.showsSecret !== true)
    await options.idempotency.finish(claim, { status: answer.status ?? 200, body: answer.body }).catch(logged)
  return sendAnswer(reply, answer)
}

/** Whether a request only asks what it would be answered. The member is taken out of the query that the route describes. */
function takeDry(route: Route, request: FastifyRequest): boolean {
  const query = request.query as Record<string, unknown> // fastify gives an object
  if (!mayRunDry(route) || query['dry'] !== 'true') return false
  delete query['dry']
  return true
}

/** The same access without the proof that the act itself will demand. */
function withoutProof(access: Access): Access {
  if ('public' in access) return access
  const { proof: _, ...rest } = access
  return rest
}

function toAnswer(route: Route, result: unknown): Answer<Json> {
  const given = result instanceof Answer ? (result as Answer<unknown>) : new Answer(result)
  const parsed = route.reply.safeParse(given.body)
  if (!parsed.success)
    throw new AppError('INTERNAL', undefined, {
      cause: new Error(`reply of \`${route.id}\` breaks its contract`, { cause: parsed.error }),
    })
  return new Answer((parsed.data ?? null) as Json, {
    // replies are JSON by their schema
    status: given.status ?? route.status ?? 200,
    headers: given.headers,
    setCookie: given.setCookie,
  })
}

function sendAnswer(reply: FastifyReply, answer: Answer<Json>): FastifyReply {
  reply.code(answer.status ?? 200).headers(answer.headers)
  if (answer.setCookie.length > 0) reply.header('set-cookie', [...answer.setCookie])
  const isProblem = (answer.status ?? 200) >= 400
  reply.type(isProblem ? 'application/problem+json' : 'application/json; charset=utf-8')
  return reply.send(JSON.stringify(answer.body))
}

function sendStream(reply: FastifyReply, route: Route, stream: Stream): FastifyReply {
  reply.type(route.produces ?? 'text/plain; charset=utf-8')
  reply.header('content-disposition', `attachment; filename="${stream.fileName}"`)
  return reply.send(Readable.from(stream.chunks))
}

/**
 * What stands between must neither keep nor gather it: an event that comes late is none. The connection is not used again,
 * so that a server which stops does not wait for it.
 */
function sendEvents(reply: FastifyReply, { events }: EventStream): FastifyReply {
  reply.type('text/event-stream; charset=utf-8')
  reply.headers({ 'x-accel-buffering': 'no', connection: 'close' })
  return reply.send(Readable.from(eventText(events)))
}

function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const fault = faultOf(error)
  if (fault.status >= 500) request.log.error({ err: error, code: fault.code }, 'request failed')
  const wait = fault.extra['retryAfterS']
  if (fault.code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer')
  if (fault.code === 'STEP_UP_REQUIRED') reply.header('www-authenticate', challengeFor(fault.extra['proof']))
  if (fault.code === 'THROTTLED' && typeof wait === 'number') reply.header('retry-after', String(wait))
  reply.code(fault.status).type('application/problem+json')
  reply.send(JSON.stringify(documentOf(fault, request.id)))
}

/** SPEC: RFC 9470 3: asks for a stronger or fresher authentication, and says how old it may be at most. */
function challengeFor(proof: Json | undefined): string {
  const limit = proof === 'recent_auth' ? recentMs : proof === 'fresh_passkey' ? freshMs : null
  const age = limit === null ? '' : `, max_age="${limit / 1_000}"`
  return `Bearer error="insufficient_user_authentication"${age}`
}

function documentOf(error: unknown, requestId: string): Json {
  const fault = faultOf(error)
  const { code, message: detail, reasons, extra } = fault
  return problemOf({ code, detail, requestId, reasons, extra }) as Json // a problem document is JSON
}

function faultOf(error: unknown): AppError {
  if (error instanceof AppError) return error
  // A free-form document of the caller, such as a manifest with a fraction, cannot be hashed.
  if (error instanceof NotCanonical) return new AppError('INVALID_INPUT', error.message, { cause: error })
  const status = (error as { statusCode?: unknown } | null)?.statusCode
  if (status === 413) return new AppError('TOO_LARGE', undefined, { cause: error })
  if (status === 415) return new AppError('UNSUPPORTED_MEDIA_TYPE', undefined, { cause: error })
  if (status === 429) return new AppError('THROTTLED', undefined, { cause: error })
  const isFramework = String((error as { code?: unknown } | null)?.code).startsWith('FST_')
  if (isFramework && typeof status === 'number' && status < 500)
    return new AppError('INVALID_INPUT', 'the request is malformed', { cause: error })
  return new AppError('INTERNAL', undefined, { cause: error })
}

function allowed(routes: readonly Route[], url: string): readonly string[] {
  const parts = (url.split('?')[0] ?? '').split('/')
  const methods = [{ path: '/', method: 'GET' }, { path: '/api/v1/openapi.json', method: 'GET' }, ...routes]
    .filter(({ path }) => {
      const form = path.split('/')
      return (
        form.length === parts.length &&
        form.every((name, i) => name === parts[i] || (name.startsWith(':') && parts[i] !== ''))
      )
    })
    .map(({ method }) => method)
  return [...new Set(methods)].toSorted()
}

function proxyOf(trusted: string | readonly string[] | false | undefined): string | string[] | false {
  return trusted === undefined || trusted === false || typeof trusted === 'string'
    ? (trusted ?? false)
    : [...trusted]
}
