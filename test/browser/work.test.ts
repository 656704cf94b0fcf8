import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startThread } from '../../src/contracts/routes/collaboration.ts'
import { readWork, snoozeWork } from '../../src/contracts/routes/home.ts'
import { alertTriage } from '../../src/main/demo/answers.ts'
import type { Person } from '../../src/main/demo/person.ts'
import { build, submitted, triaged } from '../../src/main/demo/systems.ts'
import {
  accessibilityFaults,
  browserPath,
  settled,
  startBrowser,
  visit,
  type VisitOptions,
} from '../support/browser.ts'
import { startPlane, type Plane } from '../support/plane.ts'

const isMissing = browserPath() === null
if (isMissing) console.warn('no browser is installed: nobody works through their list')

let plane: Plane
let browser: Browser
beforeAll(async () => {
  if (isMissing) return
  ;[plane, browser] = await Promise.all([startPlane(), startBrowser()])
}, 120_000)
afterAll(async () => {
  if (isMissing) return
  await browser.close()
  await plane.close()
})

async function open(person: Person, path: string, options: VisitOptions = {}) {
  const seen = await visit(browser, plane.origin, person, options)
  await seen.page.goto(path)
  await settled(seen.page)
  return seen
}

test.skipIf(isMissing)(
  'what waits is put off and woken by keyboard alone; what cannot be given away says why',
  async () => {
    const { analyst } = plane.org
    await submitted(plane.org, alertTriage('Sorting of alerts'))
    const { page, complaints, close } = await open(analyst, '/work')
    await page.keyboard.press('j')
    await page.locator('.work > li:focus', { hasText: 'Sorting of alerts' }).waitFor()
    await page.keyboard.press('Shift+D')
    const dialog = page.getByRole('dialog')
    await dialog.getByText('It waits for everybody who may do it.').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.keyboard.press('h')
    await dialog.getByText(/^At most until .*, when it is due\.$/).waitFor()
    await dialog.getByLabel('Until').fill('2040-01-01T09:00')
    await dialog.getByLabel('Until').press('Enter')
    await dialog.getByText(/It can be put off until/).waitFor()
    await dialog.getByRole('button', { name: 'As long as possible' }).focus()
    await page.keyboard.press('Enter')
    await dialog.getByLabel('Until').press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await page.getByText('1 matter is put off.').waitFor()
    await page
      .locator('main')
      .getByText(/^Nothing waits for you\.$/)
      .first()
      .waitFor()
    expect(await page.locator('.rail .count').count()).toBe(0)
    await page.getByRole('link', { name: 'Show what is put off' }).click()
    await page.waitForURL('**/work?asleep=shown')
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Show again now: Triage, Sorting of alerts' }).click()
    await page.getByRole('link', { name: 'Triage request: Sorting of alerts' }).waitFor()
    expect(complaints).toEqual([])
    await close()
  },
  90_000,
)

test.skipIf(isMissing)(
  'a mention is read where it stands and marked; while the list cannot be read again, it stays without its commands',
  async () => {
    const { org } = plane
    const asked = await submitted(org, alertTriage('Named somebody'))
    await org.requester.call(startThread, {
      body: { subject: { k: 'use_case', id: asked.id }, text: `Is it, @[${org.seats.risk.id}]?` },
    })
    const { page, complaints, close } = await open(org.seats.risk, '/work')
    const row = page.locator('.work > li', { hasText: 'Named somebody' })
    await row.getByText(/^Named in a comment by/).waitFor()
    await row.getByRole('link', { name: 'Named somebody' }).click()
    await page.waitForURL(`**/intake/${asked.id}/comments`)
    await page.goBack()
    await page.route('**/api/v1/work', (route) => route.abort())
    await row.getByRole('button', { name: 'Mark mention read: Mention, Named somebody' }).click()
    await page.getByText(/^The list of .* is shown: it could not be read again/).waitFor()
    const mark = row.getByRole('button', { name: 'Mark mention read: Mention, Named somebody' })
    expect(await mark.getAttribute('aria-disabled')).toBe('true')
    await page.unroute('**/api/v1/work')
    await page.getByRole('button', { name: 'Try again' }).click()
    await row.waitFor({ state: 'detached' })
    expect(complaints.filter((text) => !text.includes('ERR_FAILED'))).toEqual([])
    await close()
  },
  90_000,
)

test.skipIf(isMissing)(
  'a review is delegated with the command that assigns it',
  async () => {
    const { org } = plane
    const answers = alertTriage('Reviewed by another')
    await build(org, await triaged(org, answers), answers)
    const { page, complaints, close } = await open(org.seats.privacy, '/work')
    const row = page.locator('.work > li', { hasText: 'Review to assign' }).first()
    await row.getByRole('button', { name: /^More for/ }).click()
    await page.getByRole('menuitem', { name: 'Delegate…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('combobox').fill('Anna')
    await page.getByRole('option', { name: /Anna Analyst/ }).click()
    await dialog.getByRole('button', { name: 'Assign' }).click()
    await dialog.waitFor({ state: 'detached' })
    await row.waitFor({ state: 'detached' })
    const { items } = await org.analyst.call(readWork, { query: {} })
    expect(items.some(({ kind, title }) => kind === 'review_lead' && title === 'Reviewed by another')).toBe(
      true,
    )
    expect(complaints).toEqual([])
    await close()
  },
  90_000,
)

test.skipIf(isMissing).each(['light', 'dark'] as const)(
  'the list is accessible and loses nothing at 360 px, %s',
  async (theme) => {
    const { analyst } = plane.org
    const { items } = await analyst.call(readWork, { query: {} })
    const last = items.findLast(({ snooze }) => snooze.k === 'until')
    if (last?.snooze.k === 'until')
      await analyst.call(snoozeWork, { body: { kind: last.kind, id: last.id, until: last.snooze.at } })
    const { page, complaints, close } = await open(analyst, '/work?asleep=shown', { theme })
    expect(await accessibilityFaults(page)).toEqual([])
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    expect(complaints).toEqual([])
    await close()
  },
  60_000,
)
