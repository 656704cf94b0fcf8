import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { mirrorsArguments, spokenEra } from './head.ts'
import { readMessage, type Message } from './message.ts'
import { headerText, headerValue, mirroredArguments } from './mirrored.ts'

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
}
const message = (method: string, params: object = {}): Message => {
  const read = readMessage(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))
  if ('fault' in read) throw new Error(read.fault)
  return read
}
const call = message('tools/call', { name: 'search', arguments: {}, _meta: meta })
const heads = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'search' }

test.each([
  ['everything is repeated', call, heads, 'modern'],
  ['the name is in base64', call, { ...heads, 'mcp-name': '=?base64?c2VhcmNo?=' }, 'modern'],
  ['another name', call, { ...heads, 'mcp-name': 'erase' }, 'header_mismatch'],
  ['another name in base64', call, { ...heads, 'mcp-name': '=?base64?ZXJhc2U=?=' }, 'header_mismatch'],
  ['another spelling of base64', call, { ...heads, 'mcp-name': '=?base64?c2VhcmNo=?=' }, 'header_mismatch'],
  ['no name', call, { ...heads, 'mcp-name': undefined }, 'header_mismatch'],
  ['another method', call, { ...heads, 'mcp-method': 'tools/list' }, 'header_mismatch'],
  ['no method', call, { ...heads, 'mcp-method': undefined }, 'header_mismatch'],
  ['another version', call, { ...heads, 'mcp-protocol-version': '2025-11-25' }, 'header_mismatch'],
  ['no version in the head', call, { ...heads, 'mcp-protocol-version': undefined }, 'header_mismatch'],
  ['no version in the body', message('tools/list'), { ...heads, 'mcp-method': 'tools/list' }, 'meta_missing'],
  [
    'no capabilities',
    message('tools/list', { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } }),
    { ...heads, 'mcp-method': 'tools/list' },
    'meta_missing',
  ],
  [
    'a version that nobody knows, said twice',
    message('tools/list', { _meta: { ...meta, 'io.modelcontextprotocol/protocolVersion': '1900-01-01' } }),
    { 'mcp-protocol-version': '1900-01-01', 'mcp-method': 'tools/list' },
    'version_unsupported',
  ],
  [
    'a version that nobody knows',
    message('tools/list'),
    { 'mcp-protocol-version': '1900-01-01' },
    'version_unsupported',
  ],
  ['an older version', message('tools/list'), { 'mcp-protocol-version': '2025-06-18' }, 'legacy'],
  ['no version at all', message('tools/list'), {}, 'legacy'],
] as const)('%s', (_what, asked, headers, expected) => {
  const spoken = spokenEra(asked, headers)
  expect('era' in spoken ? spoken.era : spoken.fault).toBe(expected)
})

test('law: a text comes back out of a header as it went in', () => {
  let encoded = 0
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('=?base64?x?=', ' a ', 'ä')),
      (text) => {
        const value = headerValue(text)
        if (value !== text) encoded += 1
        expect(value === '' || /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)).toBe(true)
        expect(headerText(value)).toBe(text)
      },
    ),
    { numRuns: 500 },
  )
  expect(encoded).toBeGreaterThan(50)
})

const schema = {
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    page: { type: 'object', properties: { n: { type: 'integer', 'x-mcp-header': 'Page' } } },
    query: { type: 'string' },
  },
}
const mirrored = mirroredArguments(schema, { region: 'eu west', page: { n: 42 }, query: 'x' })

test('what a tool wants repeated is read out of its arguments', () => {
  expect(mirrored).toEqual(
    new Map([
      ['mcp-param-region', 'eu west'],
      ['mcp-param-page', '42'],
    ]),
  )
  expect(mirroredArguments(schema, { region: null })).toEqual(new Map())
})

test.each([
  ['the same', { 'mcp-param-region': 'eu west', 'mcp-param-page': '42' }, true],
  ['a number spelled otherwise', { 'mcp-param-region': 'eu west', 'mcp-param-page': '42.0' }, true],
  ['another number', { 'mcp-param-region': 'eu west', 'mcp-param-page': '43' }, false],
  ['another text', { 'mcp-param-region': 'us', 'mcp-param-page': '42' }, false],
  ['one left out', { 'mcp-param-region': 'eu west' }, false],
])('headers that repeat %s', (_what, headers, expected) => {
  expect(mirrorsArguments(headers, mirrored ?? new Map())).toBe(expected)
})

test.each<[string, object]>([
  ['a number with a fraction', { properties: { a: { type: 'number', 'x-mcp-header': 'A' } } }],
  [
    'two of one name',
    {
      properties: { a: { type: 'string', 'x-mcp-header': 'A' }, b: { type: 'string', 'x-mcp-header': 'a' } },
    },
  ],
  ['no name', { properties: { a: { type: 'string', 'x-mcp-header': '' } } }],
  ['a line break', { properties: { a: { type: 'string', 'x-mcp-header': 'A\r\nB' } } }],
  [
    'an item of a list',
    { properties: { a: { type: 'array', items: { type: 'string', 'x-mcp-header': 'A' } } } },
  ],
  ['a choice', { anyOf: [{ properties: { a: { type: 'string', 'x-mcp-header': 'A' } } }] }],
])('nothing is repeated of a tool that wants %s', (_what, wrong) => {
  expect(mirroredArguments({ type: 'object', ...wrong }, { a: 'x' })).toBeNull()
})
