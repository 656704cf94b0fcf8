import { afterAll, beforeAll, expect, test } from 'vitest'
import { createServiceAccount } from '../../src/contracts/routes/service-accounts.ts'
import { createUnit } from '../../src/contracts/routes/people.ts'
import { readSettings } from '../../src/contracts/routes/settings.ts'
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
