import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { RuntimeRecord } from '../../src/gateway/ports.ts'
import { usualTerms } from '../../src/gateway/sending/breaker.ts'
import { startMockProvider, type MockProvider } from '../support/mock-provider/mock-provider.ts'
import { obviousSecret, scenarios, type Scenario } from '../support/mock-provider/scenarios.ts'
import { runGateway, type GatewaySetup } from '../support/running-gateway.ts'
import { apis, type Api, type Wish } from './apis.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const all = Object.entries(apis)
const streaming = all.filter(([, { streams }]) => streams)
const models = Object.keys(scenarios)

/** Two providers, and a gateway whose models go to the second when the first one fails. */
async function withSpare({
  spare,
  ...setup
}: Omit<Partial<GatewaySetup>, 'spare'> & {
  readonly spare?: Omit<NonNullable<GatewaySetup['spare']>, 'provider'>
} = {}) {
  const [first, second] = [await startMockProvider(), await startMockProvider()]
  closers.push(first.close, second.close)
  const gateway = await runGateway({
    provider: first.origin,
    spare: { provider: second.origin, ...spare },
    limits: { retries: 0 },
    granted: { models, volumePerDay: 100_000 },
    ...setup,
  })
  closers.push(gateway.close)
  const point = {
    openai: `${gateway.address}/openai/v1`,
    anthropic: `${gateway.address}/anthropic`,
    key: gateway.token,
  }
  const call = (api: Api, scenario: Scenario, more: Partial<Wish> = {}) =>
    api.call(point, { model: `${api.provider}/${scenario}`, ...more }, { maxRetries: 0 })
  const lastRecord = async (): Promise<RuntimeRecord> => {
    await gateway.records.flush()
    const { rows } = await gateway.owner.query<{ record: RuntimeRecord }>(
      "select record from gateway_records order by (record ->> 'seq')::int desc limit 1",
    )
    if (rows[0] === undefined) throw new Error('there is no record')
    return rows[0].record
  }
  const nameOf = async (id: string | null) =>
    (await gateway.owner.query<{ name: string }>('select name from upstreams where id = $1', [id])).rows[0]
      ?.name
  return { first, second, gateway, call, lastRecord, nameOf }
}

/** The same for calls with a search that the provider carries out itself. */
async function searching(limits: NonNullable<GatewaySetup['limits']> = {}, provider?: string) {
  const { gateway, ...others } = await withSpare({
    ...(provider === undefined ? {} : { provider }),
    limits: { retries: 0, ...limits },
    granted: { models, volumePerDay: 1_000, capabilities: ['provider_tool:web_search'] },
  })
  const searches = async (scenario: Scenario) => {
    const response = await fetch(`${gateway.address}/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: `mock/${scenario}`,
        messages: [{ role: 'user', content: 'What is new?' }],
        web_search_options: {},
      }),
    })
    await response.text()
    return response.status
  }
  return { ...others, searches }
}

const heals = (provider: MockProvider, scenario: Scenario) =>
  provider.teach(scenario, { answers: scenarios[scenario].answers })

describe('a provider that fails before it answers', () => {
  test.each(all)("%s: the next one answers, in the caller's own words", async (_name, api) => {
    const { first, second, call, lastRecord, nameOf } = await withSpare()
    const direct = { openai: `${second.origin}/v1`, anthropic: second.origin, key: 'provider-secret' }
    const told = {
      'status-500': 'status_500',
      'status-529': 'status_529',
      'reset-at-once': expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/),
    }
    for (const scenario of ['status-500', 'status-529', 'reset-at-once'] as const)
      for (const stream of api.streams ? [false, true] : [false]) {
        heals(second, scenario)
        const asked = first.received.length
        const answer = await call(api, scenario, { stream })
        expect(first.received.length - asked).toBe(1)
        expect(second.received.at(-1)?.body).toBe(first.received.at(-1)?.body)
        expect(answer).toEqual(await api.call(direct, { model: scenario, stream }))
        const { target, tried, action, codes } = await lastRecord()
        expect([action, codes]).toEqual(['allow', []])
        expect(await nameOf(target)).toMatch(/^spare/)
        expect(tried).toEqual([{ code: told[scenario], target: expect.any(String) }])
        expect(await nameOf(tried[0]?.target ?? null)).toMatch(/^(demo|mock)/)
      }
  })

  test('that is not there at all is replaced too', async () => {
    const { first, call } = await withSpare()
    await first.close()
    for (const [, api] of all) expect((await call(api, 'text')).text).not.toBe('')
  })

  test('it is asked again first, and the next one when that did not help', async () => {
    const { first, second, call, lastRecord } = await withSpare({ limits: { retries: 2 } })
    heals(second, 'status-500')
    await call(apis['openai chat'] as Api, 'status-500')
    expect([first.received.length, second.received.length]).toEqual([3, 1])
    expect((await lastRecord()).tried.map(({ code }) => code)).toEqual([
      'status_500',
      'status_500',
      'status_500',
    ])
  })

  test.each(all)('%s: one that says nothing is not waited for, and not asked again', async (_name, api) => {
    const { first, second, call, lastRecord, nameOf } = await withSpare({
      limits: { retries: 2, upstreamHeadersMs: 150 },
    })
    heals(second, 'hang')
    for (const stream of api.streams ? [false, true] : [false]) {
      const asked = first.received.length
      expect((await call(api, 'hang', { stream })).text).not.toBe('')
      expect(first.received.length - asked).toBe(1)
      expect(second.received.at(-1)?.body).toBe(first.received.at(-1)?.body)
      const { target, tried, action, codes } = await lastRecord()
      expect([action, codes, tried.map(({ code }) => code)]).toEqual(['allow', [], ['headers_timeout']])
      expect(await nameOf(target)).toMatch(/^spare/)
    }
  })

  test('when all of them say nothing, the caller is told so', async () => {
    const { first, second, call, lastRecord } = await withSpare({ limits: { upstreamHeadersMs: 80 } })
    await expect(call(apis['openai chat'] as Api, 'hang')).rejects.toMatchObject({ status: 504 })
    expect([first.received.length, second.received.length]).toEqual([1, 1])
    const { tried, codes, released } = await lastRecord()
    expect([tried.map(({ code }) => code), codes, released]).toEqual([
      ['headers_timeout'],
      ['upstream_timeout'],
      'none',
    ])
  })

  test('one that fails after another has said nothing is what the caller is told of', async () => {
    const { second, call } = await withSpare({ limits: { retries: 0, upstreamHeadersMs: 80 } })
    second.teach('hang', { ...scenarios.text, fault: { k: 'status', status: 503 } })
    await expect(call(apis['openai chat'] as Api, 'hang')).rejects.toMatchObject({ status: 502 })
  })

  test('one that asks for a long pause is not waited for', async () => {
    const { first, second, call } = await withSpare({ limits: { retries: 2 } })
    first.teach('text', {
      ...scenarios.text,
      fault: { k: 'status', status: 429, headers: { 'retry-after': '60' } },
    })
    await call(apis['openai chat'] as Api, 'text')
    expect([first.received.length, second.received.length]).toEqual([1, 1])
  })

  test('when all fail, the caller is told of the last one', async () => {
    const { first, second, call, lastRecord } = await withSpare()
    const busy = { ...scenarios.text, fault: { k: 'status', status: 429 } } as const
    second.teach('status-500', busy)
    await expect(call(apis['openai chat'] as Api, 'status-500')).rejects.toMatchObject({ status: 429 })
    first.teach('text', busy)
    second.teach('text', { ...scenarios.text, fault: { k: 'status', status: 503 } })
    await expect(call(apis['openai chat'] as Api, 'text')).rejects.toMatchObject({ status: 502 })
    expect((await lastRecord()).tried.map(({ code }) => code)).toEqual(['status_429', 'status_503'])
  })
})

describe('nobody else is asked', () => {
  test.each(all)("%s: about an answer that is the caller's or nobody's", async (_name, api) => {
    const { second, call } = await withSpare()
    for (const scenario of ['status-400', 'status-404', 'status-401', 'wrong-type', 'gzip-bomb'] as const)
      await expect(call(api, scenario), scenario).rejects.toBeInstanceOf(api.errors.any)
    expect(second.received).toHaveLength(0)
  })

  test.each(streaming)('%s: once a stream has begun', async (_name, api) => {
    const { first, second, call, lastRecord } = await withSpare()
    for (const scenario of ['error-within', 'truncated-frame', 'reset-between'] as const)
      await expect(call(api, scenario, { stream: true })).rejects.toBeInstanceOf(api.errors.any)
    expect([first.received.length, second.received.length]).toEqual([3, 0])
    expect((await lastRecord()).released).toBe('partial')
  })

  test.each(streaming)('%s: about what the guard has stopped, on either side', async (_name, api) => {
    const { first, second, call } = await withSpare({ tier: 3 })
    await expect(call(api, 'text', { text: `Look at ${obviousSecret}` })).rejects.toMatchObject({
      status: 400,
    })
    expect(first.received).toHaveLength(0)
    for (const stream of [false, true])
      await call(api, 'leak', { stream }).then(
        ({ isFiltered }) => expect(isFiltered).toBe(true),
        (error: unknown) => expect(error).toMatchObject({ status: 403 }),
      )
    expect([first.received.length, second.received.length]).toEqual([2, 0])
  })
})

describe('a provider that says nothing', () => {
  test('is left alone after a while', async () => {
    const { first, second, gateway, call, lastRecord } = await withSpare({
      limits: { retries: 0, upstreamHeadersMs: 40, breaker: usualTerms },
    })
    gateway.holdTime()
    heals(second, 'hang')
    for (let n = 0; n < 7; n += 1) await call(apis['openai chat'] as Api, 'hang')
    expect([first.received.length, second.received.length]).toEqual([5, 7])
    expect((await lastRecord()).tried.map(({ code }) => code)).toEqual(['breaker_open'])
    gateway.letTimeGo()
  })

  test('is taken to have carried out the tools that it runs itself: nobody else is asked', async () => {
    const { first, second, searches, lastRecord } = await searching({ upstreamHeadersMs: 80 })
    heals(second, 'hang')
    expect([await searches('hang'), first.received.length, second.received.length]).toEqual([504, 1, 0])
    expect((await lastRecord()).codes).toEqual(['upstream_timeout'])
  })
})

describe('a call whose provider carries out tools', () => {
  test('goes to nobody else once it may have done so', async () => {
    const { first, second, searches } = await searching()
    for (const scenario of ['reset-at-once', 'status-500'] as const) {
      heals(second, scenario)
      expect(await searches(scenario), scenario).toBe(502)
    }
    expect([first.received.length, second.received.length]).toEqual([2, 0])
  })

  test.each([
    ['turns it away', 'status-529', () => Promise.resolve()],
    ['is not there', 'text', (first: MockProvider) => first.close()],
  ] as const)('goes to the next one when the first %s', async (_why, scenario, fail) => {
    const { first, second, searches } = await searching()
    heals(second, scenario)
    await fail(first)
    expect([await searches(scenario), second.received.length]).toEqual([200, 1])
  })

  test.each([
    ['fails at the handshake', (socket: Socket) => void socket.end('no TLS')],
    ['says nothing in the handshake', () => undefined],
  ])('goes to the next one when the first %s', async (_why, greet) => {
    const listener = createServer(greet).listen(0, '127.0.0.1')
    await once(listener, 'listening')
    closers.push(async () => listener.close())
    const { port } = listener.address() as AddressInfo
    const limits = { upstreamHeadersMs: 150 }
    const { second, searches } = await searching(limits, `https://127.0.0.1:${port}`)
    expect([await searches('text'), second.received.length]).toEqual([200, 1])
  })
})

describe('a provider that keeps failing', () => {
  test('is left alone, tried once after a while, and used again when it serves', async () => {
    const { first, second, gateway, call, lastRecord } = await withSpare({
      limits: { retries: 0, breaker: usualTerms },
    })
    gateway.holdTime()
    heals(second, 'status-500')
    const chat = apis['openai chat'] as Api
    for (let n = 0; n < 8; n += 1) await call(chat, 'status-500')
    expect([first.received.length, second.received.length]).toEqual([5, 8])
    expect((await lastRecord()).tried.map(({ code }) => code)).toEqual(['breaker_open'])
    // The other models of the same provider go on.
    await call(chat, 'text')
    expect(first.received).toHaveLength(6)
    gateway.skew.ms += 5_000
    await call(chat, 'status-500')
    await call(chat, 'status-500')
    expect(first.received).toHaveLength(7)
    heals(first, 'status-500')
    gateway.skew.ms += 10_000
    await call(chat, 'status-500')
    await call(chat, 'status-500')
    expect([first.received.length, second.received.length]).toEqual([9, 10])
    gateway.letTimeGo()
  })

  test('without another one, callers are refused at once', async () => {
    const provider = await startMockProvider()
    const gateway = await runGateway({
      provider: provider.origin,
      limits: { retries: 0, breaker: usualTerms },
      granted: { models, volumePerDay: 1_000 },
    })
    closers.push(provider.close, gateway.close)
    gateway.holdTime()
    for (let n = 0; n < 7; n += 1)
      await expect(gateway.ask('mock/status-500')).rejects.toMatchObject({ status: 502 })
    expect(provider.received).toHaveLength(5)
    gateway.letTimeGo()
  })
})

describe('what a provider may be sent', () => {
  const address = 'ann.lee@mail.contoso.de'
  const asking = (secret: string) => ({ text: `Who is ${secret}?` })
  const granted = { models, volumePerDay: 100_000, dataClassMax: 'restricted' as const }
  const low = { ceiling: 'internal' as const, granted }

  test.each(all)('%s: what lies above its ceiling is masked for it, and for it alone', async (_name, api) => {
    const { first, second, call } = await withSpare(low)
    await call(api, 'text', asking(address))
    expect(first.received.at(-1)?.body).not.toContain(address)
    first.teach('text', { ...scenarios.text, fault: { k: 'status', status: 503 } })
    await call(api, 'text', asking(address))
    expect(second.received.at(-1)?.body).toContain(address)
  })

  test.each(all)('%s: the next one may have a lower ceiling', async (_name, api) => {
    const { first, second, call } = await withSpare({ granted, spare: { ceiling: 'internal' } })
    heals(second, 'status-500')
    await call(api, 'status-500', asking(address))
    expect(first.received.at(-1)?.body).toContain(address)
    expect(second.received.at(-1)?.body).not.toContain(address)
    expect(second.received.at(-1)?.body).toContain('[EMAIL]')
  })

  test.each(all)(
    '%s: where it cannot be masked, one with a higher ceiling gets the call',
    async (_name, api) => {
      const { first, second, call, lastRecord } = await withSpare({ ...low, tier: 3 })
      await call(api, 'text', asking(obviousSecret))
      expect([first.received.length, second.received.length]).toEqual([0, 1])
      expect(second.received.at(-1)?.body).toContain(obviousSecret)
      const { tried, inspection } = await lastRecord()
      expect([tried.map(({ code }) => code), inspection]).toEqual([['data_class_exceeded'], 'complete'])
    },
  )

  test.each(all)('%s: without one the call is refused', async (_name, api) => {
    const { first, second, call, lastRecord } = await withSpare({
      ...low,
      tier: 3,
      spare: { ceiling: 'confidential' },
    })
    await expect(call(api, 'text', asking(obviousSecret))).rejects.toMatchObject({ status: 403 })
    expect([first.received.length, second.received.length]).toEqual([0, 0])
    const { codes, tried, findings } = await lastRecord()
    expect(codes).toEqual(['data_class_exceeded'])
    expect(tried).toHaveLength(2)
    expect(findings[0]).toMatchObject({ kind: 'secret', effect: 'blocked' })
  })

  test('an answer is judged by what the grant allows, wherever it comes from', async () => {
    const { call } = await withSpare(low)
    expect((await call(apis['openai chat'] as Api, 'leak')).text).toContain(obviousSecret)
  })

  test('a provider in a region that the grant does not name is left out', async () => {
    const { first, second, call, lastRecord } = await withSpare({ spare: { region: 'mars' } })
    await expect(call(apis['openai chat'] as Api, 'status-500')).rejects.toMatchObject({ status: 502 })
    expect([first.received.length, second.received.length]).toEqual([1, 0])
    expect((await lastRecord()).tried.map(({ code }) => code)).toEqual(['region_not_granted', 'status_500'])
  })
})
