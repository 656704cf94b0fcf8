/**
 * Cost of the gateway, measured in one run against the two things that bound it from below: the upstream itself and
 * a bare proxy of the same parts without any check. The proxies run in processes of their own, so that the CPU time
 * is theirs alone. Usage: `node bench/gateway/bench.ts [seconds per round] [rounds]`.
 */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Pool } from 'undici'
import { startCountersign } from './target-countersign.ts'

type Started = { readonly origin: string; readonly key: string }
type Cpu = { readonly user: number; readonly system: number }

const [, self = '', role = 'main', upstream = ''] = process.argv
const answerText = 'An alert like this one is usually noise. '.repeat(36)

if (role === 'upstream') serve(await startUpstream())
else if (role === 'floor') serve(await startFloor(upstream))
else if (role === 'countersign') serve(await startCountersign(upstream))
else await main(Number(process.argv[2] ?? 2), Number(process.argv[3] ?? 3))

async function main(seconds: number, rounds: number): Promise<void> {
  const mock = await launch('upstream', '')
  const floor = await launch('floor', mock.started.origin)
  const ours = await launch('countersign', mock.started.origin)
  const targets = { direct: mock, floor, countersign: ours }
  const rows: {
    target: string
    kind: string
    concurrency: number
    perSecond: number
    cpuMicros: number
    p50Ms: number
    p99Ms: number
  }[] = []
  for (const kind of ['json', 'sse']) {
    for (const concurrency of [1, 16, 64]) {
      for (let round = -1; round < rounds; round += 1) {
        for (const [target, process_] of Object.entries(targets)) {
          const result = await drive(process_, kind === 'sse', concurrency, round < 0 ? 0.5 : seconds)
          if (round >= 0) rows.push({ target, kind, concurrency, ...result })
        }
      }
    }
  }
  const table = Object.values(Object.groupBy(rows, (row) => `${row.target} ${row.kind} ${row.concurrency}`))
    .filter((group) => group !== undefined)
    .map((group) => {
      const middle = (pick: (row: (typeof rows)[number]) => number) =>
        Math.round((group.map(pick).sort((a, b) => a - b)[Math.floor(group.length / 2)] ?? 0) * 100) / 100
      const [first] = group
      return {
        target: first?.target,
        kind: first?.kind,
        concurrency: first?.concurrency,
        perSecond: middle((row) => row.perSecond),
        cpuMicros: middle((row) => row.cpuMicros),
        p50Ms: middle((row) => row.p50Ms),
        p99Ms: middle((row) => row.p99Ms),
      }
    })
  console.table(table)
  const machine = { node: process.version, cpus: cpus().length, load: loadavg()[0] }
  console.log(JSON.stringify({ machine, seconds, rounds, table }))
  for (const { child } of [mock, floor, ours]) child.kill()
}

type Launched = { readonly child: ChildProcess; readonly started: Started }

async function launch(name: string, origin: string): Promise<Launched> {
  const child = fork(fileURLToPath(new URL(`file://${self}`)), [name, origin])
  const [started] = (await once(child, 'message')) as [Started] // the first message of `serve`
  return { child, started }
}

/** Tells the parent where to send, and how much CPU time was used whenever it asks. */
function serve(started: Started): void {
  process.send?.(started)
  process.on('message', () => process.send?.(process.cpuUsage()))
  process.on('disconnect', () => process.exit())
}

async function cpuOf({ child }: Launched): Promise<number> {
  child.send('cpu')
  const [cpu] = (await once(child, 'message')) as [Cpu] // the answer of `serve`
  return cpu.user + cpu.system
}

async function drive(target: Launched, stream: boolean, concurrency: number, seconds: number) {
  const pool = new Pool(target.started.origin, { connections: concurrency })
  const latencies: number[] = []
  let serial = 0
  const before = await cpuOf(target)
  const beganAt = performance.now()
  const worker = async () => {
    while (performance.now() - beganAt < seconds * 1_000) {
      serial += 1
      const sentAt = performance.now()
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: '/v1/chat/completions',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${target.started.key}` },
        body: requestText(serial, stream),
      })
      const text = await body.text()
      if (statusCode !== 200 || !(stream ? text.endsWith('[DONE]\n\n') : text.endsWith('}')))
        throw new Error(`void run: ${statusCode} ${text.slice(0, 200)}`)
      latencies.push(performance.now() - sentAt)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  const elapsed = (performance.now() - beganAt) / 1_000
  const cpu = (await cpuOf(target)) - before
  await pool.close()
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0
  const count = latencies.length
  return { perSecond: count / elapsed, cpuMicros: cpu / count, p50Ms: at(0.5), p99Ms: at(0.99) }
}

/** 4 KB that differ in each request. */
function requestText(serial: number, stream: boolean): string {
  const content = `${serial} ${'The host made a connection to a rare domain. '.repeat(86)}`
  return JSON.stringify({ model: 'demo', messages: [{ role: 'user', content }], stream })
}

async function startUpstream(): Promise<Started> {
  const choices = [{ index: 0, message: { role: 'assistant', content: answerText }, finish_reason: 'stop' }]
  const usage = { prompt_tokens: 1_000, completion_tokens: 375, total_tokens: 1_375 }
  const whole = JSON.stringify({
    id: 'x',
    object: 'chat.completion',
    created: 0,
    model: 'demo',
    choices,
    usage,
  })
  const chunks = answerText.split(/(?<= )/).map((content) => {
    const delta = {
      id: 'x',
      object: 'chat.completion.chunk',
      created: 0,
      model: 'demo',
      choices: [{ index: 0, delta: { content } }],
    }
    return `data: ${JSON.stringify(delta)}\n\n`
  })
  const server = createServer((request, response) => {
    const body: Buffer[] = []
    request.on('data', (chunk: Buffer) => body.push(chunk))
    request.on('end', () => {
      const isStream = Buffer.concat(body).toString().includes('"stream":true')
      response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' })
      if (!isStream) return response.end(whole)
      for (const chunk of chunks) response.write(chunk)
      return response.end('data: [DONE]\n\n')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { origin: originOf(server.address()), key: 'none' }
}

/** The bare proxy: the same server and client, no check, no record. */
async function startFloor(origin: string): Promise<Started> {
  const pool = new Pool(origin, { connections: 256 })
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      pool.dispatch(
        {
          method: 'POST',
          path: request.url ?? '/',
          headers: { 'content-type': 'application/json' },
          body: Buffer.concat(chunks),
        },
        {
          onRequestStart: () => {},
          onResponseStart: (_controller, status, headers) => {
            response.writeHead(status, { 'content-type': String(headers['content-type']) })
          },
          onResponseData: (_controller, chunk) => void response.write(chunk),
          onResponseEnd: () => void response.end(),
          onResponseError: () => void response.destroy(),
        },
      )
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { origin: originOf(server.address()), key: 'none' }
}

function originOf(address: unknown): string {
  return `http://127.0.0.1:${(address as { port: number }).port}` // a TCP server has a port
}
