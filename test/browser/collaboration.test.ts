import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPreferences } from '../../src/contracts/routes/collaboration.ts'
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
if (isMissing) console.warn('no browser is installed: nobody writes a comment')

let plane: Plane
let browser: Browser
let address: string
beforeAll(async () => {
  if (isMissing) return
  plane = await startPlane()
  browser = await startBrowser()
  address = `/intake/${(await submitted(plane.org, alertTriage('Talked about'))).id}`
}, 60_000)
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
const button = (place: Page | Locator, name: string) => place.getByRole('button', { name, exact: true })

test.skipIf(isMissing)(
  'somebody is named in a comment, is told, answers; the thread is settled, and a comment is edited and deleted',
  { timeout: 120_000 },
  async () => {
    const { requester, analyst } = plane.org
    const asking = await open(requester, address)
    const { page } = asking
    await page.keyboard.press('m')
    await page.waitForURL(/\/comments#write$/)
    await page.getByText('Nobody has written anything here yet.').waitFor()
    await page.getByLabel('New comment').fill('Is **this** _enough_? <b>no</b> [x](javascript:1)')
    await page.getByRole('combobox', { name: 'Mention a person' }).fill('Anna')
    await page.getByRole('option', { name: 'Anna Analyst' }).click()
    expect(await page.getByLabel('New comment').inputValue()).toContain(`@[${analyst.id}]`)
    await button(page, 'Add comment').click()
    const thread = page.getByRole('region', { name: 'Thread 1' })
    await thread.getByText('<b>no</b> [x](javascript:1)').waitFor()
    expect(await thread.locator('strong', { hasText: 'this' }).count()).toBe(1)
    expect(await page.getByLabel('New comment').inputValue()).toBe('')

    const told = await open(analyst, '/notifications')
    const desk = told.page
    await desk.getByText('One notification is unread.').waitFor()
    await desk.getByText('1 unread notification').first().waitFor({ state: 'attached' })
    await desk.getByRole('link', { name: 'Talked about' }).click()
    await desk.waitForURL(/\/comments$/)
    const seen = desk.getByRole('region', { name: 'Thread 1' })
    await seen.getByText('Anna Analyst').waitFor()
    expect(await button(seen, 'Edit').count()).toBe(0)
    await button(seen, 'Reply to thread 1').click()
    await seen.getByLabel('Reply', { exact: true }).fill('x'.repeat(10_001))
    await button(seen, 'Add reply').click()
    await seen
      .getByText(/10,001 characters; at most 10,000/)
      .first()
      .waitFor()
    await seen.getByLabel('Reply', { exact: true }).fill('It is.')
    await button(seen, 'Add reply').click()
    await seen.getByText('It is.').waitFor()
    await button(seen, 'Settle thread').click()
    await seen.getByText('settled').waitFor()

    await page.reload()
    await thread.getByText('It is.').waitFor()
    await button(thread, 'Reopen thread').click()
    await button(thread, 'Settle thread').waitFor()
    await button(thread, 'Edit').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Edit comment').fill('Is this enough?')
    await button(dialog, 'Save comment').click()
    await dialog.waitFor({ state: 'detached' })
    await thread.getByText(/edited/).waitFor()
    await button(thread, 'Show 2 versions').click()
    await dialog.getByText('Version 1,').waitFor()
    expect(await dialog.locator('li').last().innerText()).toContain('<b>no</b>')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await button(thread, 'Delete').click()
    await button(dialog, 'Delete comment').click()
    await thread.getByText('deleted by its author').waitFor()
    await button(page, 'Watch').click()
    await button(page, 'Stop watching').waitFor()

    await desk.goto('/notifications')
    await button(desk, 'Mark all as read').click()
    await desk.getByText('Nothing is unread.').first().waitFor()
    await desk.getByRole('checkbox', { name: 'comment' }).uncheck()
    await button(desk, 'Save what I am told').click()
    await desk.getByText('Saved.').waitFor()
    expect((await analyst.call(readPreferences, {})).off).toEqual(['comment'])
    expect([...asking.complaints, ...told.complaints]).toEqual([])
    await asking.close()
    await told.close()
  },
)

test.skipIf(isMissing)(
  'a system is talked about on its own page, by keyboard alone',
  { timeout: 60_000 },
  async () => {
    const { requester } = plane.org
    const answers = alertTriage('A system with comments')
    const { systemId } = await build(plane.org, await triaged(plane.org, answers), answers)
    const { page, complaints, close } = await open(requester, `/systems/${systemId}`)
    await page.keyboard.press('m')
    await page.waitForURL(/\/comments#write$/)
    await page.getByLabel('New comment').waitFor()
    await page.locator('textarea:focus').waitFor()
    await page.keyboard.type('Who looks after the prompts?')
    await button(page, 'Add comment').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: 'Thread 1' }).getByText('Who looks after the prompts?').waitFor()
    await page.keyboard.press('m')
    await page.locator('textarea:focus').waitFor()
    await button(page, 'Watch').click()
    await button(page, 'Stop watching').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    expect(complaints).toEqual([])
    await close()
  },
)

test.skipIf(isMissing).each(['light', 'dark'] as const)(
  'both screens are accessible and lose nothing at 360 px, %s',
  { timeout: 60_000 },
  async (theme) => {
    const { page, complaints, close } = await open(plane.org.analyst, '/notifications', { theme })
    for (const path of ['/notifications', `${address}/comments`]) {
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
