import { expect, test } from 'vitest'
import { McpWrap, type WrapDecision } from './mcp-wrap.ts'

const page = (id: string, result: object) => JSON.stringify({ jsonrpc: '2.0', id, result })
const request = (method: string, params?: object) => JSON.stringify({ jsonrpc: '2.0', id: 7, method, params })
const version = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }
const spoken = {
  cursor: 'mine',
  secret: 'of the client',
  _meta: { progressToken: 'of the client', note: 'of the client' },
}

/** A server with two pages of tools behind a gateway that knows it once it was told the list. */
function wrapped() {
  const [asked, shown, decided]: [object[], string[], string[]] = [[], [], []]
  const pages: Readonly<Record<string, object>> = {
    first: { tools: [{ name: 'a' }], nextCursor: 'second' },
    second: { tools: [{ name: 'b' }], ttlMs: 1 },
  }
  let isKnown = false
  const wrap: McpWrap = new McpWrap({
    decide: async (kind, message): Promise<WrapDecision> => {
      decided.push(`${kind} ${message}`)
      if (kind === 'list') isKnown = true
      const needsList = kind === 'call' && !isKnown
      return { forward: needsList ? null : message, back: null, needsList }
    },
    toClient: (line) => void shown.push(line),
    toServer: (line) => {
      const { id, method, params } = JSON.parse(line) as {
        id: string
        method: string
        params: { cursor?: string }
      }
      asked.push({ method, params })
      if (method === 'tools/list') void wrap.fromServer(page(id, pages[params.cursor ?? 'first'] ?? {}))
    },
    warn: (text) => void shown.push(text),
  })
  return { wrap, asked, shown, decided }
}

const ours = {
  _meta: {
    ...version,
    'io.modelcontextprotocol/clientInfo': { name: 'countersign-wrap', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  },
}

test.each([
  ['the older revisions', spoken, {}],
  ['the newer one', { ...spoken, _meta: { ...spoken._meta, ...version } }, ours],
  ['one that nobody knows', { _meta: { 'io.modelcontextprotocol/protocolVersion': 'of the client' } }, {}],
])('of the question for a list nothing of the client reaches the server: %s', async (_what, params, said) => {
  const { wrap, asked, shown } = wrapped()
  await wrap.fromClient(request('tools/list', params))
  expect(asked).toEqual([
    { method: 'tools/list', params: said },
    { method: 'tools/list', params: { ...said, cursor: 'second' } },
  ])
  const list = { ttlMs: 1, tools: [{ name: 'a' }, { name: 'b' }] }
  expect(shown.map((line) => JSON.parse(line) as unknown)).toEqual([{ jsonrpc: '2.0', id: 7, result: list }])
})

test('a call of tools that the gateway does not know goes on once it was told the list', async () => {
  const { wrap, asked, decided } = wrapped()
  const params = { name: 'a', _meta: version }
  await wrap.fromClient(request('tools/call', params))
  expect(decided.map((line) => line.split(' ')[0])).toEqual(['call', 'list', 'call'])
  expect(asked).toEqual([
    { method: 'tools/list', params: ours },
    { method: 'tools/list', params: { ...ours, cursor: 'second' } },
    { method: 'tools/call', params },
  ])
})
