import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCourier } from '../../src/app/collaboration/deliver.ts'
import { readPreferences } from '../../src/contracts/routes/collaboration.ts'
import type { Person } from '../../src/main/demo/person.ts'
import {
  accessibilityFaults,
  browserPath,
  open as openAt,
  settled,
  startBrowser,
  type VisitOptions,
} from '../support/browser.ts'
import { startMailServer, type MailServer } from '../support/mail-server.ts'
import { startPlane, type Plane } from '../support/plane.ts'
import { startReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts'

const isMissing = browserPath() === null
if (isMissing) console.warn('no browser is installed: nobody registers a webhook')

let plane: Plane
let browser: Browser
let endpoint: WebhookReceiver
let mailServer: MailServer
beforeAll(async () => {
  if (isMissing) return
  mailServer = await startMailServer()
  const { port } = mailServer
  const from = 'countersign@soc.example'
  plane = await startPlane(undefined, { host: '127.0.0.1', port, tls: 'none', login: null, from, ca: null })
  browser = await startBrowser()
  endpoint = await startReceiver()
}, 60_000)
afterAll(async () => {
  if (isMissing) return
  await browser.close()
  await endpoint.close()
  await plane.close()
  await mailServer.close()
})

const open = (person: Person, path: string, options: VisitOptions = {}) =>
  openAt(browser, plane.origin, person, path, options)
const button = (place: Page | Locator, name: string) => place.getByRole('button', { name, exact: true })

/** What the worker does every half second. */
async function deliver(): Promise<void> {
  const courier = createCourier(plane.plane)
  await courier.run(new AbortController().signal)
  await courier.settled()
}

test.skipIf(isMissing)(
  'a webhook is registered by keyboard, tested, given another secret, changed, moved and disabled; a dead letter is sent again',
  { timeout: 120_000 },
  async () => {
    const { page, complaints, close } = await open(plane.org.admin, '/settings')
    await page.getByRole('link', { name: 'Webhooks and deliveries' }).click()
    await page.getByText('No program is told of facts. Nothing failed for good.').waitFor()
    await button(page, 'Register webhook').focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Address').fill('http://hooks.example/x')
    await dialog.getByLabel('Address').press('Enter')
    await dialog.getByText(/must begin with https/).waitFor()
    expect(await dialog.getByLabel('Address').inputValue()).toBe('http://hooks.example/x')
    await dialog.getByLabel('Address').fill(endpoint.url)
    await dialog.getByLabel('Private networks').fill('127.0.0.0/8')
    await dialog.getByLabel('Private networks').press('Enter')
    await dialog.getByText('This secret is shown this once.', { exact: false }).waitFor()
    const secret = (await dialog.locator('code.secret').textContent()) ?? ''
    await button(dialog, 'I have stored it').click()
    await page.getByText('One endpoint is told of facts.', { exact: false }).waitFor()
    expect(await page.content()).not.toContain(secret)

    endpoint.answerWith((reply) => void reply.writeHead(500).end())
    await button(page, 'Actions').click()
    await page.getByRole('menuitem', { name: 'Send test message' }).click()
    await page.getByText('The test message is on its way', { exact: false }).waitFor()
    await deliver()
    expect(endpoint.calls.at(-1)?.verified(secret)).toMatchObject({ type: 'webhook.test' })
    await plane.pool.query(`update deliveries set attempts = 7, next_at = clock_timestamp()`)
    await deliver()
    await page.reload()
    await page.getByText('One message failed for good.', { exact: false }).waitFor()
    await page.getByRole('link', { name: '1', exact: true }).click()
    await page.waitForURL(/deliveries\?.*state=dead/)
    await page.getByText('it answered 500').waitFor()
    endpoint.answerWith((reply) => void reply.writeHead(204).end())
    await button(page, 'Send again').click()
    await page.getByText('It is tried again', { exact: false }).waitFor()
    await deliver()
    await page.goto('/settings/deliveries')
    await page.getByRole('cell', { name: 'delivered' }).waitFor()

    await page.getByRole('link', { name: 'Webhooks', exact: true }).click()
    await button(page, 'Actions').click()
    await page.getByRole('menuitem', { name: 'Make another secret' }).click()
    await dialog.getByLabel(/Hours/).fill('0')
    await button(dialog, 'Make another secret').click()
    await dialog.getByText('This secret is shown this once.', { exact: false }).waitFor()
    const second = (await dialog.locator('code.secret').textContent()) ?? ''
    await button(dialog, 'I have stored it').click()
    await button(page, 'Actions').click()
    await page.getByRole('menuitem', { name: 'Send test message' }).click()
    await page.getByText('The test message is on its way', { exact: false }).first().waitFor()
    await deliver()
    const call = endpoint.calls.at(-1)
    expect([call?.verified(secret), call?.verified(second) === null]).toEqual([null, false])

    await button(page, 'Actions').click()
    await page.getByRole('menuitem', { name: 'Change webhook' }).click()
    expect(await button(dialog, 'Change webhook').getAttribute('title')).toBe('Nothing is different yet.')
    await dialog.getByLabel('Description').fill('Pager of the watch')
    await dialog.getByLabel('expiry').check()
    expect(await accessibilityFaults(page)).toEqual([])
    await button(dialog, 'Change webhook').click()
    await page.getByText('Webhook changed.').waitFor()
    await page.getByText('Pager of the watch').waitFor()
    await button(page, 'Actions').click()
    await page.getByRole('menuitem', { name: 'Change address' }).click()
    await dialog.getByLabel('Address').fill(`${endpoint.url}&moved=1`)
    await dialog.getByLabel('Address').press('Enter')
    await dialog.getByText('This secret is shown this once.', { exact: false }).waitFor()
    const third = (await dialog.locator('code.secret').textContent()) ?? ''
    await button(dialog, 'I have stored it').click()
    await button(page, 'Actions').click()
    await page.getByRole('menuitem', { name: 'Send test message' }).click()
    await page.getByText('The test message is on its way', { exact: false }).first().waitFor()
    await deliver()
    const moved = endpoint.calls.at(-1)
    expect([moved?.verified(second), moved?.verified(third) === null]).toEqual([null, false])

    await button(page, 'Actions').click()
    await page.getByRole('menuitem', { name: 'Disable webhook' }).click()
    await button(dialog, 'Disable webhook').click()
    await page.getByText('No program is told of facts.', { exact: false }).waitFor()
    expect(complaints).toEqual([])
    await close()
  },
)

test.skipIf(isMissing)('a person chooses what goes to them by e-mail', { timeout: 60_000 }, async () => {
  const { analyst } = plane.org
  const { page, complaints, close } = await open(analyst, '/notifications')
  await page.getByText('The mail of the day goes out from 8:00, UTC.', { exact: false }).waitFor()
  await page.getByLabel('comment by e-mail').selectOption('at once')
  await page.getByLabel('stop by e-mail').selectOption('not')
  await page.getByRole('checkbox', { name: 'decision' }).uncheck()
  expect(await page.getByLabel('decision by e-mail').count()).toBe(0)
  await button(page, 'Save what I am told').click()
  await page.getByText('Saved.').waitFor()
  expect(await analyst.call(readPreferences, {})).toMatchObject({
    off: ['decision'],
    mail: { comment: 'at_once', stop: 'off', mention: 'at_once' },
  })
  expect(complaints).toEqual([])
  await close()
})

test.skipIf(isMissing).each(['light', 'dark'] as const)(
  'the screens are accessible and lose nothing at 360 px, %s',
  { timeout: 60_000 },
  async (theme) => {
    const { page, complaints, close } = await open(plane.org.admin, '/settings/webhooks', { theme })
    for (const path of ['/settings/webhooks', '/settings/deliveries', '/notifications']) {
      await page.setViewportSize({ width: 1440, height: 900 })
      await page.goto(path)
      await settled(page)
      expect([path, await accessibilityFaults(page)]).toEqual([path, []])
      await page.setViewportSize({ width: 360, height: 740 })
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    }
    expect(complaints).toEqual([])
    await close()
  },
)
