import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { FieldError } from '../contracts/problem.ts'
import { isMutation, type Route } from '../contracts/route.ts'
import { AppError } from '../kernel/index.ts'
import { isStorable } from './strict-json.ts'

/** Params, query and body of a request in the form that the route documents, or every field at fault at once. */
export function readInput(
  route: Route,
  request: FastifyRequest,
): { params: unknown; query: unknown; body: unknown } {
  const faults: FieldError[] = []
  const params = read('params', route.params, request.params, faults)
  const query = read('query', route.query, request.query, faults)
  const body =
    route.body === undefined ? noBody(request.body, faults) : read('body', route.body, request.body, faults)
  if (faults.length > 0) throw new AppError('INVALID_INPUT', undefined, { extra: { errors: faults } })
  return { params, query, body }
}

function read(
  place: FieldError['in'],
  schema: z.ZodType | undefined,
  value: unknown,
  faults: FieldError[],
): unknown {
  const given = place === 'body' ? value : { ...(value as object) } // fastify gives objects without prototype
  if (
    place !== 'body' &&
    !Object.entries(given as object)
      .flat(2)
      .every((text) => isStorable(String(text)))
  )
    faults.push({ in: place, pointer: '', message: 'a text holds NUL or a lone surrogate' })
  if (schema === undefined) {
    for (const name of Object.keys(given as object)) faults.push(unknownMember(place, [name]))
    return {}
  }
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  for (const issue of parsed.error.issues) {
    if (issue.code === 'unrecognized_keys')
      for (const name of issue.keys) faults.push(unknownMember(place, [...issue.path, name]))
    else faults.push({ in: place, pointer: pointer(issue.path), message: issue.message })
  }
  return undefined
}

function noBody(value: unknown, faults: FieldError[]): undefined {
  if (
    value !== undefined &&
    value !== null &&
    !(typeof value === 'object' && Object.keys(value).length === 0)
  )
    faults.push({ in: 'body', pointer: '', message: 'this route takes no body' })
  return undefined
}

function unknownMember(place: FieldError['in'], path: readonly PropertyKey[]): FieldError {
  return { in: place, pointer: pointer(path), message: 'unknown member' }
}

function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** The revision in `If-Match`: `"7"`. */
export function readIfMatch(route: Route, request: FastifyRequest): number | undefined {
  const text = request.headers['if-match']
  if (text === undefined) {
    if (route.revision === 'required') throw new AppError('PRECONDITION_REQUIRED')
    return undefined
  }
  const digits = /^"?(\d{1,15})"?$/.exec(text)?.[1]
  if (digits === undefined) throw headerFault('if-match', 'a revision in quotation marks')
  return Number(digits)
}

/** The idempotency key; required where a repetition could do something twice. */
export function readIdempotencyKey(
  route: Route,
  request: FastifyRequest,
  signedIn: boolean,
): string | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) {
    if (isMutation(route) && signedIn && route.idempotent !== false)
      throw headerFault('idempotency-key', 'required on every request that changes something')
    return undefined
  }
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(key))
    throw headerFault('idempotency-key', '1 to 128 printable characters')
  return key
}

/**
 * Refuses requests that another site made the browser send. Cookies are sent by themselves, so with a session the
 * request must prove its origin; without one it must not prove a foreign one.
 */
export function assertSameOrigin(
  route: Route,
  request: FastifyRequest,
  via: 'session' | 'api_key' | null,
  origins: readonly string[],
): void {
  if (!isMutation(route) || via === 'api_key') return
  const { origin, 'sec-fetch-site': site } = request.headers
  const own = origins.length > 0 ? origins : [`${request.protocol}://${request.host}`]
  const foreign =
    (site !== undefined && site !== 'same-origin') || (origin !== undefined && !own.includes(origin))
  const unproven = via === 'session' && site === undefined && origin === undefined
  if (foreign || unproven)
    throw new AppError('FORBIDDEN', 'the request does not come from the console of this installation')
}

function headerFault(name: string, message: string): AppError {
  const fault: FieldError = { in: 'header', pointer: `/${name}`, message }
  return new AppError('INVALID_INPUT', undefined, { extra: { errors: [fault] } })
}
