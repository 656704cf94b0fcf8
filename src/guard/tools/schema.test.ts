import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json, JsonObject } from '../../kernel/index.ts'
import { maxPatternLength } from './linear-pattern.ts'
import { compileSchema, maxSchemaBytes } from './schema.ts'

function checked(schema: Json, args: Json) {
  const compiled = compileSchema(schema)
  if (!compiled.ok) throw new Error(compiled.fault)
  return compiled.check(args)
}

const draft07 = 'http://json-schema.org/draft-07/schema#'
const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
})

test.each<[string, Json, Json, string]>([
  ['what fits', object({ a: { type: 'string' } }, { required: ['a'] }), { a: 'x' }, 'ok'],
  ['a missing member', object({}, { required: ['a'] }), {}, 'required'],
  ['a member of another type', object({ a: { type: 'integer' } }), { a: '1' }, 'type'],
  [
    'a member that is not foreseen',
    object({}, { additionalProperties: false }),
    { a: 1 },
    'additionalProperties',
  ],
  ['a member that every object inherits', object({}, { required: ['constructor'] }), {}, 'required'],
  ['a tuple of draft 2020-12', { prefixItems: [{ type: 'string' }], items: false }, ['a', 1], 'items'],
  [
    'a tuple of draft-07',
    { $schema: draft07, items: [{ type: 'string' }], additionalItems: false },
    ['a', 1],
    'additionalItems',
  ],
  ['what a definition refuses', { $defs: { a: { type: 'string' } }, $ref: '#/$defs/a' }, 1, 'type'],
  [
    'a definition of draft-07',
    { $schema: draft07, definitions: { 'a/b': { type: 'string' } }, $ref: '#/definitions/a~1b' },
    1,
    'type',
  ],
  ['a text that its pattern does not find', { pattern: '^a+$' }, 'b', 'pattern'],
  ['a text that its pattern finds', { pattern: 'a' }, 'bab', 'ok'],
  [
    'the second of two patterns',
    { properties: { a: { pattern: 'a' }, b: { pattern: 'b' } } },
    { a: 'a', b: 'a' },
    'pattern',
  ],
  ['a name that a pattern closes', { patternProperties: { '^x-': false } }, { 'x-a': 1 }, 'false schema'],
  [
    'equal items, members in another order',
    { uniqueItems: true },
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    'uniqueItems',
  ],
  ['different items', { uniqueItems: true }, [1, '1', true, null, [1], { a: 1 }], 'ok'],
  ['equal items where that does not matter', { uniqueItems: false }, [1, 1], 'ok'],
  ['a format, which is an annotation', { format: 'email' }, 'no address', 'ok'],
  ['an unknown keyword', { 'x-internal': true, type: 'string' }, 'a', 'ok'],
  ['nothing, where nothing is allowed', false, {}, 'false schema'],
  ['the name of the schema', { $id: 'https://tools.example/a', type: 'string' }, 'a', 'ok'],
])('arguments: %s', (_what, schema, args, expected) => {
  const result = checked(schema, args)
  expect(result.k === 'refused' ? result.keyword : result.k).toBe(expected)
})

test('a refusal says where', () => {
  expect(checked(object({ a: { items: { type: 'string' } } }), { a: ['x', 1] })).toEqual({
    k: 'refused',
    path: '/a/1',
    keyword: 'type',
  })
})

test.each<[string, Json, string]>([
  ['more than 64 KiB', { description: 'x'.repeat(maxSchemaBytes) }, 'too_large'],
  ['another draft', { $schema: 'http://json-schema.org/draft-04/schema#' }, 'unsupported_draft'],
  ['a text instead of a schema', 'object', 'unsupported_draft'],
  ['a keyword with a value it cannot have', { type: 'objekt' }, 'invalid'],
  ['a reference to another document', { $ref: 'https://tools.example/a.json' }, 'remote_ref'],
  ['a reference to a file', { properties: { a: { $ref: 'b.json#/c' } } }, 'remote_ref'],
  ['a reference to nothing', { $ref: '#/$defs/a' }, 'unresolved_ref'],
  ['a reference to what every object inherits', { $ref: '#/constructor' }, 'unresolved_ref'],
  ['a reference to an anchor', { $defs: { a: { $anchor: 'a' } }, $ref: '#a' }, 'unresolved_ref'],
  ['a dynamic reference', { $dynamicRef: '#a' }, 'unresolved_ref'],
  ['a reference to itself', { $ref: '#' }, 'ref_loop'],
  [
    'a circle of references',
    { $defs: { a: { not: { $ref: '#/$defs/b' } }, b: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' },
    'ref_loop',
  ],
  ['an identifier inside', { $defs: { a: { $id: 'https://tools.example/b' } } }, 'nested_id'],
  [
    'an identifier on the way to what it refers to',
    { 'x-own': { $id: 'https://tools.example/b', a: { $ref: '#/x' } }, $ref: '#/x-own/a' },
    'nested_id',
  ],
  ['endless nesting', nested(17), 'too_deep'],
  [
    'hundreds of alternatives',
    { anyOf: Array.from({ length: 257 }, () => ({ type: 'string' })) },
    'too_wide',
  ],
  [
    'thousands of schemas',
    { allOf: Array.from({ length: 200 }, () => ({ allOf: Array.from({ length: 11 }, () => ({})) })) },
    'too_wide',
  ],
  ['a doubling of references', doubling(30), 'too_costly'],
  ['a doubling with the depth of the arguments', branching(), 'too_costly'],
  ['look-ahead', { pattern: '^(?=a)' }, 'unsupported_pattern'],
  ['a back reference', { pattern: '(a)\\1' }, 'unsupported_pattern'],
  ['a look-ahead in the name of a member', { patternProperties: { '(?!a)': true } }, 'unsupported_pattern'],
  ['too many repetitions', { pattern: '(a{1000}){1000}' }, 'unsupported_pattern'],
  [
    'many large patterns',
    { allOf: Array.from({ length: 30 }, (_, i) => ({ pattern: `a{1000}${i}` })) },
    'unsupported_pattern',
  ],
  ['a pattern without end', { pattern: 'a'.repeat(maxPatternLength + 1) }, 'unsupported_pattern'],
])('a schema with %s cannot be used', (_what, schema, fault) => {
  expect(compileSchema(schema)).toEqual({ ok: false, fault })
})

test('a value of any JSON form is a usable schema, although it refers to itself', () => {
  const json = {
    $defs: {
      json: {
        anyOf: [
          { type: ['string', 'number', 'boolean', 'null'] },
          { type: 'array', items: { $ref: '#/$defs/json' } },
          { type: 'object', additionalProperties: { $ref: '#/$defs/json' } },
        ],
      },
    },
    ...object({ value: { $ref: '#/$defs/json' } }),
  }
  expect(checked(json, { value: [{ a: [null, 'x', { b: 1 }] }] })).toEqual({ k: 'ok' })
})

test('arguments are bounded in depth, in what they cost and in what patterns read', () => {
  const deep = (depth: number): Json => (depth === 0 ? 1 : [deep(depth - 1)])
  expect(checked(true, deep(16))).toEqual({ k: 'ok' })
  expect(checked(true, deep(17))).toEqual({ k: 'fault', fault: 'arguments_too_deep' })
  const wide = { items: { enum: Array.from({ length: 2_000 }, (_, i) => i) } }
  expect(
    checked(
      wide,
      Array.from({ length: 3_000 }, () => 1),
    ),
  ).toEqual({ k: 'fault', fault: 'arguments_too_costly' })
  // `not` turns a pattern that gives up into one that lets pass, so it must not merely find nothing
  const greedy = { not: { pattern: '^([a-z]{2}){1,500}$' } }
  expect(checked(greedy, 'a'.repeat(20_000))).toEqual({ k: 'fault', fault: 'arguments_too_costly' })
  expect(checked(greedy, 'ab')).toMatchObject({ k: 'refused' })
})

test('what one check has used is not taken from the next', () => {
  const compiled = compileSchema({ pattern: '^a+$' })
  const text = 'a'.repeat(400_000)
  for (let i = 0; i < 5; i += 1) expect(compiled.ok && compiled.check(text)).toEqual({ k: 'ok' })
})

test('a text in a schema never becomes code', () => {
  const hostile = '`"\'\\\u2028);globalThis.pwned=1;//${globalThis.pwned=1}'
  const schemas: Json[] = [
    object({ [hostile]: { type: 'string' } }, { required: [hostile] }),
    { enum: [hostile] },
    { const: hostile },
    {
      $defs: { [hostile.replaceAll('/', '')]: true },
      description: hostile,
      title: hostile,
      $comment: hostile,
    },
    { dependentRequired: { [hostile]: [hostile] }, dependentSchemas: { [hostile]: { required: [hostile] } } },
    { patternProperties: { 'a`"\\);globalThis.pwned=1;//': { type: 'string' } } },
  ]
  for (const schema of schemas) {
    const compiled = compileSchema(schema)
    if (compiled.ok) compiled.check({ [hostile]: hostile, a: 1 })
  }
  expect(schemas.filter((schema) => compileSchema(schema).ok).length).toBeGreaterThan(4)
  expect('pwned' in globalThis).toBe(false)
})

const anyKeyword = fc.constantFrom(
  'type',
  'items',
  'not',
  '$ref',
  'anyOf',
  'required',
  'enum',
  'pattern',
  '__proto__',
  'x',
)
const anySchema = fc.letrec<{ schema: Json }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Json>(true, 'string', '#', '#/items', 3, null, '(', 'a'),
    fc.array(tie('schema'), { maxLength: 3 }),
    fc.dictionary(anyKeyword, tie('schema'), { maxKeys: 4 }),
  ),
})).schema

test('law: whatever a schema is, it compiles or has a named fault, and a check of it ends', () => {
  let usable = 0
  fc.assert(
    fc.property(anySchema, anySchema, (schema, args) => {
      const compiled = compileSchema(schema)
      if (!compiled.ok) return
      usable += 1
      expect(['ok', 'refused', 'fault']).toContain(compiled.check(args).k)
    }),
    { numRuns: 500 },
  )
  expect(usable).toBeGreaterThan(50)
})

function nested(depth: number): Json {
  return depth === 0 ? {} : { properties: { a: nested(depth - 1) } }
}

/** Each definition asks the next one twice. */
function doubling(count: number): Json {
  const next = (i: number): Json => ({
    anyOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }],
  })
  const defs = Array.from({ length: count }, (_, i): [string, Json] => [`d${i}`, next(i)])
  return { $defs: { ...Object.fromEntries(defs), [`d${count}`]: false }, $ref: '#/$defs/d0' }
}

/** Each level asks the next one three times. */
function branching(): Json {
  const again = { items: { $ref: '#/$defs/a' } }
  return { $defs: { a: { anyOf: [again, again, again] } }, $ref: '#/$defs/a' }
}
