import { mkdirSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from '../../src/contracts/client.ts'
import { proposeCharter } from '../../src/contracts/routes/charters.ts'
import { enterAs, listCast } from '../../src/contracts/routes/visitor.ts'
import { setUpPerson, type Person } from '../../src/main/demo/person.ts'
import { accessibilityFaults, browserPath, settled, startBrowser, visit } from '../support/browser.ts'
import { startEmptyProduct, type EmptyProduct } from '../support/product.ts'

const hasNone = browserPath() === null
if (hasNone) console.warn('no browser is installed: the console is not driven')

let product: EmptyProduct
let browser: Browser
let admin: Person
beforeAll(async () => {
  if (hasNone) return
  ;[product, browser] = await Promise.all([startEmptyProduct(), startBrowser()])
  const { origin, setupToken: token } = product
  admin = await setUpPerson(origin, { name: 'Ada Admin', email: 'ada@example.org', token })
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await product?.close()
})

const shots = process.env['COUNTERSIGN_SHOTS']
async function look(page: Page, name: string): Promise<void> {
  if (shots === undefined) return
  mkdirSync(shots, { recursive: true })
  await page.screenshot({ path: `${shots}/demo-${name}.png`, fullPage: true })
}
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
/** The button within the dialog that the button of the same name has opened. */
const confirm = (page: Page, name: string) =>
  page.getByRole('dialog').getByRole('button', { name, exact: true }).click()
const isTooWide = (page: Page) =>
  page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth')

test.skipIf(hasNone)(
  'an administrator loads the demo organisation, a visitor is two of its people, and it is removed',
  async () => {
    const { page, context, complaints, close } = await visit(browser, product.origin, admin)
    await page.goto('/')
    await settled(page)
    await look(page, 'offer')
    await button(page, 'Load the demo organisation').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByText('Your own ledger records nothing of it.').waitFor()
    await confirm(page, 'Load the demo organisation')
    await page.getByText(/^Filling, step (?:[5-9]|[1-3]\d)/).waitFor({ timeout: 120_000 })
    expect(await accessibilityFaults(page)).toEqual([])
    await look(page, 'loading')
    const link = page.getByRole('link', { name: 'Open the demo organisation' })
    await link.waitFor({ timeout: 180_000 })
    expect(await accessibilityFaults(page)).toEqual([])
    await look(page, 'running')

    await proposeAsSecurity(new URL((await link.getAttribute('href')) ?? '').origin)
    const opened = context.waitForEvent('page')
    await link.click()
    const demo = await opened
    await demo.getByRole('heading', { name: 'Whom do you want to be?' }).waitFor()
    await settled(demo)
    expect(await demo.getByText('Demo: invented organisation').count()).toBe(1)
    expect(await accessibilityFaults(demo)).toEqual([])
    await look(demo, 'cast')
    await demo.setViewportSize({ width: 360, height: 800 })
    expect(await isTooWide(demo)).toBe(false)
    await look(demo, 'cast-360')
    await demo.setViewportSize({ width: 1440, height: 900 })
    await button(demo, 'Enter as Anna Analyst').click()
    await settled(demo)
    await demo.getByText('Demo: invented organisation').waitFor()
    await look(demo, 'inside')
    await button(demo, 'Anna Analyst').waitFor()
    for (const path of ['/portal', '/']) {
      await demo.goto(new URL(path, demo.url()).href)
      await settled(demo)
      await demo.getByText('Demo: invented organisation').waitFor()
    }

    await button(demo, 'Anna Analyst').click()
    await demo.getByRole('menuitem', { name: 'Change person' }).click()
    await button(demo, 'Enter as Lena Legal').click()
    await button(demo, 'Lena Legal').waitFor()
    await demo.goto(new URL('/charter', demo.url()).href)
    await settled(demo)
    await button(demo, 'Sign charter').click()
    await confirm(demo, 'Sign charter')
    const sign = button(demo, 'Sign as Lena Legal')
    await sign.waitFor()
    await look(demo, 'sign')
    const asking = demo.getByRole('dialog').filter({ has: sign }).last()
    expect(await asking.locator('.button.primary').count()).toBe(1)
    expect(await accessibilityFaults(demo)).toEqual([])
    await sign.click()
    await sign.waitFor({ state: 'detached' })
    await demo.getByText('Your signature is recorded.').waitFor()
    await demo.close()

    // Beside it nobody was signed out of the real installation, which has no such door and no such banner.
    await page.reload()
    await settled(page)
    expect(await page.getByText('Demo: invented organisation').count()).toBe(0)
    await page.goto('/settings')
    await settled(page)
    await button(page, 'Remove the demo organisation').click()
    await look(page, 'remove')
    await confirm(page, 'Remove the demo organisation')
    const panel = page.getByRole('region', { name: 'Demo organisation' })
    await panel.waitFor({ state: 'detached', timeout: 60_000 })
    await page.goto('/')
    await button(page, 'Load the demo organisation').waitFor()
    await page.setViewportSize({ width: 360, height: 800 })
    expect(await isTooWide(page)).toBe(false)
    await look(page, 'offer-360')
    expect(complaints).toEqual([])
    await close()
  },
  420_000,
)

/** Something for somebody else to sign. */
async function proposeAsSecurity(origin: string): Promise<void> {
  const client = createClient([], { baseUrl: origin, cookies: new Map() })
  const { items } = await client.call(listCast, { query: {} })
  const seated = items.flatMap(({ id, seat }) =>
    seat === null || seat === 'business_executive' ? [] : [{ id, seat }],
  )
  const security = seated.find(({ seat }) => seat === 'security')
  if (security === undefined) throw new Error('nobody sits for security')
  await client.call(enterAs, { body: { person: security.id } })
  await client.call(proposeCharter, {
    body: {
      seats: seated.map(({ id, seat }) => ({ fn: seat, holder: id, alternates: [], chair: seat === 'risk' })),
      businessExecutives: [],
    },
  })
}
