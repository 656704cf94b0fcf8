import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDemoProvider } from '../../src/adapters/demo-provider/demo-provider.ts'
import type { Pool } from '../../src/adapters/postgres/index.ts'
import { checkLedger } from '../../src/app/ledger-check/check.ts'
import { verifyExportFile } from '../../src/cli/ledger-verify.ts'
import { ProblemError, type CallInput } from '../../src/contracts/client.ts'
import { eventKinds } from '../../src/contracts/events.ts'
import type { Route } from '../../src/contracts/route.ts'
import { createServiceAccount } from '../../src/contracts/routes/service-accounts.ts'
import { createUnit } from '../../src/contracts/routes/people.ts'
import { changeAnswers, startUseCase } from '../../src/contracts/routes/intake.ts'
import { ledgerExport } from '../../src/contracts/routes/ledger.ts'
import { orderStop } from '../../src/contracts/routes/stops.ts'
import type { UseCaseId } from '../../src/kernel/index.ts'
import { parseCheckpointBody, parseNote } from '../../src/ledger/index.ts'
import { advisorySummariser } from '../../src/main/demo/answers.ts'
import { foundOrganisation, type Organisation } from '../../src/main/demo/organisation.ts'
import type { Person } from '../../src/main/demo/person.ts'
import { approved, type Built } from '../../src/main/demo/systems.ts'
import { queryOf } from '../support/gateway-fixture.ts'
import { replay } from '../support/replay.ts'
import { Shipped } from './shipped.ts'

const rounds = Number(process.env['COUNTERSIGN_FAULT_ROUNDS'] ?? 3)
const requestsPerRound = 200
const killAfter = 60 // acknowledged requests
const restartWithinMs = 15_000

const victims = ['process', 'postmaster', 'backend'] as const
type Draft = { readonly id: UseCaseId; readonly revision: number }
type Anchor = { readonly size: number; readonly root: string }

/** One request with its key. `marker` stands in the sealed half of what it records, and nowhere else. */
type Sent = {
  readonly marker: string
  readonly send: () => Promise<unknown>
  outcome: 'done' | 'refused' | 'unknown'
}

let product: Shipped
let provider: Awaited<ReturnType<typeof startDemoProvider>>
let org: Organisation
const live: Built[] = []
const drafts: Draft[] = []
const anchors: Anchor[] = []
const sent: Sent[] = []

beforeAll(async () => {
  product = await Shipped.create()
  await product.start()
  provider = await startDemoProvider({ chunkDelayMs: 2 })
  const { setupToken } = product.announced
  org = await foundOrganisation(product.origin, setupToken ?? '', provider.origin, () => undefined)
  for (const name of ['One', 'Two']) live.push(await approved(org, advisorySummariser(name)))
  for (let i = 0; i < (2 * requestsPerRound) / 5; i += 1)
    drafts.push(await org.requester.call(startUseCase, { body: { answers: {}, owners: {} } }))
}, 120_000)
afterAll(async () => {
  await product.close()
  await provider.close()
}, 60_000)

/** The requests of one round: drafts, answers, units, service accounts and stops. */
function requestsOf(round: number): readonly Sent[] {
  return Array.from({ length: requestsPerRound }, (_, i): Sent => {
    const marker = `fault-${round}-${i}`
    const request = <R extends Route>(who: Person, route: R, input: CallInput<R>): Sent => ({
      marker,
      send: () => who.call(route, { ...input, idempotencyKey: marker }),
      outcome: 'unknown',
    })
    const draft = i % 5 === 0 || i % 5 === 1 ? drafts.shift() : undefined
    if (i % 5 === 0 && draft !== undefined)
      return request(org.requester, changeAnswers, {
        params: { id: draft.id },
        body: { answers: { title: marker } },
        ifMatch: draft.revision,
      })
    if (i % 5 === 1 && draft !== undefined)
      return request(org.commander, orderStop, {
        body: { scope: 'use_case', targetId: draft.id, reasonCode: 'incident', reason: marker },
      })
    if (i % 5 === 2) return request(org.admin, createUnit, { body: { name: marker } })
    if (i % 5 === 3)
      return request(org.admin, createServiceAccount, {
        body: { name: marker, permissions: ['gate.evaluate'] },
      })
    const body = { answers: { title: marker }, owners: {} }
    const starting = request(org.requester, startUseCase, { body })
    const send = async () => {
      const made = (await starting.send()) as Draft // the reply of the route
      drafts.push(made)
      return made
    }
    return { ...starting, send }
  })
}

/** Sends one request and notes how it ended, as far as its sender can know. */
async function attempt(item: Sent): Promise<void> {
  try {
    await item.send()
    item.outcome = 'done'
  } catch (error) {
    const problem = error instanceof ProblemError ? error.problem : null
    if (problem?.code === 'IDEMPOTENCY_ANSWER_LOST') item.outcome = 'done'
    else if (problem !== null && !problem.retry && problem.status < 500) item.outcome = 'refused'
  }
}

/** Sends everything at once, kills in the middle, and brings the product back. Returns how long it was away, in ms. */
async function killAmid(items: readonly Sent[], victim: (typeof victims)[number]): Promise<number> {
  let acknowledged = 0
  let strike: () => void = () => undefined
  const struck = new Promise<void>((resolve) => (strike = resolve))
  const all = Promise.all(
    items.map(async (item) => {
      await attempt(item)
      if (item.outcome === 'done') acknowledged += 1
      if (acknowledged === killAfter) strike()
    }),
  )
  await Promise.race([struck, all])
  const from = Date.now()
  if (victim === 'process') await product.signal('SIGKILL')
  if (victim === 'postmaster') {
    process.kill(product.postmaster(), 'SIGKILL')
    // It never serves without its database, and it says why it stops.
    const code = await product.ended()
    expect([code, product.errors.includes('the database server ended')]).toEqual([1, true])
  }
  if (victim === 'backend') process.kill(await product.look(busyBackend), 'SIGKILL')
  else await product.start()
  await untilServing()
  const awayMs = Date.now() - from
  await all
  return awayMs
}

async function busyBackend(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>(
    `select pid from pg_stat_activity where application_name = 'countersign_app' order by state_change desc limit 1`,
  )
  return rows[0]?.pid ?? 0
}

/** Until an answer comes out of the database: the page of the console comes without one. */
async function untilServing(): Promise<void> {
  for (const deadline = Date.now() + restartWithinMs; ; ) {
    const answer = await fetch(`${product.origin}/api/v1/setup`, {
      signal: AbortSignal.timeout(2_000),
    }).catch(() => null)
    if (answer?.status === 200) return
    if (Date.now() > deadline) throw new Error(`does not serve: ${product.errors}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** How many commands each marker stands in. */
async function commandsByMarker(pool: Pool): Promise<ReadonlyMap<string, number>> {
  const { rows } = await pool.query<{ marker: string; n: number }>(
    `select substring(p.personal from 'fault-\\d+-\\d+') as marker, count(distinct e.seq) as n
     from ledger.payload p join ledger.entry e on e.id = p.event_id where p.personal like '%fault-%' group by 1`,
  )
  return new Map(rows.map(({ marker, n }) => [marker, n]))
}

async function noteAnchor(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ note: string }>('select note from ledger.log where note is not null')
  const checkpoint = parseCheckpointBody(parseNote(rows[0]?.note ?? '')?.text ?? '')
  if (checkpoint !== null)
    anchors.push({ size: Number(checkpoint.size), root: Buffer.from(checkpoint.root).toString('hex') })
}

test.each(Array.from({ length: rounds }, (_, round) => round))(
  'round %i: killed under load, what was acknowledged is there once, and the log has no fork',
  async (round) => {
    const victim = victims[round % victims.length] ?? 'process'
    const items = requestsOf(round)
    sent.push(...items)
    await product.look(noteAnchor)
    const awayMs = await killAmid(items, victim)
    const acknowledged = items.filter(({ outcome }) => outcome === 'done')
    const stop = live[round]
    if (stop !== undefined)
      await org.commander.call(orderStop, {
        body: { scope: 'deployment', targetId: stop.deploymentId, reasonCode: 'incident' },
      })
    const lost = items.filter(({ outcome }) => outcome === 'unknown')
    await Promise.all(lost.map(attempt))
    await product.look(async (pool) => {
      const counts = await commandsByMarker(pool)
      for (const { marker } of acknowledged) expect([marker, counts.get(marker)]).toEqual([marker, 1])
      for (const { marker, outcome } of items)
        expect([marker, outcome, counts.get(marker) ?? 0]).toEqual([
          marker,
          outcome,
          outcome === 'done' ? 1 : outcome === 'refused' ? 0 : (counts.get(marker) ?? 0) > 0 ? 1 : 0,
        ])
      const report = await snapshot(pool, (query) => checkLedger(query, { key: product.key, anchors }))
      expect(report).toMatchObject({ verdict: 'sound', findings: [] })
      const { rows } = await pool.query(
        'select g.deployment_id from grants g join deployment_epochs e using (deployment_id) where g.epoch > e.epoch',
      )
      expect(rows).toEqual([])
      await noteAnchor(pool)
    })
    console.log(
      `round ${round}: ${victim} killed after ${acknowledged.length} acknowledged of ${items.length}, ` +
        `served again after ${awayMs} ms; ${lost.length} repeated, ${lost.filter(({ outcome }) => outcome === 'unknown').length} left for later`,
    )
  },
  60_000,
)

async function snapshot<T>(pool: Pool, read: (query: ReturnType<typeof queryOf>) => Promise<T>): Promise<T> {
  await pool.query('begin isolation level repeatable read read only') // the pool has one connection
  try {
    return await read(queryOf(pool))
  } finally {
    await pool.query('rollback')
  }
}

test('in the end every sender knows the outcome, and each request was carried out once or not at all', async () => {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
    const open = sent.filter(({ outcome }) => outcome === 'unknown')
    if (open.length === 0) break
    await Promise.all(open.map(attempt))
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
  const counts = await product.look(commandsByMarker)
  const wrong = sent.filter(
    ({ marker, outcome }) =>
      outcome === 'unknown' || (counts.get(marker) ?? 0) !== (outcome === 'done' ? 1 : 0),
  )
  expect(wrong.map(({ marker, outcome }) => [marker, outcome, counts.get(marker)])).toEqual([])
  const before = counts.size
  await Promise.all(sent.filter((_, i) => i % 20 === 0).map(attempt))
  expect((await product.look(commandsByMarker)).size).toBe(before)
}, 60_000)

test('the export verifies offline, the check of the database is content, and replay gives every table', async () => {
  const file = join(product.home, 'export.jsonl')
  writeFileSync(file, await org.auditor.call(ledgerExport, {}))
  const verified = await verifyExportFile(file, {
    vkey: product.announced.vkey,
    require: 'unanchored',
    kinds: eventKinds,
  })
  expect(verified).toMatchObject({ exitCode: 0, text: expect.stringMatching(/^VERIFIED/) })
  const running = await product.command(['ledger', 'fsck'])
  expect([running.code, running.out]).toEqual([0, expect.stringMatching(/^SOUND/)])
  await product.signal('SIGKILL')
  const { report, differences } = await replay(product.database(), product.key) // the server was left behind
  expect([report.verdict, report.findings, differences]).toEqual(['sound', [], []])
  await product.start()
}, 60_000)
