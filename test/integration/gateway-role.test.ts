import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatewayFixture, type GatewayFixture } from '../support/gateway-fixture.ts'

let fixture: GatewayFixture
beforeAll(async () => {
  fixture = await gatewayFixture()
  await fixture.grant()
  await fixture.order('system', fixture.ids.system) // a stream and an entry that are not the gateway's
})
afterAll(() => fixture.close())

const asGateway = (sql: string) => fixture.gateway.query(sql)

test.each([
  ['read other settings', 'select * from settings'],
  ['read credentials', 'select * from credentials'],
  ['read people', 'select * from people'],
  ['read sessions', 'select * from sessions'],
  ['read who made a key', 'select created_by from gateway_keys'],
  ['read the basis of a grant', 'select basis from grants'],
  ['read stops one by one', 'select * from stops'],
  ['read use cases', 'select * from use_cases'],
  ['read records back', 'select * from gateway_records'],
  ['read sealed text', 'select personal from ledger.payload'],
  ['read entries', 'select * from ledger.entry'],
  ['extend a grant', "update grants set expires_at = now() + interval '1 year'"],
  ['make a grant', "insert into grants (jti, token) values ('grt', 't')"],
  ['withdraw a grant', 'delete from grants'],
  ['add a scope', "insert into grant_scopes (digest, scope) values ('sha256:', '{}')"],
  ['revive a key', 'update gateway_keys set revoked_at = null'],
  ['make a key', "insert into gateway_keys (id) values ('key')"],
  ['point a route elsewhere', "update route_models set model = 'x'"],
  ['change an upstream', "update upstreams set origin = 'https://attacker.example'"],
  ['lower an epoch', 'update deployments set epoch = 0'],
  ['lift a stop', 'update stops set is_in_force = false, epoch = 0'],
  ['replace the trust bundle', "update settings set value = ''"],
  ['replace it through the view', "update trust_bundle set bundle = ''"],
  ['change a record', "update gateway_records set action = 'allow'"],
  ['read content back', 'select * from gateway_content'],
  ['read keys of content', 'select * from content_keys'],
  ['delete content', 'delete from gateway_content'],
  ['sweep content', 'select sweep_gateway_content()'],
  ['keep content of its own accord', 'update route_content set days = 1'],
  ['delete records', 'delete from gateway_records'],
  ['sweep records', 'select sweep_gateway_records(400)'],
  ['read records of a week', 'select * from gateway_records_rest'],
  ['take the place of a week', 'drop table gateway_records_rest'],
  ['make weeks', 'select make_gateway_weeks()'],
  ['read what was counted', 'select * from traffic_tallies'],
  ['count otherwise', 'delete from traffic_tallies'],
  ['read who lives beside it', 'select * from gateway_processes'],
  ['declare others dead', 'delete from gateway_processes'],
  ['read admissions back', 'select * from gateway_admissions'],
  ['change an admission', "update gateway_admissions set record = '{}'"],
  ['delete admissions', 'delete from gateway_admissions'],
  ['sweep admissions', 'select sweep_gateway_admissions(400)'],
  ['migrate', "insert into schema_migrations (version, name, checksum) values (9999, 'x', 'x')"],
  ['delete entries', 'delete from ledger.entry'],
  ['change entries', "update ledger.entry set kind = 'x'"],
  ['truncate entries', 'truncate ledger.entry cascade'],
  ['erase', 'update ledger.payload set personal = null, personal_key = null'],
  ['drop from the queue', 'delete from ledger.queue'],
  ['index leaves', "insert into ledger.leaf (index, event_id, hash) values (0, 'e', '')"],
  ['change the log', 'update ledger.log set size = 0'],
  ['delete state', 'delete from streams'],
  ['change a price', "update own_models set entry = '{}'"],
  ['read who wrote a policy', 'select drafted_by from tool_policies'],
  ['write a policy', "insert into tool_policies (key, version) values ('own', 1)"],
  ['vouch for a tool', "update tool_registrations set terms = '{}'"],
  ['read definitions of tools', 'select * from tool_definitions'],
  ['replace a definition', "update tool_definitions set definition = '{}'"],
  ['forget what was seen', 'delete from tool_sightings'],
  ['read what shadows would have done', 'select * from shadow_tallies'],
  ['raise a limit', 'update limits set amount = amount * 2'],
  ['set a limit', "insert into limits (id) values ('lim')"],
  ['read who set a limit', 'select set_by from limits'],
  ['forget what was spent', 'delete from limit_buckets'],
  ['read what was spent', 'select * from limit_buckets'],
  ['give itself a lease', "insert into limit_leases (limit_id, worker) values ('lim', 'w')"],
  ['read the leases of others', 'select * from limit_leases'],
])('the role of the gateway may not %s', async (_what, sql) => {
  await expect(asGateway(sql)).rejects.toThrow(/permission denied|must be owner|refused/)
})

test('it neither sees nor changes the state of any other aggregate', async () => {
  expect((await asGateway('select 1 from streams')).rowCount).toBe(0)
  expect((await asGateway("update streams set state = '{}', rev = rev + 1")).rowCount).toBe(0)
  const make = `insert into streams (stream, kind, rev, state, updated_at) values ('stop/x', 'stop', 1, '{}', now())`
  await expect(asGateway(make)).rejects.toThrow('row-level security')
})

test('it records no fact but sealed traffic', async () => {
  const [command] = (
    await asGateway(
      `insert into ledger.command (id, actor, at) values ('cmd_x', 'sys:gateway', now()) returning seq`,
    )
  ).rows as { seq: number }[]
  const entry = (stream: string, kind: string) =>
    asGateway(`insert into ledger.entry (id, seq, part, parts, stream, rev, kind, leaf)
      values ('evt_x', ${command?.seq}, 1, 1, '${stream}', 1, '${kind}', '')`)
  await expect(entry('case/x', 'decision.recorded')).rejects.toThrow('row-level security')
  await expect(entry('gateway-boot/x', 'decision.recorded')).rejects.toThrow('row-level security')
  await expect(entry('stop/x', 'gateway.traffic.sealed')).rejects.toThrow('row-level security')
})

test('the application itself cannot delete or change records, and sweeps none that are young', async () => {
  for (const sql of [
    'delete from gateway_records',
    "update gateway_records set action = 'allow'",
    'delete from gateway_records_rest',
    'delete from traffic_tallies',
    'delete from gateway_admissions',
    "update gateway_admissions set record = '{}'",
    'insert into traffic_tallies select * from traffic_tallies',
  ])
    await expect(fixture.app.query(sql)).rejects.toThrow('permission denied')
  for (const sweep of ['sweep_gateway_records', 'sweep_gateway_admissions'])
    await expect(fixture.app.query(`select ${sweep}(183)`)).rejects.toThrow('at least 184 days')
})
