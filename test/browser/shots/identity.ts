import type { Page } from 'playwright-core'
import { createServiceAccount, issueServiceKey } from '../../../src/contracts/routes/service-accounts.ts'
import {
  createUnit,
  enrolPerson,
  grantRole,
  listUnits,
  suspendPerson,
} from '../../../src/contracts/routes/people.ts'
import type { Shots } from '../shots.ts'

const press = (name: string) => (page: Page) =>
  page.getByRole('button', { name, exact: true }).first().click()

const openTotp = async (page: Page) => {
  await press('Replace one-time codes')(page)
  await page.getByRole('dialog').waitFor()
}

/** Doors, account, people, programs and settings, with something that waits for a second administrator. */
export const identityShots: Shots = async ({ admin, secondAdmin, analyst, seats, validator }) => {
  const { id: ci } = await admin.call(createServiceAccount, {
    body: {
      name: 'Release pipeline',
      permissions: ['gate.evaluate', 'release.create'],
      cidrs: ['10.20.0.0/16'],
    },
  })
  await admin.call(issueServiceKey, { params: { id: ci }, body: { lifetimeDays: 90 } })
  await admin.call(createServiceAccount, {
    body: { name: 'Kubernetes admission', permissions: ['admission.validate'] },
  })
  await admin.call(grantRole, { params: { id: analyst.id }, body: { role: 'incident_commander' } })
  const { id: former } = await admin.call(enrolPerson, {
    body: {
      name: 'Fred Former',
      email: 'fred.former@soc.example',
      roles: [{ role: 'requester', until: null }],
    },
  })
  await admin.call(suspendPerson, { params: { id: former } })
  const { items: units } = await admin.call(listUnits, {})
  const it = units.find(({ name }) => name === 'IT')?.id ?? null
  await admin.call(createUnit, { body: { name: 'Platform engineering', parent: it } })
  return [
    { name: 'identity-setup-closed', person: null, path: '/setup' },
    {
      name: 'identity-enrol',
      person: null,
      path: '/enrol#pX3t-Lk9',
      act: press('Set credentials'),
    },
    { name: 'identity-account', person: seats.risk, path: '/account' },
    { name: 'identity-totp', person: validator, path: '/account', act: openTotp },
    { name: 'people-list', person: secondAdmin, path: '/people' },
    { name: 'people-enrol', person: admin, path: '/people', act: press('Enrol person') },
    { name: 'people-record', person: secondAdmin, path: `/people/${analyst.id}` },
    {
      name: 'people-erase',
      person: admin,
      path: `/people/${former}`,
      act: async (page) => {
        await press('Actions')(page)
        await page.getByRole('menuitem', { name: 'Erase person' }).click()
      },
    },
    { name: 'people-refused', person: seats.legal, path: `/service-accounts/${ci}` },
    { name: 'people-units', person: admin, path: '/people/units' },
    { name: 'services-list', person: admin, path: '/service-accounts' },
    {
      name: 'services-create',
      person: admin,
      path: '/service-accounts',
      act: press('Create service account'),
    },
    { name: 'services-record', person: admin, path: `/service-accounts/${ci}` },
    { name: 'settings-landing', person: admin, path: '/settings' },
  ]
}
