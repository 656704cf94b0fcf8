import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, inject, test } from 'vitest'
import { createPool, migrate, type Pool } from '../../src/adapters/postgres/index.ts'
import { migrationsFolder } from '../support/database.ts'

const files = readdirSync(migrationsFolder)
  .filter((file) => file.endsWith('.sql'))
  .sort()
const folders: string[] = []
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

/** A folder with the first `count` migrations only, as an earlier version shipped them. */
function earlier(count: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'cs-migrations-'))
  folders.push(folder)
  for (const file of files.slice(0, count)) copyFileSync(join(migrationsFolder, file), join(folder, file))
  return folder
}

async function emptyDatabase(): Promise<Pool> {
  const address = inject('testServer')
  const name = `m_${randomBytes(8).toString('hex')}`
  const owner = createPool(address, undefined, 1)
  await owner.query(`create database ${name}`)
  await owner.end()
  return createPool({ ...address, database: name }, undefined, 2)
}

/** Everything that makes up a schema, as text: columns, constraints, indexes, triggers, functions, views, rights. */
async function shapeOf(pool: Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ line: string }>(`
    select line from (
      select format('column %s.%s.%s %s %s %s', table_schema, table_name, column_name, data_type, is_nullable, column_default) as line
        from information_schema.columns where table_schema in ('public', 'ledger')
      union all select format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
        from pg_constraint where connamespace in ('public'::regnamespace, 'ledger'::regnamespace)
      union all select format('index %s', indexdef) from pg_indexes where schemaname in ('public', 'ledger')
      union all select format('trigger %s', pg_get_triggerdef(oid)) from pg_trigger where not tgisinternal
      union all select format('function %s', pg_get_functiondef(oid)) from pg_proc
        where pronamespace in ('public'::regnamespace, 'ledger'::regnamespace)
      union all select format('view %s %s', viewname, definition) from pg_views where schemaname in ('public', 'ledger')
      union all select format('policy %s %s %s %s', tablename, policyname, qual, with_check) from pg_policies
      union all select format('grant %s on %s.%s to %s', privilege_type, table_schema, table_name, grantee)
        from information_schema.role_table_grants where table_schema in ('public', 'ledger') and grantee like 'countersign_%'
      union all select format('grant %s on %s.%s.%s to %s', privilege_type, table_schema, table_name, column_name, grantee)
        from information_schema.column_privileges where table_schema in ('public', 'ledger') and grantee like 'countersign_%'
    ) as shape order by 1`)
  return rows.map(({ line }) => line)
}

test('a database of any earlier version reaches the schema that an empty one gets, with its rows kept', async () => {
  const fresh = await emptyDatabase()
  expect(await migrate(fresh, migrationsFolder)).toEqual(files)
  const wanted = await shapeOf(fresh)
  await fresh.end()
  expect(wanted.length).toBeGreaterThan(500)
  const identity = files.findIndex((file) => file.startsWith('0010_')) + 1
  for (let count = identity; count < files.length; count += 1) {
    const pool = await emptyDatabase()
    expect(await migrate(pool, earlier(count))).toEqual(files.slice(0, count))
    await pool.query("insert into units (id, name) values ('unt_old', 'Kept')")
    expect(await migrate(pool, migrationsFolder)).toEqual(files.slice(count))
    expect(await shapeOf(pool)).toEqual(wanted)
    const { rows } = await pool.query<{ name: string }>("select name from units where id = 'unt_old'")
    expect(rows).toEqual([{ name: 'Kept' }])
    await pool.end()
  }
}, 60_000)

test('rows that the previous version could write survive its successor', async () => {
  const pool = await emptyDatabase()
  const previous = files.findIndex((file) => file.startsWith('0011_')) + 1
  await migrate(pool, earlier(previous))
  await pool.query(`
    insert into use_cases (id, revision, state, title, requester_id, created_at, updated_at)
      values ('uc_old', 1, 'triaged', 'Old', 'usr_a', now(), now());
    insert into systems (id, use_case_id, kind, state, created_at) values ('sys_old', 'uc_old', 'built', 'registered', now());
    insert into deployments (id, use_case_id, system_id, environment, op, epoch, owner_id, created_at)
      values ('dep_old', 'uc_old', 'sys_old', 'prod', 'live', 3, 'usr_a', now());
    insert into stops (id, scope, target, is_in_force, reason_code, since_at)
      values ('system:sys_old', 'system', 'sys_old', true, 'incident', now());
    insert into reviews (id, use_case_revision, kind, state, due_at, created_at)
      values ('rvw_old', 'sha256:0', 'legal', 'required', now(), now());`)
  await migrate(pool, migrationsFolder)
  const { rows } = await pool.query<{ epoch: number }>('select epoch from deployment_epochs')
  expect(rows).toEqual([{ epoch: 3 }])
  await pool.end()
})

test('records of calls move to their weeks, and can be found by what they say', async () => {
  const pool = await emptyDatabase()
  await migrate(pool, earlier(files.findIndex((file) => file.startsWith('0034_'))))
  await pool.query(`
    insert into gateway_batches (boot, batch, root, n, sealed_at) values ('b', 0, 'sha256:', 2, now());
    insert into gateway_records (id, boot, batch, position, at, action, record, salt) values
      ('rec_new', 'b', 0, 1, now(), 'allow', '{"action":"allow","model":"m"}', '\\x01'),
      ('rec_old', 'b', 0, 0, now() - interval '100 days', 'block', '{"action":"block","codes":["grant_absent"]}', '\\x02')`)
  await migrate(pool, migrationsFolder)
  const { rows } = await pool.query('select id, position, marks, salt from gateway_records order by id')
  expect(rows).toEqual([
    {
      id: 'rec_new',
      position: 1,
      marks: ['action:allow', 'findings:none', 'model:m'],
      salt: Buffer.of(1),
    },
    {
      id: 'rec_old',
      position: 0,
      marks: ['action:block', 'code:grant_absent', 'findings:none'],
      salt: Buffer.of(2),
    },
  ])
  expect((await pool.query('select 1 from gateway_records_rest')).rowCount).toBe(0)
  expect((await pool.query("select to_regclass('gateway_records_before') as gone")).rows).toEqual([
    { gone: null },
  ])
  await pool.end()
})

test('what an earlier version has published is in force after it', async () => {
  const pool = await emptyDatabase()
  await migrate(pool, earlier(files.findIndex((file) => file.startsWith('0018_'))))
  const document = { key: 'weekdays', version: 1, weekend: [0, 6], holidays: [], utcOffsetMinutes: 0 }
  const facts = {
    key: 'weekdays',
    version: 1,
    digest: 'sha256:0',
    previousDigest: null,
    document,
    at: 86_400_123,
  }
  await pool.query(
    `with c as (insert into ledger.command (id, actor, at) values ('cmd_1', 'sys:installation', now()) returning seq),
       e as (insert into ledger.entry (id, seq, part, parts, stream, rev, kind, leaf)
         select 'evt_1', seq, 1, 1, 'publication/calendar:weekdays', 1, 'calendar.published', '\\x00' from c returning id)
     insert into ledger.payload (event_id, facts, facts_key) select id, $1, decode(repeat('00', 32), 'hex') from e`,
    [JSON.stringify(facts)],
  )
  const state = { versions: [{ version: 1, digest: 'sha256:0' }] }
  await pool.query(
    `insert into streams (stream, kind, rev, state, updated_at)
     values ('publication/calendar:weekdays', 'publication', 1, $1, now())`,
    [JSON.stringify(state)],
  )
  await migrate(pool, migrationsFolder)
  const { rows } = await pool.query('select kind, key, version, digest, proposal from hold_policies()')
  expect(rows).toEqual([
    { kind: 'calendar', key: 'weekdays', version: 1, digest: 'sha256:0', proposal: null },
  ])
  const kept = await pool.query('select document, published_at from policies')
  expect(kept.rows).toEqual([{ document, published_at: new Date(86_400_123) }])
  const states = await pool.query('select state from streams')
  expect(states.rows).toEqual([{ state: { ...state, proposals: [] } }])
  await pool.end()
})

test('an edited or unknown migration stops the start, and a failing one leaves nothing behind', async () => {
  const pool = await emptyDatabase()
  const folder = earlier(2)
  await migrate(pool, folder)
  writeFileSync(join(folder, files[1] ?? ''), 'select 1')
  await expect(migrate(pool, folder)).rejects.toThrow('was edited after it was applied')
  await expect(migrate(pool, earlier(1))).rejects.toThrow('does not know')
  const broken = earlier(2)
  writeFileSync(join(broken, '0099_broken.sql'), 'create table half (id text); select no_such_function();')
  await expect(migrate(pool, broken)).rejects.toThrow('0099_broken.sql')
  const { rows } = await pool.query("select to_regclass('half') as half")
  expect(rows).toEqual([{ half: null }])
  await pool.end()
})
