import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cloneDatabase } from '../../../test/support/database.ts'
import { AppError, epochMs, idFrom, type EventId } from '../../kernel/index.ts'
import {
  ed25519FromSeed,
  encodeVkey,
  leafHash,
  verifierKey,
  verifyCheckpoint,
  verifyExport,
  verifyInclusion,
} from '../../ledger/index.ts'
import {
  createLedgerStore,
  createPool,
  createUnitOfWork,
  exportLog,
  startIntegrator,
  type Pool,
} from './index.ts'

const origin = 'ledger.test/1'
const signer = ed25519FromSeed(new Uint8Array(32).fill(7))
const folder = mkdtempSync(join(tmpdir(), 'cs-ledger-'))
const random = (n: number) => randomBytes(n)
const pools: Pool[] = []

async function fixture(name: string) {
  const database = await cloneDatabase()
  const app = createPool(database, 'countersign_app', 40)
  const lead = createPool(database, 'countersign_integrator', 3)
  const owner = createPool(database, undefined, 2)
  pools.push(app, lead, owner)
  const work = createUnitOfWork(app, { origin, random })
  const options = { pool: lead, origin, signer, anchorPath: join(folder, name), log: () => undefined }
  return { app, owner, work, options, store: createLedgerStore(app) }
}
type Fixture = Awaited<ReturnType<typeof fixture>>

let shared: Fixture
beforeAll(async () => {
  shared = await fixture('shared')
})
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()))
  rmSync(folder, { recursive: true, force: true })
})

async function record(
  { work }: Fixture,
  stream: string,
  count = 1,
  before?: () => Promise<void>,
): Promise<readonly EventId[]> {
  return work.run(async (tx) => {
    await tx.lockStreams([stream])
    const at = await tx.now()
    await before?.()
    return tx.append({
      commandId: idFrom('command', at, random(10)),
      actor: { k: 'system', role: 'timer' },
      via: { channel: 'system' },
      events: Array.from({ length: count }, (_, i) => ({
        stream,
        kind: 'test.happened',
        facts: { n: i },
        personal: { note: 'text' },
        state: { s: 'seen', n: i },
      })),
    })
  })
}

test('an entry gets an index, a proof under a signed checkpoint, and verifies offline', async () => {
  const integrator = startIntegrator(shared.options)
  const [first] = await record(shared, 'thing/a', 3)
  await record(shared, 'thing/b')
  await integrator.drain()
  const proof = await shared.store.proof(first ?? ('' as EventId))
  const read = verifyCheckpoint(proof?.note ?? '', verifierKey(origin, signer.publicKey))
  if (proof === null || !read.ok) throw new Error('no proof')
  expect(
    verifyInclusion(
      BigInt(proof.index),
      read.checkpoint.size,
      leafHash(proof.leaf),
      proof.path,
      read.checkpoint.root,
    ),
  ).toBe(true)
  const lines = await exportLog(shared.app, { signer, withSealed: false })
  const vkey = encodeVkey(verifierKey(origin, signer.publicKey))
  const verdict = await verifyExport(lines ?? [], { vkey, kinds: new Set(['test.happened']) })
  expect(verdict).toMatchObject({ verdict: 'verified' })
  await integrator.stop()
})

test('who waited for a stream sees what its holder committed, whatever the stream is called', async () => {
  for (const stream of [`thing/it's`, String.raw`thing/\';rollback;--`, 'thing/$1']) {
    const revs: number[] = []
    const raise = (hold: () => Promise<void>) =>
      shared.work.run(async (tx) => {
        const head = (await tx.lockStreams([stream, 'thing/other'])).get(stream)
        revs.push(head?.rev ?? -1)
        await hold()
        return tx.append({
          commandId: idFrom('command', await tx.now(), random(10)),
          actor: { k: 'system', role: 'timer' },
          via: { channel: 'system' },
          events: [{ stream, kind: 'test.happened', facts: { at: await tx.now() }, state: { stream } }],
        })
      })
    let second: Promise<unknown> = Promise.resolve()
    await raise(async () => {
      second = raise(async () => undefined)
      await shared.app.query('select 1')
    })
    await second
    expect(revs).toEqual([0, 1])
  }
  const withNul = shared.work.run((tx) => tx.lockStreams(['thing/a\0']))
  await expect(withNul).rejects.toThrow(AppError)
})

test('what was asked before the first lock belongs to the same transaction', async () => {
  const count = async () => (await shared.app.query("select 1 from settings where name = 'early'")).rowCount
  const failing = shared.work.run(async (tx) => {
    await tx.query("insert into settings (name, value) values ('early', '1')")
    const [early, now] = [await tx.now(), (await tx.lockStreams(['thing/y'])) && (await tx.now())]
    expect(now).toBe(early)
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(await count()).toBe(0)
  expect(await shared.work.run(async () => 'nothing')).toBe('nothing')
})

test('PD-07: when the append fails, the projection rolls back with it', async () => {
  const failing = shared.work.run(async (tx) => {
    await tx.query("insert into settings (name, value) values ('ghost', '1')")
    await tx.lockStreams(['thing/x'])
    return tx.append({
      commandId: idFrom('command', epochMs(1), random(10)),
      actor: { k: 'system', role: 'timer' },
      via: { channel: 'system' },
      events: [{ stream: 'thing/x', kind: 'test.happened', facts: { share: 0.5 }, state: {} }],
    })
  })
  await expect(failing).rejects.toBeInstanceOf(Error)
  expect((await shared.app.query("select 1 from settings where name = 'ghost'")).rowCount).toBe(0)
})

test('PD-08: 32 writers lose nothing; the integrator leaves no gap and no double', async () => {
  const own = await fixture('writers')
  const integrator = startIntegrator(own.options)
  const each = 50
  const writers = Array.from({ length: 32 }, async (_, w) => {
    for (let i = 0; i < each; i += 1) await record(own, i % 5 === 0 ? 'hot/one' : `own/${w}`)
  })
  await Promise.all(writers)
  await integrator.drain()
  await integrator.stop()
  const { rows } = await own.app.query<{ n: number; top: number; streams: number }>(
    `select count(*) as n, max(l.index) as top, count(distinct (e.stream, e.rev)) as streams
     from ledger.leaf l join ledger.entry e on e.id = l.event_id`,
  )
  expect(rows[0]).toEqual({ n: 32 * each, top: 32 * each - 1, streams: 32 * each })
})

test('PD-08: commits out of order and rolled back, seen or not, are integrated once each', async () => {
  const own = await fixture('interleaved')
  const integrator = startIntegrator(own.options)
  const acknowledged: EventId[] = []
  const writers = Array.from({ length: 60 }, async (_, i) => {
    const delay = () => new Promise<void>((resolve) => setTimeout(resolve, (i * 37) % 50))
    const failing = i % 7 === 3
    const ids = record(own, `s/${i % 9}`, 1 + (i % 3), async () => {
      await delay()
      if (failing) throw new AppError('INVALID_INPUT')
    })
    if (failing) await expect(ids).rejects.toThrow()
    else acknowledged.push(...(await ids))
  })
  await Promise.all(writers)
  await integrator.drain()
  await integrator.stop()
  const { rows } = await own.app.query<{ id: string }>('select event_id as id from ledger.leaf')
  expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(acknowledged))
})

test.each([
  ['update', "update ledger.entry set kind = 'x'"],
  ['delete', 'delete from ledger.entry'],
  ['truncate', 'truncate ledger.entry cascade'],
  ['rewritten facts', "update ledger.payload set facts = '{}'"],
  ['dropped payload', 'delete from ledger.payload'],
  ['truncated leaves', 'truncate ledger.leaf'],
])('PD-09: %s is refused to the application and to the owner', async (_name, sql) => {
  await record(shared, 'thing/kept')
  await expect(shared.app.query(sql)).rejects.toThrow()
  await expect(shared.owner.query(sql)).rejects.toThrow(/refused|only by erasure/)
})

test('erasing the sealed half leaves the entry and its leaf', async () => {
  const [id] = await record(shared, 'thing/erase')
  const erased = await shared.app.query(
    'update ledger.payload set personal = null, personal_key = null where event_id = $1',
    [id],
  )
  expect(erased.rowCount).toBe(1)
})

test('PD-09: a database behind its anchor halts the log', async () => {
  const own = await fixture('ahead')
  const first = startIntegrator(own.options)
  await record(own, 'thing/a')
  await first.drain()
  await first.stop()
  const restored = await fixture('ahead') // the same anchor file, an older database
  const second = startIntegrator(restored.options)
  await expect.poll(() => second.state()).toMatchObject({ s: 'halted', cause: 'rolled_back' })
  await second.stop()
})

test('a command of more entries than the limit writes nothing', async () => {
  await expect(record(shared, 'thing/large', 129)).rejects.toMatchObject({ code: 'LEDGER_TOO_LARGE' })
})
