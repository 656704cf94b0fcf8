import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startDemoProvider, type DemoProvider } from '../../src/adapters/demo-provider/demo-provider.ts'
import { setLimit } from '../../src/contracts/routes/gateway-limits.ts'
import { orderStop } from '../../src/contracts/routes/stops.ts'
import { advisorySummariser } from '../../src/main/demo/answers.ts'
import { foundOrganisation, type Organisation } from '../../src/main/demo/organisation.ts'
import { approved, issueKey, modelAlias, type Built } from '../../src/main/demo/systems.ts'
import { Shipped } from './shipped.ts'

const [callers, budget, stopAfter, killAfter] = [16, 600, 100, 250]
const soon = { timeout: 60_000, interval: 50 }

type System = { readonly built: Built; readonly key: string }
type Gateway = { readonly process: Shipped; readonly name: 'one' | 'two' }

/** One call as its caller has seen it. */
type Seen = {
  readonly system: 'budgeted' | 'stopped'
  readonly gateway: Gateway['name']
  /** Its place among all beginnings and endings. */
  readonly began: number
  readonly ended: number
  readonly record: string
  readonly status: number
  readonly reason: string | null
  readonly isStream: boolean
  /** The whole answer has arrived. */
  readonly isWhole: boolean
}

const base = mkdtempSync(join(tmpdir(), 'cs-gateways-'))
let provider: DemoProvider
let control: Shipped
let [one, two]: Gateway[] = []
let org: Organisation
let systems: Readonly<Record<Seen['system'], System>>
const seen: Seen[] = []
let moments = 0

beforeAll(async () => {
  provider = await startDemoProvider({ chunkDelayMs: 1 })
  control = await Shipped.create({ env: { COUNTERSIGN_ROLES: 'api,worker' } })
  await control.start()
  ;[one, two] = [await gateway('one'), await gateway('two')]
  const { setupToken } = control.announced
  org = await foundOrganisation(control.origin, setupToken ?? '', provider.origin, () => undefined)
  const live = async (title: string): Promise<System> => {
    const built = await approved(org, { ...advisorySummariser(title), volumePerDay: 5_000 })
    return { built, key: await issueKey(org, built) }
  }
  systems = { budgeted: await live('Budgeted'), stopped: await live('Stopped') }
  await org.admin.call(setLimit, {
    body: {
      target: { scope: 'deployment', deploymentId: systems.budgeted.built.deploymentId },
      terms: { unit: 'requests', amount: budget, window: { k: 'none' } },
    },
  })
}, 240_000)

afterAll(async () => {
  for (const { process } of [one, two].filter((each) => each !== undefined)) await process.signal('SIGKILL')
  await control.close()
  await provider.close()
  rmSync(base, { recursive: true, force: true })
}, 60_000)

async function gateway(name: Gateway['name']): Promise<Gateway> {
  const folder = join(base, name)
  const equipped = await control.command(['gateway', 'equip', folder])
  expect([equipped.code, equipped.out]).toEqual([0, expect.any(String)])
  const process = await Shipped.create({ home: folder, env: { COUNTERSIGN_ROLES: 'gateway' } })
  await process.start()
  return { process, name }
}

/** Calls once; null when the gateway has gone before its answer was complete. */
async function call(
  system: Seen['system'],
  { process, name }: Gateway,
  isStream: boolean,
): Promise<Seen | null> {
  const began = moments++
  try {
    const response = await fetch(`${process.announced.gateway}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${systems[system].key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: modelAlias,
        stream: isStream,
        messages: [{ role: 'user', content: `call ${began}` }],
      }),
    })
    const text = await response.text()
    const isWhole = isStream && response.status === 200 ? text.includes('[DONE]') : true
    const one: Seen = {
      system,
      gateway: name,
      began,
      ended: moments++,
      record: response.headers.get('countersign-record') ?? '',
      status: response.status,
      reason: response.headers.get('countersign-reason'),
      isStream,
      isWhole,
    }
    seen.push(one)
    return one
  } catch {
    return null
  }
}

const served = (system?: Seen['system']) =>
  seen.filter((one) => one.status === 200 && (system === undefined || one.system === system))

test('two gateways under load, a stop in the midst, one killed: nothing unauthorized, nothing overspent, nothing lost', async () => {
  if (one === undefined || two === undefined) throw new Error('not started')
  const [first, second] = [one, two]
  for (const at of [first, second])
    for (const system of ['budgeted', 'stopped'] as const)
      await vi.waitFor(async () => expect((await call(system, at, false))?.status).toBe(200), soon)

  let [isKilled, isOver] = [false, false]
  let interrupted = 0
  const load = Array.from({ length: callers }, async (_, n) => {
    for (let i = 0; !isOver; i += 1) {
      const at = isKilled || (n + i) % 2 === 0 ? second : first
      const system = i % 4 === 0 ? 'stopped' : 'budgeted'
      const outcome = await call(system, at, i % 5 === 0)
      if (outcome === null) interrupted += 1
      if (outcome === null || outcome.status !== 200) await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })
  await vi.waitFor(() => expect(served().length).toBeGreaterThan(stopAfter), soon)
  await org.commander.call(orderStop, {
    body: { scope: 'deployment', targetId: systems.stopped.built.deploymentId, reasonCode: 'incident' },
  })
  await vi.waitFor(() => {
    expect(served().length).toBeGreaterThan(killAfter)
    for (const { name } of [first, second])
      expect(seen.some((s) => s.gateway === name && s.reason === 'grant_stopped')).toBe(true)
  }, soon)
  await first.process.signal('SIGKILL')
  isKilled = true
  await vi.waitFor(() => expect(seen.at(-1)?.gateway).toBe('two'), soon)
  // What the killed one held is not given back, so the other one runs out of budget before the amount is spent.
  await vi.waitFor(
    () => expect(seen.filter(({ reason }) => reason === 'budget_exhausted').length).toBeGreaterThan(20),
    soon,
  )
  isOver = true
  await Promise.all(load)
  expect(interrupted).toBeGreaterThan(0)

  const spool = join(base, 'one', 'spool')
  const [left] = readdirSync(spool)
  expect(left).toBeDefined()
  await first.process.start()
  await vi.waitFor(() => expect(existsSync(join(spool, left ?? ''))).toBe(false), soon)
  for (const { process } of [first, second]) expect(await process.signal('SIGTERM')).toBe(0)
  await control.look((pool) => verify(pool, left ?? ''))
  const checked = await control.command(['ledger', 'fsck'])
  expect([checked.code, checked.out]).toEqual([0, expect.stringMatching(/^SOUND/)])
  console.log(
    `${served().length} calls served, ${seen.length - served().length} refused, ${interrupted} interrupted by the kill`,
  )
}, 240_000)

type Stored = {
  readonly id: string
  readonly boot: string
  readonly deployment: string
  readonly grant: string | null
  readonly target: string | null
  readonly released: string
  readonly status: number
  readonly codes: readonly string[]
}

async function verify(
  pool: { readonly query: (sql: string, params?: unknown[]) => Promise<{ readonly rows: unknown[] }> },
  killed: string,
): Promise<void> {
  const many = async <R>(sql: string, ...params: unknown[]) => (await pool.query(sql, params)).rows as R[]
  const records = await many<Stored>(
    `select id, boot, deployment_id as deployment, record ->> 'grant' as "grant", record ->> 'target' as target,
       record ->> 'released' as released, (record ->> 'status')::int as status, record -> 'codes' as codes
     from gateway_records`,
  )
  const byId = new Map(records.map((record) => [record.id, record]))
  expect(byId.size).toBe(records.length)

  // Telemetry: whatever was answered has its record, and says the same.
  for (const { record, status, isWhole, isStream } of seen) {
    const stored = byId.get(record)
    expect([record, stored?.status]).toEqual([record, status])
    if (status === 200 && isWhole)
      expect([record, isStream, stored?.released]).toEqual([record, isStream, 'full'])
  }
  // Nothing has gone upstream without one, that of the killed process included.
  const sent = records.filter(({ target }) => target !== null)
  expect(sent.length).toBeGreaterThanOrEqual(provider.received.length)
  expect(sent.some(({ boot }) => boot === killed)).toBe(true)

  // Grants: every call upstream had one; once a gateway has said that a deployment is stopped, it never serves it again.
  expect(sent.filter((record) => record.grant === null)).toEqual([])
  for (const name of ['one', 'two']) {
    const at = seen.filter((s) => s.gateway === name && s.system === 'stopped')
    const told = Math.min(...at.filter(({ reason }) => reason === 'grant_stopped').map(({ ended }) => ended))
    expect(at.filter(({ began, status }) => began > told && status === 200)).toEqual([])
  }

  // Budget: what has gone upstream, and what counts as spent or held, stay within the amount.
  const { deploymentId } = systems.budgeted.built
  const spent = sent.filter(({ deployment }) => deployment === deploymentId).length
  const [limit] = await many<{ spent: number; held: number }>(
    `select coalesce((select sum(b.spent) from limit_buckets b where b.limit_id = l.id), 0)::int as spent,
       coalesce((select sum(e.held) from limit_leases e where e.limit_id = l.id), 0)::int as held
     from limits l where l.deployment_id = $1`,
    deploymentId,
  )
  expect(spent).toBeLessThanOrEqual(budget)
  // What the killed one held cannot be spent, half of the amount if it was the first: how much is left depends on who asked when.
  expect(spent).toBeGreaterThanOrEqual(served('budgeted').length)
  expect((limit?.spent ?? 0) + (limit?.held ?? 0)).toBeLessThanOrEqual(budget)
  expect((limit?.spent ?? 0) + (limit?.held ?? 0)).toBeGreaterThanOrEqual(spent)

  // Boots: records follow each other without a gap; only the killed one has no end, and the ledger shows it.
  const boots = await many<{ boot: string; s: string; records: number }>(
    `select substring(stream from 'gateway-boot/(.*)') as boot, state ->> 's' as s, (state ->> 'records')::int as records
     from streams where stream like 'gateway-boot/%'`,
  )
  for (const { boot, records: n } of boots)
    expect([boot, records.filter((record) => record.boot === boot).length]).toEqual([boot, n])
  expect(boots.filter(({ s }) => s === 'open').map(({ boot }) => boot)).toEqual([killed])
}
