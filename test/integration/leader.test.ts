import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createPool, startLeader, type Database, type Pool } from '../../src/adapters/postgres/index.ts'
import { cloneDatabase } from '../support/database.ts'

let database: Database
const pools: Pool[] = []
beforeAll(async () => {
  database = await cloneDatabase()
})
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()))
})

const soon = { timeout: 20_000, interval: 20 }
const lockKey = 4_711

function contender() {
  const pool = createPool(database, 'countersign_app', 2)
  pools.push(pool)
  const state = { terms: 0, isWorking: false }
  const leader = startLeader({
    pool,
    lockKey,
    log: () => undefined,
    work: () => {
      state.terms += 1
      state.isWorking = true
      return {
        stop: async () => {
          state.isWorking = false
        },
      }
    },
  })
  return { ...leader, state }
}

test('one works at a time; when it ends, or loses its session, another one takes over', async () => {
  const all = [contender(), contender(), contender()]
  const working = () => all.filter(({ state }) => state.isWorking)
  await vi.waitFor(() => expect(working()).toHaveLength(1), soon)
  const [first] = working()
  await first?.stop()
  expect(first?.state.isWorking).toBe(false)
  await vi.waitFor(() => expect(working()).toHaveLength(1), soon)
  const [second] = working()
  expect(second).not.toBe(first)

  const owner = createPool(database, undefined, 1)
  pools.push(owner)
  await owner.query(
    `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = ${lockKey}
       and database = (select oid from pg_database where datname = current_database())`,
  )
  await vi.waitFor(() => {
    const terms = all.reduce((sum, { state }) => sum + state.terms, 0)
    expect([terms, working().length]).toEqual([3, 1])
  }, soon)
  await Promise.all(all.map(({ stop }) => stop()))
  expect(working()).toEqual([])
}, 60_000)

test('why a term ended is told by its code, once, and without what it was about', async () => {
  const pool = createPool(database, 'countersign_app', 1)
  pools.push(pool)
  const told: string[] = []
  let terms = 0
  const { stop } = startLeader({
    pool,
    lockKey: lockKey + 1,
    log: (_level, message) => told.push(message),
    work: () => {
      terms += 1
      throw Object.assign(new Error('the text of somebody'), { code: '42P01' })
    },
  })
  await vi.waitFor(() => expect(terms).toBeGreaterThan(1), soon)
  await stop()
  expect(told).toEqual(['the process cannot lead: 42P01'])
})
