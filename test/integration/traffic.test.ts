import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  listRecords,
  makeGatewayWeeks,
  readRecord,
  sweepGatewayRecords,
  type RecordFilter,
} from '../../src/app/gateway-records.ts'
import type { RuntimeRecord } from '../../src/app/ports/gateway.ts'
import { tallyTraffic } from '../../src/app/traffic-tally.ts'
import { dayMs, epochMs, minuteMs } from '../../src/kernel/index.ts'
import { callRecord, email } from '../support/call-record.ts'
import { fresh, gatewayFixture, origin, type GatewayFixture } from '../support/gateway-fixture.ts'
import { storeCalls } from '../support/store-calls.ts'

let fixture: GatewayFixture
beforeAll(async () => {
  fixture = await gatewayFixture()
})
afterAll(() => fixture.close())

const all = { all: true, units: [], useCases: [], person: null }
const list = (filter: Omit<RecordFilter, 'visibility' | 'limit'>) =>
  listRecords(fixture.query, { visibility: all, limit: 200, ...filter })
const idsOf = (records: readonly object[]) => records.map((record) => (record as { id: string }).id)

/** A call of the deployment of the fixture. */
const callAt = (at: number, more: Partial<RuntimeRecord> = {}) =>
  callRecord({ at: epochMs(at), deployment: fixture.ids.deployment, ...more })

const sealed = (calls: readonly RuntimeRecord[]) => storeCalls(fixture.gateway, calls, origin)

test('each filter finds what it names and nothing else, and all of them hold at once', async () => {
  const now = Date.now() - minuteMs
  const calls = {
    clean: callAt(now),
    redacted: callAt(now + 1, { action: 'redact', findings: [email], findingCount: 1 }),
    secret: callAt(now + 2, {
      action: 'block',
      inspection: 'partial',
      dialect: 'anthropic-messages',
      model: '🦊'.repeat(200),
      codes: ['guard_blocked'],
      findings: [{ ...email, kind: 'secret', severity: 'critical', effect: 'blocked' }, email],
      findingCount: 20,
    }),
  }
  await sealed(Object.values(calls))
  const named = async (filter: Omit<RecordFilter, 'visibility' | 'limit'>) => {
    const found = idsOf(await list(filter))
    return Object.entries(calls).flatMap(([name, { id }]) => (found.includes(id) ? [name] : []))
  }
  expect(await named({})).toEqual(['clean', 'redacted', 'secret'])
  expect(await named({ action: 'redact' })).toEqual(['redacted'])
  expect(await named({ findings: 'none' })).toEqual(['clean'])
  expect(await named({ findings: 'some' })).toEqual(['redacted', 'secret'])
  expect(await named({ kind: 'pii' })).toEqual(['redacted', 'secret'])
  expect(await named({ severity: 'high' })).toEqual(['redacted'])
  expect(await named({ severity: 'critical', kind: 'pii' })).toEqual(['secret'])
  expect(await named({ dialect: 'anthropic-messages' })).toEqual(['secret'])
  expect(await named({ inspection: 'partial' })).toEqual(['secret'])
  expect(await named({ model: 'demo/demo' })).toEqual(['clean', 'redacted'])
  expect(await named({ model: '🦊'.repeat(200) })).toEqual(['secret'])
  expect(await named({ code: 'guard_blocked' })).toEqual(['secret'])
  expect(await named({ code: 'guard_blocked', action: 'redact' })).toEqual([])
})

test('the fact of a batch counts every outcome', async () => {
  await sealed([callAt(Date.now(), { action: 'redact' }), callAt(Date.now())])
  const [row] = await fixture.query<{ facts: string }>(
    `select p.facts from ledger.entry e join ledger.payload p on p.event_id = e.id
     where e.kind = 'gateway.traffic.sealed' order by e.seq desc limit 1`,
  )
  expect(JSON.parse(row?.facts ?? '')).toMatchObject({
    n: 2,
    counts: { allow: 1, redact: 1, block: 0, fault: 0 },
  })
})

test('tallies count what a reader may see: by outcome, by kind, of the hour and of the day', async () => {
  const other = await gatewayFixture()
  const [before, strange] = [fixture, other.ids.useCase]
  fixture = other
  try {
    const now = Date.now()
    const found = { action: 'redact' as const, findings: [email, email], findingCount: 2 }
    await sealed([callAt(now, found), callAt(now, found), callAt(now), callAt(now, { deployment: null })])
    await sealed([callAt(now - 5 * 60 * minuteMs, { action: 'block' }), callAt(now - 30 * 60 * minuteMs)])
    const { hour, day } = await tallyTraffic(other.query, all)
    expect(hour).toEqual({
      calls: { allow: 2, redact: 2, block: 0, held: 0, fault: 0 },
      withFindings: 2,
      kinds: [{ kind: 'pii', calls: 2 }],
    })
    expect(day).toEqual({ ...hour, calls: { ...hour.calls, block: 1 } })
    const own = await tallyTraffic(other.query, { ...all, all: false, useCases: [strange] })
    expect(own.hour.calls).toEqual({ ...hour.calls, allow: 1 }) // a key that nobody knows belongs to nobody
    const nothing = await tallyTraffic(other.query, { ...all, all: false, useCases: [fresh('useCase')] })
    expect([nothing.day.withFindings, nothing.day.kinds]).toEqual([0, []])
  } finally {
    fixture = before
    await other.close()
  }
})

test('a page by a rare mark is found by the index of marks, and the newest page by the order of time', async () => {
  await fixture.owner.query(
    `insert into gateway_batches (boot, batch, root, n, sealed_at) values ('many', 0, 'sha256:', 20000, now())`,
  )
  await fixture.owner.query(
    `insert into gateway_records (id, boot, batch, position, at, deployment_id, action, record, salt)
     select 'rec_many' || n, 'many', 0, n, now() - make_interval(secs => n / 100.0), $1, 'allow',
       jsonb_build_object('action', 'allow', 'model', 'demo/' || n % 5, 'codes', jsonb_build_array('c' || n % 2000)), ''
     from generate_series(1, 20000) as n`,
    [fixture.ids.deployment],
  )
  await fixture.owner.query('vacuum analyze gateway_records')
  expect(await planOf({ code: 'c7' })).toMatch(/marks_idx|gateway_records_marks/)
  expect(await planOf({ model: 'demo/1' })).toMatch(/at_id_idx/)
  expect(await planOf({ model: 'demo/1' })).not.toMatch(/->\s+Sort/)

  async function planOf(filter: Omit<RecordFilter, 'visibility' | 'limit'>): Promise<string> {
    let plan = ''
    const explaining = async <R extends object>(sql: string, params: readonly unknown[] = []) => {
      plan = JSON.stringify((await fixture.app.query(`explain (costs off) ${sql}`, [...params])).rows)
      return [] as R[]
    }
    await listRecords(explaining, { visibility: all, limit: 51, ...filter })
    return plan
  }
})

test('weeks are made ahead once, by the role of the application, and hold what comes', async () => {
  const { app, owner, query } = fixture
  expect(await makeGatewayWeeks(query)).toBe(0) // the migration has made them
  const last = await owner.query<{ name: string }>(
    `select max(inhrelid::regclass::text) as name from pg_inherits where inhparent = 'gateway_records'::regclass
       and inhrelid::regclass::text like '%\\_w%'`,
  )
  await owner.query(`drop table ${last.rows[0]?.name}`)
  expect(await makeGatewayWeeks(query)).toBe(1)
  const rest = await owner.query('select 1 from gateway_records_rest')
  expect(rest.rowCount).toBe(0)
  await expect(app.query('select make_gateway_week(now())')).rejects.toThrow('permission denied')
  await expect(app.query('drop table gateway_records_rest')).rejects.toThrow('must be owner')
})

test('a week goes whole when all of it is old; a hold keeps its batches, and every batch stays or goes whole', async () => {
  const old = await gatewayFixture()
  const before = fixture
  fixture = old
  try {
    const { owner, query, ids } = old
    const since = new Date(Date.now() - 220 * dayMs)
    const monday = since.setUTCHours(0, 0, 0, 0) - ((since.getUTCDay() + 6) % 7) * dayMs
    for (const week of [monday, monday + 7 * dayMs])
      expect(
        (await owner.query(`select make_gateway_week(to_timestamp($1)) as made`, [week / 1000])).rows,
      ).toEqual([{ made: true }])
    const boundary = monday + 7 * dayMs
    const across = [callAt(boundary - 1), callAt(boundary)]
    const held = callAt(boundary + 2 * dayMs)
    const strange = callAt(boundary + 3 * dayMs, { deployment: null })
    const young = callAt(Date.now() - 100 * dayMs)
    await sealed([callAt(monday + dayMs, { deployment: null })])
    await sealed(across.map((call) => ({ ...call, deployment: null })))
    await sealed([held, callAt(boundary + 2 * dayMs, { deployment: null })])
    await sealed([strange])
    await sealed([young])
    await owner.query(
      `update gateway_batches b set sealed_at = (select max(at) from gateway_records r where r.boot = b.boot)`,
    )
    const weeks = async () =>
      (
        await owner.query(`select 1 from pg_inherits where inhparent = 'gateway_records'::regclass
          and inhrelid::regclass::text < 'gateway_records_w' || to_char(now() - interval '180 days', 'YYYYMMDD')
          and inhrelid::regclass::text like '%\\_w%'`)
      ).rowCount
    await owner.query(
      `insert into holds (id, subject, use_case_id, placed_by, placed_at) values ($1, 'use_case', $2, 'usr_a', now())`,
      [fresh('hold'), ids.useCase],
    )
    expect(await weeks()).toBe(2)
    // The first week, the neighbour of its last batch in the second, and of the second what is not held.
    expect(await sweepGatewayRecords(query, 184)).toBe(4)
    expect(await weeks()).toBe(1)
    expect(idsOf(await list({ deployment: ids.deployment }))).toEqual([young.id, held.id])
    const proven = await readRecord(query, { proof: async () => null }, held.id, all)
    expect(proven?.batch.size).toBe(2)
    await owner.query(`update holds set released_by = 'usr_b', released_at = now()`)
    expect(await sweepGatewayRecords(query, 184)).toBe(2)
    expect(await weeks()).toBe(0)
    expect(idsOf(await list({}))).toEqual([young.id])
    expect(await sweepGatewayRecords(query, 184)).toBe(0)
  } finally {
    fixture = before
    await old.close()
  }
})
