import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi, type TestContext } from 'vitest'
import type { Pool } from '../../src/adapters/postgres/index.ts'
import { checkLedger } from '../../src/app/ledger-check/check.ts'
import { ProblemError } from '../../src/contracts/client.ts'
import { createUnit } from '../../src/contracts/routes/identity.ts'
import { foundOrganisation, type Organisation } from '../../src/main/demo/organisation.ts'
import { queryOf } from '../support/gateway-fixture.ts'
import { Shipped } from './shipped.ts'

const soon = { timeout: 60_000, interval: 250 }
const diskMiB = 256
let product: Shipped
let org: Organisation
let isMounted = false

beforeAll(async () => {
  product = await Shipped.create()
  isMounted = mount(product.home)
  if (!isMounted) return
  await product.start()
  const { setupToken } = product.announced
  org = await foundOrganisation(product.origin, setupToken ?? '', 'http://127.0.0.1:9', () => undefined)
}, 120_000)
afterAll(async () => {
  await product.signal('SIGTERM')
  if (isMounted) execFileSync('umount', ['-l', product.home])
  await product.close()
}, 60_000)

/** A small disk of its own at `path`. Only root may have one, and not in every container. */
function mount(path: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMiB}m`, 'tmpfs', path], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function requireDisk({ skip }: TestContext): void {
  if (!isMounted) skip('left out: no small disk can be mounted here, which takes root on Linux')
  if (!existsSync(join(product.home, 'postgres', 'PG_VERSION')))
    skip('left out: the account that runs the database cannot reach the small disk')
}

const ballast = () => join(product.home, 'ballast')

/** Takes every byte that is left. */
function fill(): void {
  const file = openSync(ballast(), 'a')
  for (const bytes of [1_048_576, 4_096, 1]) {
    const chunk = Buffer.alloc(bytes)
    try {
      for (;;) writeSync(file, chunk)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
  closeSync(file)
}

/** `outcome` is `done`, or the code of the problem. */
type Sent = { readonly name: string; outcome: string }
const sent: Sent[] = []

/** Names one unit. The same request, however often it is sent. */
async function send(name: string): Promise<string> {
  try {
    await org.admin.call(createUnit, { body: { name }, idempotencyKey: name })
    return 'done'
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    const { code, status, retry } = error.problem
    if (code === 'IDEMPOTENCY_ANSWER_LOST') return 'done'
    expect([code, retry, status]).toEqual([code, true, code === 'IDEMPOTENCY_IN_PROGRESS' ? 409 : 503])
    return code
  }
}

/** Names units one after the other until `enough` of them were refused. */
async function sendUntilRefused(enough: number): Promise<readonly string[]> {
  const refused: string[] = []
  for (let i = 0; i < 5_000 && refused.length < enough; i += 1) {
    const name = `full-${i}-${'x'.repeat(80)}`
    const outcome = await send(name)
    sent.push({ name, outcome })
    if (outcome !== 'done') refused.push(outcome)
  }
  return refused
}

/** Sends again what was refused, and finds each command once, in a log that is sound. */
async function expectNothingLost(): Promise<void> {
  await vi.waitFor(async () => {
    for (const item of sent) if (item.outcome !== 'done') item.outcome = await send(item.name)
    expect(sent.filter(({ outcome }) => outcome !== 'done')).toEqual([])
  }, soon)
  await product.look(async (pool) => {
    const { rows } = await pool.query<{ name: string; n: number }>(
      `select p.personal::jsonb ->> 'name' as name, count(distinct e.seq) as n
       from ledger.payload p join ledger.entry e on e.id = p.event_id where e.kind = 'unit.created' group by 1`,
    )
    const counts = new Map(rows.map(({ name, n }) => [name, n]))
    expect(sent.filter(({ name }) => counts.get(name) !== 1)).toEqual([])
    await vi.waitFor(async () => {
      const report = await checkLedger(queryOf(pool), { key: product.key, anchors: [] })
      expect(report).toMatchObject({ verdict: 'sound', findings: [], queued: 0 })
    }, soon)
  })
  const checked = await product.command(['ledger', 'fsck'])
  expect([checked.code, checked.out]).toEqual([0, expect.stringMatching(/^SOUND/)])
}

test('what the full disk has no room for is refused as unavailable, and goes through when there is room', async (context) => {
  requireDisk(context)
  await product.look(async (pool) => {
    // Leaves room in the write-ahead log, so that it is the tables that are full.
    for (let i = 0; i < 4; i += 1) {
      await pool.query('select pg_switch_wal()')
      await pool.query('checkpoint')
    }
  })
  fill()
  expect(await sendUntilRefused(5)).toEqual(Array.from({ length: 5 }, () => 'UNAVAILABLE'))
  expect((await fetch(product.origin)).status).toBe(200)
  rmSync(ballast())
  await expectNothingLost()
}, 180_000)

async function useWriteAheadLog(pool: Pool): Promise<never> {
  for (;;) {
    await pool.query(`select pg_logical_emit_message(false, 'fault', '')`)
    await pool.query('select pg_switch_wal()')
  }
}

test('without room for the write-ahead log the product ends, starts when there is room, and has lost nothing', async (context) => {
  requireDisk(context)
  let isOver = false
  const ended = product.ended().then((code) => {
    isOver = true
    return code
  })
  // A server that finds room once more, in what it no longer needs, recovers by itself; then it goes on filling.
  while (!isOver) {
    fill()
    await product.look(useWriteAheadLog).catch(() => undefined) // that it fails in the end is the fault
    await new Promise((turn) => setTimeout(turn, 50)) // for the news that it has ended
  }
  expect(await ended).toBe(1)
  // Why stands in the log of the server, if there was room for that.
  expect(product.errors).toMatch(/the database server ended \(exit 1.*; Countersign has stopped/)
  await expect(product.start()).rejects.toThrow(/the database server did not start \(exit 1/)
  rmSync(ballast())
  await product.start()
  await expectNothingLost()
}, 180_000)
