import { z } from 'zod'
import type { Proof } from '../kernel/index.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Who may call a route. There is no default: a route without `access` does not compile. */
export type Access =
  | { readonly public: true }
  | { readonly signedIn: true; readonly proof?: Proof }
  | {
      readonly permission: string
      /** It acts on the whole organisation: a role that is held in a unit or for a use case does not open it. */
      readonly everywhere?: true
      readonly proof?: Proof
    }

type Schema = z.ZodType
type None = undefined

/** One operation of the public surface. Validation, the API document and the typed client are derived from it. */
export type Route<
  P extends Schema | None = Schema | None,
  Q extends Schema | None = Schema | None,
  B extends Schema | None = Schema | None,
  R extends Schema = Schema,
  I extends string = string,
> = {
  readonly id: I
  readonly method: Method
  /** The whole path with named segments: `/api/v1/waivers/:id/accept`. */
  readonly path: string
  readonly access: Access
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  readonly reply: R
  /** Codes with which the domain may refuse, for the API document. */
  readonly refuses?: readonly string[]
  readonly summary: string
  readonly tag: string
  /** False only where a repetition is harmless or meant, such as signing in. */
  readonly idempotent?: boolean
  /** Its reply holds a secret: it is shown once, and not kept for a repetition, which hears that the answer is lost. */
  readonly showsSecret?: boolean
  /** `required` asks for the revision that was read, in `If-Match`. */
  readonly revision?: 'required' | 'none'
  /** Media type of a reply that is a stream of text and not JSON; `reply` then describes nothing. */
  readonly produces?: string
  /** Of a reply of server-sent events: what each carries, by its name. Such a route is listened to and not called. */
  readonly events?: Readonly<Record<string, Schema>>
  /** Bytes of the largest body; 1 MiB unless said. */
  readonly maxBodyBytes?: number
  /** Status of a successful reply; 200 unless said. */
  readonly status?: number
}

/** Tags of the routes whose every change is one governed command. */
const governed: readonly string[] = ['intake', 'registry', 'reviews', 'committee', 'safety']

/**
 * Whether a route answers `?dry=true`: it decides as it would, changes nothing, and says `{"dry": true}` or every reason
 * against it. Proofs are not asked for.
 */
export function mayRunDry(route: Route): boolean {
  return isMutation(route) && route.idempotent !== false && governed.includes(route.tag)
}

type Read<S> = S extends Schema ? z.output<S> : Record<string, never>
type Written<S> = S extends Schema ? z.input<S> : undefined

/** What a handler receives. */
export type ParamsOf<R extends Route> =
  R extends Route<infer P, infer _Q, infer _B, infer _R> ? Read<P> : never
export type QueryOf<R extends Route> =
  R extends Route<infer _P, infer Q, infer _B, infer _R> ? Read<Q> : never
export type BodyOf<R extends Route> =
  R extends Route<infer _P, infer _Q, infer B, infer _R>
    ? B extends Schema
      ? z.output<B>
      : undefined
    : never
/** What a caller receives. */
export type ReplyOf<R extends Route> = z.output<R['reply']>
/** What a handler returns: the form before defaults and branding. */
export type ReplyInputOf<R extends Route> = z.input<R['reply']>
/** What a caller sends. */
export type ParamsInputOf<R extends Route> =
  R extends Route<infer P, infer _Q, infer _B, infer _R> ? Written<P> : never
export type QueryInputOf<R extends Route> =
  R extends Route<infer _P, infer Q, infer _B, infer _R> ? Written<Q> : never
export type BodyInputOf<R extends Route> =
  R extends Route<infer _P, infer _Q, infer B, infer _R> ? Written<B> : never

const idForm = /^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)+$/
const pathForm = /^(\/(:[a-z][A-Za-z0-9]*|[a-z0-9.][a-z0-9._-]*))+$/

/**
 * Defines a route. Throws a `TypeError` when its id, path or schemas do not fit together: params, query and body
 * are strict objects (or unions of them), and params name exactly the segments of the path.
 */
export function route<
  const I extends string,
  R extends Schema,
  P extends Schema | None = undefined,
  Q extends Schema | None = undefined,
  B extends Schema | None = undefined,
>(spec: Route<P, Q, B, R, I>): Route<P, Q, B, R, I> {
  const wrong = (what: string) => new TypeError(`route \`${spec.id}\`: ${what}`)
  if (!idForm.test(spec.id)) throw wrong('an id has the form `waivers.accept`')
  if (!pathForm.test(spec.path)) throw wrong(`path \`${spec.path}\` has another form`)
  for (const part of ['params', 'query', 'body'] as const) {
    const schema = spec[part]
    if (schema !== undefined && !isStrict(schema)) throw wrong(`${part} must be a strict object`)
  }
  const named = pathParams(spec.path)
  const declared = spec.params instanceof z.ZodObject ? Object.keys(spec.params.shape) : []
  if (named.toSorted().join() !== declared.toSorted().join())
    throw wrong('params must name exactly the segments of the path')
  if ((spec.events !== undefined) !== (spec.produces === 'text/event-stream'))
    throw wrong('a stream of events produces text/event-stream, and nothing else does')
  if (spec.method === 'GET' && spec.body !== undefined) throw wrong('a GET has no body')
  return Object.freeze({ ...spec })
}

/** The names of the variable segments of a path, in order. */
export function pathParams(path: string): readonly string[] {
  return [...path.matchAll(/:([A-Za-z0-9]+)/g)].map((match) => match[1] ?? '')
}

/** A table of routes; throws when an id or a method and path occurs twice. */
export function defineRoutes<const T extends readonly Route[]>(routes: T): T {
  const seen = new Set<string>()
  for (const item of routes) {
    const place = `${item.method} ${item.path.replaceAll(/:[A-Za-z0-9]+/g, ':')}`
    for (const key of [item.id, place]) {
      if (seen.has(key)) throw new TypeError(`route defined twice: \`${key}\``)
      seen.add(key)
    }
  }
  return routes
}

/** Whether calling the route can change something. */
export function isMutation(item: Route): boolean {
  return item.method !== 'GET'
}

function isStrict(schema: Schema): boolean {
  if (schema instanceof z.ZodObject) return schema.def.catchall instanceof z.ZodNever
  if (schema instanceof z.ZodUnion) return schema.options.every((option) => isStrict(option as Schema)) // zod core type
  return false
}
