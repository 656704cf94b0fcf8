import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RuntimeRecord } from '../../src/app/ports/gateway.ts'
import { advisorySummariser } from '../../src/main/demo/answers.ts'
import type { Person } from '../../src/main/demo/person.ts'
import { approved, type Built } from '../../src/main/demo/systems.ts'
import { accessibilityFaults, browserPath, open, settled, startBrowser, visit } from '../support/browser.ts'
import { callRecord } from '../support/call-record.ts'
import { foundCalls } from '../support/found-calls.ts'
import { startProduct, type Product } from '../support/product.ts'
import { recordCalls } from '../support/record-calls.ts'

const missing = browserPath() === null
if (missing) console.warn('no browser is installed: the traffic is not looked at')

describe.skipIf(missing)('traffic of the gateway in a browser', { timeout: 300_000 }, () => {
  let product: Product
  let browser: Browser
  let live: Built
  let calls: readonly RuntimeRecord[]
  const call = (action: RuntimeRecord['action']) =>
    calls.findLast((one) => one.action === action)?.id ?? 'no such call'

  beforeAll(async () => {
    product = await startProduct()
    browser = await startBrowser()
    live = await approved(product.org, advisorySummariser('Advisory summariser'))
    calls = foundCalls(live.deploymentId, Date.now())
    await recordCalls(product.home, calls)
  }, 300_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  /** Opens a window for one person, does something there, and demands that the page complains of nothing. */
  async function at(person: Person, path: string, act: (page: Page) => Promise<void>): Promise<void> {
    const { page, complaints, close } = await open(browser, product.origin, person, path)
    try {
      await act(page)
      expect(complaints).toEqual([])
    } finally {
      await close()
    }
  }

  test('the first page counts all traffic, and a number opens the calls behind it', () =>
    at(product.org.analyst, '/gateway', async (page) => {
      const outcomes = page.getByRole('region', { name: 'Outcomes' })
      await outcomes.getByRole('row', { name: /last 24 hours/ }).waitFor()
      const cells = async (span: string) =>
        outcomes
          .getByRole('row', { name: new RegExp(span) })
          .getByRole('cell')
          .allTextContents()
      expect(await cells('last hour')).toEqual(['1', '1', '1', '0', '0', '2'])
      expect(await cells('last 24 hours')).toEqual(['2', '1', '1', '0', '0', '2'])
      const found = page.getByRole('region', { name: 'What was found' })
      await found.getByRole('link', { name: '1 call: secret, last 24 hours' }).click()
      await page.waitForURL(/kind=secret/)
      await page.getByText('1 row', { exact: true }).waitFor()
      await page.getByRole('cell', { name: 'redacted', exact: true }).waitFor()
      await page.getByRole('cell', { name: /21\s*critical/ }).waitFor()
    }))

  test('filters stand in the address, further ones too; the export holds exactly what is filtered', () =>
    at(product.org.analyst, '/gateway/records?inspection=none', async (page) => {
      await page.getByRole('cell', { name: 'not read' }).waitFor()
      expect(await page.getByRole('combobox', { name: 'Read by the guard' }).inputValue()).toBe('none')
      expect(await page.getByRole('combobox', { name: 'Worst severity' }).count()).toBe(0)
      await page.getByRole('button', { name: 'Clear filters' }).click()
      await page.getByRole('button', { name: 'More filters' }).click()
      await page.getByRole('combobox', { name: 'Worst severity' }).selectOption('critical')
      await page.waitForURL(/severity=critical/)
      await page.getByRole('combobox', { name: 'Reason' }).selectOption('guard_blocked')
      await page.getByText('Nothing matches these filters.').waitFor()
      await page.getByRole('combobox', { name: 'Worst severity' }).selectOption('')
      await page.getByRole('cell', { name: 'blocked by verdict of the guard' }).waitFor()
      const download = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Export' }).click()
      await page.getByRole('menuitem', { name: 'JSON' }).click()
      const stream = await (await download).createReadStream()
      const chunks: Buffer[] = []
      for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array))
      const file = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
        readonly query: object
        readonly rows: readonly { readonly id: string }[]
      }
      expect(file.query).toEqual({ code: 'guard_blocked' })
      expect(file.rows.map(({ id }) => id)).toEqual([call('block')])
    }))

  test('names that come late leave no column out of sight: what has no room then is named instead', async () => {
    const { page, close } = await visit(browser, product.origin, product.org.analyst, { width: 1024 })
    const held = Promise.withResolvers<null>()
    await page.route('**/api/v1/deployments/*', async (route) => {
      await held.promise
      const response = await route.fetch()
      const deployment = (await response.json()) as object // our own form
      const title = 'A summariser with a name that takes far more room than its id'
      await route.fulfill({ response, json: { ...deployment, title } })
    })
    await page.goto('/gateway/records')
    const list = page.getByRole('region', { name: /rows$/ })
    await list.getByRole('link').first().waitFor()
    held.resolve(null)
    await page.getByText('no room here: Deployment', { exact: false }).waitFor()
    const [wide, seen] = await page.evaluate<[number, number]>(
      `(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])(document.querySelector('.table-scroll[role=region]'))`,
    )
    expect(wide).toBeLessThanOrEqual(seen + 1)
    expect(await list.getByRole('columnheader', { name: 'Findings' }).count()).toBe(1)
    await close()
  })

  test('new calls appear by themselves, and not while somebody points at the list', () =>
    at(product.org.analyst, '/gateway/records?action=fault', async (page) => {
      await page.getByText('Nothing matches these filters.').waitFor()
      await recordCalls(product.home, [callRecord({ deployment: live.deploymentId, action: 'fault' })])
      await page.getByText('1 row', { exact: true }).waitFor()
      await page.getByRole('region', { name: '1 row' }).hover()
      await page.getByRole('status').getByText('held while').waitFor()
      await recordCalls(product.home, [callRecord({ deployment: live.deploymentId, action: 'fault' })])
      // The numbers come from all traffic whether or not the list stands still.
      await page.getByRole('link', { name: '2 calls: fault, last hour' }).waitFor({ timeout: 30_000 })
      expect(await page.getByText('1 row', { exact: true }).count()).toBe(1)
      await page.mouse.move(5, 5)
      await page.getByText('2 rows', { exact: true }).waitFor()
    }))

  test('a call shows each finding in its place, with what its rule looks for, and moves through them by key', () =>
    at(product.org.analyst, `/gateway/records/${call('redact')}`, async (page) => {
      const sent = page.getByRole('region', { name: 'In what was sent' })
      await sent.getByText('Token of AWS').waitFor()
      await sent.getByText('610 to 630 (20 units)').waitFor()
      await sent.getByText('words of the user').waitFor()
      await page.getByText('found 21 things').waitFor()
      await page.getByText('A record lists the 4 worst of 21.').waitFor()
      await page.getByText('content is not stored').waitFor()
      await sent.getByRole('img', { name: '3 findings between 3 and 1,236' }).waitFor()
      const answered = page.getByRole('region', { name: 'In what was answered' })
      await answered.getByText('IBAN (bank account)').waitFor()
      const focused = () => page.evaluate<string | undefined>('document.activeElement?.dataset.finding')
      for (const n of ['1', '2', '3', '4', '4']) {
        await page.keyboard.press('n')
        expect(await focused()).toBe(n)
      }
      await page.keyboard.press('p')
      expect(await focused()).toBe('3')
      await page.getByText('This is what was recorded.').waitFor()
    }))

  test('a rule that nobody knows is said to be one, and what was not read is not called clean', async () => {
    await at(product.org.analyst, `/gateway/records/${call('block')}`, async (page) => {
      await page.getByText('A rule that this version does not know').waitFor()
      await page.getByText('by verdict of the guard').first().waitFor()
      await page.getByText('presents itself as a new section').waitFor()
    })
    const unread = calls.find(({ inspection }) => inspection === 'none')?.id
    await at(product.org.analyst, `/gateway/records/${unread}`, async (page) => {
      await page.getByText('nothing is known of what stood in it').waitFor()
    })
  })

  test('both screens are accessible in both themes and lose nothing at 360 px', async () => {
    const found: string[] = []
    for (const theme of ['light', 'dark'] as const) {
      const form = { theme, width: theme === 'dark' ? 360 : 1440 }
      const { page, complaints, close } = await visit(browser, product.origin, product.org.analyst, form)
      for (const path of [
        '/gateway',
        `/gateway/records/${call('redact')}`,
        `/gateway/records/${call('block')}`,
      ]) {
        await page.goto(path)
        await settled(page)
        if (path !== '/gateway') await page.keyboard.press('n')
        found.push(...(await accessibilityFaults(page)).map((fault) => `${theme} ${path}: ${fault}`))
        const [wide, seen] = await page.evaluate<[number, number]>(
          '[document.documentElement.scrollWidth, innerWidth]',
        )
        if (wide > seen) found.push(`${path} scrolls sideways: ${wide} of ${seen}`)
      }
      found.push(...complaints)
      await close()
    }
    expect(found).toEqual([])
  })
})
