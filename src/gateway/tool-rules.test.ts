import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { runMemoryGateway, type MemoryGateway } from '../../test/support/memory-gateway.ts'
import { toolPolicyDigest, type ToolPolicyDocument } from '../guard/tools/document.ts'
import { pinOf } from '../guard/tools/pin.ts'
import { digestOf, type Json } from '../kernel/index.ts'

const definition = { name: 'search', description: 'Finds tickets.', inputSchema: { type: 'object' } }
const pin = pinOf('mcp', definition)
const pinned = pin.ok ? pin.digest : digestOf('none')
const tool = {
  toolId: 'tickets/search',
  definitionSha256: pinned,
  effect: 'read' as const,
  autonomyMax: 'A4' as const,
}

const policy = (effect: 'permit' | 'forbid', conditions: readonly Json[] = []): Json => ({
  effect,
  principal: { op: 'All' },
  action: { op: '==', entity: { type: 'Action', id: 'callTool' } },
  resource: { op: 'All' },
  conditions,
  annotations: {},
})
const isTainted: Json = {
  kind: 'when',
  body: {
    '==': { left: { '.': { left: { Var: 'context' }, attr: 'taint' } }, right: { Value: 'untrusted' } },
  },
}
const open: ToolPolicyDocument = { key: 'own', version: 1, policies: { all: policy('permit') } }
const wary: ToolPolicyDocument = {
  key: 'own',
  version: 2,
  policies: { all: policy('permit'), untainted: policy('forbid', [isTainted]) },
}
const closed: ToolPolicyDocument = { key: 'own', version: 3, policies: { none: policy('forbid') } }
const nothing = { policies: [], shadows: [], registrations: [] }

let [server, address]: [Server, string] = [createServer(), '']
let listed: object = definition
beforeAll(async () => {
  server = createServer((request, response) => {
    const answer = async () => {
      const body = await textOf(request)
      const { id, method } = JSON.parse(body) as { id: number; method: string }
      const result =
        method === 'server/discover'
          ? { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: { tools: {} } }
          : method === 'tools/list'
            ? { resultType: 'complete', tools: [listed, { ...definition, name: 'purge' }] }
            : { resultType: 'complete', content: [{ type: 'text', text: 'Ticket 17.' }] }
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
    }
    void answer()
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
})
afterAll(() => void server.close())

let gateway: MemoryGateway
beforeEach(async () => {
  listed = definition
  const scope = { tools: [tool], toolPolicy: toolPolicyDigest(open) }
  gateway = await runMemoryGateway({ servers: { tickets: address }, scope })
})
afterEach(() => gateway.close())

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
}

/** The reason for which a request was stopped; null when it was answered. */
async function ask(method: string, params: object, headers: Record<string, string>): Promise<string | null> {
  const response = await fetch(`${gateway.address}/mcp/tickets`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${gateway.token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } }),
  })
  await response.text()
  return response.headers.get('countersign-reason')
}
const call = () => ask('tools/call', { name: 'search', arguments: {} }, { 'mcp-name': 'search' })
const list = () => ask('tools/list', {}, {})
const lastTool = async () => (await gateway.recorded()).at(-1)?.tools?.[0]

test('a policy that is not here lets no tool be called, and its document is enough', async () => {
  expect(await call()).toBe('tool_denied')
  await gateway.rule({ ...nothing, policies: [open] })
  expect(await call()).toBeNull()
})

test('a document under the digest of another is not found: what is stored cannot weaken what a grant names', async () => {
  const forged = { ...open, policies: { ...open.policies, more: policy('permit') } }
  await gateway.rule({ ...nothing, policies: [forged] })
  expect(await call()).toBe('tool_denied')
})

test('a policy in shadow decides nothing, and what it would have said is recorded', async () => {
  await gateway.rule({ ...nothing, policies: [open], shadows: [closed, wary] })
  expect(await call()).toBeNull()
  expect(await lastTool()).toEqual({
    tool: 'tickets/search',
    outcome: 'allow',
    reasons: [],
    context: {
      taint: 'user',
      taintSources: [],
      findings: [],
      risk: 0,
      dataClass: 0,
      externalSend: false,
      trifecta: false,
      destinationListed: false,
      targetRegistered: false,
    },
    shadows: [
      {
        policy: toolPolicyDigest(closed),
        outcome: 'deny',
        reasons: [{ code: 'policy_forbids', detail: 'none' }],
      },
      { policy: toolPolicyDigest(wary), outcome: 'allow', reasons: [] },
    ],
  })
})

test('a policy that only stands in shadow decides no call of a grant that names it', async () => {
  await gateway.regrant({ toolPolicy: toolPolicyDigest(wary) })
  await gateway.rule({ ...nothing, shadows: [wary] })
  expect(await call()).toBe('tool_denied')
})

test('what a server answers taints, unless the organisation vouches for this definition of the tool', async () => {
  await gateway.regrant({ toolPolicy: toolPolicyDigest(wary) })
  const vouch = (of: typeof pinned) => ({
    ...nothing,
    policies: [wary],
    registrations: [{ toolId: tool.toolId, definition: of, terms: { vouchedFor: true } }],
  })
  await gateway.rule(vouch(pinned))
  expect([await call(), await call()]).toEqual([null, null])
  await gateway.rule(vouch(digestOf('another definition')))
  expect([await call(), await call()]).toEqual([null, 'tool_denied'])
})

test('definitions that pass by are told once, with their text; a changed one beside the first', async () => {
  await gateway.rule({ ...nothing, policies: [open] })
  await call()
  await call()
  listed = { ...definition, description: 'Finds tickets, and sends them away.' }
  await list()
  await gateway.close()
  expect(gateway.seen.map(({ tool: name, digest }) => [name, digest === pinned])).toEqual([
    ['tickets/search', true],
    ['tickets/search', false],
    ['tickets/purge', false],
  ])
  expect(gateway.seen[1]?.definition).toMatchObject({ description: 'Finds tickets, and sends them away.' })
})
