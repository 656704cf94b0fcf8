import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createGatewayProcesses } from '../../src/adapters/postgres/gateway-processes.ts'
import { createLeaseStore } from '../../src/adapters/postgres/lease-store.ts'
import { createPool, type Pool } from '../../src/adapters/postgres/pool.ts'
import type { Limit } from '../../src/app/ports/gateway.ts'
import { volumeLimit } from '../../src/app/ports/leases.ts'
import { createPeers } from '../../src/gateway/leases/peers.ts'
import { createBudgets } from '../../src/gateway/leases/budgets.ts'
import { fakeLeaseStore } from '../../src/gateway/leases/lease-store.fake.ts'
import { fresh, gatewayFixture, setReachable, type GatewayFixture } from '../support/gateway-fixture.ts'

let fixture: GatewayFixture
beforeAll(async () => {
  fixture = await gatewayFixture()
})
afterAll(() => fixture.close())

async function limitOf(
  unit: Limit['unit'],
  amount: number,
  window: Limit['window'] = { k: 'none' },
): Promise<Limit> {
  const id = fresh('limit')
  await fixture.owner.query(
    `insert into limits (id, scope, unit, amount, window_kind, window_ms, window_period, window_zone, set_by, set_at)
     values ($1, 'org', $2, $3, $4, $5, $6, $7, 'sys:test', now())`,
    [
      id,
      unit,
      amount,
      window.k,
      window.k === 'sliding' ? window.ms : null,
      window.k === 'calendar' ? window.period : null,
      window.k === 'calendar' ? window.zone : null,
    ],
  )
  return { id, target: { scope: 'org' }, unit, amount, window }
}

const ask = (limit: string, spentTotal: number, target: number) => ({
  limit,
  spentTotal,
  target,
  volume: null,
})
const lease = (pool: Pool, worker: string, asked: ReturnType<typeof ask>, ttlMs = 60_000) =>
  createLeaseStore(pool)
    .lease(worker, [asked], ttlMs)
    .then(([answer]) => answer)

test('the database and the fake answer the same questions alike', async () => {
  const limit = await limitOf('tokens', 100)
  const steps = [
    ['a', 0, 60],
    ['b', 0, 60],
    ['a', 25, 30],
    ['a', 25, 30], // asked again, since the answer was lost
    ['b', 40, 0],
    ['a', 70, 50], // more than it held
    ['c', 0, 10],
    ['a', 70, 0],
  ] as const
  const fake = fakeLeaseStore(new Map([[limit.id, limit]]), () => 0)
  for (const [worker, spent, target] of steps) {
    const asked = ask(limit.id, spent, target)
    expect(await lease(fixture.gateway, worker, asked)).toEqual(fake.leaseOne(worker, asked, 60_000))
  }
})

test('what a lost worker held counts as spent, calls that ran at the same time have ended', async () => {
  const [tokens, running] = [await limitOf('tokens', 100), await limitOf('concurrent', 4)]
  for (const { id } of [tokens, running]) {
    expect(await lease(fixture.gateway, 'lost', ask(id, 0, 3))).toMatchObject({ held: 3, leased: 3 })
    await fixture.owner.query(
      `update limit_leases set expires_at = now() - interval '1 second' where limit_id = $1`,
      [id],
    )
  }
  expect(await lease(fixture.gateway, 'next', ask(tokens.id, 0, 100))).toMatchObject({ held: 97, spent: 3 })
  expect(await lease(fixture.gateway, 'next', ask(running.id, 0, 9))).toMatchObject({ held: 4, spent: 0 })
  // It was only cut off, and tells what it did spend: that much is counted already.
  expect(await lease(fixture.gateway, 'lost', ask(tokens.id, 2, 0))).toMatchObject({ reported: 3, spent: 3 })
})

test('a window counts what it holds: a day of its zone, or so many milliseconds', async () => {
  const zone = 'Pacific/Kiritimati' // 14 hours ahead of UTC
  const day = await limitOf('requests', 10, { k: 'calendar', period: 'day', zone })
  const month = await limitOf('requests', 10, { k: 'calendar', period: 'month', zone })
  const hour = await limitOf('requests', 10, { k: 'sliding', ms: 3_600_000 })
  const put = (id: string, since: string, spent: number) =>
    fixture.owner.query(`insert into limit_buckets (limit_id, since, spent) values ($1, ${since}, $2)`, [
      id,
      spent,
    ])
  await put(day.id, `date_trunc('day', now(), '${zone}') - interval '1 day'`, 9)
  await put(month.id, `date_trunc('month', now(), '${zone}')`, 4)
  await put(month.id, `date_trunc('month', now(), '${zone}') - interval '1 month'`, 6)
  await put(hour.id, `now() - interval '64 minutes'`, 3)
  await put(hour.id, `now() - interval '30 minutes'`, 2)
  expect(await lease(fixture.gateway, 'w', ask(day.id, 0, 99))).toMatchObject({ held: 10, spent: 0 })
  expect(await lease(fixture.gateway, 'w', ask(month.id, 0, 99))).toMatchObject({ held: 6, spent: 4 })
  expect(await lease(fixture.gateway, 'w', ask(hour.id, 0, 99))).toMatchObject({ held: 8, spent: 2 })
})

test('the volume of a grant is a limit of its deployment, of which the gateway knows the amount', async () => {
  const limit = volumeLimit(fixture.ids.deployment, 7)
  const [answer, unknown, removed] = await createLeaseStore(fixture.gateway).lease(
    'w',
    [
      { limit: limit.id, spentTotal: 0, target: 99, volume: limit.amount },
      { limit: volumeLimit(fresh('deployment'), 7).id, spentTotal: 0, target: 99, volume: 7 },
      ask(fresh('limit'), 0, 1),
    ],
    60_000,
  )
  expect(answer).toMatchObject({ held: 7 })
  expect([unknown, removed]).toEqual([null, null])
})

test('several processes spend a budget to the last unit and no further, though one is killed', async () => {
  const amount = 400
  const limit = await limitOf('requests', amount)
  const children = [0, 1, 2, 3].map((i) => child(limit, `p${i}`))
  await Promise.all(children.map(({ process: started }) => once(started, 'message'))) // each is ready
  const [killed, ...others] = children
  for (const { process: started } of children) started.send('go')
  if (killed !== undefined) await once(killed.process, 'message') // it serves its first call
  killed?.process.kill('SIGKILL')
  if (killed !== undefined) await once(killed.process, 'exit')
  await Promise.all(others.map(({ process: running }) => once(running, 'exit')))
  const served = children.reduce((sum, { count }) => sum + count(), 0)
  const { rows } = await fixture.owner.query<{ spent: number; held: number }>(
    `select (select coalesce(sum(spent), 0)::bigint from limit_buckets where limit_id = $1) as spent,
       (select coalesce(sum(held), 0)::bigint from limit_leases where limit_id = $1) as held`,
    [limit.id],
  )
  const [{ spent, held } = { spent: 0, held: 0 }] = rows
  expect(served).toBeLessThanOrEqual(amount)
  expect(spent + held).toBeLessThanOrEqual(amount)
  expect(served).toBeGreaterThan(amount / 2) // only what the killed one held is lost
  expect(killed?.count()).toBeGreaterThan(0)
}, 60_000)

/** A process that spends until it is refused for good; it tells of each call before it begins it. */
function child(
  limit: Limit,
  worker: string,
): { readonly process: ChildProcess; readonly count: () => number } {
  const started = fork(join(import.meta.dirname, '../support/spender-process.ts'), {
    env: { ...process.env, SPENDER: JSON.stringify({ database: fixture.database, limit, worker }) },
    execArgv: [],
  })
  let served = 0
  started.on('message', (what) => {
    if (what === 'serves') served += 1
  })
  return { process: started, count: () => served }
}

test('with the database gone the lease is spent, then every call is refused; once it is back, calls are served', async () => {
  const limit = await limitOf('requests', 10_000)
  const pool = createPool(fixture.database, 'countersign_gateway', 1)
  const budgets = createBudgets<readonly Limit[]>({
    store: createLeaseStore(pool),
    limitsOf: (limits) => limits,
    worker: 'cut-off',
    workers: () => 1,
    monotonicMs: () => performance.now(),
    log: () => undefined,
  })
  const estimate = { inputTokens: 1, maxOutputTokens: 1, price: null }
  const reserve = async () => budgets.reserve([limit], estimate)
  await Promise.all(Array.from({ length: 20 }, reserve))
  await setReachable(fixture.database, false)
  try {
    let [served, answer] = [0, await reserve()]
    for (; !('refused' in answer); answer = await reserve()) served += 1
    expect(served).toBeGreaterThan(0)
    expect(answer).toMatchObject({ refused: 'budget_unknown' })
  } finally {
    await setReachable(fixture.database, true)
  }
  await expect.poll(async () => 'settle' in (await reserve()), { timeout: 15_000 }).toBe(true)
  await budgets.close()
  await pool.end()
}, 40_000)

test('gateways count each other as long as they are heard of', async () => {
  const processes = createGatewayProcesses(fixture.gateway)
  expect(await processes.beat('one')).toBe(1)
  expect(await processes.beat('two')).toBe(2)
  expect(await processes.beat('one')).toBe(2)
  await fixture.owner.query(
    "update gateway_processes set seen_at = seen_at - interval '31 seconds' where worker = 'two'",
  )
  expect(await processes.beat('one')).toBe(1)
  expect(await processes.beat('two')).toBe(2)
  await processes.leave('two')
  expect(await processes.beat('one')).toBe(1)
  await fixture.owner.query("update gateway_processes set seen_at = seen_at - interval '2 days'")
  await processes.beat('three')
  const { rows } = await fixture.owner.query('select worker from gateway_processes')
  expect(rows).toEqual([{ worker: 'three' }])
})

test('a gateway that cannot ask how many there are goes by the last answer', async () => {
  const answers = [3, new Error('no database'), 0]
  const peers = createPeers({
    processes: {
      beat: async () => {
        const answer = answers.shift()
        if (typeof answer !== 'number') throw answer
        return answer
      },
      leave: () => Promise.reject(new Error('no database')),
    },
    worker: 'one',
    log: () => undefined,
    everyMs: 1,
  })
  expect(peers.living()).toBe(1)
  await peers.start()
  expect(peers.living()).toBe(3)
  await vi.waitFor(() => expect([answers.length, peers.living()]).toEqual([0, 1])) // itself at least
  await peers.close()
})
