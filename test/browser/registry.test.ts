import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listCases } from '../../src/contracts/routes/cases.ts'
import { readAuthorization } from '../../src/contracts/routes/enforcement.ts'
import { listGatewayRecords, readGatewayRecord } from '../../src/contracts/routes/gateway.ts'
import type { Person } from '../../src/main/demo/person.ts'
import { advisorySummariser } from '../../src/main/demo/answers.ts'
import { approved, issueKey, type Built } from '../../src/main/demo/systems.ts'
import { accessibilityFaults, browserPath, open, settled, startBrowser, visit } from '../support/browser.ts'
import { startProduct, type Product } from '../support/product.ts'

const missing = browserPath() === null
if (missing) console.warn('no browser is installed: the registry is not driven')

describe.skipIf(missing)('registry, stops and gateway in a browser', { timeout: 300_000 }, () => {
  let product: Product
  let browser: Browser
  let live: Built
  let record: string

  beforeAll(async () => {
    product = await startProduct()
    browser = await startBrowser()
    live = await approved(product.org, advisorySummariser('Advisory summariser'))
  }, 300_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  /** Calls the gateway until it knows the key; a grant follows from its decision in moments. */
  async function ask(token: string): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      const { status } = await fetch(`${product.running.gateway}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'demo/demo-1', messages: [{ role: 'user', content: 'Hello' }] }),
      })
      if (status === 200) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error('the gateway does not let the call through')
  }

  async function recordedCall(action: 'allow' | 'block'): Promise<string> {
    for (let tries = 0; tries < 200; tries += 1) {
      const { items } = await product.org.analyst.call(listGatewayRecords, { query: { action, limit: 1 } })
      if (items[0] !== undefined) return String(items[0]['id'])
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error('no call was recorded')
  }

  /** Says `content` until a call of it is kept with its text. */
  async function keptCall(content: string): Promise<string> {
    const token = await issueKey(product.org, live)
    await ask(token)
    for (let tries = 0; tries < 200; tries += 1) {
      const response = await fetch(`${product.running.gateway}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'demo/demo-1', messages: [{ role: 'user', content }] }),
      })
      const id = response.headers.get('countersign-record') ?? ''
      await response.text()
      for (let looks = 0; looks < 50; looks += 1) {
        const read = await product.org.auditor.call(readGatewayRecord, { params: { id } }).catch(() => null) // not stored yet
        if (read?.record.content === 'queued') return id
        if (read !== null) break
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    throw new Error('no call was kept with its text')
  }

  /** Opens a window for one person, does something there, and demands that the page complains of nothing. */
  async function at(
    person: Person,
    path: string,
    act: (page: Page) => Promise<void>,
    form: Parameters<typeof visit>[3] = {},
  ): Promise<void> {
    const { page, complaints, close } = await open(browser, product.origin, person, path, form)
    try {
      await act(page)
      expect(complaints).toEqual([])
    } finally {
      await close()
    }
  }

  test('before the first call the gateway says how to send one', async () => {
    await at(product.org.analyst, '/gateway', async (page) => {
      const line = page.getByRole('region', { name: 'First request' })
      expect(await line.textContent()).toContain(`${product.running.gateway}/v1/chat/completions`)
    })
    await ask(await issueKey(product.org, live))
    record = await recordedCall('allow')
  })

  test('a manifest with faults is refused with all of them; a sound one becomes a release that is compared', () =>
    at(product.org.technicalOwner, `/systems/${live.systemId}/releases`, async (page) => {
      await page.getByRole('button', { name: 'Record release' }).click()
      const dialog = page.getByRole('dialog')
      const text = dialog.getByRole('textbox', { name: 'Manifest' })
      await text.fill(JSON.stringify({ ...live.manifest, schema: 2, regions: 'everywhere' }))
      await dialog.getByRole('button', { name: 'Record release' }).click()
      const alert = dialog.getByRole('alert')
      await alert.getByText('/schema').waitFor()
      await alert.getByText('/regions').waitFor()
      await text.fill(JSON.stringify({ ...live.manifest, externalSend: true }))
      await dialog.getByRole('button', { name: 'Record release' }).click()
      await page.waitForURL(/\/releases\/.*\/diff\//)
      await page.getByRole('cell', { name: 'material', exact: true }).waitFor()
      await page.getByText('Sending outside is material').waitFor()
    }))

  test('a release that is not approved says what is missing before it may start', () =>
    at(product.org.technicalOwner, `/deployments/${live.deploymentId}`, async (page) => {
      await page.getByRole('button', { name: 'Deploy release' }).click()
      const dialog = page.getByRole('dialog')
      const choice = dialog.getByRole('combobox', { name: 'Release' })
      await choice.waitFor()
      const options = await choice.getByRole('option').all()
      const other = await Promise.all(options.map((option) => option.getAttribute('value')))
      await choice.selectOption(other.find((digest) => digest !== live.release) ?? '')
      await dialog.getByText('Nothing is decided on this release').waitFor()
      await dialog.getByText('check “').first().waitFor()
      expect(await dialog.getByRole('button', { name: 'Deploy release' }).getAttribute('aria-disabled')).toBe(
        'true',
      )
    }))

  test('a model gets a second provider, which is tried earlier once it is moved up; what it may be sent is set', async () => {
    await at(product.org.technicalOwner, `/gateway/routes?deployment=${live.deploymentId}`, async (page) => {
      const configure = async () => {
        await page.getByRole('button', { name: 'Configure models' }).first().click()
        return page.getByRole('dialog')
      }
      const save = async () => {
        await page.getByRole('dialog').getByRole('button', { name: 'Configure models' }).click()
        await page.getByRole('dialog').waitFor({ state: 'detached' })
      }
      const dialog = await configure()
      await dialog
        .getByRole('button', { name: /^Add a provider for when it fails/ })
        .first()
        .click()
      const second = dialog.getByRole('group', { name: 'When it fails: provider 1' })
      await second.getByLabel('When it fails: provider 1', { exact: true }).last().selectOption({ index: 1 })
      await second.getByLabel('Name at the provider').fill('demo-slow')
      expect(await accessibilityFaults(page)).toEqual([])
      await save()
      await page.getByText(/then → demo-provider demo-slow, up to confidential/).waitFor()
      await (await configure()).getByRole('button', { name: 'Try it earlier: provider 1' }).click()
      await save()
      await page.getByText(/→ demo-provider demo-slow/).waitFor()
      await page.getByText(/then → demo-provider demo,/).waitFor()
      await (await configure()).getByRole('button', { name: 'Try it earlier: provider 1' }).click()
      await dialog.getByRole('button', { name: 'Remove provider 1' }).click()
      await save()
      await page.getByText(/then → /).waitFor({ state: 'detached' })
    })
    await at(product.org.admin, '/gateway/providers', async (page) => {
      const set = async (choice: string) => {
        await page.getByRole('button', { name: 'Actions' }).first().click()
        await page.getByRole('menuitem', { name: 'Set highest data class' }).click()
        const dialog = page.getByRole('dialog')
        await dialog.getByLabel('Highest data class').selectOption({ label: choice })
        await dialog.getByRole('button', { name: 'Set highest data class' }).click()
        await dialog.waitFor({ state: 'detached' })
        await page.getByRole('cell', { name: choice, exact: true }).waitFor()
      }
      await set('internal')
      await set('confidential')
    })
  })

  test('the token of a key is shown once, and the line with it works; the call is proven in the browser', async () => {
    let line = ''
    await at(product.org.technicalOwner, `/gateway/routes?deployment=${live.deploymentId}`, async (page) => {
      await page.getByRole('button', { name: 'Issue key' }).first().click()
      await page.getByRole('textbox', { name: 'Agent' }).fill('browser-bot')
      await page.getByRole('dialog').getByRole('button', { name: 'Issue key' }).click()
      line = (await page.getByRole('region', { name: 'First request' }).textContent()) ?? ''
      const token = (await page.getByRole('region', { name: 'Token' }).textContent()) ?? ''
      expect(line).toContain(`${product.running.gateway}/v1/chat/completions`)
      expect(line).toContain(token)
      await page.getByRole('button', { name: 'Close; the token is kept' }).click()
      expect(await page.content()).not.toContain(token)
      await ask(token)
    })
    await at(product.org.analyst, '/gateway', async (page) => {
      await page.getByRole('cell', { name: 'allowed' }).first().waitFor()
      await page.keyboard.press('l')
      await page.getByRole('status').getByText('standing still').waitFor()
      expect(await page.getByText('kept only where its route says so').count()).toBe(1)
    })
    await at(product.org.analyst, `/gateway/records/${record}`, async (page) => {
      const step = page.getByRole('region', { name: 'Step 2: the batch in the log' })
      await step.getByText('verified').first().waitFor()
      await page.getByText('This is what was recorded.').waitFor()
    })
    await at(product.org.requester, `/gateway/records/${record}`, async (page) => {
      await page.getByText('Not all of it can be computed here').waitFor()
    })
  })

  test('a filter by a record is chosen by its name, by keyboard alone; the address holds its id', async () => {
    await at(product.org.analyst, '/gateway/records', async (page) => {
      const field = page.getByRole('combobox', { name: 'Deployment' })
      await field.focus()
      await page.keyboard.type('advisory')
      await page.getByRole('option', { name: /Advisory summariser/ }).waitFor()
      await page.keyboard.press('Enter')
      await page.waitForURL(new RegExp(`deployment=${live.deploymentId}`))
      await page.getByRole('button', { name: 'Advisory summariser, production' }).waitFor()
      expect(await accessibilityFaults(page)).toEqual([])
      await page.getByRole('button', { name: 'Clear Deployment' }).click()
      await field.waitFor()
      await page.getByRole('combobox', { name: 'Key' }).fill('browser')
      await page.getByRole('option', { name: /browser-bot/ }).click()
      await page.waitForURL(/key=key_/)
      await page.getByRole('button', { name: 'browser-bot' }).waitFor()
      expect(page.url()).not.toContain('deployment=')
    })
    await at(product.org.analyst, '/gateway/keys', async (page) => {
      const pasted = `dep_${live.deploymentId.slice(4, -4)}0000`
      await page.getByRole('combobox', { name: 'Deployment' }).fill(pasted)
      await page.getByRole('option', { name: pasted }).click()
      await page.waitForURL(new RegExp(`deployment=${pasted}`))
      await page.getByText('Nothing matches these filters.').waitFor()
    })
  })

  test('a canary is issued, shown once, listed, and retired', async () => {
    await at(product.org.admin, '/gateway/canaries', async (page) => {
      await page.getByText('No canary is issued.').waitFor()
      await page.getByRole('button', { name: 'Issue canary' }).click()
      const dialog = page.getByRole('dialog', { name: 'Issue a canary' })
      await dialog.getByText('Choose a deployment and name the text.').waitFor()
      await dialog.getByLabel('Deployment').selectOption({ label: 'Advisory summariser, production' })
      await dialog.getByRole('textbox', { name: 'Text' }).fill('support-prompt')
      await dialog.getByRole('button', { name: 'Issue canary' }).click()
      const issued = page.getByRole('dialog', { name: 'Canary issued' })
      await issued.getByText(/^[CDFHJKMNPQRVWXY]{18}$/).waitFor()
      expect(await accessibilityFaults(page)).toEqual([])
      await issued.getByRole('button', { name: 'Close; the token is kept' }).click()
      await page.getByText('support-prompt').waitFor()
      await page.getByText('nowhere').waitFor()
      expect(await page.getByText(/^[CDFHJKMNPQRVWXY]{18}$/).count()).toBe(0)

      await page.getByRole('button', { name: 'Retire' }).click()
      const dialogue = page.getByRole('dialog', { name: 'Retire a canary' })
      await dialogue.getByRole('button', { name: 'Retire' }).click()
      await dialogue.waitFor({ state: 'detached' })
      await page.getByText('retired', { exact: true }).waitFor()
    })
  })

  test('the text of calls is kept once a route says so, and is opened for a reason with what was found in its place', async () => {
    await at(product.org.admin, `/gateway/routes?deployment=${live.deploymentId}`, async (page) => {
      await page.getByRole('button', { name: 'Keep text' }).click()
      const dialog = page.getByRole('dialog', { name: 'Keep the text of calls' })
      await dialog.getByText('That is how it is.').waitFor()
      await dialog.getByRole('textbox', { name: 'Days' }).fill('366')
      await dialog.getByText('A whole number from 1 to 365, or nothing.').waitFor()
      await dialog.getByRole('textbox', { name: 'Days' }).fill('30')
      expect(await accessibilityFaults(page)).toEqual([])
      await dialog.getByRole('button', { name: 'Set the days' }).click()
      await dialog.waitFor({ state: 'detached' })
    })
    const id = await keptCall('Write to ann@mail.contoso.de please.')
    await at(product.org.auditor, `/gateway/records/${id}`, async (page) => {
      await page.getByRole('button', { name: 'Open the text' }).click()
      const dialog = page.getByRole('dialog', { name: 'Open the text of a call' })
      await dialog.getByRole('textbox', { name: 'Reason' }).fill('A sample of the quarterly review of calls.')
      await dialog.getByRole('button', { name: 'Open the text' }).click()
      await page.getByText('Opened and recorded.').waitFor()
      await page.getByRole('heading', { name: 'As it was sent' }).waitFor()
      await page.getByText('Write to [EMAIL] please.').first().waitFor()
      expect(await page.content()).not.toContain('ann@mail.contoso.de')
      expect(await accessibilityFaults(page)).toEqual([])
    })
  })

  test('a budget of a deployment is set, shows what is spent, is changed and removed', async () => {
    await at(product.org.admin, '/gateway/budgets', async (page) => {
      await page.getByText('No budget is set.').waitFor()
      await page.getByRole('button', { name: 'Set budget' }).click()
      const dialog = page.getByRole('dialog', { name: 'Set a budget' })
      await dialog.getByLabel('Deployment').selectOption({ label: 'Advisory summariser, production' })
      await dialog.getByLabel('What is counted').selectOption('micro_usd')
      await dialog.getByRole('textbox', { name: 'Amount' }).fill('12.5')
      await dialog.getByRole('button', { name: 'Set budget' }).click()
      await dialog.waitFor({ state: 'detached' })
      await page.getByText('$12.50').first().waitFor()
      await page.getByRole('progressbar', { name: 'Spent of the amount' }).waitFor()
      expect(await accessibilityFaults(page)).toEqual([])

      await page.getByRole('button', { name: 'Actions' }).click()
      await page.getByRole('menuitem', { name: 'Change budget' }).click()
      const change = page.getByRole('dialog', { name: 'Change a budget' })
      await change.getByRole('textbox', { name: 'Time zone' }).fill('Mars/Olympus')
      await change.getByRole('button', { name: 'Change budget' }).click()
      await change.getByText('This time zone is not known').waitFor()
      await change.getByRole('textbox', { name: 'Time zone' }).fill('Europe/Berlin')
      await change.getByRole('button', { name: 'Change budget' }).click()
      await change.waitFor({ state: 'detached' })
      await page.getByText('a day, Europe/Berlin').waitFor()

      await page.getByRole('button', { name: 'Actions' }).click()
      await page.getByRole('menuitem', { name: 'Remove budget' }).click()
      const removal = page.getByRole('dialog', { name: 'Remove a budget' })
      await removal.getByRole('button', { name: 'Remove budget' }).click()
      await page.getByText('No budget is set.').waitFor()
    })
  })

  test('one person stops with two keys, another asks to resume, and the case is open', async () => {
    await at(product.org.commander, `/deployments/${live.deploymentId}`, async (page) => {
      await page.keyboard.press('Shift+S')
      const dialog = page.getByRole('dialog', { name: 'Stop this deployment' })
      await dialog.getByText('Advisory summariser, production').waitFor()
      await dialog.getByText('Nobody alone').waitFor()
      await page.keyboard.press('Enter')
      await dialog.waitFor({ state: 'detached' })
      await page.getByText('suspended').first().waitFor()
    })
    const { state } = await product.org.analyst.call(readAuthorization, {
      params: { id: live.deploymentId },
      query: {},
    })
    expect(state).toBe('suspended')
    await at(product.org.technicalOwner, '/stops?inForce=true', async (page) => {
      await page.getByRole('button', { name: 'Ask to resume' }).click()
      await page.getByRole('button', { name: 'Open resume case' }).click()
      await page.waitForURL(/\/cases\/case_/)
    })
    const { items } = await product.org.analyst.call(listCases, { query: { kind: 'resume' } })
    expect(items.map(({ systemId }) => systemId)).toEqual([live.systemId])
  })

  test('what would be refused is said before it is sent, and nothing is recorded by asking', async () => {
    await at(product.org.technicalOwner, '/stops?inForce=true', async (page) => {
      await page.getByRole('button', { name: 'Ask to resume' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('This would be refused now').waitFor()
      await dialog.getByText('A case of this kind is open already').waitFor()
    })
    const { items } = await product.org.analyst.call(listCases, { query: { kind: 'resume' } })
    expect(items).toHaveLength(1)
  })

  test('every screen is accessible in both themes and loses nothing at 360 px', async () => {
    const { analyst, admin } = product.org
    const system = `/systems/${live.systemId}`
    const screens = [
      [analyst, '/systems'],
      ...['overview', 'use-case', 'releases', 'deployments', 'decisions', 'record'].map(
        (tab) => [analyst, `${system}/${tab}`] as const,
      ),
      [analyst, `/releases/${live.release}`],
      [analyst, `/releases/${live.release}/diff/${live.release}`],
      [analyst, `/deployments/${live.deploymentId}`],
      [analyst, '/stops'],
      [analyst, '/gateway'],
      [analyst, `/gateway/records/${record}`],
      [analyst, '/gateway/routes'],
      [analyst, '/gateway/keys'],
      [admin, '/gateway/providers'],
      [admin, '/gateway/budgets'],
      [admin, '/gateway/canaries'],
    ] as const
    const found: string[] = []
    for (const theme of ['light', 'dark'] as const)
      for (const person of [analyst, admin]) {
        const form = { theme, width: theme === 'dark' ? 360 : 1440 }
        const { page, complaints, close } = await visit(browser, product.origin, person, form)
        for (const [who, path] of screens) {
          if (who !== person) continue
          await page.goto(path)
          await settled(page)
          const faults = await accessibilityFaults(page)
          found.push(...faults.map((fault) => `${theme} ${path}: ${fault}`))
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
