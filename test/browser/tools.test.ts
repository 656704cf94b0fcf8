import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RecordTool } from '../../src/app/ports/gateway.ts'
import { readToolPolicy } from '../../src/contracts/routes/tool-policies.ts'
import { digestOf } from '../../src/kernel/index.ts'
import { alertTriage } from '../../src/main/demo/answers.ts'
import type { Person } from '../../src/main/demo/person.ts'
import { approved, type Built } from '../../src/main/demo/systems.ts'
import { definitionOf } from '../../src/main/demo/tool-definitions.ts'
import { accessibilityFaults, browserPath, open, settled, startBrowser, visit } from '../support/browser.ts'
import { callRecord } from '../support/call-record.ts'
import { startProduct, type Product } from '../support/product.ts'
import { recordCalls } from '../support/record-calls.ts'
import { seeTools } from '../support/see-tools.ts'

const missing = browserPath() === null
if (missing) console.warn('no browser is installed: the tools are not looked at')

const tool = 'siem/search'
const rules = `@id("all") permit (principal, action, resource);
@id("quiet") forbid (principal, action == Action::"callTool", resource in Server::"siem");
`

describe.skipIf(missing)('tools and their policies in a browser', { timeout: 300_000 }, () => {
  let product: Product
  let browser: Browser
  let live: Built

  beforeAll(async () => {
    product = await startProduct()
    browser = await startBrowser()
    live = await approved(product.org, alertTriage('Triage of alerts'))
    const definition = definitionOf(tool)
    const at = Date.now() - 60_000
    await seeTools(product.home, live.deploymentId, [
      { tool, definition, at },
      {
        tool,
        definition: { ...definition, description: 'Searches, and mails the results.' },
        at: at + 1_000,
      },
      { tool: 'mail/send', definition: definitionOf('mail/send'), at },
    ])
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

  test('a changed tool is found by its state, and shows what changed as text', () =>
    at(product.org.analyst, '/gateway/tools', async (page) => {
      await page.getByText('2 rows', { exact: true }).waitFor()
      await page.getByRole('combobox', { name: 'Definition' }).selectOption('changed')
      await page.getByText('1 row', { exact: true }).waitFor()
      await page.getByRole('link', { name: tool }).click()
      await page.getByText('The gateway lets nobody call it.').waitFor()
      const diff = page.getByRole('group', { name: 'What changed in the definition' })
      await diff.getByText('Searches, and mails the results.').waitFor()
      expect(await diff.locator('.diff-added').count()).toBe(1)
      expect(await diff.locator('.diff-removed').count()).toBe(1)
      await page.getByText('Your roles do not open this.', { exact: false }).waitFor()
    }))

  test('an administrator registers stricter terms at once; looser ones wait for another', async () => {
    const query = new URLSearchParams({ deployment: live.deploymentId, tool }).toString()
    const { admin, secondAdmin } = product.org
    await at(admin, `/gateway/tool?${query}`, async (page) => {
      const terms = page.getByRole('region', { name: 'What is registered of it' })
      await terms.getByRole('radio', { name: 'yes', exact: true }).check()
      await terms.getByRole('button', { name: 'Register' }).click()
      await page.getByText('Registered.').waitFor()
      await terms.getByRole('checkbox', { name: /trusted like your own text/ }).check()
      await terms.getByRole('button', { name: 'Register' }).click()
      await terms.getByText('Looser terms wait').waitFor()
      await terms.getByRole('button', { name: 'Confirm looser terms' }).click()
      await terms.getByText('It takes somebody else', { exact: false }).waitFor()
    })
    await at(secondAdmin, `/gateway/tool?${query}`, async (page) => {
      const terms = page.getByRole('region', { name: 'What is registered of it' })
      await terms.getByRole('button', { name: 'Confirm looser terms' }).click()
      await terms.getByText('Looser terms wait').waitFor({ state: 'detached' })
      expect(await terms.getByRole('checkbox', { name: /trusted like/ }).isChecked()).toBe(true)
    })
  })

  test('a policy is written, corrected at the line of its fault, guarded while unsaved, and published', () =>
    at(product.org.admin, '/gateway/policies', async (page) => {
      await page.getByRole('link', { name: 'default, version 1' }).waitFor()
      await page.getByRole('link', { name: 'Write a policy' }).click()
      const area = page.getByRole('textbox', { name: 'Policies in Cedar' })
      const numbers = await page.locator('.code-area > pre').boundingBox()
      expect(numbers?.height).toBe((await area.boundingBox())?.height)
      await area.fill('@id("a")\nforbid (principal, action, resource)\nwhen { context.mood == 1 };\n')
      await page.getByRole('textbox', { name: 'Key' }).fill('quiet')
      await page.getByRole('button', { name: 'Check', exact: true }).click()
      await page.getByText('One thing is wrong with this draft').waitFor()
      await page.getByRole('button', { name: 'line 3, column 8' }).click()
      const place = '[document.activeElement.tagName, document.activeElement.selectionStart]'
      const [tag, start] = await page.evaluate<[string, number]>(place)
      expect([tag, start]).toEqual(['TEXTAREA', 9 + 37 + 7])

      await page.getByRole('link', { name: 'Gateway', exact: true }).first().click()
      await page.getByRole('dialog', { name: 'What you have written is not saved.' }).waitFor()
      await page.getByRole('button', { name: 'Stay here' }).click()
      await area.fill(rules)
      await page.getByRole('button', { name: 'Check', exact: true }).click()
      await page.getByText('Nothing is wrong with this draft.').waitFor()
      await page.getByRole('button', { name: 'Save draft' }).click()
      await page.waitForURL(/policies\/quiet\/1/)
      await page.getByRole('button', { name: 'Publish into shadow' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Publish into shadow' }).click()
      await page.getByText('It is decided beside every call, without effect.').waitFor()
      await page.getByText('No call of a tool has been decided beside it yet.').waitFor()
      await page.getByRole('group', { name: 'What changed' }).waitFor()
    }))

  test('differences in shadow are shown, calls are replayed and made up, and another activates', async () => {
    const { digest } = await product.org.analyst.call(readToolPolicy, {
      params: { key: 'quiet', version: 1 },
    })
    const decided: RecordTool = {
      tool,
      outcome: 'allow',
      reasons: [],
      context: {
        taint: 'user',
        taintSources: [],
        findings: [],
        risk: 0,
        dataClass: 0,
        externalSend: false,
        trifecta: false,
        destinationListed: false,
        targetRegistered: false,
      },
      shadows: [
        { policy: digest ?? digestOf('none'), outcome: 'deny', reasons: [{ code: 'policy_forbids' }] },
      ],
    }
    await recordCalls(product.home, [
      callRecord({ deployment: live.deploymentId, dialect: 'mcp', tools: [decided] }),
    ])
    await at(product.org.admin, '/gateway/policies/quiet/1', async (page) => {
      const shadow = page.getByRole('region', { name: 'What it would have decided otherwise' })
      await shadow.getByRole('row', { name: /siem\/search.*allowed.*denied/ }).waitFor()
      await page.getByRole('button', { name: 'Activate' }).click()
      await page.getByRole('dialog').getByText('You have seen 1 difference in 1 call.').waitFor()
      await page.getByRole('dialog').getByRole('button', { name: 'Activate' }).click()
      await page.getByText('It takes somebody else', { exact: false }).waitFor()
      await page.keyboard.press('Escape')
      const bench = page.getByRole('region', { name: 'Test bench' })
      await bench.getByRole('button', { name: 'Replay recent calls' }).click()
      await bench.getByText('No call of a tool of the last seven days can be replayed.').waitFor()
      await bench.getByRole('textbox', { name: 'Tool' }).fill('siem/search')
      await bench.getByRole('button', { name: 'Try this call' }).click()
      await bench.getByText('denied', { exact: true }).waitFor()
      await bench.getByText('forbidden by').waitFor()
      await bench.getByRole('textbox', { name: 'Arguments, as JSON' }).fill('[')
      await bench.getByText('This is no JSON object.').waitFor()
    })
    await at(product.org.analyst, '/gateway/policies/quiet/1', async (page) => {
      await page.getByRole('button', { name: 'Activate' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Activate' }).click()
      await page.getByText('New releases may name it by its digest.').waitFor()
    })
  })

  test('a version that does not exist and a tool that nobody knows say so', async () => {
    const { page, close } = await open(
      browser,
      product.origin,
      product.org.analyst,
      '/gateway/policies/none/9',
    )
    await page.getByText('There is no such record', { exact: false }).waitFor()
    await page.goto(`/gateway/tool?deployment=${live.deploymentId}&tool=made-up`)
    await page.getByText('There is no such record', { exact: false }).waitFor()
    await close()
  })

  test('the screens are accessible in both themes and lose nothing at 360 px', async () => {
    const found: string[] = []
    const query = new URLSearchParams({ deployment: live.deploymentId, tool }).toString()
    for (const theme of ['light', 'dark'] as const) {
      const form = { theme, width: theme === 'dark' ? 360 : 1440 }
      const { page, complaints, close } = await visit(browser, product.origin, product.org.admin, form)
      for (const path of [
        '/gateway/tools',
        `/gateway/tool?${query}`,
        '/gateway/policies',
        '/gateway/policies/new',
        '/gateway/policies/quiet/1',
      ]) {
        await page.goto(path)
        await settled(page)
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
