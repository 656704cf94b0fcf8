import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { totpAt } from '../../src/adapters/identity/totp.ts'
import { createClient } from '../../src/contracts/client.ts'
import { createServiceAccount } from '../../src/contracts/routes/service-accounts.ts'
import { grantRole, readPerson } from '../../src/contracts/routes/people.ts'
import { ledgerStatus } from '../../src/contracts/routes/ledger.ts'
import { routes } from '../../src/contracts/routes/index.ts'
import { epochMs } from '../../src/kernel/index.ts'
import type { Person } from '../../src/main/demo/person.ts'
import {
  accessibilityFaults,
  browserPath,
  open as openAt,
  settled,
  startBrowser,
  visit,
} from '../support/browser.ts'
import { startEmptyPlane, startPlane, type EmptyPlane, type Plane } from '../support/plane.ts'

const hasNone = browserPath() === null
if (hasNone) console.warn('no browser is installed: the console is not driven')
const password = 'correct zebra lamp window'
const timeout = 180_000

/** As much of a page as is measured here. */
type Place = {
  readonly document: {
    readonly documentElement: { readonly scrollWidth: number; readonly clientWidth: number }
  }
}

let browser: Browser
let empty: EmptyPlane
let full: Plane

beforeAll(async () => {
  if (hasNone) return
  browser = await startBrowser()
  empty = await startEmptyPlane()
  full = await startPlane()
}, timeout)
afterAll(async () => {
  if (hasNone) return
  await browser.close()
  await Promise.all([empty.close(), full.close()])
})

const button = (page: Page | Locator, name: string | RegExp) =>
  page.getByRole('button', { name, exact: true })
const field = (page: Page | Locator, name: string) => page.getByLabel(name, { exact: true })
const alert = (page: Page) => page.getByRole('alert')
const dialog = (page: Page) => page.getByRole('dialog')
const codeOf = (secret: string) => totpAt(secret, epochMs(Date.now()))

const open = (plane: Plane | EmptyPlane, person: Person | null, path: string, width = 1440) =>
  openAt(browser, plane.origin, person, path, { width })

/** Takes somebody who has set their password through the codes, the proof, the passkey and the trust root. */
async function settleIn(
  page: Page,
): Promise<{ readonly secret: string; readonly recovery: readonly string[] }> {
  await page.getByRole('heading', { name: 'Keep your codes' }).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  const secret = ((await page.locator('.secret').first().textContent()) ?? '').replaceAll(' ', '')
  const recovery = await page.locator('.recovery-codes li').allTextContents()
  expect(recovery).toHaveLength(10)
  expect(await button(page, 'Enter a code').getAttribute('aria-disabled')).toBe('true')
  await page.getByLabel('I have kept them where only I can read them').check()
  await button(page, 'Enter a code').click()
  await field(page, 'One-time code').fill('000000')
  await button(page, 'Prove').click()
  expect(await alert(page).textContent()).toContain('This code was not accepted')
  await field(page, 'One-time code').fill(codeOf(secret))
  await button(page, 'Prove').click()
  await page.getByRole('heading', { name: 'Register a passkey' }).waitFor()
  await button(page, 'Register passkey').click()
  await page.getByRole('heading', { name: 'Save the trust root' }).waitFor()
  await settled(page)
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByLabel('I have saved them outside of this installation').check()
  return { secret, recovery }
}

test.skipIf(hasNone)(
  'a fresh installation leads to set-up, which takes its token once and then is closed',
  async () => {
    const { page, complaints, close } = await open(empty, null, '/settings')
    await page.waitForURL('**/setup')
    await button(page, 'Create administrator').click()
    expect(await page.locator('.fault').count()).toBe(5)
    expect(await accessibilityFaults(page)).toEqual([])
    const fill = async (values: Readonly<Record<string, string>>) => {
      for (const [name, value] of Object.entries(values)) await field(page, name).fill(value)
    }
    await fill({ 'Set-up token': 'forged', Name: 'Ada Admin', 'E-mail address': 'ada@soc.example' })
    await field(page, 'Time zone').selectOption('Europe/Berlin')
    await fill({ 'Name of the organisation': 'Example Insurance' })
    await page.getByLabel('First units').fill('Security operations\n\n  Risk  ')
    await fill({ Password: 'short', 'Password again': 'other' })
    expect(await page.locator('.fault').allTextContents()).toEqual([
      'At least 15 characters: 10 more are needed.',
      'Both entries must be the same.',
    ])
    await fill({ Password: password, 'Password again': password })
    await button(page, 'Create administrator').click()
    expect(await alert(page).textContent()).toContain('This token is wrong, used or expired')
    await fill({
      'Set-up token': empty.setupToken,
      Password: 'countersign-2026',
      'Password again': 'countersign-2026',
    })
    await button(page, 'Create administrator').click()
    expect(await alert(page).textContent()).toContain('little more than a common word')
    await fill({ Password: password, 'Password again': password })
    await button(page, 'Create administrator').click()
    await settleIn(page)
    expect(await page.locator('main').textContent()).toContain(empty.plane.rootFingerprint)
    await button(page, 'Open the Overview').click()
    await page.waitForURL(`${empty.origin}/`)
    await page.locator('.rail').getByText('Example Insurance').waitFor()
    await page.goto('/people/units')
    await settled(page)
    for (const unit of ['Security operations', 'Risk'])
      await page.getByText(unit, { exact: true }).first().waitFor()
    await page.goto('/settings')
    await settled(page)
    await button(page, 'Name organisation').click()
    await field(dialog(page), 'Name of the organisation').fill('Example Group')
    await field(dialog(page), 'Time zone').selectOption('Asia/Tokyo')
    expect(await accessibilityFaults(page)).toEqual([])
    await button(dialog(page), 'Name organisation').click()
    await dialog(page).waitFor({ state: 'detached' })
    await page.locator('.rail').getByText('Example Group').waitFor()
    await page.goto('/account')
    await page.getByLabel("the organisation's time").check()
    await page.getByText('GMT+9').first().waitFor()
    await page.goto('/setup')
    await settled(page)
    expect(await page.locator('main').textContent()).toContain('This installation is set up')
    expect(complaints).toEqual([])
    await close()
  },
  timeout,
)

test.skipIf(hasNone)(
  'an administrator enrols somebody, who sets their credentials and signs in in each way',
  async () => {
    const admin = await open(full, full.org.admin, '/people')
    await button(admin.page, 'Enrol person').click()
    await field(dialog(admin.page), 'Name').fill('Nora Newcomer')
    await field(dialog(admin.page), 'E-mail address').fill('nora@soc.example')
    await button(dialog(admin.page), 'Add role').click()
    await field(dialog(admin.page), 'Role').selectOption('analyst')
    expect(await accessibilityFaults(admin.page)).toEqual([])
    await button(dialog(admin.page), 'Enrol person').click()
    await dialog(admin.page).getByText('The token works once').waitFor()
    const link = (await admin.page.locator('.secret').first().textContent()) ?? ''
    expect(link).toMatch(/\/enrol#[\w-]{43}$/)
    await button(dialog(admin.page), 'Open person').click()
    await admin.page.getByRole('heading', { name: 'Nora Newcomer', level: 1 }).waitFor()
    await admin.page.getByText('not enrolled yet').waitFor()

    const { page, complaints, context, close } = await visit(browser, full.origin, null)
    await page.goto(link)
    await settled(page)
    await page.waitForURL(`${full.origin}/enrol`)
    expect(new URL(page.url()).search).toBe('')
    // By keyboard alone: the token is there already.
    await field(page, 'Password').focus()
    await page.keyboard.type(password)
    await page.keyboard.press('Tab')
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    const { secret, recovery } = await settleIn(page)
    await button(page, 'Open the Overview').click()
    await page.waitForURL(`${full.origin}/`)

    const leave = async () => {
      await context.clearCookies()
      await page.goto('/account')
      await page.waitForURL('**/sign-in?**')
      await settled(page)
    }
    const inside = () => page.getByRole('heading', { name: 'Your account' }).waitFor()
    const forgetStep = () =>
      full.pool.query(`update credentials set last_step = null where secret = $1`, [secret])
    await leave()
    expect(await accessibilityFaults(page)).toEqual([])
    await button(page, 'Sign in with a passkey').click() // whichever the device has
    await inside()
    await leave()
    await field(page, 'E-mail address').fill('NORA@soc.example')
    await button(page, 'Sign in with a passkey').click()
    await inside()
    const byPassword = async (code: string) => {
      await field(page, 'E-mail address').fill('nora@soc.example')
      await field(page, 'Password').fill(password)
      await field(page, 'One-time code').fill(code)
      await button(page, 'Sign in').click()
    }
    await leave()
    await byPassword('123456')
    expect(await alert(page).textContent()).toContain('Which of them is not said')
    await forgetStep()
    await byPassword(codeOf(secret))
    await inside()
    await leave()
    await byPassword(recovery[0] ?? '')
    await inside()
    await page.getByText('9 recovery codes are left.').waitFor()
    await leave()
    await byPassword('')
    await page.getByText('Your roles or your seat demand a second factor as well.').waitFor()
    await forgetStep()
    await field(page, 'One-time code or recovery code').fill(codeOf(secret))
    await button(page, 'Confirm').click()
    await inside()
    expect(complaints).toEqual([])
    await close()
    await admin.close()
  },
  timeout,
)

test.skipIf(hasNone)(
  'who tries too often is told how long to wait',
  async () => {
    const { page, close } = await open(full, null, '/sign-in')
    await field(page, 'E-mail address').fill('otto.auditor@soc.example')
    await field(page, 'Password').fill('not the password of anybody')
    for (let tries = 0; tries < 12; tries += 1) {
      await button(page, 'Sign in').click()
      await alert(page).waitFor()
      if ((await alert(page).textContent())?.includes('Too many attempts') === true) break
    }
    expect(await alert(page).textContent()).toMatch(/Too many attempts. Wait [\d,]+ seconds./)
    await full.pool.query('delete from login_failures')
    await close()
  },
  timeout,
)

test.skipIf(hasNone)(
  'a guarded role waits for a second administrator, and a seat bars the role of one',
  async () => {
    const { admin, secondAdmin, validator, seats } = full.org
    const first = await open(full, admin, `/people/${validator.id}`)
    await button(first.page, 'Grant role').click()
    await field(dialog(first.page), 'Role').selectOption('incident_commander')
    await button(dialog(first.page), 'Grant role').click()
    await first.page.getByRole('heading', { name: 'Roles that wait for a second administrator' }).waitFor()
    expect(await button(first.page, 'Approve').getAttribute('title')).toContain('Somebody else approves')

    const second = await open(full, secondAdmin, '/people')
    await second.page.getByRole('link', { name: 'One person waits for a second administrator.' }).click()
    await second.page.waitForURL('**/people?waiting=true')
    await second.page.getByRole('link', { name: 'Vito Validator' }).click()
    await button(second.page, 'Approve').click()
    await button(dialog(second.page), 'Approve role').click()
    await second.page.getByRole('dialog').waitFor({ state: 'detached' })
    await second.page.getByRole('row', { name: /Incident commander everywhere no end/ }).waitFor()
    const { roles, requests } = await admin.call(readPerson, { params: { id: validator.id } })
    expect([roles.map(({ role }) => role), requests]).toEqual([['validator', 'incident_commander'], []])

    await second.page.goto(`/people/${seats.legal.id}`)
    await button(second.page, 'Grant role').click()
    await field(dialog(second.page), 'Role').selectOption('admin')
    await button(dialog(second.page), 'Grant role').click()
    await alert(second.page).waitFor()
    expect(await alert(second.page).textContent()).toContain('This person holds a seat of the charter')
    expect(await field(dialog(second.page), 'Role').inputValue()).toBe('admin') // what was entered is kept
    expect([...first.complaints, ...second.complaints]).toEqual([])
    await first.close()
    await second.close()
  },
  timeout,
)

test.skipIf(hasNone)(
  'by keyboard alone somebody is suspended, reinstated and erased',
  async () => {
    const { admin, backupOwner } = full.org
    const { page, complaints, close } = await open(full, admin, `/people/${backupOwner.id}`)
    await page.keyboard.press('Shift+S')
    await dialog(page).waitFor()
    await button(dialog(page), 'Suspend person').focus()
    await page.keyboard.press('Enter')
    // The dialog that closes gives the focus back; whoever is faster than it loses theirs.
    await dialog(page).waitFor({ state: 'detached' })
    await button(page, 'Reinstate person').waitFor()
    await expect(backupOwner.call(readPerson, { params: { id: backupOwner.id } })).rejects.toThrow()
    await button(page, 'Reinstate person').focus()
    await page.keyboard.press('Enter')
    await button(dialog(page), 'Reinstate person').focus()
    await page.keyboard.press('Enter')
    await dialog(page).waitFor({ state: 'detached' })
    await button(page, 'Suspend person').waitFor()
    await button(page, 'Actions').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('End')
    await page.keyboard.press('Enter')
    await field(dialog(page), 'Type the name to confirm').focus()
    await page.keyboard.type('Bo Backu')
    expect(await button(dialog(page), 'Erase person').getAttribute('aria-disabled')).toBe('true')
    await page.keyboard.type('p')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: /erased person/ }).waitFor()
    expect(await page.locator('body').textContent()).not.toContain('Bo Backup')
    expect(complaints).toEqual([])
    await close()
  },
  timeout,
)

test.skipIf(hasNone)(
  'units become a tree, and no unit below itself',
  async () => {
    const { page, complaints, close } = await open(full, full.org.admin, '/people/units')
    await button(page, 'Create below IT').click()
    await field(dialog(page), 'Name of the unit').fill('Platform')
    await button(dialog(page), 'Create unit').click()
    await dialog(page).waitFor({ state: 'detached' })
    await button(page, 'Move unit IT').click()
    await field(dialog(page), 'Below').selectOption({ label: '\u2003Platform' })
    await button(dialog(page), 'Move unit').click()
    await alert(page).waitFor()
    expect(await alert(page).textContent()).toContain('A unit cannot stand below itself')
    await button(dialog(page), 'Cancel').click()
    await button(page, 'Rename unit Platform').click()
    await field(dialog(page), 'Name of the unit').fill('Platform engineering')
    await button(dialog(page), 'Rename unit').click()
    await page.locator('.tree ul ul').getByText('Platform engineering').waitFor()
    expect(complaints).toEqual([])
    await close()
  },
  timeout,
)

test.skipIf(hasNone)(
  'a key of a program is shown once, works, and ends with its revocation',
  async () => {
    const { page, complaints, close } = await open(full, full.org.admin, '/service-accounts')
    await button(page, 'Create service account').click()
    await field(dialog(page), 'Name').fill('Evidence mirror')
    await dialog(page).getByLabel('Read the ledger').check()
    await dialog(page)
      .getByLabel(/^Networks/)
      .fill('10.0.0.1/8')
    await button(dialog(page), 'Create service account').click()
    await alert(page).waitFor()
    expect(await alert(page).textContent()).toContain('10.0.0.1/8 is no network')
    await dialog(page)
      .getByLabel(/^Networks/)
      .fill('')
    await button(dialog(page), 'Create service account').click()
    await page.getByRole('heading', { name: 'Evidence mirror', level: 1 }).waitFor()
    await button(page, 'Issue key').click()
    await button(dialog(page), 'Issue key').click()
    await dialog(page).getByText('nobody can read it again').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    const apiKey = (await page.locator('.secret').textContent()) ?? ''
    const program = createClient(routes, { baseUrl: full.origin, apiKey })
    expect((await program.call(ledgerStatus, { query: {} })).size).toBeGreaterThan(0)
    await button(dialog(page), 'Close').last().click()
    await button(page, 'Revoke key').click()
    await button(dialog(page), 'Revoke key').click()
    await page.getByText('Has no live key: it can do nothing.').waitFor()
    await expect(program.call(ledgerStatus, { query: {} })).rejects.toThrow()
    expect(complaints).toEqual([])
    await close()
  },
  timeout,
)

test.skipIf(hasNone)(
  'a session that ends beneath a dialog is begun again without losing what was entered',
  async () => {
    const { admin } = full.org
    const { page, complaints, close } = await open(full, admin, '/people/units')
    await button(page, 'Create unit').click()
    await field(dialog(page), 'Name of the unit').fill('Night shift')
    await full.pool.query('update sessions set ended_at = now() where person_id = $1', [admin.id])
    await button(dialog(page), 'Create unit').click()
    const layer = page.getByRole('dialog', { name: 'Your session has ended' })
    await layer.waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await button(layer, 'Sign in with a passkey').click()
    await page.getByRole('dialog').first().waitFor({ state: 'detached' })
    await page.locator('.tree').getByText('Night shift').waitFor()
    expect(complaints).toEqual([])
    await close()
  },
  timeout,
)

test.skipIf(hasNone)(
  'of one’s own account: other codes, fresh recovery codes, another password, a second passkey, interests, sessions',
  async () => {
    const person = full.org.analyst
    const { page, complaints, close } = await open(full, person, '/account')
    const elsewhere = createClient(routes, { baseUrl: full.origin })
    await button(page, 'Replace one-time codes').click()
    const secret = ((await dialog(page).locator('.secret').textContent()) ?? '').replaceAll(' ', '')
    await field(dialog(page), 'One-time code').fill('000000')
    await button(dialog(page), 'Replace one-time codes').click()
    await alert(page).waitFor()
    expect(await alert(page).textContent()).toContain('The code does not belong to this secret')
    await field(dialog(page), 'One-time code').fill(codeOf(secret))
    await button(dialog(page), 'Replace one-time codes').click()
    await dialog(page).waitFor({ state: 'detached' })

    await button(page, 'Renew recovery codes').click()
    await button(dialog(page), 'Renew recovery codes').click()
    await page.locator('.recovery-codes li').first().waitFor()
    expect(await page.locator('.recovery-codes li').allTextContents()).toHaveLength(10)
    await page.keyboard.press('Escape')
    expect(await page.locator('.recovery-codes').count()).toBe(1) // not before they are kept
    await page.getByLabel('I have kept them where only I can read them').check()
    await button(dialog(page), 'Close').last().click()

    await button(page, 'Change password').click()
    const fill = (label: string, text: string) => field(dialog(page), label).fill(text)
    await fill('Current password', 'no password of mine')
    await fill('New password', 'seven green boats, one bridge')
    await fill('Password again', 'seven green boats, one bridge')
    await button(dialog(page), 'Change password').click()
    await alert(page).waitFor()
    expect(await alert(page).textContent()).toContain('The current password is another one')
    await fill('Current password', person.password)
    await button(dialog(page), 'Change password').click()
    await dialog(page).waitFor({ state: 'detached' })

    await button(page, 'Declare interest').click()
    await field(dialog(page), 'Vendor or use case').fill('Acme Models')
    await button(dialog(page), 'Declare interest').click()
    await dialog(page).waitFor({ state: 'detached' })
    await button(page, 'Withdraw interest in Acme Models').click()
    await button(dialog(page), 'Withdraw interest').click()
    await page.getByText('You have declared none.').waitFor()

    await page.getByRole('row', { name: /this one/ }).waitFor()
    await page.getByLabel('Dark').check()
    await page.waitForSelector(':root[data-theme="dark"]')
    expect(await accessibilityFaults(page)).toEqual([])
    await button(page, 'Remove').click()
    await button(dialog(page), 'Remove passkey').click()
    await page.getByText('You have no passkey.').waitFor()
    await button(page, 'Register passkey').click()
    await page.getByText('stays on one device').waitFor()
    await button(page, 'Sign out').click()
    await page.waitForURL('**/sign-in')
    await expect(elsewhere.call(ledgerStatus, { query: {} })).rejects.toThrow()
    expect(complaints).toEqual([])
    await close()
  },
  timeout,
)

test.skipIf(hasNone)(
  'every screen of the area is accessible in both themes and loses nothing at 360 px',
  async () => {
    const { secondAdmin, seats } = full.org
    const { id } = await secondAdmin.call(createServiceAccount, {
      body: { name: 'Pipeline', permissions: ['gate.evaluate'] },
    })
    await secondAdmin.call(grantRole, {
      params: { id: seats.risk.id },
      body: { role: 'incident_commander' },
    })
    const shown: readonly (readonly [Person | null, readonly string[]])[] = [
      [null, ['/sign-in', '/enrol', '/setup']],
      [seats.it, ['/account', '/service-accounts']],
      [
        secondAdmin,
        [
          '/people',
          `/people/${seats.risk.id}`,
          '/people/units',
          '/service-accounts',
          `/service-accounts/${id}`,
          '/settings',
        ],
      ],
    ]
    for (const [person, paths] of shown)
      for (const [theme, width] of [
        ['light', 1440],
        ['dark', 360],
      ] as const) {
        const { page, complaints, close } = await visit(browser, full.origin, person, { theme, width })
        for (const path of paths) {
          await page.goto(path)
          await settled(page)
          expect([path, theme, await accessibilityFaults(page)]).toEqual([path, theme, []])
          const tooWide = await page.evaluate(() => {
            const root = (globalThis as unknown as Place).document.documentElement
            return root.scrollWidth - root.clientWidth
          })
          expect([path, tooWide, complaints]).toEqual([path, 0, []])
        }
        await close()
      }
  },
  timeout,
)
