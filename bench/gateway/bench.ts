/**
 * Cost of the gateway, measured in one run against the two things that bound it from below: the upstream itself and
 * a bare proxy of the same parts without any check. Every call carries a body of its own; an answer that differs from
 * the upstream's makes the run void. Usage: `node bench/gateway/bench.ts [seconds per round] [rounds] [--write]`.
 */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { alternate, numbersOf, percentile, ratioOf, report, rounded } from '../measure.ts'
import type { Started } from './target-floor.ts'

/** How calls arrive: as fast as so many callers get answers, or at a rate that leaves every side time to wait. */
type Load = { readonly kind: 'json' | 'sse'; readonly callers: number; readonly perSecond: number | null }
type Target = { readonly child: ChildProcess; readonly started: Started }
type Run = { perSecond: number; cpuMicros: number; p50Ms: number; p95Ms: number; p99Ms: number }

const here = import.meta.dirname
const [seconds = 0.8, rounds = 5] = numbersOf(0.8, 5)
const loads: readonly Load[] = (['json', 'sse'] as const).flatMap((kind) => [
  { kind, callers: 1, perSecond: null },
  { kind, callers: 16, perSecond: null },
  { kind, callers: 64, perSecond: null },
  { kind, callers: 16, perSecond: 300 },
])

const upstream = await launch('upstream', '')
const floor = await launch('floor', upstream.started.origin)
const countersign = await launch('countersign', upstream.started.origin)
const rows: object[] = []
const ratios: object[] = []
let serial = 0
const direct = new Pool(upstream.started.origin)
const answers = { json: await answerOf(direct, 'none', false), sse: await answerOf(direct, 'none', true) }
for (const target of [upstream, floor, countersign]) {
  for (const kind of ['json', 'sse'] as const) // until the compiler has seen enough of each
    await drive(target, { kind, callers: 16, perSecond: null }, answers[kind], 1.5)
}
for (const load of loads) {
  const runOf = (target: Target) => (isWarmUp: boolean) =>
    drive(target, load, answers[load.kind], isWarmUp ? seconds / 4 : seconds)
  const tasks = { direct: runOf(upstream), floor: runOf(floor), countersign: runOf(countersign) }
  const runs = await alternate(tasks, rounds)
  const arrival = load.perSecond === null ? 'as answered' : `${load.perSecond}/s`
  const name = { kind: load.kind, callers: load.callers, arrival }
  for (const [target, of] of Object.entries(runs)) {
    const middle = (pick: (run: Run) => number) => rounded(percentile(of.map(pick), 0.5))
    rows.push({
      ...name,
      target,
      perSecond: middle((run) => run.perSecond),
      cpuMicros: middle((run) => run.cpuMicros),
      p50Ms: middle((run) => run.p50Ms),
      p95Ms: middle((run) => run.p95Ms),
      p99Ms: middle((run) => run.p99Ms),
    })
  }
  const cpuOfRuns = (of: readonly Run[]) => of.map((run) => run.cpuMicros)
  ratios.push({ ...name, ...ratioOf(cpuOfRuns(runs.countersign), cpuOfRuns(runs.floor)) })
}
await direct.close()
for (const { child } of [upstream, floor, countersign]) child.disconnect()
const { version } = JSON.parse(
  readFileSync(resolve(here, '../../node_modules/undici/package.json'), 'utf8'),
) as { version: string }
const conditions = {
  undici: version,
  seconds,
  rounds,
  body: '4 KB in, 1.7 KB of JSON or 288 events out, all on loopback',
  cpuMicros: 'user and system time of the target process for each call',
  ratio: 'CPU of countersign over CPU of the bare proxy, round by round',
}
report(here, 'gateway', conditions, { rows, ratios })

async function launch(role: string, origin: string): Promise<Target> {
  const child = fork(join(here, 'target.ts'), [role, origin])
  const [started] = (await once(child, 'message')) as [Started] // the first message of a target
  return { child, started }
}

async function cpuOf({ child }: Target): Promise<number> {
  child.send('cpu')
  const [cpu] = (await once(child, 'message')) as [NodeJS.CpuUsage] // its answer to every message
  return cpu.user + cpu.system
}

async function drive(target: Target, load: Load, expected: string, time: number): Promise<Run> {
  const pool = new Pool(target.started.origin, { connections: load.callers })
  const latencies: number[] = []
  const before = await cpuOf(target)
  const beganAt = performance.now()
  const call = async (_: unknown, caller: number) => {
    const spacingMs = load.perSecond === null ? 0 : (1_000 * load.callers) / load.perSecond
    for (let n = 0; performance.now() - beganAt < time * 1_000; n += 1) {
      const waitMs = beganAt + (n + caller / load.callers) * spacingMs - performance.now()
      if (load.perSecond !== null && waitMs > 0) await sleep(waitMs)
      const sentAt = performance.now()
      const text = await answerOf(pool, target.started.key, load.kind === 'sse')
      latencies.push(performance.now() - sentAt)
      if (text !== expected) throw new Error(`void run: ${text.slice(0, 200)}`)
    }
  }
  await Promise.all(Array.from({ length: load.callers }, call))
  const elapsed = (performance.now() - beganAt) / 1_000
  const cpu = (await cpuOf(target)) - before
  await pool.close()
  return {
    perSecond: latencies.length / elapsed,
    cpuMicros: cpu / latencies.length,
    p50Ms: percentile(latencies, 0.5),
    p95Ms: percentile(latencies, 0.95),
    p99Ms: percentile(latencies, 0.99),
  }
}

async function answerOf(pool: Pool, key: string, stream: boolean): Promise<string> {
  serial += 1
  const content = `${serial} ${'The host made a connection to a rare domain. '.repeat(86)}`
  const { body } = await pool.request({
    method: 'POST',
    path: '/v1/chat/completions',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'demo', messages: [{ role: 'user', content }], stream }),
  })
  return body.text()
}
