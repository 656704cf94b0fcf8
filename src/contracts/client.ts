import { z } from 'zod'
import { type Problem, problem, problemOf } from './problem.ts'
import {
  isMutation,
  type BodyInputOf,
  type ParamsInputOf,
  type QueryInputOf,
  type ReplyOf,
  type Route,
} from './route.ts'

/** The server answered with a problem document. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly problem: Problem
  constructor(document: Problem) {
    super(document.detail)
    this.problem = document
  }
}

/** No usable answer came: the network failed, or what answered is not Countersign. Nothing may be concluded from it. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

export type ClientOptions = {
  readonly baseUrl: string
  readonly fetch?: typeof fetch
  readonly apiKey?: string
  /** Value of the session cookie, changed by replies that set it. */
  readonly cookies?: Map<string, string>
  readonly headers?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

type Member<N extends string, T> = undefined extends T ? { readonly [K in N]?: T } : { readonly [K in N]: T }
type OptionalQuery<T> = undefined extends T ? { readonly query?: undefined } : { readonly query?: T }

/** What a call of `R` carries. */
export type CallInput<R extends Route> = Member<'params', ParamsInputOf<R>> &
  OptionalQuery<QueryInputOf<R>> &
  Member<'body', BodyInputOf<R>> & { readonly idempotencyKey?: string; readonly ifMatch?: number }

export type LooseInput = {
  readonly params?: unknown
  readonly query?: unknown
  readonly body?: unknown
  readonly idempotencyKey?: string | undefined
  readonly ifMatch?: number | undefined
}

export type Client = {
  /** Calls a route; throws `ProblemError` for a refusal or fault and `NoAnswer` without a usable answer. */
  readonly call: <R extends Route>(route: R, input: CallInput<R>) => Promise<ReplyOf<R>>
  /** Asks what a command would be answered, without a change: null when it would be carried out now, else the problem. */
  readonly ask: <R extends Route>(route: R, input: CallInput<R>) => Promise<Problem | null>
  /** The same for a route that is known at run time only. */
  readonly callById: (id: string, input: LooseInput) => Promise<unknown>
}

/** A client of the table `routes`. In Node it signs in with an API key or a session cookie. */
export function createClient(routes: readonly Route[], options: ClientOptions): Client {
  const send = options.fetch ?? fetch
  const base = options.baseUrl.replace(/\/+$/, '')
  const cookies = options.cookies ?? new Map<string, string>()

  async function perform(route: Route, input: LooseInput, isDry = false): Promise<unknown> {
    if (route.events !== undefined) throw new TypeError(`\`${route.id}\` is listened to, not called`)
    const headers: Record<string, string> = { accept: 'application/json', ...options.headers }
    if (options.apiKey !== undefined) headers['authorization'] = `Bearer ${options.apiKey}`
    if (cookies.size > 0)
      headers['cookie'] = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    if (isMutation(route)) headers['origin'] = new URL(base).origin
    if (isMutation(route) && route.idempotent !== false)
      headers['idempotency-key'] = input.idempotencyKey ?? crypto.randomUUID()
    if (input.ifMatch !== undefined) headers['if-match'] = `"${input.ifMatch}"`
    const hasBody = input.body !== undefined
    if (hasBody) headers['content-type'] = 'application/json'
    const url =
      base +
      fillPath(route.path, input.params) +
      queryText(isDry ? { ...(input.query as object | undefined), dry: true } : input.query)
    let response: Response
    let text: string
    try {
      response = await send(url, {
        method: route.method,
        headers,
        redirect: 'error',
        signal: AbortSignal.timeout(options.timeoutMs ?? 30_000),
        ...(hasBody ? { body: JSON.stringify(input.body) } : {}),
      })
      text = await response.text()
    } catch (cause) {
      throw new NoAnswer(`${base === '' ? 'the server' : base} did not answer`, { cause })
    }
    keepCookies(cookies, response.headers.getSetCookie())
    if (response.ok && route.produces !== undefined) return text
    const value = parse(text, response.status)
    if (!response.ok) {
      const document = problem.safeParse(value)
      if (!document.success)
        throw new NoAnswer(`the answer with status ${response.status} is no problem document`)
      throw new ProblemError(document.data)
    }
    const reply = route.reply.safeParse(value)
    if (!reply.success)
      throw new NoAnswer('the reply does not have the documented form', { cause: reply.error })
    return reply.data
  }

  return {
    call: async <R extends Route>(route: R, input: CallInput<R>) =>
      (await perform(route, input)) as ReplyOf<R>, // parsed with the reply schema of the route
    ask: async (route, input) => {
      try {
        await perform({ ...route, reply: z.strictObject({ dry: z.literal(true) }) }, input, true)
        return null
      } catch (error) {
        if (error instanceof ProblemError) return error.problem
        throw error
      }
    },
    callById: (id, input) => {
      const route = routes.find((item) => item.id === id)
      if (route === undefined)
        return Promise.reject(
          new ProblemError(
            problemOf({ code: 'NOT_FOUND', detail: `there is no route \`${id}\``, requestId: '' }),
          ),
        )
      return perform(route, input)
    },
  }
}

function fillPath(path: string, params: unknown): string {
  const given = (params ?? {}) as Readonly<Record<string, unknown>> // read member by member below
  return path.replaceAll(/:([A-Za-z0-9]+)/g, (_, name: string) => {
    const value = given[name]
    if (
      (typeof value !== 'string' && typeof value !== 'number') ||
      value === '' ||
      value === '.' ||
      value === '..'
    )
      throw new TypeError(`path parameter \`${name}\` is missing`)
    return encodeURIComponent(value)
  })
}

function queryText(query: unknown): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const item of Array.isArray(value) ? value : [value])
      if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean')
        search.append(name, String(item))
  }
  return search.size === 0 ? '' : `?${search.toString()}`
}

function parse(text: string, status: number): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new NoAnswer(`the answer with status ${status} is not JSON`, { cause })
  }
}

function keepCookies(jar: Map<string, string>, lines: readonly string[]): void {
  for (const line of lines) {
    const [pair = '', ...attributes] = line.split(';')
    const at = pair.indexOf('=')
    if (at < 1) continue
    const [name, value] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()]
    const ended = value === '' || attributes.some((item) => /^\s*max-age=0\s*$/i.test(item))
    if (ended) jar.delete(name)
    else jar.set(name, value)
  }
}
