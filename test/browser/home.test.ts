import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ledgerEntries } from '../../src/contracts/routes/ledger.ts'
import { orderStop } from '../../src/contracts/routes/stops.ts'
import { advisorySummariser, alertTriage } from '../../src/main/demo/answers.ts'
import type { Person } from '../../src/main/demo/person.ts'
import {
  approved,
  build,
  openVote,
  passChecks,
  signOffReviews,
  triaged,
  type Built,
} from '../../src/main/demo/systems.ts'
import {
  accessibilityFaults,
  browserPath,
  open as openAt,
  startBrowser,
  visit,
  type VisitOptions,
} from '../support/browser.ts'
import { startPlane, type Plane } from '../support/plane.ts'
import { settleStandings } from '../support/settle.ts'

const withBrowser = test.skipIf(browserPath() === null)
if (browserPath() === null) console.warn('no browser is installed: the console is not driven')

let plane: Plane
let browser: Browser
let stopped: Built
beforeAll(async () => {
  if (browserPath() === null) return
  ;[plane, browser] = await Promise.all([startPlane(), startBrowser()])
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await plane?.close()
})

const open = (person: Person, path: string, options: VisitOptions = {}) =>
  openAt(browser, plane.origin, person, path, options)
/** What makes the page scroll sideways: nothing may. */
const widePlaces = `document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
    .map((e) => e.tagName + '.' + (e.getAttribute('class') ?? '') + ' ' + (e.textContent ?? '').slice(0, 40))`
const answer = (page: Page) => page.locator('.screen > .title p').innerText()

withBrowser(
  'the first use is a path of eight steps, done by facts',
  async () => {
    const { page, complaints, close } = await open(plane.org.admin, '/')
    expect(await answer(page)).toBe('Nothing is in service, so nothing runs under a grant.')
    const steps = page.locator('.first-use > li')
    expect(await steps.count()).toBe(8)
    expect(await page.locator('.first-use > li.done').count()).toBe(2)
    expect(await page.locator('.first-use > li.next').innerText()).toContain('A model provider and a route')
    expect(await page.getByText('One person alone cannot finish this').count()).toBe(1)
    expect(complaints).toEqual([])
    await close()
  },
  60_000,
)

withBrowser(
  'the overview answers in a sentence, and each number opens its rows',
  async () => {
    const { org } = plane
    await approved(org, advisorySummariser('Advisory summariser'))
    stopped = await approved(org, alertTriage('Log anomaly explainer'))
    await org.commander.call(orderStop, {
      body: {
        scope: 'deployment',
        targetId: stopped.deploymentId,
        reasonCode: 'incident',
        reason: 'Wrong hosts.',
      },
    })
    await settleStandings(plane)
    const { page, complaints, close } = await open(org.analyst, '/')
    expect(await answer(page)).toMatch(
      /^[01] of 2 deployments in service run under a valid grant; 1 suspended/,
    )
    await page.getByRole('link', { name: '1 deployment of tier 2, suspended' }).click()
    await page.getByRole('heading', { name: 'Deployments in service: tier 2, suspended' }).waitFor()
    expect(new URL(page.url()).search).toBe('?tier=2&authorization=suspended')
    await page.locator('table.grid a', { hasText: 'Log anomaly explainer' }).waitFor()
    await page.getByRole('button', { name: 'Copy as status note' }).click()
    await page.getByText('Status note copied').waitFor()
    const note = await page.evaluate<string>('navigator.clipboard.readText()')
    expect(note).toContain('1 suspended')
    expect(note).toContain(`${plane.origin}/deployments/${stopped.deploymentId}`)
    expect(complaints).toEqual([])
    await close()
  },
  90_000,
)

withBrowser(
  'who must act finds it in their work, with its reason and one action, by keyboard alone',
  async () => {
    const { org } = plane
    const answers = alertTriage('Threat hunting assistant')
    const built = await build(org, await triaged(org, answers), answers)
    await signOffReviews(org, built)
    await passChecks(org, built)
    const caseId = await openVote(org, built)
    const risk = await open(org.seats.risk, '/')
    expect(
      await risk.page
        .getByRole('link', { name: /^My work/ })
        .locator('.count')
        .innerText(),
    ).toContain('1')
    await risk.page.keyboard.press('g')
    await risk.page.keyboard.press('w')
    await risk.page.getByText('You hold the seat of Risk.').waitFor()
    const action = risk.page.getByRole('link', { name: 'Cast ballot: Threat hunting assistant' })
    await action.focus()
    await risk.page.keyboard.press('Enter')
    await risk.page.waitForURL(`**/cases/${caseId}`)
    expect(risk.complaints).toEqual([])
    await risk.close()

    const auditor = await open(org.auditor, '/work')
    expect(await auditor.page.locator('main').innerText()).toMatch(/Nothing waits for you\. Next date: /)
    expect(await auditor.page.locator('.rail .count').count()).toBe(0)
    await auditor.close()
  },
  90_000,
)

withBrowser(
  'an auditor finds, checks and exports the evidence of one control with two clicks',
  async () => {
    const { page, complaints, close } = await open(plane.org.auditor, '/audit')
    await page.getByRole('link', { name: 'Ballots are cast by people without a conflict' }).click()
    await page.getByText(/^(\d+) of \1 newest entries verified in this browser\.$/).waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export evidence' }).click()
    const file = await (await download).path()
    const { entries, count, vkey } = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly entries: readonly { readonly checked: string; readonly entry: { readonly kind: string } }[]
      readonly count: number
      readonly vkey: string
    } // our own form
    expect(count).toBe(entries.length)
    expect(count).toBeGreaterThan(3)
    expect(new Set(entries.map(({ checked }) => checked))).toEqual(new Set(['verified']))
    expect(new Set(entries.map(({ entry }) => entry.kind))).toEqual(new Set(['ballot.cast']))
    expect(vkey).toBe(plane.ledger.vkey)
    expect(complaints).toEqual([])
    await close()
  },
  60_000,
)

withBrowser(
  'a changed answer of the server is a mismatch that names what fails; without Ed25519 it is unverifiable',
  async () => {
    const { org } = plane
    const { items } = await org.auditor.call(ledgerEntries, {
      query: { kind: 'decision.recorded', limit: 1 },
    })
    const id = items[0]?.id ?? ''
    const { page, context, close } = await visit(browser, plane.origin, org.auditor)
    const result = async () => {
      await page.goto(`/ledger/entries/${id}`)
      await page.getByText('Leaf hash and audit path lead').waitFor()
      return page.locator('.panel .note').first().innerText()
    }
    expect(await result()).toContain('Verified in this browser')
    await context.route(`**/api/v1/ledger/entries/${id}`, async (route) => {
      const response = await route.fetch()
      const body = (await response.json()) as { facts: Record<string, unknown> }
      await route.fulfill({ response, json: { ...body, facts: { ...body.facts, engine: 'another' } } })
    })
    expect(await result()).toContain('the facts shown are not those of the commitment')
    await context.unroute(`**/api/v1/ledger/entries/${id}`)
    await context.route(`**/api/v1/ledger/entries/${id}/proof`, async (route) => {
      const response = await route.fetch()
      const body = (await response.json()) as { path: string[] }
      await route.fulfill({ response, json: { ...body, path: body.path.toReversed() } })
    })
    expect(await result()).toContain('the audit path leads to another root')
    await context.unroute(`**/api/v1/ledger/entries/${id}/proof`)
    await context.addInitScript('crypto.subtle.importKey = () => Promise.reject(new Error("none"))')
    expect(await result()).toContain('this browser has no Ed25519')
    await close()
  },
  60_000,
)

withBrowser(
  'the screens have no fault that axe finds, in both themes, and lose nothing at 360 px',
  async () => {
    const { org } = plane
    const { items } = await org.auditor.call(ledgerEntries, { query: { kind: 'ballot.cast', limit: 1 } })
    const paths: readonly (readonly [Person, string])[] = [
      [org.analyst, '/?tier=2&authorization=suspended'],
      [org.technicalOwner, '/work'],
      [org.auditor, '/work'],
      [org.auditor, '/ledger'],
      [org.auditor, `/ledger/entries/${items[0]?.id ?? ''}`],
      [org.auditor, '/audit?control=approvals'],
      [org.auditor, `/audit?tab=history&id=${stopped.deploymentId}`],
      [org.auditor, '/audit?tab=refusals'],
      [org.auditor, `/audit?tab=person&id=${org.seats.risk.id}`],
      [org.auditor, '/audit?tab=disclosure'],
    ]
    for (const theme of ['light', 'dark'] as const)
      for (const [person, path] of paths) {
        const { page, complaints, close } = await open(person, path, { theme })
        expect({ path, theme, faults: await accessibilityFaults(page) }).toEqual({ path, theme, faults: [] })
        expect({ path, complaints }).toEqual({ path, complaints: [] })
        await page.setViewportSize({ width: 360, height: 740 })
        const tooWide = await page.evaluate<readonly string[]>(widePlaces)
        expect({ path, tooWide }).toEqual({ path, tooWide: [] })
        await close()
      }
  },
  240_000,
)

withBrowser(
  'sealed text is opened for a reason only, with a fresh passkey, and leaves an entry',
  async () => {
    const { org } = plane
    const revealed = async () =>
      (await org.admin.call(ledgerEntries, { query: { kind: 'sealed.revealed' } })).items.length
    const { items } = await org.auditor.call(ledgerEntries, { query: { kind: 'stop.ordered', limit: 1 } })
    const { page, close } = await open(org.auditor, `/ledger/entries/${items[0]?.id ?? ''}`)
    expect(await page.getByText('Wrong hosts.').count()).toBe(0)
    expect(await revealed()).toBe(0)
    await page.getByRole('button', { name: 'Reveal text' }).click()
    const dialog = page.getByRole('dialog', { name: 'Reveal the sealed half of this entry' })
    await dialog.getByLabel('Reason').fill('Sample of the quarterly review of stops')
    await dialog.getByRole('button', { name: 'Reveal text' }).click()
    const stepUp = page.getByRole('button', { name: 'Use passkey' })
    const shown = page.getByText('Wrong hosts.')
    await stepUp.or(shown).first().waitFor()
    if (await stepUp.isVisible()) await stepUp.click()
    await shown.waitFor()
    await expect.poll(revealed).toBe(1)
    await close()
  },
  60_000,
)
