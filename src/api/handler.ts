import type { FastifyRequest } from 'fastify'
import type { BodyOf, ParamsOf, QueryOf, ReplyInputOf, Route } from '../contracts/route.ts'
import type { Authority } from '../app/access.ts'
import type { Issuer } from '../app/command.ts'
import type { Claim } from '../app/ports/idempotency-store.ts'
import type { Actor, AuthnContext, SessionId } from '../kernel/index.ts'

/** Who sent a request, as far as the machinery needs to know. The application may carry more. */
export type Principal = {
  /** Id of the person or service: the owner of idempotency keys. */
  readonly id: string
  readonly via: 'session' | 'api_key'
  readonly actor: Actor
  readonly authn: AuthnContext
  readonly authority: Authority
  /** Null for API keys. */
  readonly session: SessionId | null
  /** The claim on the idempotency key of the request, while it runs. */
  readonly claim?: Claim
  /** The request only asks what it would be answered. */
  readonly isDry?: boolean
}

/** Who runs a command that came in over HTTP. */
export function issuerOf({ actor, authn, authority, claim, isDry }: Principal): Issuer {
  return {
    actor,
    authn,
    authority,
    channel: 'api',
    ...(claim === undefined ? {} : { claim }),
    ...(isDry === undefined ? {} : { isDry }),
  }
}

export type HandlerRequest<R extends Route, P extends Principal> = {
  readonly params: ParamsOf<R>
  readonly query: QueryOf<R>
  readonly body: BodyOf<R>
  /** Null only on public routes. */
  readonly principal: P | null
  /** The principal; throws `UNAUTHENTICATED` when there is none. */
  readonly caller: () => P
  readonly ip: string
  readonly requestId: string
  /** The revision in `If-Match`. */
  readonly ifMatch: number | undefined
  readonly idempotencyKey: string | undefined
  readonly raw: FastifyRequest
}

/** A reply with more than a body. Cookies are whole `Set-Cookie` values. */
export class Answer<T> {
  readonly body: T
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly setCookie: readonly string[]
  constructor(
    body: T,
    more: { status?: number; headers?: Readonly<Record<string, string>>; setCookie?: readonly string[] } = {},
  ) {
    this.body = body
    this.status = more.status
    this.headers = more.headers ?? {}
    this.setCookie = more.setCookie ?? []
  }
}

/** A reply that streams text, for routes with `produces`. */
export class Stream {
  readonly chunks: AsyncIterable<string>
  readonly fileName: string
  constructor(chunks: AsyncIterable<string>, fileName: string) {
    this.chunks = chunks
    this.fileName = fileName
  }
}

/** What one server-sent event carries. */
export type ServerEvent = { readonly name: string; readonly id?: number; readonly [member: string]: unknown }

/** A reply of server-sent events that goes on until its reader or the server ends it; for routes with `events`. */
export class EventStream {
  readonly events: AsyncIterable<readonly ServerEvent[]>
  constructor(events: AsyncIterable<readonly ServerEvent[]>) {
    this.events = events
  }
}

export type Handler<R extends Route, P extends Principal> = (
  request: HandlerRequest<R, P>,
) => Promise<ReplyInputOf<R> | Answer<ReplyInputOf<R>> | Stream | EventStream>

/** One handler for each route of the table `T`, by its id. */
export type Handlers<T extends readonly Route[], P extends Principal> = {
  readonly [R in T[number] as R['id']]: Handler<R, P>
}
