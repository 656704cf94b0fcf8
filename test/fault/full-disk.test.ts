import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi, type TestContext } from 'vitest'
import { startDemoProvider, type DemoProvider } from '../../src/adapters/demo-provider/demo-provider.ts'
import type { Pool } from '../../src/adapters/postgres/index.ts'
import { checkLedger } from '../../src/app/ledger-check/check.ts'
import { ProblemError } from '../../src/contracts/client.ts'
import { createUnit } from '../../src/contracts/routes/people.ts'
import { advisorySummariser } from '../../src/main/demo/answers.ts'
import { foundOrganisation, type Organisation } from '../../src/main/demo/organisation.ts'
import { approved, issueKey, modelAlias } from '../../src/main/demo/systems.ts'
import { queryOf } from '../support/gateway-fixture.ts'
import { Shipped } from './shipped.ts'

const soon = { timeout: 120_000, interval: 250 }
const diskMiB = 256
let product: Shipped
let provider: DemoProvider
let org: Organisation
let token: string
let isMounted = false

beforeAll(async () => {
  product = await Shipped.create()
  provider = await startDemoProvider()
  isMounted = mount(product.home)
  if (!isMounted) return
  await product.start()
  const { setupToken } = product.announced
  org = await foundOrganisation(product.origin, setupToken ?? '', provider.origin, () => undefined)
  token = await issueKey(org, await approved(org, advisorySummariser('Full disk')))
}, 300_000)
afterAll(async () => {
  await product.signal('SIGTERM')
  if (isMounted) execFileSync('umount', ['-l', product.home])
  await product.close()
  await provider.close()
}, 120_000)

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

async function callModel(): Promise<number> {
  const answer = await fetch(`${product.announced.gateway}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: modelAlias, messages: [] }),
  })
  await answer.arrayBuffer()
  return answer.status
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
  await vi.waitFor(async () => expect(await callModel()).toBe(200), soon)
  fill()
  expect(await sendUntilRefused(5)).toEqual(Array.from({ length: 5 }, () => 'UNAVAILABLE'))
  expect((await fetch(product.origin)).status).toBe(200)
  expect(await callModel()).toBe(200) // its grant lasts, and looking for a stop takes no room
  rmSync(ballast())
  await expectNothingLost()
}, 300_000)

async function useWriteAheadLog(pool: Pool): Promise<never> {
  for (;;) {
    await pool.query(`select pg_logical_emit_message(false, 'fault', '')`)
    await pool.query('select pg_switch_wal()')
  }
}

test('without room for the write-ahead log nothing is lost either, and the product starts when there is room', async (context) => {
  requireDisk(context)
  fill()
  await expect(product.look(useWriteAheadLog)).rejects.toThrow()
  for (const name of ['dry-1', 'dry-2']) {
    // PostgreSQL ends, or finds room in what it no longer needs; what it then acknowledges must stay too.
    const outcome = await send(name).catch(() => 'no answer')
    sent.push({ name, outcome })
  }
  rmSync(ballast())
  // A server that has ended took the process with it, which said why. Else the operator restarts it.
  const code = await product.signal('SIGTERM')
  if (code !== 0)
    expect([code, product.errors]).toEqual([1, expect.stringMatching(/the database server ended \(exit 1/)])
  await product.start()
  await expectNothingLost()
}, 300_000)
