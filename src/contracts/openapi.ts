import { z } from 'zod'
import { errors, type ErrorCode, type Json, type JsonObject } from '../kernel/index.ts'
import { problem } from './problem.ts'
import { isMutation, mayRunDry, type Route } from './route.ts'

/** The OpenAPI 3.1 document of a route table. The same table always gives the same document. */
export function openApi(
  routes: readonly Route[],
  info: { readonly title: string; readonly version: string },
): JsonObject {
  const paths: Record<string, Record<string, Json>> = {}
  for (const item of routes.toSorted((a, b) => compare(a.path, b.path) || compare(a.method, b.method))) {
    const path = item.path.replaceAll(/:([A-Za-z0-9]+)/g, '{$1}')
    paths[path] = { ...paths[path], [item.method.toLowerCase()]: operation(item) }
  }
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: info.title,
      version: info.version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [...new Set(routes.map((item) => item.tag))].toSorted().map((name) => ({ name })),
    paths,
    components: {
      schemas: { Problem: jsonSchema(problem) },
      responses: Object.fromEntries(
        Object.entries(errors).map(([code, spec]) => [
          code,
          {
            description: spec.title,
            content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
          },
        ]),
      ),
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: '__Host-countersign' },
        apiKey: { type: 'http', scheme: 'bearer', description: 'API key of a service account' },
      },
    },
  }
}

function operation(item: Route): Json {
  const isPublic = 'public' in item.access
  return {
    operationId: item.id,
    summary: item.summary,
    tags: [item.tag],
    security: isPublic ? [] : [{ session: [] }, { apiKey: [] }],
    'x-access': item.access,
    ...(item.refuses === undefined ? {} : { 'x-refuses': item.refuses }),
    ...(item.events === undefined
      ? {}
      : {
          'x-events': Object.fromEntries(
            Object.entries(item.events).map(([name, schema]) => [name, jsonSchema(schema)]),
          ),
        }),
    parameters: [
      ...parameters(item.params, 'path'),
      ...parameters(item.query, 'query'),
      ...(item.events === undefined ? [] : [lastEventId]),
      ...(mayRunDry(item) ? [dryParameter] : []),
      ...(needsKey(item)
        ? [header('Idempotency-Key', { type: 'string', minLength: 1, maxLength: 128 })]
        : []),
      ...(item.revision === 'required'
        ? [header('If-Match', { type: 'string', pattern: '^"[0-9]+"$' })]
        : []),
    ],
    ...(item.body === undefined
      ? {}
      : {
          requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(item.body) } } },
        }),
    responses: {
      [String(item.status ?? 200)]: {
        description: item.summary,
        content: { [item.produces ?? 'application/json']: { schema: jsonSchema(item.reply) } },
      },
      ...problemResponses(item),
    },
  }
}

const dryParameter: Json = {
  name: 'dry',
  in: 'query',
  required: false,
  description: 'Decide and change nothing: the answer is `{"dry": true}`, or the problem with every reason',
  schema: { const: 'true' },
}

/** SPEC: HTML, 9.2.4: a browser that connects anew sends it by itself. */
const lastEventId: Json = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'The id of the last event that was received; what has changed since is told at once',
  schema: { type: 'string', pattern: '^[0-9]{1,15}$' },
}

/** Whether callers who are signed in must send an `Idempotency-Key`. */
export function needsKey(item: Route): boolean {
  return isMutation(item) && item.idempotent !== false && !('public' in item.access)
}

function problemResponses(item: Route): Record<string, Json> {
  const codes: ErrorCode[] = ['INVALID_INPUT', 'THROTTLED', 'INTERNAL', 'FAIL_CLOSED']
  if (!('public' in item.access)) codes.push('UNAUTHENTICATED', 'FORBIDDEN')
  if (item.params !== undefined) codes.push('NOT_FOUND')
  if (isMutation(item)) codes.push('STALE', 'TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'REFUSED')
  if (item.revision === 'required') codes.push('PRECONDITION_REQUIRED')
  return Object.fromEntries(
    codes.map((code) => [errors[code].status, { $ref: `#/components/responses/${code}` }]),
  )
}

function parameters(schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (schema === undefined) return []
  const whole = jsonSchema(schema)
  const required = Array.isArray(whole['required']) ? whole['required'] : []
  return Object.entries((whole['properties'] ?? {}) as JsonObject).map(([name, member]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: member,
  }))
}

function header(name: string, schema: JsonObject): Json {
  return { name, in: 'header', required: true, schema }
}

function jsonSchema(schema: z.ZodType): JsonObject {
  // A transform only brands here; its output has the form of its input, which has a JSON Schema.
  const document = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input', unrepresentable: 'any' })
  const { $schema: _, ...rest } = document
  return rest as JsonObject // plain JSON by construction
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
