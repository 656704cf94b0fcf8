import { mkdirSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays, dayOf, startOfDay } from '../../console/src/ui/days.ts'
import { castBallot, readCase } from '../../src/contracts/routes/cases.ts'
import { listConditions } from '../../src/contracts/routes/conditions.ts'
import { alertTriage } from '../../src/main/demo/answers.ts'
import type { Person } from '../../src/main/demo/person.ts'
import { build, openVote, passChecks, signOffReviews, triaged, vote } from '../../src/main/demo/systems.ts'
import {
  accessibilityFaults,
  browserPath,
  open as openAt,
  settled,
  startBrowser,
  type VisitOptions,
} from '../support/browser.ts'
import { startPlane, type Plane } from '../support/plane.ts'

const hasNone = browserPath() === null
if (hasNone) console.warn('no browser is installed: the console is not driven')

let plane: Plane
let browser: Browser
beforeAll(async () => {
  if (hasNone) return
  ;[plane, browser] = await Promise.all([startPlane(), startBrowser()])
  await approveWithConditions(plane)
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await plane?.close()
})

/** The zone of the browser. */
const zone = { timeZone: 'Europe/Berlin' }
const dayIn = (days: number) => addDays(dayOf(Date.now(), zone), days)
const noonIn = (days: number) => new Date(startOfDay(dayIn(days), zone) + 12 * 3_600_000)
/** As the grid names a day. */
const named = (day: string) =>
  new Intl.DateTimeFormat('en-GB', {
    timeZone: 'UTC',
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  }).format(new Date(day))

/** Three conditions: on one day two, of different owners, and one that is made overdue afterwards. */
async function approveWithConditions({ org, pool }: Plane): Promise<void> {
  const answers = alertTriage('Log anomaly explainer')
  const built = await build(org, await triaged(org, answers), answers)
  await signOffReviews(org, built)
  await passChecks(org, built)
  const id = await openVote(org, built)
  for (const fn of ['security', 'risk', 'privacy', 'it'] as const) await vote(org, id, fn)
  const { subjectDigest } = await org.seats.legal.call(readCase, { params: { id } })
  const condition = (text: string, days: number, owner: Person) =>
    ({
      phase: 'after_deploy',
      due: noonIn(days).toISOString(),
      owner: owner.id,
      onBreach: 'suspend',
      attester: 'legal',
      text,
    }) as const
  await org.seats.legal.call(castBallot, {
    params: { id },
    body: {
      choice: 'approve_with_conditions',
      subjectDigest,
      conditions: [
        condition('The register names the deployers.', 10, org.businessOwner),
        condition('Analysts are told what the explanations leave out.', 10, org.technicalOwner),
        condition('The retention of prompts is thirty days.', 20, org.businessOwner),
      ],
      rationale: 'All duties are met but for these.',
      nonce: 'a-nonce-that-was-never-used',
    },
  })
  const { items } = await org.seats.legal.call(listConditions, { query: {} })
  expect(items).toHaveLength(3)
  await pool.query('update conditions set due_at = $2 where id = $1', [items[2]?.id, noonIn(-3)])
}

const shots = process.env['COUNTERSIGN_SHOTS']
async function look(page: Page, name: string): Promise<void> {
  if (shots === undefined) return
  mkdirSync(shots, { recursive: true })
  await page.screenshot({ path: `${shots}/calendar-${name}.png`, fullPage: true })
}
const open = (person: Person, path: string, options: VisitOptions = {}) =>
  openAt(browser, plane.origin, person, path, options)
const dayInUrl = (page: Page) => new URL(page.url()).searchParams.get('day')

test.skipIf(hasNone)(
  'the calendar shows each condition on its day, gathers what is overdue, and is walked by keyboard alone',
  async () => {
    const { page, complaints, close } = await open(plane.org.seats.legal, '/conditions')
    await page.getByRole('link', { name: 'Calendar' }).click()
    await settled(page)
    const overdue = page.getByRole('region', { name: 'Overdue (1)' })
    await overdue.getByText('The retention of prompts is thirty days.').waitFor()
    await page.getByText('Days in Europe/Berlin').waitFor()
    const today = page.locator('.calendar [aria-current="date"]')
    expect(await today.textContent()).toContain(named(dayIn(0)))
    await today.focus()
    await page.keyboard.press('ArrowRight')
    await page.waitForURL((url) => url.searchParams.get('day') === dayIn(1))
    await page.keyboard.press('ArrowDown')
    await page.waitForURL((url) => url.searchParams.get('day') === dayIn(8))
    for (const day of [9, 10]) {
      await page.keyboard.press('ArrowRight')
      await page.waitForURL((url) => url.searchParams.get('day') === dayIn(day))
    }
    const chosen = page.getByRole('button', { name: `${named(dayIn(10))}: 2 conditions` })
    await chosen.waitFor()
    expect(await page.locator('.calendar button:focus').textContent()).toContain(named(dayIn(10)))
    const list = page.getByRole('region', { name: named(dayIn(10)) })
    expect(await list.getByRole('listitem').count()).toBe(2)
    await list.getByText('Analysts are told what the explanations leave out.').waitFor()
    await look(page, 'wide')
    expect(await accessibilityFaults(page)).toEqual([])

    await page.keyboard.press('PageDown')
    await page.waitForURL((url) => (url.searchParams.get('day') ?? '') > dayIn(20))
    await page.keyboard.press('PageUp')
    await page.waitForURL((url) => (url.searchParams.get('day') ?? '') <= dayIn(10))
    await page.reload()
    await settled(page)
    await list.getByRole('button', { name: 'Attest condition' }).first().click()
    await page.getByRole('dialog').getByText('You attest for Legal').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Next month' }).click()
    await page.getByRole('button', { name: 'Today', exact: true }).click()
    await page.waitForURL((url) => url.searchParams.get('day') === dayIn(0))
    expect(complaints).toEqual([])
    await close()
  },
  90_000,
)

test.skipIf(hasNone)(
  'the calendar of one owner shows theirs alone, is a list at 360 px, and is accessible in the dark',
  async () => {
    const { page, complaints, close } = await open(
      plane.org.technicalOwner,
      `/conditions?view=calendar&day=${dayIn(10)}`,
      { theme: 'dark' },
    )
    await page.getByLabel('Owner').selectOption({ label: 'me' })
    await page.getByRole('region', { name: /^Overdue/ }).waitFor({ state: 'detached' })
    await page.getByRole('gridcell', { name: `${named(dayIn(10))}: 1 condition` }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.setViewportSize({ width: 360, height: 800 })
    await page
      .getByRole('region', { name: named(dayIn(10)) })
      .getByText('Analysts are told')
      .waitFor()
    expect(await page.locator('.calendar').isVisible()).toBe(false)
    const isTooWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth'
    expect(await page.evaluate<boolean>(isTooWide)).toBe(false)
    expect(await accessibilityFaults(page)).toEqual([])
    await look(page, 'narrow')
    expect(dayInUrl(page)).toBe(dayIn(10))
    expect(complaints).toEqual([])
    await close()
  },
  90_000,
)
