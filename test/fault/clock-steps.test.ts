import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { startDemoProvider } from '../../src/adapters/demo-provider/demo-provider.ts'
import type { Address } from '../../src/adapters/postgres/embedded.ts'
import { createPool, type Database, type Pool } from '../../src/adapters/postgres/index.ts'
import { checkLedger } from '../../src/app/ledger-check/check.ts'
import { verifyExportFile } from '../../src/cli/ledger-verify.ts'
import { eventKinds } from '../../src/contracts/events.ts'
import { ledgerExport } from '../../src/contracts/routes/ledger.ts'
import { parseVkey } from '../../src/ledger/index.ts'
import { readConfig } from '../../src/main/config.ts'
import { advisorySummariser } from '../../src/main/demo/answers.ts'
import { foundOrganisation, type Organisation } from '../../src/main/demo/organisation.ts'
import { approved, issueKey, modelAlias, type Built } from '../../src/main/demo/systems.ts'
import { startCountersign, type Running } from '../../src/main/serve.ts'
import { cloneDatabase } from '../support/database.ts'
import { queryOf } from '../support/gateway-fixture.ts'
import { freePort } from '../support/product.ts'
import { steppedClock, type SteppedClock } from '../support/stepped-clock.ts'

const hours = (n: number) => n * 3_600_000
const soon = { timeout: 120_000, interval: 50 }
const longest = 300_000 // each test, on a busy machine
const home = mkdtempSync(join(tmpdir(), 'cs-clock-'))
let running: Running
let provider: Awaited<ReturnType<typeof startDemoProvider>>
let org: Organisation
let clock: SteppedClock
let owner: Pool
let built: Built
let token: string

/** The whole product in this process, with both of its clocks in our hands. */
beforeAll(async () => {
  const database = await cloneDatabase()
  clock = await steppedClock(database)
  owner = createPool(database, undefined, 1)
  const config = readConfig({
    COUNTERSIGN_HOME: home,
    COUNTERSIGN_PORT: String(await freePort()),
    COUNTERSIGN_GATEWAY_PORT: String(await freePort()),
    DATABASE_URL: urlOf(database),
  })
  running = await startCountersign(config, () => undefined, pino({ level: 'silent' }))
  provider = await startDemoProvider()
  org = await foundOrganisation(config.origin, running.setupToken ?? '', provider.origin, () => undefined)
  built = await approved(org, advisorySummariser('Clocks'))
  token = await issueKey(org, built)
  await becomes([200, null])
}, 300_000)
afterEach(async () => {
  clock.process(0)
  await clock.database(0)
})
afterAll(async () => {
  await clock.close()
  await running.close()
  await provider.close()
  await owner.end()
  rmSync(home, { recursive: true, force: true })
}, 120_000)

function urlOf(database: Database): string {
  const { host, port, user, password, database: name } = database as Address // of the server of the tests
  const at = new URLSearchParams({ host, port: String(port) })
  return `postgres://${user}:${encodeURIComponent(password)}@localhost/${name}?${at.toString()}`
}

/** Status and reason of one call. */
async function call(): Promise<readonly [number, string | null]> {
  const answer = await fetch(`${running.gateway}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: modelAlias, messages: [] }),
  })
  await answer.arrayBuffer()
  return [answer.status, answer.headers.get('countersign-reason')]
}

async function becomes(expected: readonly [number, string | null]): Promise<void> {
  await vi.waitFor(async () => expect(await call()).toEqual(expected), soon)
}

/** Calls until the gateway has sealed a batch by the clock that the database has now: an entry of this time. */
async function recorded(): Promise<void> {
  await vi.waitFor(async () => {
    await call()
    const { rows } = await owner.query<{ ms: number }>(
      `select (abs(extract(epoch from at - clock_timestamp())) * 1000)::bigint as ms from ledger.command
       order by seq desc limit 1`,
    )
    expect(rows[0]?.ms).toBeLessThan(hours(0.5))
  }, soon)
}

/** When the grant in the database was issued, in ms after the clock of the database. */
async function issuedAhead(): Promise<number> {
  const { rows } = await owner.query<{ ms: number }>(
    `select (extract(epoch from g.issued_at - clock_timestamp()) * 1000)::bigint as ms from grants g
     where deployment_id = $1`,
    [built.deploymentId],
  )
  return rows[0]?.ms ?? Number.NaN
}

test.each([
  ['forward', hours(3)],
  ['back', -hours(3)],
])(
  'when the clock of the process alone steps %s, nothing is served until it is right again',
  async (_how, ms) => {
    await becomes([200, null])
    clock.process(ms)
    expect(await call()).toEqual([503, 'snapshot_stale']) // at once, without waiting for a poll
    await vi.waitFor(async () => expect((await call())[0]).toBe(503), soon)
    clock.process(0)
    await becomes([200, null])
  },
  longest,
)

test.each([
  ['forward', hours(3)],
  ['back', -hours(3)],
])(
  'when the clock of the database alone steps %s, nothing is served until it is right again',
  async (_how, ms) => {
    await becomes([200, null])
    await clock.database(ms)
    await becomes([503, 'snapshot_stale'])
    await recorded()
    await clock.database(0)
    await becomes([200, null])
    await recorded()
  },
  longest,
)

test(
  'when both step forward, the old grant is over and only a new one opens the gateway',
  async () => {
    await becomes([200, null])
    const { rows: before } = await owner.query('select jti from grants')
    clock.process(hours(3))
    await clock.database(hours(3))
    await becomes([200, null])
    const { rows: after } = await owner.query('select jti from grants')
    expect(after).not.toEqual(before)

    // Back by two of the three hours: the grant of the future does not hold yet, and is replaced long before it would.
    clock.process(hours(1))
    await clock.database(hours(1))
    await becomes([200, null])
    expect(await issuedAhead()).toBeLessThan(0)
  },
  longest,
)

test(
  'when both step back before the decision, nothing is served on it',
  async () => {
    await becomes([200, null])
    clock.process(-hours(3))
    await clock.database(-hours(3))
    await becomes([403, 'grant_absent'])
    await vi.waitFor(async () => {
      const { rows } = await owner.query('select 1 from grants where issued_at <= clock_timestamp()')
      expect(rows).toEqual([]) // the issuer has looked, and has issued none for this time
    }, soon)
    expect(await call()).toEqual([403, 'grant_absent'])
    clock.process(0)
    await clock.database(0)
    await becomes([200, null])
  },
  longest,
)

test(
  'the ledger keeps its order whatever its times say, and verifies',
  async () => {
    const { rows } = await owner.query<{ back: number; forth: number }>(
      `select count(*) filter (where step < interval '-1 hour') as back,
       count(*) filter (where step > interval '1 hour') as forth
     from (select at - lag(at) over (order by seq) as step from ledger.command) as s`,
    )
    expect(rows[0]?.back).toBeGreaterThanOrEqual(2)
    expect(rows[0]?.forth).toBeGreaterThanOrEqual(2)
    const file = join(home, 'export.jsonl')
    writeFileSync(file, await org.auditor.call(ledgerExport, {}))
    const verified = await verifyExportFile(file, {
      vkey: running.vkey,
      require: 'unanchored',
      kinds: eventKinds,
    })
    expect(verified).toMatchObject({ exitCode: 0, text: expect.stringMatching(/^VERIFIED/) })
    const key = parseVkey(running.vkey)
    if (key === null) throw new Error('no verifier key')
    await vi.waitFor(async () => {
      expect(await checkLedger(queryOf(owner), { key, anchors: [] })).toMatchObject({
        verdict: 'sound',
        findings: [],
      })
    }, soon)
  },
  longest,
)
