import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { callRecord, email } from '../../../test/support/call-record.ts'
import { fresh } from '../../../test/support/gateway-fixture.ts'
import { epochMs } from '../../kernel/index.ts'
import type { RuntimeRecord } from '../ports.ts'
import type { Records } from '../records.ts'
import { startAdmin } from './admin.ts'
import { createSpanExporter } from './exporter.ts'
import { createExposition } from './exposition.ts'
import { createMetrics, type Gauges } from './metrics.ts'
import { logCall, observed } from './observed.ts'
import { spanOf, type Span } from './span.ts'

const upstream = fresh('upstream')
const gauges: Gauges = {
  isReady: () => true,
  openExchanges: () => 3,
  heldCalls: () => 2,
  snapshotAgeMs: () => 1_500,
  spool: () => ({ records: 7, waitedMs: 250, bytes: 512 }),
  droppedSpans: () => 2,
  breakers: () => [{ upstream, model: 'm-1', state: 'open' }],
}
const linesOf = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
const valueOf = (text: string, series: string) =>
  linesOf(text)
    .find((line) => line.startsWith(`${series} `))
    ?.split(' ')[1]

test('the text has the form of Prometheus: help, type, escaped labels, cumulative buckets', () => {
  const out = createExposition()
  const calls = out.counter('calls_total', 'Calls\nof all.')
  calls.add({ code: 'a"b\\c\nd' })
  calls.add({ code: 'x' }, 2.5)
  const time = out.histogram('time_seconds', 'Time.', [0.1, 1])
  for (const value of [0.1, 0.2, 5]) time.observe(value)
  out.gauge('age', 'Age.', () => [{ labels: {}, value: 4 }])
  expect(out.text()).toBe(
    [
      String.raw`# HELP calls_total Calls\nof all.`,
      '# TYPE calls_total counter',
      String.raw`calls_total{code="a\"b\\c\nd"} 1`,
      'calls_total{code="x"} 2.5',
      '# HELP time_seconds Time.',
      '# TYPE time_seconds histogram',
      'time_seconds_bucket{le="0.1"} 1',
      'time_seconds_bucket{le="1"} 2',
      'time_seconds_bucket{le="+Inf"} 3',
      'time_seconds_sum 5.3',
      'time_seconds_count 3',
      '# HELP age Age.',
      '# TYPE age gauge',
      'age 4',
      '',
    ].join('\n'),
  )
})

test('labels cannot fill the memory: what comes late is counted together', () => {
  const out = createExposition()
  const calls = out.counter('calls_total', 'Calls.')
  for (let i = 0; i < 1_000; i += 1) calls.add({ code: `${i}` })
  expect(linesOf(out.text())).toHaveLength(201)
  expect(valueOf(out.text(), 'calls_total{code="other"}')).toBe('800')
  calls.add({ code: '7' })
  expect(valueOf(out.text(), 'calls_total{code="7"}')).toBe('2')
})

test('law: buckets never fall, and the last one is the count', () => {
  const law = fc.property(fc.array(fc.double({ min: 0, max: 100, noNaN: true })), (values) => {
    const out = createExposition()
    const histogram = out.histogram('h', 'H.', [0.5, 1, 10])
    for (const value of values) histogram.observe(value)
    const buckets = linesOf(out.text()).flatMap((line) =>
      line.startsWith('h_bucket') ? [Number(line.split(' ')[1])] : [],
    )
    expect(buckets).toEqual(buckets.toSorted((a, b) => a - b))
    expect(buckets.at(-1)).toBe(values.length)
    for (const [at, bound] of [0.5, 1, 10].entries())
      expect(buckets[at]).toBe(values.filter((value) => value <= bound).length)
  })
  fc.assert(law)
})

test('each outcome is counted under its own name, and gauges are read when somebody looks', () => {
  const metrics = createMetrics(gauges)
  metrics.settled(callRecord({ usage: { inputTokens: 5, outputTokens: 8 } }), {
    inspectMs: 0.3,
    addedFirstByteMs: 2,
    upstreamMs: 40,
    heldChars: 20,
  })
  metrics.settled(callRecord({ action: 'redact', findings: [email], findingCount: 1 }))
  metrics.settled(callRecord({ action: 'block', codes: ['guard_blocked', 'client_gone'] }))
  metrics.settled(callRecord({ action: 'fault', codes: ['upstream_timeout'], dialect: 'anthropic-messages' }))
  const text = metrics.text()
  const all: Readonly<Record<string, string>> = {
    'requests_total{dialect="openai-chat",action="allow"}': '1',
    'requests_total{dialect="openai-chat",action="redact"}': '1',
    'requests_total{dialect="openai-chat",action="block"}': '1',
    'requests_total{dialect="anthropic-messages",action="fault"}': '1',
    'refusals_total{code="guard_blocked"}': '1',
    'faults_total{code="upstream_timeout"}': '1',
    'findings_total{kind="pii",severity="high",effect="redacted"}': '1',
    'tokens_total{direction="output"}': '8',
    'inspect_seconds_bucket{le="0.0005"}': '1',
    added_ttft_seconds_count: '1',
    upstream_seconds_sum: '0.04',
    'hold_chars_bucket{le="16"}': '0',
    'hold_chars_bucket{le="64"}': '1',
    request_seconds_count: '4',
    ready: '1',
    open_exchanges: '3',
    held_calls: '2',
    'snapshot_age_seconds{tier="3"}': '1.5',
    'snapshot_age_limit_seconds{tier="3"}': '15',
    spool_records: '7',
    spool_wait_seconds: '0.25',
    dropped_spans: '2',
    [`breaker_state{upstream="${upstream}",model="m-1"}`]: '2',
  }
  const seen = Object.keys(all).map((name) => [name, valueOf(text, `countersign_gateway_${name}`)])
  expect(Object.fromEntries(seen)).toEqual(all)
  expect(createMetrics({ ...gauges, snapshotAgeMs: () => null }).text()).not.toContain(
    'snapshot_age_seconds{',
  )
})

const attributesOf = ({ attributes }: Span) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0] as unknown]))

test('a span says what the convention names, and what the guard did', () => {
  const span = spanOf(
    callRecord({
      at: epochMs(10_000),
      action: 'redact',
      findings: [email],
      findingCount: 1,
      usage: { inputTokens: 5, outputTokens: 8 },
      timing: { totalMs: 1_500, firstByteMs: 20 },
    }),
  )
  expect(span).toMatchObject({
    name: 'chat demo/demo',
    kind: 3,
    startTimeUnixNano: '8500000000',
    endTimeUnixNano: '10000000000',
    status: { code: 0 },
  })
  expect(span.traceId).toMatch(/^[0-9a-f]{32}$/)
  expect(span.spanId).toMatch(/^[0-9a-f]{16}$/)
  expect(attributesOf(span)).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'demo/demo',
    'gen_ai.usage.input_tokens': '5',
    'gen_ai.usage.output_tokens': '8',
    'countersign.guard.action': 'redact',
    'countersign.guard.findings': '1',
    'countersign.guard.kinds': { values: [{ stringValue: 'pii' }] },
    'countersign.guard.severity': 'high',
  })
  expect(attributesOf(span)).not.toHaveProperty('error.type')
})

test.each<[RuntimeRecord['dialect'], string, string | undefined]>([
  ['openai-responses', 'chat demo/demo', 'openai'],
  ['openai-embeddings', 'embeddings demo/demo', 'openai'],
  ['anthropic-messages', 'chat demo/demo', 'anthropic'],
  ['mcp', 'execute_tool demo/demo', undefined],
  ['guard-check', 'guard-check', undefined],
])('the operation of %s', (dialect, name, provider) => {
  const span = spanOf(callRecord({ dialect }))
  expect(span.name).toBe(name)
  expect(attributesOf(span)['gen_ai.provider.name']).toBe(provider)
})

test('a refused or failed call is an error by its first reason', () => {
  const span = spanOf(callRecord({ action: 'block', codes: ['guard_blocked', 'client_gone'], status: 400 }))
  expect(span.status.code).toBe(2)
  expect(attributesOf(span)).toMatchObject({
    'error.type': 'guard_blocked',
    'http.response.status_code': '400',
  })
  expect(attributesOf(spanOf(callRecord({ action: 'fault' })))).toMatchObject({ 'error.type': 'fault' })
})

test('no place in a text leaves: neither in a span nor in a line of the log', () => {
  const record = callRecord({ findings: [{ ...email, path: '/messages/0/secret-name' }], findingCount: 1 })
  const lines: string[] = []
  logCall((level, event, facts) => lines.push(JSON.stringify({ level, event, ...facts })))(record)
  expect(lines).toHaveLength(1)
  expect(`${JSON.stringify(spanOf(record))}${lines[0]}`).not.toContain('secret-name')
  expect(lines[0]).toContain(record.id)
})

const resource = [{ key: 'service.name', value: { stringValue: 'countersign' } }]

test('spans go in batches, as OTLP has them', async () => {
  const bodies: string[] = []
  const send = async (body: string) => {
    bodies.push(body)
    return true
  }
  const exporter = createSpanExporter({ send, resource, log: () => undefined, maxBatch: 2 })
  const spans = [spanOf(callRecord()), spanOf(callRecord()), spanOf(callRecord())]
  for (const span of spans) exporter.add(span)
  await exporter.close()
  const sent = bodies.map(
    (body) =>
      JSON.parse(body) as {
        resourceSpans: { resource: object; scopeSpans: { spans: Span[]; schemaUrl: string }[] }[]
      },
  )
  expect(sent.flatMap(({ resourceSpans: [one] }) => one?.scopeSpans[0]?.spans)).toEqual(spans)
  expect(sent[0]?.resourceSpans[0]?.resource).toEqual({ attributes: resource })
  expect(sent[0]?.resourceSpans[0]?.scopeSpans[0]?.schemaUrl).toBe('https://opentelemetry.io/schemas/1.37.0')
  expect(exporter.dropped()).toBe(0)
})

test.each([
  ['refuses', async () => false],
  ['cannot be reached', async () => Promise.reject(new Error('no'))],
])('a collector that %s costs a bounded queue and one line of the log', async (_what, send) => {
  const events: string[] = []
  const log = (_level: string, event: string) => events.push(event)
  const exporter = createSpanExporter({ send, resource, log, maxBatch: 10, maxQueue: 20 })
  for (let i = 0; i < 100; i += 1) exporter.add(spanOf(callRecord()))
  expect(exporter.dropped()).toBe(70) // one batch is under way, twenty wait
  for (let i = 0; i < 5; i += 1) await exporter.flush()
  expect(exporter.dropped()).toBe(100)
  expect(events).toEqual(['otlp.not_taken'])
})

test('a collector that hangs has one batch, and the rest is dropped', async () => {
  let answer = (_isTaken: boolean): void => undefined
  const send = () => new Promise<boolean>((resolve) => (answer = resolve))
  const exporter = createSpanExporter({ send, resource, log: () => undefined, maxBatch: 10, maxQueue: 20 })
  for (let i = 0; i < 100; i += 1) exporter.add(spanOf(callRecord()))
  expect(exporter.dropped()).toBe(70)
  answer(true)
})

test('an observer that fails takes nothing from the record', () => {
  const written: string[] = []
  const events: string[] = []
  const records = {
    write: ({ record }: { record: RuntimeRecord }) => written.push(record.id),
  } as unknown as Records // only this is used
  const told: unknown[] = []
  const observedRecords = observed(
    records,
    (_level, event) => events.push(event),
    () => {
      throw new Error('with a text in it')
    },
    ({ id }, timings) => told.push(id, timings),
  )
  const record = callRecord()
  observedRecords.write({ record, salt: '' }, { inspectMs: 1 })
  expect([written, told, events]).toEqual([
    [record.id],
    [record.id, { inspectMs: 1 }],
    ['gateway.telemetry.failed'],
  ])
})

test('the admin listener answers probes and scrapes, and nothing else', async () => {
  let isReady = false
  const state = { isReady: () => isReady, openExchanges: () => 1, metrics: () => 'm 1\n' }
  const admin = await startAdmin({ host: '127.0.0.1', port: 0 }, state)
  const statusOf = async (path: string, method = 'GET') =>
    (await fetch(`http://127.0.0.1:${admin.port}${path}`, { method })).status
  expect(await statusOf('/readyz')).toBe(503)
  isReady = true
  expect(await statusOf('/readyz')).toBe(200)
  expect(await statusOf('/healthz')).toBe(200)
  expect(await statusOf('/v1/chat/completions')).toBe(404)
  expect(await statusOf('/metrics', 'POST')).toBe(405)
  const scraped = await fetch(`http://127.0.0.1:${admin.port}/metrics`)
  expect(scraped.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await scraped.text()).toBe('m 1\n')
  await admin.close()
})
