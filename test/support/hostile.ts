import * as fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { encodeCursor } from '../../src/contracts/paging.ts'
import { problem } from '../../src/contracts/problem.ts'
import { isMutation, type Route } from '../../src/contracts/route.ts'
import type { Json, JsonObject } from '../../src/kernel/index.ts'

const nasty: readonly string[] = [
  '',
  '\0',
  '\ud800',
  '../..',
  '%00',
  '%zz',
  "';--",
  '__proto__',
  'constructor',
  'toString',
  '9'.repeat(400),
  'ses_',
  '"1"',
  '\u202e\u2066x',
  '1970-01-01T00:00:00.000Z',
  '9999-12-31T23:59:59.999Z',
]
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom(...nasty))
const number = fc.constantFrom(0, -0, -1, 0.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 1e21, 253_402_300_800_000)
const value: fc.Arbitrary<Json> = fc.oneof(
  text,
  number,
  fc.constantFrom<Json>(null, true, false, [], {}, [[]], { k: 'person' }, ['x', 1, null]),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>, // JSON by its name
)
/** Bodies that are no document of any route, and mostly no JSON. */
const junk = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.constantFrom(
    '',
    '{',
    'null',
    '[]',
    '\ufeff{}',
    '{"a":1,"a":2}',
    '{"__proto__":{}}',
    '{"constructor":{"prototype":{}}}',
    '['.repeat(5_000),
    `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`,
    '1e999',
    '"\\ud800"',
    `{"a":"${'x'.repeat(1_100_000)}"}`,
  ),
  text,
)

/** Somebody who sends requests: their credentials, whole or broken. */
export type Sender = { readonly name: string; readonly headers: Readonly<Record<string, string>> }

export type HostileOptions = {
  /** How many requests at least, over all routes. */
  readonly runs?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Who sends; nobody unless said. */
  readonly senders?: readonly Sender[]
  /** Ids, digests and names that exist, to be mixed into what is otherwise random. */
  readonly known?: readonly string[]
  /** Looks at the world before and after each request, and throws when it may not have changed so. */
  readonly watch?: (sent: Sent, act: () => Promise<number>) => Promise<void>
}
export type Sent = { readonly route: Route; readonly sender: string }
export type HostileReport = {
  readonly requests: number
  readonly refused: number
  /** Routes that have answered with success. */
  readonly succeeded: ReadonlySet<string>
}

const perRound = 4

/**
 * Sends random and hostile requests to every route: documents that nearly fit its schemas, filled with what exists, and
 * plain junk. Throws when one of them gives a 5xx, or an error that is no problem document.
 */
export async function exerciseHostile(
  app: FastifyInstance,
  routes: readonly Route[],
  options: HostileOptions = {},
): Promise<HostileReport> {
  const { known = [], watch } = options
  const senders = options.senders ?? [{ name: 'sender', headers: options.headers ?? {} }]
  const succeeded = new Set<string>()
  let [requests, refused] = [0, 0]
  const requestTo = (route: Route) =>
    fc.record({
      sender: fc.constantFrom(...senders),
      path: pathOf(route, known),
      query: queryOf(route, known),
      body: bodyOf(route, known),
      type: often('application/json', 'application/json; charset=utf-16', 'text/plain', ''),
      key: often(null, '', 'k1', 'k2', 'x'.repeat(200), 'ä'),
      ifMatch: fc.oneof(
        { weight: 3, arbitrary: fc.nat(9).map((n) => `"${n}"`) },
        fc.constantFrom('"1"', 'W/"1"', '*', '-1', '99999999999999999999'),
      ),
    })
  const propertyOf = (route: Route) =>
    fc.asyncProperty(requestTo(route), async ({ sender, path, query, body, type, key, ifMatch }) => {
      const act = async () => {
        const response = await app.inject({
          method: route.method,
          url: `${path}${query}`,
          headers: {
            ...(type === '' ? {} : { 'content-type': type }),
            'idempotency-key': key ?? `fresh-${requests}`,
            'if-match': ifMatch,
            ...sender.headers,
          },
          ...(isMutation(route) ? { payload: body } : {}),
        })
        requests += 1
        assertAnswer(route, response)
        const isRefused = response.statusCode >= 400
        if (isRefused) refused += 1
        if (!isRefused) succeeded.add(route.id)
        return response.statusCode
      }
      if (watch === undefined) await act()
      else await watch({ route, sender: sender.name }, act)
    })
  // Rounds over all routes, so that each meets what the others have left.
  const properties = routes.map(propertyOf)
  const rounds = Math.ceil((options.runs ?? 300) / routes.length / perRound)
  for (let round = 0; round < rounds; round += 1)
    for (const property of properties) await fc.assert(property, { numRuns: perRound, endOnFailure: true })
  return { requests, refused, succeeded }
}

function assertAnswer(route: Route, response: { readonly statusCode: number; readonly body: string }): void {
  const { statusCode, body } = response
  if (statusCode >= 500) throw new Error(`${statusCode} for ${route.id}: ${body}`)
  if (statusCode < 400) return
  const document = problem.parse(JSON.parse(body))
  if (document.status !== statusCode || document.requestId === '')
    throw new Error(`${statusCode} for ${route.id}, but the problem says ${body}`)
}

/** `usual` nine times out of ten. */
function often<T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, fc.constantFrom(...others))
}

function pathOf(route: Route, known: readonly string[]): fc.Arbitrary<string> {
  const schema = schemaOf(route.params)
  const members = (schema?.['properties'] ?? {}) as JsonObject // JSON Schema of an object
  const parts = route.path.split('/').map((part) => {
    if (!part.startsWith(':')) return fc.constant(part)
    const fitting = fromSchema(members[part.slice(1)] as JsonObject, known).map(String) // a schema is an object
    return mostly(fitting, text).map(pathText)
  })
  return fc.tuple(...parts).map((all) => all.join('/'))
}

function queryOf(route: Route, known: readonly string[]): fc.Arbitrary<string> {
  const schema = schemaOf(route.query)
  const wild = fc.tuple(text, text).map(([name, given]) => `?${pathText(name)}=${pathText(given)}`)
  if (schema === null) return mostly(fc.constant(''), wild)
  const cursors = fc.array(fc.oneof(text, number, fc.constantFrom(null, true, ...known)), { maxLength: 3 })
  const fitting = fc
    .tuple(
      fromSchema(schema, known),
      fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, cursors.map(encodeCursor)),
    )
    .map(([members, cursor]) => {
      const all: JsonObject = { ...(members as JsonObject), ...(cursor === null ? {} : { cursor }) } // of an object schema
      const plain = (given: Json) => (typeof given === 'string' ? given : JSON.stringify(given))
      const pairs = Object.entries(all).map(([name, given]) => `${name}=${pathText(plain(given))}`)
      return pairs.length === 0 ? '' : `?${pairs.join('&')}`
    })
  return mostly(fitting, wild)
}

function bodyOf(route: Route, known: readonly string[]): fc.Arbitrary<string> {
  const schema = schemaOf(route.body)
  if (schema === null) return fc.oneof({ weight: 9, arbitrary: fc.constant('') }, junk)
  const fitting = fromSchema(schema, known).map((document) => JSON.stringify(document))
  const bent = fc
    .tuple(fromSchema(schema, known), fc.nat(), value)
    .map(([document, at, other]) => JSON.stringify(replaced(document, at, other)))
  const doubled = fitting.map((document) => document.replace(/^\{("[^"]*":)/, '{$1null,$1'))
  return fc.oneof(
    { weight: 9, arbitrary: fitting },
    { weight: 4, arbitrary: bent },
    { weight: 1, arbitrary: doubled },
    { weight: 1, arbitrary: junk },
  )
}

/** The document with its `at`th node, counted round and round, replaced. */
function replaced(document: Json, at: number, other: Json): Json {
  let left = at % countOf(document)
  const walk = (node: Json): Json => {
    if (left === 0) {
      left -= 1
      return other
    }
    left -= 1
    if (Array.isArray(node)) return (node as readonly Json[]).map(walk)
    if (typeof node !== 'object' || node === null) return node
    return Object.fromEntries(Object.entries(node).map(([name, item]) => [name, walk(item)]))
  }
  return walk(document)
}

function countOf(document: Json): number {
  if (typeof document !== 'object' || document === null) return 1
  return Object.values(document).reduce<number>((sum, item: Json) => sum + countOf(item), 1)
}

function schemaOf(schema: z.ZodType | undefined): JsonObject | null {
  if (schema === undefined) return null
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonObject // plain JSON
}

/** Values that mostly fit a JSON Schema of the kind that the routes have. Depth is bounded by the schemas themselves. */
function fromSchema(schema: JsonObject, known: readonly string[]): fc.Arbitrary<Json> {
  const nested = (member: Json | undefined) => fromSchema((member ?? {}) as JsonObject, known) // a schema is an object
  const choices = (schema['anyOf'] ?? schema['oneOf']) as readonly Json[] | undefined
  if (choices !== undefined) return fc.oneof(...choices.map(nested))
  if ('const' in schema) return fc.constant(schema['const'] ?? null)
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as readonly Json[]))
  switch (schema['type']) {
    case 'object': {
      const members = (schema['properties'] ?? {}) as JsonObject
      const required = (schema['required'] ?? []) as readonly string[]
      const fixed = fc.record(
        Object.fromEntries(Object.entries(members).map(([name, member]) => [name, nested(member)])),
        { requiredKeys: [...required] },
      ) as fc.Arbitrary<JsonObject> // every member is JSON
      const open = schema['additionalProperties']
      if (typeof open !== 'object' || open === null) return fixed
      const names = fc.oneof(fc.constantFrom('title', 'purpose', 'actions', ...known.slice(0, 40)), text)
      return fc
        .tuple(fixed, fc.array(fc.tuple(names, nested(open)), { maxLength: 3 }))
        .map(([own, more]) => ({ ...own, ...Object.fromEntries(more) }))
    }
    case 'array':
      return fc.array(nested(schema['items']), { maxLength: 3 })
    case 'integer':
    case 'number': {
      const [min, max] = [Number(schema['minimum'] ?? 0), Number(schema['maximum'] ?? 50)]
      return mostly(fc.integer({ min, max: Math.max(min, Math.min(max, 200)) }), number)
    }
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'string':
      return stringOf(schema, known)
    default:
      return value
  }
}

const instants = [-400, -1, 1, 30, 80, 400].map((days) =>
  new Date(Date.now() + days * 86_400_000).toISOString(),
)

function stringOf(schema: JsonObject, known: readonly string[]): fc.Arbitrary<Json> {
  const length = { min: Number(schema['minLength'] ?? 0), max: Number(schema['maxLength'] ?? 200) }
  const form = new RegExp(typeof schema['pattern'] === 'string' ? schema['pattern'] : '', 'u')
  const fits = (item: string) =>
    form.test(item) && item.length >= length.min && item.length <= Math.max(length.max, 1)
  const fitting = [...words, 'x'.repeat(Math.min(length.min, 200)), ...known, ...instants].filter(fits)
  return fitting.length === 0 ? text : mostly(fc.constantFrom(...fitting), text)
}

const words = ['incident', 'A reason that is long enough to be read.', 'https://localhost', 'chat', '']

/** `usual` nineteen times out of twenty: a document has many members, and one at fault is enough. */
function mostly<T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 19, arbitrary: usual }, other)
}

/** Mostly encoded, sometimes broken on purpose; lone surrogates cannot be encoded. */
function pathText(given: string): string {
  return given.startsWith('%') ? given : encodeURIComponent(given.toWellFormed())
}
