import type { Organisation } from '../../../src/main/demo/organisation.ts'
import type { Shot } from '../shots.ts'

/** Before anybody is enrolled: the door that only the set-up token opens. */
export function closedShots(token: string): readonly Shot[] {
  return [
    { name: 'setup', person: null, path: '/setup' },
    {
      name: 'setup-refused',
      person: null,
      path: '/setup',
      act: async (page) => {
        await page.getByLabel('Set-up token').fill(`${token.slice(0, -1)}-`)
        await page.getByLabel('Name of the organisation').fill('Northgate Security Services')
        await page.getByLabel('Name', { exact: true }).fill('Ada Admin')
        await page.getByLabel('E-mail address').fill('ada.admin@soc.example')
        await page.getByLabel('Password', { exact: true }).fill('correct zebra lamp window')
        await page.getByLabel('Password again').fill('correct zebra lamp window')
        await page.keyboard.press('Enter')
        await page.getByRole('alert').waitFor()
      },
    },
  ]
}

/** People, seats and a charter, and nothing else yet: what every list says while it is empty. */
export function emptyShots({ admin, analyst, seats, auditor, commander }: Organisation): readonly Shot[] {
  return [
    { name: 'empty-overview', person: admin, path: '/' },
    { name: 'empty-notifications', person: analyst, path: '/notifications' },
    { name: 'empty-intake', person: analyst, path: '/intake?view=all' },
    { name: 'empty-imports', person: analyst, path: '/imports' },
    { name: 'empty-systems', person: analyst, path: '/systems' },
    { name: 'empty-reviews', person: seats.privacy, path: '/reviews' },
    { name: 'empty-cases', person: seats.risk, path: '/cases' },
    { name: 'empty-case-new', person: analyst, path: '/cases/new' },
    { name: 'empty-conditions', person: seats.risk, path: '/conditions' },
    { name: 'empty-waivers', person: seats.risk, path: '/waivers' },
    { name: 'empty-gateway', person: analyst, path: '/gateway' },
    { name: 'empty-routes', person: analyst, path: '/gateway/routes' },
    { name: 'empty-keys', person: analyst, path: '/gateway/keys' },
    { name: 'empty-stops', person: commander, path: '/stops' },
    { name: 'empty-overrides', person: commander, path: '/overrides' },
    { name: 'empty-services', person: admin, path: '/service-accounts' },
    { name: 'empty-audit', person: auditor, path: '/audit' },
  ]
}
