import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { createOtlpSender } from '../adapters/outgoing/otlp.ts'
import { AppError, Secret } from '../kernel/index.ts'
import { readTelemetry } from './telemetry.ts'

test('nothing is told to anybody unless it is asked for', () => {
  expect(readTelemetry({})).toEqual({ admin: null, traces: null })
  expect(readTelemetry({ OTEL_EXPORTER_OTLP_ENDPOINT: '' }).traces).toBeNull()
})

test.each([
  ['switched off', { OTEL_SDK_DISABLED: 'TRUE' }],
  ['no exporter', { OTEL_TRACES_EXPORTER: 'none' }],
])('no traces: %s', (_what, env) => {
  expect(readTelemetry({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', ...env }).traces).toBeNull()
})

test('the names of the specification say where traces go; what may be a secret prints nowhere', () => {
  const { traces, admin } = readTelemetry({
    COUNTERSIGN_ADMIN_PORT: '9465',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example/base/',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20horse,x-a=1',
    OTEL_SERVICE_NAME: 'gate',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=prod',
  })
  expect(admin).toEqual({ host: '127.0.0.1', port: 9_465 })
  expect(traces).toMatchObject({
    url: 'https://collector.example/base/v1/traces',
    resource: { 'service.name': 'gate', 'deployment.environment.name': 'prod' },
    timeoutMs: 10_000,
  })
  expect(traces?.headers.reveal()).toEqual({ authorization: 'Bearer horse', 'x-a': '1' })
  expect(`${inspect(traces, { depth: 9 })}${JSON.stringify(traces)}`).not.toContain('horse')
  const own = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b/x' }
  expect(readTelemetry(own).traces?.url).toBe('http://b/x')
})

test.each([
  ['a protocol that is not spoken', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_PROTOCOL'],
  ['an address that is none', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' }, 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  [
    'a header without a value',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a', OTEL_EXPORTER_OTLP_HEADERS: 'horse' },
    'OTEL_EXPORTER_OTLP_HEADERS',
  ],
  ['a port that is none', { COUNTERSIGN_ADMIN_PORT: '70000' }, 'COUNTERSIGN_ADMIN_PORT'],
])('refused: %s', (_what, env, named) => {
  const read = () => readTelemetry(env)
  expect(read).toThrow(AppError)
  expect(read).toThrow(named)
  expect(read).not.toThrow('horse')
})

test('a body reaches the collector with its headers; what it refuses, and where it redirects to, is not taken', async () => {
  const heard: { url?: string | undefined; auth: unknown; type: unknown; body: string }[] = []
  let status = 200
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const { url, headers } = request
      heard.push({ url, auth: headers.authorization, type: headers['content-type'], body })
      response.writeHead(status, { location: '/elsewhere' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/v1/traces`
  const sender = createOtlpSender({
    url,
    headers: new Secret({ authorization: 'Bearer h' }),
    timeoutMs: 5_000,
  })
  expect(await sender.send('{"a":1}')).toBe(true)
  for (status of [307, 400, 503]) expect(await sender.send('{}')).toBe(false)
  expect(heard[0]).toEqual({ url: '/v1/traces', auth: 'Bearer h', type: 'application/json', body: '{"a":1}' })
  expect(heard.map(({ url: path }) => path)).toEqual(Array.from({ length: 4 }, () => '/v1/traces'))
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
  await expect(sender.send('{}')).rejects.toThrow()
  await sender.close()
})
