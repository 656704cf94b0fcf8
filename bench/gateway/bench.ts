/**
 * Cost of the gateway, measured in one run against what bounds it from below (the upstream itself, and a bare proxy of
 * the same parts without any check) and against a peer that only passes on. Every call carries a body of its own; an
 * answer that differs from the upstream's, or a secret that reaches the upstream, makes the run void.
 * Usage: `npm run bench -- gateway [seconds per round] [rounds] [--json] [--write]`.
 */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { obviousSecret } from '../../test/support/mock-provider/scenarios.ts'
import { compileCacheIn, nodeFlags } from '../../scripts/start-options.mjs'
import { alternate, numbersOf, percentile, ratioOf, report, rounded } from '../measure.ts'
import { callerOf } from './caller.ts'
import { installPeer, versionOf } from './peer.ts'
import type { Usage } from './target.ts'
import type { Started } from './target-floor.ts'

/** How calls arrive: as fast as so many callers get answers, or at a rate that leaves every side time to wait. */
type Load = {
  readonly kind: 'json' | 'sse'
  readonly callers: number
  readonly perSecond: number | null
  /** Turns of the conversation, all but the last sent before. */
  readonly turns: number
}
/** `full` is countersign with the scorer of the guard. */
type Name = 'direct' | 'floor' | 'countersign' | 'full' | 'portkey'
type Target = { readonly child: ChildProcess; readonly started: Started; readonly idle: Usage }
type Run = {
  perSecond: number
  cpuMicros: number
  p50Ms: number
  p95Ms: number
  p99Ms: number
  firstP50Ms: number
}

const here = import.meta.dirname
const [seconds = 0.8, rounds = 5] = numbersOf(0.8, 5)
const streamsAtOnce = 512
/** Countersign is measured as it is started. */
const asStarted = {
  execArgv: [...nodeFlags],
  env: { ...process.env, NODE_COMPILE_CACHE: compileCacheIn(resolve(here, '../..')) },
}
const loads: readonly Load[] = [
  ...(['json', 'sse'] as const).flatMap((kind): readonly Load[] => [
    { kind, callers: 1, perSecond: null, turns: 1 },
    { kind, callers: 16, perSecond: null, turns: 1 },
    { kind, callers: 64, perSecond: null, turns: 1 },
    { kind, callers: 16, perSecond: 300, turns: 1 },
  ]),
  { kind: 'json', callers: 16, perSecond: null, turns: 8 },
]

const peer = installPeer()
const direct = await launch('upstream', '')
const { origin } = direct.started
const targets: Partial<Record<Name, Target>> & Record<Exclude<Name, 'portkey'>, Target> = {
  direct,
  floor: await launch('floor', origin),
  countersign: await launch('countersign', origin),
  full: await launch('full', origin),
  ...(peer === null ? {} : { portkey: await launch('portkey', origin) }),
}
const names = Object.keys(targets) as Name[] // of the record above
const expected = { json: (await ask('direct', 'json')).text, sse: (await ask('direct', 'sse')).text }
const notApplicable = await kindsWithoutAnswer()
await control()

const rows: object[] = []
const ratios: object[] = []
const besidePeer: { load: Load; throughput: number; cpu: number }[] = []
const fullRatios: object[] = []
let cpuMicrosPerRequest = Number.NaN
let cpuMicrosPerRequestFull = Number.NaN
for (const kind of ['json', 'sse'] as const) // until the compiler has seen enough of each
  for (const name of served(kind)) await drive(name, { kind, callers: 16, perSecond: null, turns: 1 }, 1.5)
for (const load of loads) await measure(load)
const streams = []
for (const name of served('sse')) streams.push(await manyStreams(name))
const memory = await Promise.all(names.map((name) => memoryOf(name)))
await control()
for (const { child } of Object.values(targets)) child.disconnect()

const busiest = besidePeer.find(({ load }) => isBusiest(load))
report(
  here,
  'gateway',
  {
    seconds,
    rounds,
    profile: 'core: key, grant, exact tree, deterministic detectors on request and answer, record; tier 1',
    full: 'the same with the scorer of the guard, which reads every window of every text: as the product is',
    body: '4 KB in, 1.7 KB of JSON or 288 events out, all on loopback, HTTP/1.1 without TLS',
    cpuMicros:
      'user and system time of the whole process of a target for each call, collector and compiler included',
    added: 'median of the rounds less that of the upstream itself, in ms',
    ratio: 'CPU of countersign over CPU of the bare proxy, round by round',
    throughputVsPortkey:
      'calls per second, JSON, 64 callers, median of the rounds; the peer has no guard switched on',
    cpuMicrosPerRequest: 'of countersign, JSON, 64 callers, median of the rounds',
    cpuMicrosPerRequestFull: 'of full, the same',
    turns: 'of 8, seven are sent again with each call, as in a conversation of 4 KB; of 1, every text is new',
    streams: `${streamsAtOnce} at once, 20 events each, one every 50 ms`,
    control:
      'a secret in a request reaches the upstream through every target but countersign; checked before and after',
    started: `countersign with ${nodeFlags.join(' ')} and its code cache, as the program is; the others as Node is`,
    machine:
      'where load1 is above 3, others have used it as well: then ratios to the proxy say more than times',
    notApplicable,
  },
  {
    throughputVsPortkey: busiest === undefined ? null : rounded(busiest.throughput),
    cpuMicrosPerRequest,
    cpuMicrosPerRequestFull,
    versions: {
      node: process.versions.node,
      countersign: versionOf(resolve(here, '../..')),
      undici: versionOf(resolve(here, '../../node_modules/undici')),
      portkey: peer,
    },
    rows,
    ratios,
    fullRatios,
    besidePeer: besidePeer.map(({ load, throughput, cpu }) => ({
      ...nameOf(load),
      throughputVsPortkey: rounded(throughput),
      cpuOfPortkeyVsOurs: rounded(cpu),
    })),
    streams,
    memory,
  },
)

async function measure(load: Load): Promise<void> {
  const tasks = Object.fromEntries(
    served(load.kind).map((name) => [
      name,
      (isWarmUp: boolean) => drive(name, load, isWarmUp ? seconds / 4 : seconds),
    ]),
  )
  const runs = await alternate(tasks, rounds)
  const of = (name: Name) => runs[name] ?? []
  const middle = (name: Name, pick: (run: Run) => number) => percentile(of(name).map(pick), 0.5)
  for (const target of served(load.kind)) {
    const added = (pick: (run: Run) => number) => rounded(middle(target, pick) - middle('direct', pick))
    rows.push({
      ...nameOf(load),
      target,
      perSecond: rounded(middle(target, (run) => run.perSecond)),
      cpuMicros: rounded(middle(target, (run) => run.cpuMicros)),
      p50Ms: rounded(middle(target, (run) => run.p50Ms)),
      p95Ms: rounded(middle(target, (run) => run.p95Ms)),
      p99Ms: rounded(middle(target, (run) => run.p99Ms)),
      addedP50Ms: added((run) => run.p50Ms),
      addedP99Ms: added((run) => run.p99Ms),
      addedFirstP50Ms: added((run) => run.firstP50Ms),
    })
  }
  const cpuOfRuns = (name: Name) => of(name).map((run) => run.cpuMicros)
  ratios.push({ ...nameOf(load), ...ratioOf(cpuOfRuns('countersign'), cpuOfRuns('floor')) })
  fullRatios.push({ ...nameOf(load), ...ratioOf(cpuOfRuns('full'), cpuOfRuns('floor')) })
  if (isBusiest(load)) {
    cpuMicrosPerRequest = rounded(middle('countersign', (run) => run.cpuMicros))
    cpuMicrosPerRequestFull = rounded(middle('full', (run) => run.cpuMicros))
  }
  if (load.perSecond === null && of('portkey').length > 0) {
    const ratio = (of: Name, to: Name, pick: (run: Run) => number) => middle(of, pick) / middle(to, pick)
    besidePeer.push({
      load,
      throughput: ratio('countersign', 'portkey', (run) => run.perSecond),
      cpu: ratio('portkey', 'countersign', (run) => run.cpuMicros),
    })
  }
}

async function drive(name: Name, load: Load, time: number): Promise<Run> {
  const target = targetOf(name)
  const caller = callerOf(target.started, load.callers)
  const latencies: number[] = []
  const firsts: number[] = []
  const { cpu: before } = await usageOf(target)
  const beganAt = performance.now()
  const calling = async (_: unknown, n: number) => {
    const spacingMs = load.perSecond === null ? 0 : (1_000 * load.callers) / load.perSecond
    for (let i = 0; performance.now() - beganAt < time * 1_000; i += 1) {
      const waitMs = beganAt + (i + n / load.callers) * spacingMs - performance.now()
      if (load.perSecond !== null && waitMs > 0) await sleep(waitMs)
      const { text, firstMs, lastMs } = await caller.call({ stream: load.kind === 'sse', turns: load.turns })
      latencies.push(lastMs)
      firsts.push(firstMs)
      if (!isSame(text, expected[load.kind])) throw new Error(`void run: ${name}: ${text.slice(0, 200)}`)
    }
  }
  await Promise.all(Array.from({ length: load.callers }, calling))
  const elapsed = (performance.now() - beganAt) / 1_000
  const { cpu } = await usageOf(target)
  await caller.close()
  return {
    perSecond: latencies.length / elapsed,
    cpuMicros: (cpu - before) / latencies.length,
    p50Ms: percentile(latencies, 0.5),
    p95Ms: percentile(latencies, 0.95),
    p99Ms: percentile(latencies, 0.99),
    firstP50Ms: percentile(firsts, 0.5),
  }
}

/** Many streams at the pace of a model; one that ends early or differs is lost. */
async function manyStreams(name: Name): Promise<object> {
  const target = targetOf(name)
  const caller = callerOf(target.started, streamsAtOnce)
  const { text: whole } = await caller.call({ stream: true, model: 'paced' })
  const calls = Array.from({ length: streamsAtOnce }, () => caller.call({ stream: true, model: 'paced' }))
  const answers = (await Promise.allSettled(calls)).flatMap((settled) =>
    settled.status === 'fulfilled' && settled.value.text === whole ? [settled.value] : [],
  )
  await caller.close()
  const gaps = answers.flatMap(({ gapsMs }) => gapsMs)
  return {
    target: name,
    streams: streamsAtOnce,
    lost: streamsAtOnce - answers.length,
    firstP50Ms: rounded(
      percentile(
        answers.map(({ firstMs }) => firstMs),
        0.5,
      ),
    ),
    gapP50Ms: rounded(percentile(gaps, 0.5)),
    gapP99Ms: rounded(percentile(gaps, 0.99)),
    rssMiB: mebibytes((await usageOf(target)).rss),
  }
}

/** That the guard is in the path of countersign, and of nothing else; else whatever was measured means nothing. */
async function control(): Promise<void> {
  for (const name of names)
    for (const kind of ['json', 'sse'] as const) {
      const { status } = await ask(name, kind, `Use ${obviousSecret} now. `)
      const hasArrived = status === 409
      const isMeant = name !== 'countersign' && name !== 'full'
      if (hasArrived !== isMeant && served(kind).includes(name))
        throw new Error(`void run: the control of ${name} (${kind}) was answered with ${status}`)
    }
}

/** Kinds of answers that a peer cannot give here. */
async function kindsWithoutAnswer(): Promise<Readonly<Record<string, string>>> {
  const failed: Record<string, string> = {}
  if (targets.portkey === undefined) return failed
  for (const kind of ['json', 'sse'] as const) {
    const { status } = await ask('portkey', kind)
    if (status >= 500) failed[kind] = `portkey answers ${status}`
  }
  return failed
}

async function ask(name: Name, kind: Load['kind'], text = '') {
  const caller = callerOf(targetOf(name).started, 1)
  const answer = await caller.call({ stream: kind === 'sse', text })
  await caller.close()
  return answer
}

async function launch(role: string, upstream: string): Promise<Target> {
  const options = role === 'countersign' || role === 'full' ? asStarted : {}
  const child = fork(join(here, 'target.ts'), [role, upstream], {
    ...options,
    stdio: ['ignore', 2, 2, 'ipc'],
  })
  const [started] = (await once(child, 'message')) as [Started] // the first message of a target
  const idle = await usageOf({ child })
  return { child, started, idle }
}

async function usageOf({ child }: Pick<Target, 'child'>): Promise<Usage> {
  child.send('usage')
  const [usage] = (await once(child, 'message')) as [Usage] // its answer to every message
  return usage
}

async function memoryOf(target: Name): Promise<object> {
  const { idle } = targetOf(target)
  const { rss, peakRss } = await usageOf(targetOf(target))
  return { target, idleMiB: mebibytes(idle.rss), endMiB: mebibytes(rss), peakMiB: mebibytes(peakRss) }
}

function served(kind: Load['kind']): Name[] {
  return names.filter((name) => name !== 'portkey' || notApplicable[kind] === undefined)
}

function targetOf(name: Name): Target {
  const target = targets[name]
  if (target === undefined) throw new RangeError(`${name} was not started`)
  return target
}

/** JSON may be written anew on its way. */
function isSame(text: string, wanted: string): boolean {
  if (text === wanted) return true
  try {
    return isDeepStrictEqual(JSON.parse(text), JSON.parse(wanted))
  } catch {
    return false // no JSON, and not the same
  }
}

function nameOf({ kind, callers, perSecond, turns }: Load) {
  return { kind, callers, arrival: perSecond === null ? 'as answered' : `${perSecond}/s`, turns }
}

/** The load by which the figures of the head are told. */
function isBusiest({ kind, callers }: Load): boolean {
  return kind === 'json' && callers === 64
}

function mebibytes(bytes: number): number {
  return rounded(bytes / 2 ** 20)
}
