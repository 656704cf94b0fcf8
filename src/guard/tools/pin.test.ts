import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestOf, type Json, type JsonObject } from '../../kernel/index.ts'
import { maxDefinitionBytes, pinOf, type DefinitionForm } from './pin.ts'

const schema: Json = {
  type: 'object',
  properties: { title: { type: 'string', maxLength: 200 } },
  required: ['title'],
}
const name = 'create_ticket'
const description = 'Creates a ticket.'
const neutral = { name, description, inputSchema: schema }

test.each([
  ['openai-chat', { type: 'function', function: { name, description, parameters: schema, strict: true } }],
  ['openai-responses', { type: 'function', name, description, parameters: schema, strict: null }],
  ['anthropic-messages', { name, description, input_schema: schema, cache_control: { type: 'ephemeral' } }],
  ['anthropic-messages', { type: 'custom', name, description, input_schema: schema }],
  ['mcp', { name, description, inputSchema: schema, _meta: { a: 1 }, title: null }],
] as const)('%s: a tool is named by the digest of what it says of itself', (form, wire) => {
  expect(pinOf(form, wire)).toEqual({ ok: true, definition: neutral, digest: digestOf(neutral) })
})

test('title, output schema and annotations of an MCP tool are part of it', () => {
  const wire = { ...neutral, title: 'Ticket', outputSchema: schema, annotations: { readOnlyHint: true } }
  expect(pinOf('mcp', wire)).toEqual({ ok: true, definition: wire, digest: digestOf(wire) })
})

test('a tool without parameters takes none', () => {
  const bare = pinOf('openai-chat', { type: 'function', function: { name } })
  expect(bare).toMatchObject({ definition: { inputSchema: { type: 'object', properties: {} } } })
})

test.each<[string, DefinitionForm, Json]>([
  ['a hosted tool of OpenAI', 'openai-responses', { type: 'web_search' }],
  ['a hosted tool of Anthropic', 'anthropic-messages', { type: 'web_search_20250305', name: 'web_search' }],
  ['a custom tool of OpenAI chat', 'openai-chat', { type: 'custom', custom: { name } }],
  ['no name', 'mcp', { inputSchema: schema }],
  ['an empty name', 'mcp', { name: '', inputSchema: schema }],
  ['a description that is no text', 'mcp', { name, description: ['x'], inputSchema: schema }],
  ['a title that is no text', 'mcp', { name, title: 3, inputSchema: schema }],
  ['a list', 'mcp', [neutral]],
  ['nothing', 'anthropic-messages', null],
  ['a lone surrogate', 'mcp', { name, description: '\ud800', inputSchema: schema }],
  ['a member `__proto__`', 'mcp', { name, inputSchema: JSON.parse('{"__proto__":{}}') as Json }],
  ['endless nesting', 'mcp', { name, inputSchema: nested(80) }],
])('%s has no pin', (_what, form, wire) => {
  expect(pinOf(form, wire)).toEqual({ ok: false, fault: 'definition_unreadable' })
})

test('a definition is bounded', () => {
  const wire = { name, description: 'x'.repeat(maxDefinitionBytes), inputSchema: schema }
  expect(pinOf('mcp', wire)).toEqual({ ok: false, fault: 'definition_too_large' })
})

const anyName = fc.stringMatching(/^[#$\w]{1,6}$/)
const anyJson: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Json>(null, true, 'x', '0.5', 0.5, 1, -0, 1e300),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(anyName, tie('json'), { maxKeys: 3 }),
  ),
})).json
const anyText = fc.option(fc.string({ unit: 'grapheme', maxLength: 8 }), { nil: undefined })
const anySchema = fc.dictionary(anyName, anyJson, { maxKeys: 4 })

test('law: the same tool has the same digest on every wire, in every order of members', () => {
  fc.assert(
    fc.property(anyText, anySchema, fc.boolean(), (description, inputSchema, strict) => {
      const common = { name, ...(description === undefined ? {} : { description }) }
      const wires: Readonly<Record<DefinitionForm, JsonObject>> = {
        'openai-chat': { type: 'function', function: { strict, parameters: inputSchema, ...common } },
        'openai-responses': { type: 'function', ...common, strict, parameters: inputSchema },
        'anthropic-messages': { ...common, input_schema: inputSchema },
        mcp: { inputSchema, ...common },
      }
      const digests = (Object.keys(wires) as DefinitionForm[]).flatMap((form) => {
        const [pin, again] = [pinOf(form, wires[form]), pinOf(form, turned(wires[form]) as JsonObject)]
        return [pin, again].map((one) => (one.ok ? one.digest : one.fault))
      })
      expect(new Set(digests).size).toBe(1)
      expect(digests[0]).toMatch(/^sha256:/)
    }),
  )
})

test('law: definitions that differ have different digests', () => {
  let differing = 0
  fc.assert(
    fc.property(anyJson, anyJson, (a, b) => {
      const [one, other] = [a, b].map((value) => pinOf('mcp', { name, inputSchema: { const: value } }))
      const isSame = JSON.stringify(turned(a, true)) === JSON.stringify(turned(b, true))
      if (!isSame) differing += 1
      expect(one?.ok && other?.ok && one.digest === other.digest).toBe(isSame)
    }),
    { numRuns: 500 },
  )
  expect(differing).toBeGreaterThan(100)
})

test('a fraction and the object that stands for it are two things', () => {
  const digests = [0.5, { '#': '0.5' }, { '##': '0.5' }].map((value) =>
    pinOf('mcp', { name, inputSchema: { const: value } }),
  )
  expect(new Set(digests.map((pin) => pin.ok && pin.digest)).size).toBe(3)
})

/** The same value with the members of each object in reverse, or in sorted order. */
function turned(value: unknown, isSorted = false): unknown {
  if (Array.isArray(value)) return value.map((item) => turned(item, isSorted))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([key, member]) => [key, turned(member, isSorted)] as const)
  const ordered = isSorted ? members.sort(([a], [b]) => (a < b ? -1 : 1)) : members.reverse()
  return Object.fromEntries(ordered)
}

function nested(depth: number): Json {
  return depth === 0 ? {} : { not: nested(depth - 1) }
}
