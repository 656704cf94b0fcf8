/**
 * Hours in minutes: the gateway process at about 70 % of what it can do, behind the whole product and its PostgreSQL,
 * while its configuration changes every 10 s, a key is revoked every minute, and every twentieth call of the provider
 * fails. Memory after a collection must be flat; every call must have its record; nothing may stay open.
 * Usage: `npm run bench -- gateway-soak [--minutes 30 [calls per second]] [--json] [--write]`; calls per second are 70 % of
 * what was measured just before unless given. A promise that is broken makes it fail.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { cpus, getPriority, loadavg } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runningServer } from '../../src/adapters/postgres/embedded.ts'
import { createPool } from '../../src/adapters/postgres/index.ts'
import {
  configureRoute,
  issueGatewayKey,
  readRoute,
  revokeGatewayKey,
} from '../../src/contracts/routes/gateway.ts'
import { advisorySummariser } from '../../src/main/demo/answers.ts'
import { foundOrganisation } from '../../src/main/demo/organisation.ts'
import { approved, inDays, modelAlias } from '../../src/main/demo/systems.ts'
import { nodeFlags } from '../../scripts/start-options.mjs'
import { freePort, startEmptyProduct } from '../../test/support/product.ts'
import { numbersOf, percentile, rounded } from '../measure.ts'
import { meansBy, slopeOf, type Slope } from '../slope.ts'
import { versionOf } from './peer.ts'
import { loadOf } from './soak-load.ts'
import type { SoakPlace, SoakUsage } from './soak-target.ts'
import type { Seen } from './soak-upstream.ts'

const here = import.meta.dirname
const [minutes = 30, wantedPerSecond = 0] = numbersOf(30, 0)
const isJson = process.argv.includes('--json')
const tell = (line: string) => process.stderr.write(`${line}\n`)
const share = 0.7
const [sampleMs, reloadMs, revokeMs] = [10_000, 10_000, 60_000]
/**
 * What the compiler, the caches and the allocator take until they have settled is no growth: the first ten minutes, or a
 * third where that is more, are told and not judged. A shorter run judges what is left of it, if anything.
 */
const warmUpMinutes = Math.max(10, minutes / 3)
/** Goal of the design, in MB per minute. */
const flatBelow = 0.1

const children: ChildProcess[] = []
const [upstream, upstreamOrigin] = await launched<string>('soak-upstream.ts')
const product = await startEmptyProduct()
const failures: string[] = []
const demand = (isKept: boolean, broken: string) => {
  if (!isKept) failures.push(broken)
}

try {
  const org = await foundOrganisation(product.origin, product.setupToken, upstreamOrigin, () => undefined)
  const built = await approved(org, { ...advisorySummariser('Soak'), volumePerDay: 100_000_000 })
  const address = runningServer(product.home)
  if (address === null) throw new Error('the database does not run')
  const look = createPool(address, undefined, 2)
  const { rows } = await look.query<{ value: string }>(
    "select value from settings where name = 'installation_id'",
  )
  const installation = rows[0]?.value ?? ''
  const adminPort = await freePort()
  const place: SoakPlace = {
    home: product.home,
    database: address,
    ledgerOrigin: `countersign/${installation}`,
    trust: { issuer: `urn:countersign:${installation}`, rootFingerprint: product.running.rootFingerprint },
    adminPort,
  }
  const [gateway, origin] = await launched<string>('soak-target.ts', place)
  const newKey = () =>
    org.technicalOwner.call(issueGatewayKey, {
      params: { id: built.routeId },
      body: { agent: 'soak', expiresAt: inDays(1), sources: ['127.0.0.0/8'] },
    })
  const load = loadOf(origin, modelAlias)
  let probes = 0
  /** Status of one call that asks for nothing to be sent. */
  const statusOf = async (key: string): Promise<number> => {
    probes += 1
    const { status, body } = await fetch(`${origin}/v1/models`, {
      headers: { authorization: `Bearer ${key}` },
    })
    await body?.cancel()
    return status
  }
  let key = await newKey()
  await until(async () => (await statusOf(key.token)) === 200)
  const atRest = await usageOf(gateway)

  await load.fast(() => key.token, 16, 5)
  const capacity = await load.fast(() => key.token, 16, 10)
  const perSecond = wantedPerSecond === 0 ? capacity * share : wantedPerSecond
  tell(`capacity ${rounded(capacity)} calls/s; ${minutes} minutes at ${rounded(perSecond)}`)

  const samples: ({ readonly minute: number; readonly load1: number } & SoakUsage)[] = []
  const refusedAfterMs: number[] = []
  let [reloads, isOver] = [0, false]
  const beganAt = performance.now()
  const paced = load.paced(() => key.token, perSecond)
  const every = async (ms: number, work: () => Promise<void>) => {
    for (let n = 1; ; n += 1) {
      const waitMs = beganAt + n * ms - performance.now()
      if (waitMs > 0) await sleep(waitMs)
      if (isOver) return
      await work()
    }
  }
  const duties = [
    every(sampleMs, async () => {
      const usage = await usageOf(gateway)
      const minute = (performance.now() - beganAt) / 60_000
      samples.push({ minute, load1: loadavg()[0] ?? Number.NaN, ...usage })
      if (samples.length % 6 === 0)
        tell(`${Math.round(minute)} min: rss ${mb(usage.rss)}, heap ${mb(usage.heap)}, ${load.calls()} calls`)
    }),
    every(reloadMs, async () => {
      const params = { id: built.routeId }
      const route = await org.technicalOwner.call(readRoute, { params })
      await org.technicalOwner.call(configureRoute, {
        params,
        body: { models: { [modelAlias]: { upstreamId: org.upstream, model: `demo-${reloads % 2}` } } },
        ifMatch: route.revision, // a new key has changed it too
      })
      reloads += 1
      if ((reloads * reloadMs) % revokeMs !== 0) return
      const [old, fresh] = [key, await newKey()]
      await until(async () => (await statusOf(fresh.token)) === 200)
      key = fresh
      await sleep(2_000) // calls with the old key end by themselves
      const orderedAt = performance.now()
      await org.technicalOwner.call(revokeGatewayKey, { params: { id: old.id } })
      await until(async () => (await statusOf(old.token)) === 401)
      refusedAfterMs.push(performance.now() - orderedAt)
    }),
  ]
  await sleep(minutes * 60_000)
  isOver = true
  await paced.stop()
  const seconds = (performance.now() - beganAt) / 1_000
  await Promise.all(duties)
  await load.close()

  const openExchanges = async () =>
    ((await (await fetch(`http://127.0.0.1:${adminPort}/healthz`)).json()) as { open: number }).open // of admin.ts
  const isAtRest = () => until(async () => (await openExchanges()) === 0, 30_000)
  demand(
    await isAtRest().then(
      () => true,
      () => false,
    ),
    'an exchange was never settled',
  )
  // Sockets to callers are closed by them, those to the provider and to the database when nobody needs them.
  const areClosed = async () => (await usageOf(gateway)).sockets <= atRest.sockets
  demand(
    await until(areClosed, 60_000).then(
      () => true,
      () => false,
    ),
    'a socket was left open',
  )
  const atEnd = await usageOf(gateway)
  const seen = await askedOf<Seen>(upstream)
  demand(seen.sockets === 0, 'a connection to the provider was left open')

  gateway.send('close')
  const ended = once(gateway, 'exit') as Promise<[number | null]>
  const [code] = await Promise.race([ended, sleep(30_000, [null] as const)])
  demand(code === 0, 'the process did not end by itself')
  const counted = await look.query<{ action: string; released: string; n: number }>(
    `select action, record ->> 'released' as released, count(*) as n from gateway_records group by 1, 2 order by 1, 2`,
  ) // nobody else has called any gateway of this installation
  const revokedProbes = await look.query<{ n: number }>(
    `select count(*) as n from gateway_records where record -> 'codes' ? 'key_revoked'`,
  )
  await look.end()
  const stored = counted.rows.reduce((sum, { n }) => sum + n, 0)
  const sent = load.calls() + probes
  demand(load.tally.failed === 0, 'a caller got no answer at all')
  const fulls = counted.rows.filter(({ released, action }) => released === 'full' && action !== 'block')

  const growth = (isIn: (minute: number) => boolean, pick: (usage: SoakUsage) => number): Slope => {
    const points = samples.filter(({ minute }) => isIn(minute))
    return slopeOf(
      meansBy(
        6,
        points.map((sample) => [sample.minute, pick(sample) / 1e6] as const),
      ),
    )
  }
  const growthOf = (isIn: (minute: number) => boolean) => ({
    rss: growth(isIn, ({ rss }) => rss),
    heap: growth(isIn, ({ heap }) => heap),
  })
  const slopes = growthOf((minute) => minute > warmUpMinutes)
  for (const [what, { low }] of Object.entries(slopes))
    demand(!(low > flatBelow), `memory (${what}) grows by more than ${flatBelow} MB a minute`)
  demand(stored === sent, `${sent} calls, ${stored} records`)

  const cpu = ((samples.at(-1)?.cpuMicros ?? 0) - (samples[0]?.cpuMicros ?? 0)) / 1e6
  const results = {
    date: new Date().toISOString(),
    conditions: {
      minutes,
      perSecond: rounded(perSecond),
      capacityPerSecond: rounded(capacity),
      chosen: wantedPerSecond === 0 ? `${share} of the capacity` : 'given',
      body: '4 KB in; 1.7 KB of JSON, or for one call of four a stream of 288 events; one of fifty holds a secret',
      what: 'the gateway as the program composes it, alone in its process; PostgreSQL, API, provider and callers beside it',
      every: {
        reloadSeconds: reloadMs / 1_000,
        revocationSeconds: revokeMs / 1_000,
        upstreamFaultsShare: 0.05,
      },
      memory:
        'after a full collection each 10 s, in MB (10^6 bytes); slope over means of a minute behind the warm-up, 95 %',
      warmUpMinutes: rounded(warmUpMinutes),
      machine:
        'calls that were due and not sent, since too many were open, are `late`; see load1 for who else was busy',
      cpu: cpus()[0]?.model.trim(),
      cores: cpus().length,
      nice: getPriority(),
      load1: {
        median: rounded(
          percentile(
            samples.map(({ load1 }) => load1),
            0.5,
          ),
        ),
      },
    },
    versions: {
      node: process.versions.node,
      countersign: versionOf(resolve(here, '../..')),
      undici: versionOf(resolve(here, '../../node_modules/undici')),
    },
    kept: failures.length === 0,
    failures,
    calls: {
      sent,
      stored,
      ...load.tally,
      refusals: load.refusals,
      errors: load.errors,
      probes,
      perSecond: rounded(load.calls() / seconds),
    },
    records: counted.rows,
    fullRecords: fulls.reduce((sum, { n }) => sum + n, 0),
    upstream: seen,
    reloads,
    revocations: {
      count: refusedAfterMs.length,
      refusedAfterMs: {
        median: rounded(percentile(refusedAfterMs, 0.5)),
        most: rounded(Math.max(0, ...refusedAfterMs)),
      },
      refusedProbes: revokedProbes.rows[0]?.n,
    },
    gatewayCores: rounded(cpu / seconds),
    megabytesPerMinute: slopes,
    megabytesPerMinuteInWarmUp: growthOf((minute) => minute <= warmUpMinutes),
    atRest: told(atRest),
    atEnd: told(atEnd),
    logged: atEnd.errors,
    samples: samples.map(({ minute, load1, ...usage }) => ({
      minute: rounded(minute),
      load1: rounded(load1),
      ...told(usage),
    })),
  }
  const { samples: _samples, ...short } = results
  if (isJson) process.stdout.write(`${JSON.stringify({ 'gateway-soak': results }, null, 2)}\n`)
  else console.log(JSON.stringify(short, null, 2))
  if (process.argv.includes('--write'))
    writeFileSync(join(here, 'soak.json'), `${JSON.stringify(results, null, 2)}\n`)
} finally {
  for (const child of children) if (child.connected) child.disconnect()
  await product.close()
}
for (const failure of failures) tell(`broken: ${failure}`)
process.exit(failures.length === 0 ? 0 : 1)

/** Starts a process beside this one; what it says first, once it was told what it has to know. */
async function launched<T>(script: string, told?: object): Promise<[ChildProcess, T]> {
  const child = fork(join(here, script), {
    stdio: ['ignore', 2, 2, 'ipc'],
    execArgv: ['--expose-gc', ...nodeFlags],
  })
  children.push(child)
  if (told !== undefined) child.send(told)
  const [first] = (await once(child, 'message')) as [T] // the first message of each
  return [child, first]
}

async function askedOf<T>(child: ChildProcess): Promise<T> {
  child.send('tell')
  const [answer] = (await once(child, 'message')) as [T] // its answer to every message
  return answer
}

function usageOf(gateway: ChildProcess): Promise<SoakUsage> {
  return askedOf<SoakUsage>(gateway)
}

async function until(holds: () => Promise<boolean>, withinMs = 120_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('it never came')
    await sleep(20)
  }
}

function told({ rss, heap, outside, sockets }: SoakUsage) {
  return { rss: mb(rss), heap: mb(heap), outside: mb(outside), sockets }
}

function mb(bytes: number): number {
  return Math.round(bytes / 1e5) / 10
}
