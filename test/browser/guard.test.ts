import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readGatewayRecord } from '../../src/contracts/routes/gateway.ts'
import { advisorySummariser } from '../../src/main/demo/answers.ts'
import type { Person } from '../../src/main/demo/person.ts'
import { approved, issueKey, type Built } from '../../src/main/demo/systems.ts'
import { accessibilityFaults, browserPath, open, settled, startBrowser, visit } from '../support/browser.ts'
import { startProduct, type Product } from '../support/product.ts'

const missing = browserPath() === null
if (missing) console.warn('no browser is installed: the guard is not looked at')

const rule = 'email'
const mail =
  'The meeting with the supplier is on Monday at ten. Questions go to office@northwind-supplies.com until Friday.'

describe.skipIf(missing)('the guard in a browser', { timeout: 300_000 }, () => {
  let product: Product
  let browser: Browser
  let live: Built
  let token = ''
  let record = ''

  beforeAll(async () => {
    product = await startProduct()
    browser = await startBrowser()
    live = await approved(product.org, advisorySummariser('Advisory summariser'))
    token = await issueKey(product.org, live)
    record = await recorded((call) => call['findingCount'] === 1)
  }, 300_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  /** Sends the text as the answer of a tool until its record is what is waited for; gives its id. */
  async function recorded(isIt: (record: Readonly<Record<string, unknown>>) => boolean): Promise<string> {
    for (let tries = 0; tries < 200; tries += 1) {
      const response = await fetch(`${product.running.gateway}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'demo/demo-1',
          messages: [
            { role: 'user', content: 'When is the meeting?' },
            {
              role: 'assistant',
              content: null,
              tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } }],
            },
            { role: 'tool', tool_call_id: 'c1', content: mail },
          ],
        }),
      })
      const id = response.headers.get('countersign-record') ?? ''
      await response.text()
      for (let looks = 0; looks < 50; looks += 1) {
        const read = await product.org.auditor.call(readGatewayRecord, { params: { id } }).catch(() => null) // not stored yet
        if (read !== null && isIt(read.record)) return id
        if (read !== null) break
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    throw new Error('the gateway has recorded no such call')
  }

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

  test('an analyst marks a finding as not real where it stands, by a key', () =>
    at(product.org.analyst, `/gateway/records/${record}`, async (page) => {
      await page.getByText('E-mail address').waitFor()
      await page.keyboard.press('n')
      await page.keyboard.press('f')
      const dialog = page.getByRole('dialog', { name: 'Mark the finding' })
      expect(await dialog.getByRole('radio', { name: /^not real/ }).isChecked()).toBe(true)
      await dialog.getByRole('combobox', { name: 'Why' }).selectOption('known_template')
      await dialog.getByRole('button', { name: 'Mark finding' }).click()
      await page.getByText('Marked: not real').waitFor()
    }))

  test('from the queue a change is proposed, and its effect is seen before anything takes effect', () =>
    at(product.org.analyst, '/guard/feedback', async (page) => {
      await page.getByText('1 not real, 0 real, 0 tests').waitFor()
      await page.getByRole('cell', { name: 'no score' }).waitFor()
      await page.getByRole('button', { name: 'Propose a change' }).click()
      const dialog = page.getByRole('dialog', { name: 'Propose a change of the guard policy' })
      await dialog.getByRole('textbox', { name: 'For how many days' }).fill('91')
      await dialog.getByText('Write a number from 1 to 90.').first().waitFor()
      await dialog.getByRole('textbox', { name: 'For how many days' }).fill('14')
      await dialog.getByRole('button', { name: 'Add to draft' }).click()
      await page.waitForURL(/guard\/policies\/1/)
      await page.getByText('Something passes that is stopped').waitFor()
      const changes = page.getByRole('list', { name: 'What changes' })
      expect(await changes.textContent()).toContain(rule)
      const effect = page.getByRole('region', { name: 'What it would change' })
      // The whole corpus is scored for it, which takes its time where others work too.
      const traffic = effect.getByRole('group', { name: 'Recorded traffic' })
      await traffic.getByText('taken out').waitFor({ timeout: 120_000 })
      await effect.getByText('everywhere else').first().waitFor()
      expect(
        (await product.org.auditor.call(readGatewayRecord, { params: { id: record } })).record['action'],
      ).toBe('redact')
    }))

  test('marked texts leave only once the business owner has agreed; what was left out says why', async () => {
    const { businessOwner, commander } = product.org
    await at(commander, '/guard/feedback', async (page) => {
      const panel = page.getByRole('region', { name: 'Export to train on' })
      await panel.getByRole('combobox', { name: 'Deployment' }).selectOption(live.deploymentId)
      await panel.getByText('The business owner has not agreed to an export.').first().waitFor()
    })
    await at(businessOwner, '/guard/feedback', async (page) => {
      const panel = page.getByRole('region', { name: 'Export to train on' })
      await panel.getByRole('combobox', { name: 'Deployment' }).selectOption(live.deploymentId)
      await panel.getByRole('button', { name: 'Agree to one export' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Agree to one export' }).click()
      await panel.getByRole('button', { name: 'Take consent back' }).waitFor()
    })
    await at(commander, '/guard/feedback', async (page) => {
      const panel = page.getByRole('region', { name: 'Export to train on' })
      await panel.getByRole('combobox', { name: 'Deployment' }).selectOption(live.deploymentId)
      await panel.getByRole('button', { name: 'Export marked texts' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('button', { name: 'Export marked texts' }).click()
      // The one mark is of an e-mail address, which is no attack.
      await dialog.getByText('No marked text can be exported (no_attack 1).', { exact: false }).waitFor()
    })
  })

  test('an editor takes wrong thresholds for what they are, and saves right ones into the draft', () =>
    at(product.org.analyst, '/guard/policies/1', async (page) => {
      const field = page.getByRole('textbox', { name: 'words of the user, from which something is done' })
      await field.fill('2')
      await page.getByText('Write a number from -1.00 to 1.00.').first().waitFor()
      await field.fill('-0.25')
      await page.getByRole('button', { name: 'Save thresholds' }).click()
      await page.getByText('0.00 → -0.25').waitFor()
    }))

  test('an editor names a source, and says what is done about a kind of finding; the page tells both as changes', () =>
    at(product.org.analyst, '/guard/policies/1', async (page) => {
      const effect = page.getByRole('region', { name: 'What it would change' })
      await effect.getByText('No score was recorded in this time.').waitFor()
      const sources = page.getByRole('region', { name: 'Sources that are believed like users' })
      await sources.getByText('No source is named', { exact: false }).waitFor()
      await sources.getByRole('textbox', { name: 'Server' }).fill('tickets')
      await sources.getByRole('combobox', { name: 'Deployment' }).selectOption(live.deploymentId)
      await sources.getByRole('button', { name: 'Add source' }).click()
      const changes = page.getByRole('list', { name: 'What changes' })
      await changes.getByText('Believed like a user:', { exact: false }).waitFor()
      const treatment = page.getByRole('region', { name: 'What is done about findings' })
      await treatment.getByRole('combobox').last().selectOption('block')
      await changes.getByText('as it ships → blocked', { exact: false }).waitFor()
      await treatment.getByRole('textbox', { name: 'Parts that are read for themselves' }).fill('2')
      await treatment.getByText('Write a number from 8 to 256.').first().waitFor()
    }))

  test('one person puts it into shadow, and cannot put it in force', () =>
    at(product.org.analyst, '/guard/policies/1', async (page) => {
      await page.getByRole('button', { name: 'Put in force at once' }).click()
      const refused = page.getByRole('dialog', { name: 'Put in force at once' })
      await refused.getByRole('button', { name: 'Put in force at once' }).click()
      await refused
        .getByText('put it into shadow, and let a second person activate it', { exact: false })
        .waitFor()
      await refused.getByRole('button', { name: 'Cancel' }).click()
      await page.getByRole('button', { name: 'Put into shadow' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Put into shadow' }).click()
      await page.getByText('In shadow: it is read beside every call', { exact: false }).waitFor()
      await page.getByRole('button', { name: 'Put in force' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Put in force' }).click()
      await page.getByText('It takes somebody else', { exact: false }).waitFor()
    }))

  test('a second person sees the difference, puts it in force, and the same text passes', async () => {
    await recorded((call) => JSON.stringify(call['guardShadow'] ?? null).includes('"shadowOutcome":"quiet"'))
    await at(product.org.secondAdmin, '/guard/policies/1', async (page) => {
      const beside = page.getByRole('region', { name: 'What it would have changed beside live calls' })
      await beside.getByRole('group').getByText('not found').waitFor()
      await page.getByRole('button', { name: 'Put in force' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Put in force' }).click()
      await page.getByText('In force, wherever a release names no other version.').waitFor()
    })
    const passed = await recorded((call) => call['findingCount'] === 0)
    const { record: after } = await product.org.auditor.call(readGatewayRecord, { params: { id: passed } })
    expect(after['action']).toBe('allow')
    expect(after['guardPolicy']).toMatch(/^sha256:/)
  })

  test('a text is tried where it passes and where it does not', () =>
    at(product.org.analyst, '/guard/try', async (page) => {
      await page.getByRole('textbox', { name: 'Text to try' }).fill(mail)
      await page.getByRole('combobox', { name: 'Where it stands' }).selectOption('tool_result')
      await page.getByRole('button', { name: 'Try text' }).click()
      await page.getByText('counts', { exact: true }).waitFor()
      await page.getByRole('combobox', { name: 'Deployment' }).selectOption(live.deploymentId)
      await page.getByRole('button', { name: 'Try text' }).click()
      await page.getByText('let pass by the policy').waitFor()
      await page.getByRole('textbox', { name: 'Text to try' }).fill('Nothing at all.')
      await page.getByRole('button', { name: 'Try text' }).click()
      await page.getByText('Nothing is found.', { exact: false }).waitFor()
    }))

  test('the overview tells what was found by rule, and what the guard cannot find', () =>
    at(product.org.auditor, '/guard', async (page) => {
      const rules = page.getByRole('region', { name: 'What was found, by rule and channel' })
      await rules.getByText(rule).waitFor()
      await rules.getByText('100.0 %', { exact: false }).waitFor()
      const languages = page.getByRole('region', { name: 'Languages of requests' }).first()
      await languages.getByText('In advisory languages: 0.0 %', { exact: false }).waitFor()
      await page.getByText('It does not find names of people.').waitFor()
      await page.getByRole('combobox', { name: 'Time' }).selectOption('week')
      await page.waitForURL(/span=week/)
      await rules.getByText(rule).waitFor()
    }))

  test('the overview tells shares of all texts, and of the worst families as many as one asks for', () =>
    at(product.org.auditor, '/guard', async (page) => {
      const pooled = page.getByRole('region', { name: 'Shares of all texts' })
      expect(await pooled.getByRole('row').count()).toBe(5)
      const panel = page.getByRole('region', { name: 'Shares by family' })
      const rows = panel.locator('tbody tr')
      expect(await rows.count()).toBe(25)
      const files = page.getByRole('group', { name: 'Files that the weights were trained on' })
      expect(await files.isVisible()).toBe(false)
      await page.getByText('Files that the weights were trained on').click()
      await files.getByText('.jsonl').first().waitFor()

      const more = panel.getByRole('button', { name: 'Show more families' })
      await more.focus()
      await page.keyboard.press('Enter')
      await panel
        .getByRole('status')
        .getByText(/^50 of/)
        .waitFor()
      expect(await rows.count()).toBe(50)
      await panel.locator('button:focus').getByText('Show more families').waitFor()

      await panel.getByRole('combobox', { name: 'Texts' }).selectOption('benign')
      await page.waitForURL(/texts=benign/)
      await panel
        .getByRole('status')
        .getByText(/^25 of/)
        .waitFor()
      expect(await rows.getByText(/^Attacks,/).count()).toBe(0)

      await page.getByRole('heading', { level: 2, name: 'Shares by family' }).click()
      await page.keyboard.press('/')
      await page.keyboard.type('no family has this name')
      await panel.getByText('Nothing matches these filters.').waitFor()
      await panel.getByRole('button', { name: 'Clear filters' }).click()
      await panel
        .getByRole('status')
        .getByText(/^25 of/)
        .waitFor()
      expect(new URL(page.url()).searchParams.has('texts')).toBe(false)
      await panel.locator('input:focus').waitFor()
      const height = await page.evaluate<number>('document.documentElement.scrollHeight')
      expect(height).toBeLessThan(5_000)
    }))

  test('time and kind of texts are chosen apart: neither choice takes the other away', () =>
    at(product.org.auditor, '/guard?texts=benign', async (page) => {
      await page.getByRole('combobox', { name: 'Time' }).selectOption('week')
      await page.waitForURL(/span=week/)
      expect(new URL(page.url()).searchParams.get('texts')).toBe('benign')
      const panel = page.getByRole('region', { name: 'Shares by family' })
      await panel.getByRole('combobox', { name: 'Texts' }).selectOption('attack')
      await page.waitForURL(/texts=attack/)
      expect(new URL(page.url()).searchParams.get('span')).toBe('week')
    }))

  test.each(['/guard', '/guard/feedback?state=done', '/guard/policies', '/guard/policies/1', '/guard/try'])(
    '%s is accessible in both themes, and fits a telephone',
    async (path) => {
      for (const theme of ['light', 'dark'] as const) {
        const { page, close } = await visit(browser, product.origin, product.org.analyst, {
          width: 360,
          theme,
        })
        try {
          await page.goto(path)
          await page.getByRole('heading', { level: 1 }).waitFor()
          await settled(page)
          expect(await accessibilityFaults(page)).toEqual([])
          const width = await page.evaluate<number>('document.documentElement.scrollWidth')
          expect(width).toBeLessThanOrEqual(360)
        } finally {
          await close()
        }
      }
    },
  )
})
