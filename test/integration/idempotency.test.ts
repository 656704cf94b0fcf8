import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createIdempotencyStore,
  createPool,
  createUnitOfWork,
  type Pool,
} from '../../src/adapters/postgres/index.ts'
import { units } from '../../src/app/aggregates/units.ts'
import { runCommand } from '../../src/app/command.ts'
import { installation } from '../../src/app/identity/setup.ts'
import type { Claim, IdempotencyStore } from '../../src/app/ports/idempotency-store.ts'
import { digestOfBytes, type UnitId } from '../../src/kernel/index.ts'
import { cloneDatabase } from '../support/database.ts'

const request = digestOfBytes('request')
let pool: Pool
let store: IdempotencyStore

beforeAll(async () => {
  pool = createPool(await cloneDatabase(), 'countersign_app', 6)
  store = createIdempotencyStore(pool)
})
afterAll(() => pool.end())

/** Creates a unit under a claim; `meanwhile` runs when everything is decided and nothing is committed. */
async function createUnit(claim: Claim, meanwhile: () => Promise<unknown> = async () => undefined) {
  const random = (n: number) => randomBytes(n)
  const ports = {
    unitOfWork: createUnitOfWork(pool, { origin: 'test/1', random }),
    random,
    refusalLog: async () => undefined,
  }
  return runCommand(ports, { ...installation('system'), claim }, async (work): Promise<UnitId> => {
    const context = { now: work.now, actor: null, ids: work.ids }
    const { events } = await work.apply(
      units,
      'tree',
      { c: 'create', name: claim.key, parent: null },
      context,
    )
    await meanwhile()
    return events[0]?.unit ?? ('' as UnitId)
  })
}

async function begun(key: string): Promise<Claim> {
  const answer = await store.begin('ada', key, request)
  if (answer.k !== 'fresh') throw new Error(`not fresh but ${answer.k}`)
  return answer.claim
}

async function namedUnits(name: string): Promise<number> {
  const { rows } = await pool.query<{ n: number }>('select count(*) as n from units where name = $1', [name])
  return rows[0]?.n ?? 0
}

/** Lets the claim on a key grow old, as if its process had died long ago. */
async function age(key: string): Promise<void> {
  await pool.query(`update idempotency_keys set claimed_at = now() - interval '11 seconds' where key = $1`, [
    key,
  ])
}

test('of two at once one runs; the other waits, and then gets the same answer', async () => {
  const answers = await Promise.all([store.begin('ada', 'k1', request), store.begin('ada', 'k1', request)])
  expect(answers.map(({ k }) => k).toSorted()).toEqual(['fresh', 'in_progress'])
  const claim = answers.flatMap((answer) => (answer.k === 'fresh' ? [answer.claim] : []))[0]
  if (claim === undefined) return
  await createUnit(claim)
  await store.finish(claim, { status: 201, body: { id: 'x' } })
  expect(await store.begin('ada', 'k1', request)).toEqual({ k: 'replay', status: 201, body: { id: 'x' } })
  expect(await store.begin('ada', 'k1', digestOfBytes('another'))).toEqual({ k: 'mismatch' })
  expect((await store.begin('ben', 'k1', request)).k).toBe('fresh')
})

test('who died before the command leaves the key to the next', async () => {
  await begun('k2')
  expect((await store.begin('ada', 'k2', request)).k).toBe('in_progress')
  await age('k2')
  await createUnit(await begun('k2'))
  expect(await namedUnits('k2')).toBe(1)
})

test('who died after the command leaves what it changed, and nobody runs again', async () => {
  await createUnit(await begun('k3'))
  expect((await store.begin('ada', 'k3', request)).k).toBe('in_progress') // the answer may be on its way
  await age('k3')
  expect(await store.begin('ada', 'k3', request)).toMatchObject({ k: 'answer_lost', streams: ['unit/tree'] })
})

test('who was thought dead and wakes changes nothing, and cannot take the answer of the other', async () => {
  const sleeper = await begun('k4')
  await age('k4')
  const other = await begun('k4')
  await expect(createUnit(sleeper)).rejects.toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS' })
  await store.finish(sleeper, { status: 500, body: null })
  await store.abandon(sleeper)
  await createUnit(other)
  await store.finish(other, { status: 201, body: null })
  expect(await store.begin('ada', 'k4', request)).toEqual({ k: 'replay', status: 201, body: null })
  expect(await namedUnits('k4')).toBe(1)
})

test('a key that is taken over while its command decides has one winner', async () => {
  const slow = await begun('k5')
  await age('k5')
  let winner: Claim | null = null
  const lost = createUnit(slow, async () => {
    winner = await begun('k5')
  })
  await expect(lost).rejects.toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS' })
  if (winner !== null) await createUnit(winner)
  expect(await namedUnits('k5')).toBe(1)
})

test('a request that was refused frees its key; one that became a command keeps it', async () => {
  await store.abandon(await begun('k6'))
  const claim = await begun('k6')
  await createUnit(claim)
  await store.abandon(claim) // for example since the view after the command could not be read
  await age('k6')
  expect((await store.begin('ada', 'k6', request)).k).toBe('answer_lost')
})
