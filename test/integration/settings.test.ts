import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from '../../src/contracts/client.ts'
import { createServiceAccount } from '../../src/contracts/routes/service-accounts.ts'
import { completeSetup, readMe } from '../../src/contracts/routes/identity.ts'
import { createUnit } from '../../src/contracts/routes/people.ts'
import { describeOrganisation, readSettings } from '../../src/contracts/routes/settings.ts'
import { setUpPerson, type Person } from '../../src/main/demo/person.ts'
import { startEmptyPlane, type EmptyPlane } from '../support/plane.ts'

let plane: EmptyPlane
let admin: Person

beforeAll(async () => {
  plane = await startEmptyPlane()
  const { origin, setupToken: token } = plane
  admin = await setUpPerson(origin, { name: 'Ada', email: 'ada@example.org', token })
})
afterAll(() => plane.close())

test('the settings say who has changed each part last, and leave out what nobody has changed', async () => {
  const read = async () => {
    const { changes } = await admin.call(readSettings, { query: {} })
    return Object.fromEntries(changes.map(({ area, kind, actor }) => [area, [kind, actor]]))
  }
  const own = `p:${admin.id}`
  const before = await read()
  expect(before).toMatchObject({ people: ['credential.registered', own] })
  expect(Object.keys(before)).not.toContain('units')
  await admin.call(createUnit, { body: { name: 'Risk' } })
  await admin.call(createServiceAccount, { body: { name: 'ci', permissions: ['gate.evaluate'] } })
  expect(await read()).toMatchObject({
    units: ['unit.created', own],
    serviceAccounts: ['service_account.created', own],
  })
})

test('the settings name the keys by which the installation is known', async () => {
  const { rootFingerprint, logVkey, origin, version } = await admin.call(readSettings, { query: {} })
  expect([rootFingerprint, logVkey, origin]).toEqual([
    plane.plane.rootFingerprint,
    plane.ledger.vkey,
    plane.origin,
  ])
  expect(version).toMatch(/^\d+\.\d+\.\d+/)
})

test('set-up names the organisation and its first units with the administrator, or does nothing of it', async () => {
  const fresh = await startEmptyPlane()
  try {
    const cookies = new Map<string, string>()
    const client = createClient([], { baseUrl: fresh.origin, cookies })
    const body = {
      token: fresh.setupToken,
      name: 'Ada',
      email: 'ada@example.org',
      password: 'correct zebra lamp window',
      organisation: { name: 'Example Insurance', timeZone: 'Europe/Atlantis' },
      units: ['Risk', 'Legal'],
    }
    await expect(client.call(completeSetup, { body })).rejects.toMatchObject({
      problem: { reasons: [{ code: 'TIME_ZONE_UNKNOWN' }] },
    })
    expect(await fresh.plane.query('select id from units')).toEqual([])
    const organisation = { name: 'Example Insurance', timeZone: 'Europe/Berlin' }
    await client.call(completeSetup, { body: { ...body, organisation } })
    expect((await client.call(readMe, {})).organisation).toEqual(organisation)
    const units = await fresh.plane.query<{ name: string }>('select name from units order by name')
    expect(units.map(({ name }) => name)).toEqual(['Legal', 'Risk'])
  } finally {
    await fresh.close()
  }
})

test('an administrator names the organisation anew, and the same name is no change', async () => {
  expect((await admin.call(readMe, {})).organisation).toBeNull()
  const body = { name: 'Example Group', timeZone: 'Asia/Kolkata' }
  await admin.call(describeOrganisation, { body })
  expect((await admin.call(readMe, {})).organisation).toEqual(body)
  const { changes } = await admin.call(readSettings, { query: {} })
  expect(changes).toContainEqual(
    expect.objectContaining({ area: 'organisation', kind: 'organisation.described', actor: `p:${admin.id}` }),
  )
  await expect(admin.call(describeOrganisation, { body })).rejects.toMatchObject({
    problem: { reasons: [{ code: 'NOTHING_CHANGED' }] },
  })
})
