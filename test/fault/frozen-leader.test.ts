import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { createPool, startIntegrator, type Database, type Pool } from '../../src/adapters/postgres/index.ts'
import { readAnchor } from '../../src/adapters/postgres/ledger/anchor-file.ts'
import { checkLedger } from '../../src/app/ledger-check/check.ts'
import { ed25519FromSeed, verifierKey } from '../../src/ledger/index.ts'
import { cloneDatabase } from '../support/database.ts'
import { freezableLink, type Moment } from '../support/freezable-link.ts'
import { queryOf } from '../support/gateway-fixture.ts'
import { nameUnits } from '../support/units.ts'

const origin = 'frozen.test/1'
const seed = 9
const signer = ed25519FromSeed(new Uint8Array(32).fill(seed))
const key = verifierKey(origin, signer.publicKey)
const folder = mkdtempSync(join(tmpdir(), 'cs-frozen-'))
/** The server ends a frozen session after 10 s; the rest is for a busy machine. */
const takenOver = { timeout: 120_000, interval: 50 }
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function integratorOn(database: Database, name: string) {
  const pool = createPool(database, 'countersign_integrator', 3)
  const warnings: string[] = []
  const anchorPath = join(folder, name)
  const log = (_level: string, message: string) => void warnings.push(message)
  const integrator = startIntegrator({ pool, origin, signer, anchorPath, log })
  const stop = async () => {
    await integrator.stop()
    await pool.end()
  }
  return { ...integrator, warnings, anchorPath, stop }
}

/** One history: each command is indexed once, without a gap, and it contains every head that anybody ever wrote down. */
async function expectOneHistory(owner: Pool, epoch: number, anchorPaths: readonly string[]): Promise<void> {
  const { rows } = await owner.query<{ epoch: number }>(
    `select (select epoch from ledger.log) as epoch, (select count(*) from ledger.queue) as queued,
       (select count(*) from ledger.entry) - (select size from ledger.log) as missing,
       (select max(index) + 1 - count(*) from ledger.leaf) as gaps`,
  )
  expect(rows).toMatchObject([{ queued: 0, missing: 0, gaps: 0 }])
  expect(rows[0]?.epoch).toBeGreaterThanOrEqual(epoch) // a busy machine may lose the lead once more
  const anchors = anchorPaths.filter((path) => existsSync(path)).flatMap((path) => readAnchor(path) ?? [])
  expect(await checkLedger(queryOf(owner), { key, anchors })).toMatchObject({
    verdict: 'sound',
    findings: [],
  })
}

const wholeBatch = 'update ledger.log set size'
test.concurrent.each<readonly [string, Moment | null]>([
  ['between two batches', null],
  ['before it asks for the head', { text: 'from ledger.log for update', passes: false }],
  ['before it writes leaves', { text: 'insert into ledger.leaf', passes: false }],
  ['after it has written the head', { text: wholeBatch, passes: true }],
  ['before its commit is sent', { text: 'commit', following: wholeBatch, passes: false }],
  ['before it learns that its commit was done', { text: 'commit', following: wholeBatch, passes: true }],
])(
  'a leader whose connection freezes %s loses the lead, and comes back without a fork',
  async (name, moment) => {
    const database = await cloneDatabase()
    const [app, owner] = [createPool(database, 'countersign_app', 2), createPool(database, undefined, 1)]
    const link = await freezableLink(database)
    const first = integratorOn(link.database, `first ${name}`)
    for (const n of [100, 100, 100]) await nameUnits(app, origin, n) // more than one full subtree
    await vi.waitFor(() => expect(first.state()).toEqual({ s: 'running', size: 300 }), takenOver)
    const second = integratorOn(database, `second ${name}`)
    await vi.waitFor(() => expect(second.state().s).toBe('following'), takenOver)

    const frozen = moment === null ? link.freeze() : link.freezeAt(moment)
    await nameUnits(app, origin, 5)
    await frozen
    await vi.waitFor(() => expect(second.state().s).toBe('running'), takenOver)
    await nameUnits(app, origin, 7)
    await vi.waitFor(() => expect(second.state()).toEqual({ s: 'running', size: 312 }), takenOver)

    link.thaw()
    await vi.waitFor(() => expect(first.state().s).toBe('following'), takenOver)
    await expectOneHistory(owner, 2, [first.anchorPath, second.anchorPath])
    await second.stop()
    await nameUnits(app, origin, 3)
    await vi.waitFor(() => expect(first.state()).toEqual({ s: 'running', size: 315 }), takenOver)
    await first.stop()
    await expectOneHistory(owner, 3, [first.anchorPath, second.anchorPath])
    await link.close()
    await Promise.all([app.end(), owner.end()])
  },
  600_000,
)

test.concurrent('a leader that is stopped as a process, under load, comes back as a follower', async () => {
  const database = await cloneDatabase()
  const [app, owner] = [createPool(database, 'countersign_app', 4), createPool(database, undefined, 1)]
  const anchorPath = join(folder, 'stopped')
  const given = JSON.stringify({ database, origin, seed, anchorPath })
  const child = spawn(process.execPath, [resolve(import.meta.dirname, 'integrator-process.ts'), given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((done) => child.on('exit', done))
  const states: string[] = []
  child.stdout.on('data', (chunk: Buffer) => states.push(...chunk.toString().trim().split('\n')))
  try {
    await vi.waitFor(() => expect(states).toContain('running'), takenOver)
    const second = integratorOn(database, 'after the stopped one')
    let isLoaded = true
    const load = Array.from({ length: 3 }, async () => {
      while (isLoaded) await nameUnits(app, origin, 1)
    })
    await vi.waitFor(async () => {
      const { rows } = await owner.query<{ size: number }>('select size from ledger.log')
      expect(rows[0]?.size).toBeGreaterThan(50)
    }, takenOver)
    child.kill('SIGSTOP')
    isLoaded = false
    await Promise.all(load)
    await vi.waitFor(() => expect(second.state().s).toBe('running'), takenOver)
    await nameUnits(app, origin, 20)
    await second.drain()
    const before = states.length
    child.kill('SIGCONT')
    await vi.waitFor(() => expect(states.at(-1)).toBe('following'), takenOver)
    expect(states.slice(before)).not.toContain('running')
    await second.drain()
    await second.stop()
    await expectOneHistory(owner, 2, [anchorPath, second.anchorPath])
  } finally {
    child.kill('SIGKILL')
    await ended
    await Promise.all([app.end(), owner.end()])
  }
}, 600_000)

test.concurrent('whoever has lost the lead without noticing integrates nothing more', async () => {
  const database = await cloneDatabase()
  const [app, owner] = [createPool(database, 'countersign_app', 2), createPool(database, undefined, 1)]
  const first = integratorOn(database, 'outdated')
  await nameUnits(app, origin, 4)
  await vi.waitFor(() => expect(first.state()).toEqual({ s: 'running', size: 4 }), takenOver)
  await owner.query('update ledger.log set epoch = epoch + 1') // a leader whose lock went another way
  await vi.waitFor(
    () => expect(first.warnings).toContainEqual(expect.stringContaining('a newer integrator leads')),
    takenOver,
  )
  await nameUnits(app, origin, 4)
  await vi.waitFor(() => expect(first.state()).toEqual({ s: 'running', size: 8 }), takenOver)
  await first.stop()
  await expectOneHistory(owner, 3, [first.anchorPath]) // it led again under an epoch of its own
  await Promise.all([app.end(), owner.end()])
}, 600_000)
