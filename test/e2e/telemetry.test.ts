import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../src/main/config.ts'
import { startCountersign, type Running } from '../../src/main/serve.ts'
import { freePort } from '../support/product.ts'

const home = mkdtempSync(join(tmpdir(), 'cs-telemetry-'))
const lines: string[] = []
const bodies: string[] = []
let heard = () => {}
const collector = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
  request.on('end', () => {
    bodies.push(body)
    response.end('{}')
    heard()
  })
})
let running: Running
let admin: string

beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  const port = await freePort()
  admin = `http://127.0.0.1:${port}`
  const config = readConfig({
    COUNTERSIGN_HOME: home,
    COUNTERSIGN_PORT: String(await freePort()),
    COUNTERSIGN_GATEWAY_PORT: '0',
    COUNTERSIGN_ADMIN_PORT: String(port),
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
  })
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) })
  running = await startCountersign(config, () => undefined, log)
}, 120_000)
afterAll(async () => {
  await running?.close()
  collector.closeAllConnections()
  await new Promise<void>((resolve) => collector.close(() => resolve()))
  rmSync(home, { recursive: true, force: true })
})

test('a call is counted, sent as a span and told in the log, each without a word of it', async () => {
  const isHeard = new Promise<void>((resolve) => (heard = resolve))
  const answer = await fetch(`${running.gateway}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm-confidential', messages: [{ role: 'user', content: 'confidential' }] }),
  })
  expect(answer.status).toBe(401)
  await answer.text()
  const scraped = await (await fetch(`${admin}/metrics`)).text()
  expect(scraped).toContain('countersign_gateway_requests_total{dialect="openai-chat",action="block"} 1')
  expect(scraped).toContain('countersign_gateway_refusals_total{code="key_missing"} 1')
  expect(scraped).toMatch(/countersign_gateway_snapshot_age_seconds\{tier="3"\} \d/)
  expect((await fetch(`${admin}/readyz`)).status).toBe(200)
  await isHeard
  const told = lines.find((line) => line.includes('gateway.call.settled')) ?? ''
  expect(JSON.parse(told)).toMatchObject({ action: 'block', codes: ['key_missing'], status: 401 })
  const { record } = JSON.parse(told) as { readonly record: string }
  expect(bodies.join('')).toContain(record)
  expect(bodies.join('')).toContain('"stringValue":"key_missing"')
  expect(`${bodies.join('')}${lines.join('')}${scraped}`).not.toContain('confidential')
}, 30_000)
