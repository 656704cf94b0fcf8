import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { runMemoryGateway, type MemoryGateway } from '../../../test/support/memory-gateway.ts'
import { fakeApprovals, type FakeApprovals } from '../../app/ports/approval.fake.ts'
import { pinOf } from '../../guard/tools/pin.ts'
import { digestOf, epochMs } from '../../kernel/index.ts'
import { createRequestStates } from './request-state.ts'

const definition = { name: 'close', description: 'Closes a ticket.', inputSchema: { type: 'object' } }
const pin = pinOf('mcp', definition)
const grantOf = (autonomyMax: 'A1' | 'A2') => [
  {
    toolId: 'tickets/close',
    definitionSha256: pin.ok ? pin.digest : digestOf('none'),
    effect: 'write' as const,
    autonomyMax,
  },
]

/** A server of the newer revision that closes tickets. */
const upstream = { ran: [] as string[], definition: definition as object }
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString('utf8')
    const { id, method } = JSON.parse(body) as { id: unknown; method: string }
    const results: Readonly<Record<string, object>> = {
      'server/discover': { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } },
      'tools/list': { tools: [upstream.definition] },
      'tools/call': { content: [{ type: 'text', text: 'Closed.' }] },
    }
    if (method === 'tools/call') upstream.ran.push(body)
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({ jsonrpc: '2.0', id, result: { resultType: 'complete', ...results[method] } }),
    )
  })
})
let [address, people, gateway] = ['', {} as FakeApprovals, {} as MemoryGateway]
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
})
afterEach(() => gateway.close())
afterAll(() => void server.close())

async function begin({ holdMs = 30_000, asks = true } = {}) {
  Object.assign(upstream, { ran: [], definition })
  people = fakeApprovals(() => epochMs(Date.now()))
  gateway = await runMemoryGateway({
    servers: { tickets: address },
    scope: { tools: grantOf('A2') },
    ...(asks ? { approvals: people.port } : {}),
    limits: { holdMs, holdPollMs: 5, keepAliveMs: 8, approvalAnswerMs: 100 },
  })
}

type Result = {
  readonly resultType?: string
  readonly isError?: boolean
  readonly content?: readonly { readonly text: string }[]
  readonly requestState?: string
  readonly inputRequests?: Readonly<Record<string, { readonly method: string; readonly params: object }>>
}
type Wish = {
  readonly args?: object
  readonly params?: object
  readonly progress?: boolean
  readonly capabilities?: object
  readonly token?: string
}
const post = async (body: object, headers: Record<string, string>, token = gateway.token) => {
  const response = await fetch(`${gateway.address}/mcp/tickets`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  const events = text.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : []))
  const messages = (events.length > 0 ? events : [text]).map(
    (of) => JSON.parse(of) as { method?: string; params?: object; result?: Result; error?: object },
  )
  const last = messages.at(-1)
  return { response, text, messages, result: last?.result, error: last?.error }
}
const eras = {
  modern: ({ args = {}, params = {}, progress = false, capabilities = {}, token }: Wish) =>
    post(
      {
        jsonrpc: '2.0',
        id: 7,
        method: 'tools/call',
        params: {
          name: 'close',
          arguments: args,
          ...params,
          _meta: {
            ...(progress ? { progressToken: 'p' } : {}),
            'io.modelcontextprotocol/protocolVersion': '2026-07-28',
            'io.modelcontextprotocol/clientCapabilities': capabilities,
          },
        },
      },
      { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'close' },
      token,
    ),
  legacy: async ({ args = {}, progress = false }: Wish) => {
    const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } }
    session ??= (
      await post({ jsonrpc: '2.0', id: 0, method: 'initialize', params: hello }, {})
    ).response.headers.get('mcp-session-id')
    const params = { name: 'close', arguments: args, ...(progress ? { _meta: { progressToken: 'p' } } : {}) }
    return post(
      { jsonrpc: '2.0', id: 7, method: 'tools/call', params },
      { 'mcp-session-id': session ?? '', 'mcp-protocol-version': '2025-11-25' },
    )
  },
}
let session: string | null = null
afterEach(() => void (session = null))
const asked = (n = 1) =>
  vi.waitFor(() => expect(people.told.looked).toBeGreaterThan(n), { timeout: 5_000, interval: 2 })
const pending = ['held', 'approval_pending']
const told = ({ result }: { result?: Result | undefined }) => result?.content?.[0]?.text ?? ''
const codes = async () =>
  (await gateway.recorded())
    .filter(({ model }) => model === 'tickets/close')
    .map(({ action, codes: all }) => [action, ...all])

describe.each(['modern', 'legacy'] as const)('a %s client', (era) => {
  const call = eras[era]

  test('gets the result once a person has agreed, and the tool runs once', async () => {
    await begin()
    const made = call({ args: { id: 17 } })
    await asked()
    expect(upstream.ran).toEqual([])
    people.settle('approved')
    expect(told(await made)).toBe('Closed.')
    expect(upstream.ran).toHaveLength(1)
    expect(people.records()[0]?.question).toMatchObject({ tool: 'tickets/close', shown: '{"id":17}' })
    expect(people.records().map(({ state }) => state)).toEqual(['used'])
  })

  test('hears by progress that it waits, and the result comes after', async () => {
    await begin()
    const made = call({ progress: true })
    await asked(8)
    people.settle('approved')
    const { messages, result } = await made
    const before = messages.slice(0, -1)
    expect(before.length).toBeGreaterThan(0)
    for (const { method, params } of before) {
      expect(method).toBe('notifications/progress')
      expect(params).toMatchObject({ progressToken: 'p', message: 'waiting for a person' })
    }
    expect(told({ result })).toBe('Closed.')
  })

  test.each([
    ['denied', 'approval_denied'],
    ['expired', 'approval_expired'],
    ['cancelled', 'approval_denied'],
  ] as const)('is told when it is %s, and nothing runs', async (state, code) => {
    await begin()
    const made = call({ progress: true })
    await asked()
    people.settle(state)
    const { result } = await made
    expect(result?.isError).toBe(true)
    expect(told({ result })).toContain(`(${code}, record `)
    expect(upstream.ran).toEqual([])
    expect(await codes()).toEqual([['block', code]])
  })

  test('is told that nobody can be asked where that is so', async () => {
    await begin({ asks: false })
    expect(told(await call({}))).toContain('nobody can be asked (approval_denied, record ')
    expect(upstream.ran).toEqual([])
  })

  test('attaches to the open record when it asks again, and to no record of other arguments', async () => {
    await begin({ holdMs: 30 })
    for (const args of [{ id: 1 }, { id: 1 }, { id: 2 }]) await call({ args })
    expect(people.records().map(({ question }) => question.shown)).toEqual(['{"id":1}', '{"id":2}'])
    people.settle('approved')
    await call({ args: { id: 1 } })
    expect(upstream.ran).toHaveLength(1)
    expect(people.records().map(({ state }) => state)).toEqual(['used', 'approved'])
    expect(await codes()).toEqual([pending, pending, pending, ['allow']])
  })

  test.each<[string, () => Promise<void> | void, string]>([
    [
      'its definition has changed',
      () => void (upstream.definition = { ...definition, title: 'Other' }),
      'tool_definition_changed',
    ],
    ['it is not granted any more', () => gateway.regrant({ tools: [] }, { epo: 1 }), 'server_not_granted'],
    [
      'it may not act at all any more',
      () => gateway.regrant({ tools: grantOf('A1') }, { epo: 1 }),
      'tool_denied',
    ],
    ['the deployment was stopped', () => gateway.stopDeployment(), 'grant_stopped'],
  ])('an approval opens nothing when %s', async (_what, change, code) => {
    await begin()
    const made = call({}).catch(() => null)
    await asked()
    await change()
    people.settle('approved')
    await made
    expect(upstream.ran).toEqual([])
    expect(people.records().every(({ state }) => state !== 'used')).toBe(true)
    expect((await codes())[0]?.slice(1)).toContain(code)
  })

  test('two calls that are alike run once', async () => {
    await begin()
    if (era === 'legacy') await call({ args: [] }) // opens the session, and is no call
    const both = [call({}), call({})]
    await vi.waitFor(() => expect(people.told.asked).toBe(2), { timeout: 5_000, interval: 2 })
    people.settle('approved')
    await Promise.all(both)
    expect(upstream.ran).toHaveLength(1)
  })
})

test('a draining gateway answers a held call with its pending form', async () => {
  await begin()
  const made = eras.modern({})
  await asked()
  const closed = gateway.close()
  expect((await made).result?.resultType).toBe('input_required')
  await closed
})

describe('the pending form of the newer revision', () => {
  const elicitation = { elicitation: {} }

  test('carries a sealed state; what comes back with it is no decision, and reaches no server', async () => {
    await begin({ holdMs: 30 })
    const { result } = await eras.modern({ capabilities: elicitation })
    expect(result?.resultType).toBe('input_required')
    expect(result?.inputRequests?.['approval']).toMatchObject({
      method: 'elicitation/create',
      params: { message: expect.stringContaining('apr_1') as string },
    })
    const again = {
      requestState: result?.requestState,
      inputResponses: { approval: { action: 'accept', content: { approved: true } } },
    }
    expect((await eras.modern({ params: again })).result?.resultType).toBe('input_required')
    expect(upstream.ran).toEqual([])
    people.settle('approved')
    expect(told(await eras.modern({ params: again }))).toBe('Closed.')
    expect(upstream.ran[0]).not.toMatch(/requestState|inputResponses/)
    expect(people.records()).toHaveLength(1)
  })

  test('asks a client for nothing that it does not show', async () => {
    await begin({ holdMs: 30 })
    const { result } = await eras.modern({})
    expect(Object.keys(result ?? {})).toEqual(['resultType', 'requestState'])
  })

  test('is refused when it comes with other arguments, by another key, or was sealed by nobody', async () => {
    await begin({ holdMs: 30 })
    const { result } = await eras.modern({ args: { id: 1 } })
    const params = { requestState: result?.requestState }
    people.settle('approved')
    expect(told(await eras.modern({ args: { id: 2 }, params }))).toContain('approval_denied')
    expect(told(await eras.modern({ args: { id: 1 }, params, token: gateway.otherToken }))).toContain(
      'approval_denied',
    )
    const forged = { requestState: `${result?.requestState ?? ''}A` }
    expect((await eras.modern({ args: { id: 1 }, params: forged })).error).toMatchObject({ code: -32602 })
    expect(upstream.ran).toEqual([])
  })

  test('a lost record denies the call that follows it', async () => {
    await begin({ holdMs: 30 })
    const { result } = await eras.modern({})
    people.lose()
    people.told.mode = 'works'
    await people.port.ask({ ...(await questionLike()), args: digestOf('filler') }) // ids begin anew
    expect(told(await eras.modern({ params: { requestState: result?.requestState } }))).toContain(
      'approval_denied',
    )
  })

  async function questionLike() {
    await eras.modern({ args: { other: true } })
    const [first] = people.records()
    if (first === undefined) throw new Error('nothing was asked')
    return first.question
  }
})

test('what was sealed opens for an hour, under its own key alone', () => {
  let now = 1_000
  const clock = () => epochMs(now)
  const [own, other] = [1, 2].map((n) => createRequestStates(new Uint8Array(32).fill(n), clock))
  const state = { approval: 'apr_1', key: 'k', tool: 't', args: digestOf('a') }
  const sealed = own?.seal(state) ?? ''
  expect(own?.open(sealed)).toMatchObject(state)
  expect(other?.open(sealed)).toBeNull()
  expect(own?.open(sealed.slice(0, -2))).toBeNull()
  expect(own?.open('csr1.AAAA')).toBeNull()
  expect(own?.open(undefined)).toBeNull()
  now += 3_600_000
  expect(own?.open(sealed)).toBeNull()
})
