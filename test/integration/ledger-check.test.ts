import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPool, startIntegrator, type Database, type Pool } from '../../src/adapters/postgres/index.ts'
import { aggregates } from '../../src/app/aggregates/index.ts'
import { checkLedger } from '../../src/app/ledger-check/check.ts'
import { ed25519FromSeed, verifierKey } from '../../src/ledger/index.ts'
import { cloneDatabase } from '../support/database.ts'
import { queryOf } from '../support/gateway-fixture.ts'
import { replay } from '../support/replay.ts'
import { nameUnits } from '../support/units.ts'

const origin = 'check.test/1'
const signer = ed25519FromSeed(new Uint8Array(32).fill(9))
const key = verifierKey(origin, signer.publicKey)
const folder = mkdtempSync(join(tmpdir(), 'cs-check-'))
let database: Database
let [owner, app]: Pool[] = []

beforeAll(async () => {
  database = await cloneDatabase()
  owner = createPool(database, undefined, 2)
  app = createPool(database, 'countersign_app', 2)
  const lead = createPool(database, 'countersign_integrator', 2)
  for (const n of [100, 100, 100]) await nameUnits(app, origin, n)
  const anchorPath = join(folder, 'anchor')
  const integrator = startIntegrator({ pool: lead, origin, signer, anchorPath, log: () => undefined })
  await integrator.drain()
  await integrator.stop() // publishes a checkpoint
  await lead.end()
  await nameUnits(app, origin, 2) // stays in the queue
})
afterAll(async () => {
  await owner?.end()
  await app?.end()
  rmSync(folder, { recursive: true })
})

test('every aggregate of the product can be replayed', async () => {
  const path = resolve(import.meta.dirname, '../../src/app/aggregates')
  const files = readdirSync(path).filter((file) => file !== 'index.ts')
  const found = await Promise.all(
    files.map(async (file) => Object.values((await import(join(path, file))) as Record<string, unknown>)),
  )
  const all = found
    .flat()
    .filter((value) => typeof value === 'object' && value !== null && 'project' in value)
  expect(new Set(aggregates.values())).toEqual(new Set(all))
  expect(all.length).toBe(aggregates.size) // names differ
})

test('an untouched ledger is sound, its queue included, and replay gives its tables', async () => {
  const { report, differences } = await replay(database, key)
  expect(report).toEqual({
    verdict: 'sound',
    findings: [],
    found: 0,
    entries: 302,
    queued: 2,
    checkpoints: 1,
    streams: 1,
    erased: 0,
  })
  expect(differences).toEqual([])
})

test('an empty ledger proves nothing', async () => {
  const pool = createPool(await cloneDatabase(), undefined, 1)
  expect(await checkLedger(queryOf(pool), { key, anchors: [] })).toMatchObject({
    verdict: 'unverifiable',
    entries: 0,
  })
  await pool.end()
})

const last = '(select max(index) from ledger.leaf)'
const tenth = '(select event_id from ledger.leaf where index = 10)'

test.each([
  ['a state is edited', `update streams set state = '{"parents":{}}'`, 'STREAM_STATE'],
  ['a revision is edited', 'update streams set rev = rev + 1', 'STREAM_REV'],
  ['a state is taken away', 'delete from streams', 'STREAM_MISSING'],
  [
    'a state is invented',
    `insert into streams (stream, kind, rev, state, updated_at) values ('stop/installation:installation', 'stop', 1, '{}', now())`,
    'STREAM_UNKNOWN',
  ],
  [
    'facts are edited',
    `update ledger.payload set facts = replace(facts, 'null', '"unt_x"') where event_id = ${tenth}`,
    'FACTS',
  ],
  ['a payload is taken away', `delete from ledger.payload where event_id = ${tenth}`, 'FACTS'],
  [
    'a sealed half is edited',
    `update ledger.payload set personal = '{"name":"x"}' where event_id = ${tenth}`,
    'SEALED',
  ],
  [
    'a text is taken away without a word',
    `update ledger.payload set personal = null, personal_key = null where event_id = ${tenth}`,
    'ERASED_WITHOUT_CAUSE',
  ],
  [
    'the kind of an entry is edited',
    `update ledger.entry set kind = 'unit.moved' where id = ${tenth}`,
    'ROW_DIFFERS',
  ],
  ['the actor of a command is edited', `update ledger.command set actor = 'sys:timer'`, 'ROW_DIFFERS'],
  [
    'a leaf is rewritten',
    `update ledger.entry set leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'installation', 'timer'), 'UTF8')
     where id = ${tenth}`,
    'ROOT',
  ],
  ['a leaf is broken', `update ledger.entry set leaf = '{}' where id = ${tenth}`, 'LEAF'],
  ['a stored leaf hash is edited', `update ledger.leaf set hash = sha256('x') where index = 10`, 'LEAF_HASH'],
  ['a stored node is edited', `update ledger.node set hash = sha256('x')`, 'NODE'],
  ['a stored node is taken away', 'delete from ledger.node', 'NODE'],
  ['an entry is taken out of the middle', `delete from ledger.leaf where index = 10`, 'INDEX'],
  [
    'two entries change places',
    `update ledger.leaf set index = 19 - index + 500 where index in (9, 10);
    update ledger.leaf set index = index - 500 where index > 400`,
    'STREAM_REVISION',
  ],
  [
    'the tail is cut off',
    `delete from ledger.leaf where index = ${last}; update ledger.log set size = size - 1`,
    'ROLLED_BACK',
  ],
  ['the head is edited', `update ledger.log set root = sha256('x')`, 'ROOT'],
  ['the right edge is edited', `update ledger.log set edge = edge[2:]`, 'EDGE'],
  ['the log is renamed', `update ledger.log set origin = 'another/1'`, 'ORIGIN'],
  ['a checkpoint is edited', `update ledger.checkpoint set note = replace(note, '300', '299')`, 'CHECKPOINT'],
  ['a waiting command is forgotten', 'delete from ledger.queue', 'ENTRY_NOT_QUEUED'],
  [
    'part of a command is lost',
    `delete from ledger.entry where id = (select id from ledger.entry order by seq desc, part desc limit 1)`,
    'COMMAND_INCOMPLETE',
  ],
  [
    'the entries of a command are lost',
    `delete from ledger.entry where seq = (select max(seq) from ledger.command)`,
    'COMMAND_EMPTY',
  ],
])('whoever owns the database is found out when %s', async (_what, attack, code) => {
  const client = await owner?.connect()
  if (client === undefined) return
  try {
    await client.query('begin; set local session_replication_role = replica') // without triggers and foreign keys
    await client.query(attack)
    const query = async <R extends object>(sql: string, params: readonly unknown[] = []) =>
      (await client.query(sql, [...params])).rows as R[]
    const report = await checkLedger(query, { key, anchors: [] })
    expect(report.verdict).toBe('mismatch')
    expect(report.findings.map((finding) => finding.code)).toContain(code)
  } finally {
    await client.query('rollback')
    client.release()
  }
})

test('an anchor ahead of the database, or with another root, is a mismatch', async () => {
  if (owner === undefined) return
  for (const [size, code] of [
    [301, 'ROLLED_BACK'],
    [5, 'ROOT'],
  ] as const) {
    const report = await checkLedger(queryOf(owner), { key, anchors: [{ size, root: 'ab'.repeat(32) }] })
    expect(report.findings.map((finding) => finding.code)).toEqual([code])
  }
})
