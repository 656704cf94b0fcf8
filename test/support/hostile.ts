import * as fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { problem } from '../../src/contracts/problem.ts'
import type { Route } from '../../src/contracts/route.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    '\0',
    '\ud800',
    '../..',
    '%00',
    '%zz',
    "';--",
    '__proto__',
    '9'.repeat(400),
    'ses_',
    '"1"',
  ),
)
const json = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.constantFrom(
    '',
    '{',
    'null',
    '[]',
    '{"a":1,"a":2}',
    '{"__proto__":{}}',
    '['.repeat(5_000),
    '1e999',
    '"\\ud800"',
  ),
  text,
)

export type HostileReport = { readonly requests: number; readonly refused: number }

/**
 * Sends random and hostile requests to every route. Throws when one of them gives a 5xx, or an error that is no
 * problem document. `headers` make the requests come from somebody who is signed in.
 */
export async function exerciseHostile(
  app: FastifyInstance,
  routes: readonly Route[],
  options: { readonly runs?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<HostileReport> {
  let [requests, refused] = [0, 0]
  const property = fc.asyncProperty(
    fc.constantFrom(...routes),
    fc.array(text, { minLength: 4, maxLength: 4 }),
    json,
    text,
    fc.constantFrom('application/json', 'application/json; charset=utf-16', 'text/plain', ''),
    fc.constantFrom('', 'k1', 'x'.repeat(200), 'ä'),
    fc.constantFrom('"1"', 'W/"1"', '*', '-1', '99999999999999999999'),
    async (route, segments, body, query, type, key, ifMatch) => {
      let index = 0
      const path = route.path.replaceAll(/:[A-Za-z0-9]+/g, () => pathText(segments[index++] ?? ''))
      const response = await app.inject({
        method: route.method,
        url: `${path}?${pathText(query)}=${pathText(query)}`,
        headers: {
          ...(type === '' ? {} : { 'content-type': type }),
          'idempotency-key': key,
          'if-match': ifMatch,
          ...options.headers,
        },
        ...(route.method === 'GET' ? {} : { payload: body }),
      })
      requests += 1
      if (response.statusCode >= 500)
        throw new Error(`${response.statusCode} for ${route.id}: ${response.body}`)
      if (response.statusCode < 400) return
      refused += 1
      const document = problem.parse(JSON.parse(response.body))
      if (document.status !== response.statusCode) throw new Error(`status differs in ${response.body}`)
    },
  )
  await fc.assert(property, { numRuns: options.runs ?? 300 })
  return { requests, refused }
}

/** Mostly encoded, sometimes broken on purpose; lone surrogates cannot be encoded. */
function pathText(value: string): string {
  return value.startsWith('%') ? value : encodeURIComponent(value.toWellFormed())
}
