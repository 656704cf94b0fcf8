import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { changeAnswers, readUseCase, startUseCase } from '../../src/contracts/routes/intake.ts'
import type { UseCaseId } from '../../src/kernel/index.ts'
import { alertTriage } from '../../src/main/demo/answers.ts'
import type { Person } from '../../src/main/demo/person.ts'
import { submitted, triaged } from '../../src/main/demo/systems.ts'
import {
  accessibilityFaults,
  browserPath,
  open as openAt,
  settled,
  startBrowser,
  visit,
  type VisitOptions,
} from '../support/browser.ts'
import { startPlane, type Plane } from '../support/plane.ts'

const isMissing = browserPath() === null
if (isMissing) console.warn('no browser is installed: the console is not looked at')

let plane: Plane
let browser: Browser
beforeAll(async () => {
  if (isMissing) return
  plane = await startPlane()
  browser = await startBrowser()
}, 60_000)
afterAll(async () => {
  if (isMissing) return
  await browser.close()
  await plane.close()
})

const open = (person: Person, path: string, options: VisitOptions = {}) =>
  openAt(browser, plane.origin, person, path, options)
const recorded = (page: Page) => page.getByText(/^recorded, revision/).waitFor()
const go = (page: Page, section: string) =>
  page
    .getByRole('navigation', { name: 'Sections of the request' })
    .getByRole('link', { name: section })
    .click()
const pick = async (page: Page, role: string, person: Person) => {
  await page.getByRole('combobox', { name: role }).fill(person.name)
  await page.getByRole('option', { name: person.name }).click()
}
const draft = async (title: string, leftOut: readonly string[] = []) => {
  const { org } = plane
  const answers = Object.fromEntries(
    Object.entries(alertTriage(title)).filter(([key]) => !leftOut.includes(key)),
  )
  const owners = { business: org.businessOwner.id, technical: org.technicalOwner.id }
  const { id } = await org.requester.call(startUseCase, { body: { answers, owners } })
  return id
}
const read = (id: UseCaseId) => plane.org.requester.call(readUseCase, { params: { id } })

test.skipIf(isMissing)(
  'a request goes from the portal over questions and answers to a triaged use case with a system',
  { timeout: 120_000 },
  async () => {
    const { requester, analyst, businessOwner, technicalOwner } = plane.org
    const asking = await open(requester, '/portal')
    const { page } = asking
    await page.getByRole('button', { name: 'Start a request' }).click()
    await page.getByLabel('Name of the use case').fill('Triage of phishing mails')
    await page.getByLabel('Which problem does it solve?').fill('Nine in ten reports are harmless.')
    await page.getByLabel('Security domain').selectOption('triage')
    await page.getByRole('button', { name: 'Start request' }).click()
    await page.waitForURL(/\/intake\/uc_[^/]+\/edit/)
    const id = /uc_[0-9a-z]+/.exec(page.url())?.[0] as UseCaseId // of the address that was just waited for

    await go(page, 'Data')
    await page.getByRole('group', { name: 'Highest data class' }).getByLabel('internal').check()
    await page.getByRole('group', { name: 'Personal data' }).getByLabel('pseudonymous').check()
    await page.getByLabel('How many people does the data concern?').fill('many')
    await page.getByText('A whole number from 0 to').waitFor()
    await page.getByText('Half typed, waits:').waitFor()
    await page.getByLabel('How many people does the data concern?').fill('500')
    await recorded(page)

    await go(page, 'Integration and actions')
    const actions = page.getByRole('group', { name: 'Actions', exact: true })
    await actions.getByRole('button', { name: 'Paste rows from a spreadsheet' }).click()
    await page
      .getByLabel('Rows copied from a spreadsheet')
      .fill(
        'siem/search\treads\tno\tA0\tyes\tteam\tno\nedr/isolate\tcontains\tyes\tA2\twithin hours\tgalaxy\tno',
      )
    await page.getByRole('button', { name: 'Add 2 rows' }).click()
    await page.getByText('row 2, Reach: galaxy').waitFor()
    await actions.getByRole('group', { name: 'Actions, row 2' }).getByLabel('Reach').selectOption('team')
    await recorded(page)
    await page.getByText(/T3-3/).waitFor({ state: 'attached' })
    await actions.getByRole('button', { name: 'Remove row 2 of Actions' }).click()
    await recorded(page)

    await go(page, 'Owners')
    await pick(page, 'Business owner', businessOwner)
    await pick(page, 'Technical owner', technicalOwner)
    await recorded(page)

    await go(page, 'Check and submit')
    await page.getByRole('button', { name: 'Submit request' }).click()
    const refusal = page.getByRole('alert')
    await refusal.getByRole('link', { name: 'Answer missing: Hosting' }).click()
    const hosting = page.getByRole('group', { name: 'Hosting' })
    await hosting.getByText('an answer is missing').waitFor()
    await hosting.getByLabel('hosted by us').check()
    await recorded(page)

    const have = (await read(id)).answers
    const rest = Object.entries(alertTriage('')).filter(([key]) => !Object.hasOwn(have, key))
    const { revision } = await read(id)
    await requester.call(changeAnswers, {
      params: { id },
      body: { answers: Object.fromEntries(rest) },
      ifMatch: revision,
    })
    await page.reload()
    await go(page, 'Check and submit')
    await page.getByText('Every required question has an answer.').waitFor()
    await page.getByRole('button', { name: 'Submit request' }).click()
    await page.getByText('Next: an analyst triages it').waitFor()

    const triaging = await open(analyst, '/intake')
    const desk = triaging.page
    await desk.waitForURL(/view=triage/)
    await desk.getByRole('link', { name: 'Triage of phishing mails' }).click()
    await desk.getByRole('button', { name: 'Actions' }).click()
    await desk.getByRole('menuitem', { name: 'Ask the requester' }).click()
    await desk.getByLabel('What you want to know').fill('Who reads the reports today?')
    await desk.getByLabel('Personal data').check()
    await desk.getByRole('button', { name: 'Ask about 1 answer' }).click()
    await desk.getByText('paused, waits for the requester').waitFor()

    await page.reload()
    await page.getByRole('button', { name: 'Answer the questions' }).click()
    await page.getByText('Who reads the reports today?').waitFor()
    await page.getByRole('link', { name: 'Personal data', exact: true }).click()
    await page.getByRole('group', { name: 'Personal data' }).getByLabel('personal', { exact: true }).check()
    await recorded(page)
    await go(page, 'Check and submit')
    await page.getByLabel('Answer to the questions').fill('The service desk does.')
    await page.getByRole('button', { name: 'Submit answers' }).click()
    await page.getByText('Next: an analyst triages it').waitFor()

    await desk.reload()
    await desk.getByText('The service desk does.').waitFor()
    await desk.getByRole('button', { name: 'Triage request' }).click()
    await desk.getByRole('dialog').getByText('Privacy review').waitFor()
    await desk.getByRole('button', { name: 'Record triage' }).click()
    await desk.getByText(/^Triaged: tier 2/).waitFor()
    await desk.getByRole('main').getByRole('link', { name: 'Reviews' }).click()
    await desk.getByRole('link', { name: 'Privacy review' }).waitFor()

    await page.reload()
    await page.getByRole('button', { name: 'Register system' }).click()
    await page.getByLabel('Built by us').check()
    await page.getByRole('dialog').getByRole('button', { name: 'Register system' }).click()
    await page.waitForURL(/\/systems\/sys_/)

    expect((await read(id)).state).toBe('triaged')
    expect([...asking.complaints, ...triaging.complaints]).toEqual([])
    await asking.close()
    await triaging.close()
  },
)

test.skipIf(isMissing)(
  'what others change meanwhile is shown, and what was typed is applied again',
  { timeout: 60_000 },
  async () => {
    const { requester, businessOwner } = plane.org
    const id = await draft('Two people at one form', ['fallback'])
    const { page, complaints, close } = await open(requester, `/intake/${id}/edit?section=operations`)
    await businessOwner.call(changeAnswers, {
      params: { id },
      body: { answers: { logging: 'metadata' } },
      ifMatch: (await read(id)).revision,
    })
    await page.getByLabel('What happens when it is not available?').fill('People read mail as before.')
    const row = page.getByRole('alert').getByRole('row', { name: 'Logging' })
    expect(await row.innerText()).toMatch(/content and metadata\s+metadata only\s+none/)
    expect((await read(id)).answers['fallback']).toBeUndefined()
    await page.getByRole('button', { name: 'Apply my answers again' }).click()
    await recorded(page)
    const { answers } = await read(id)
    expect(answers['fallback']?.value).toBe('People read mail as before.')
    expect(answers['logging']?.value).toBe('metadata')
    expect(complaints).toEqual([])
    await close()
  },
)

test.skipIf(isMissing)(
  'what is typed outlives a lost answer, a reload and the end of the session',
  { timeout: 60_000 },
  async () => {
    const { requester } = plane.org
    const id = await draft('Typed on a bad line', ['fallback', 'runbook'])
    const { page, context, close } = await open(requester, `/intake/${id}/edit?section=operations`)
    const fallback = page.getByLabel('What happens when it is not available?')
    await page.route('**/answers', (route) => route.abort())
    await fallback.fill('The night shift is doubled.')
    await page.getByText('1 change not recorded yet').waitFor()
    await page.unroute('**/answers')
    await page.reload()
    await page.getByText('typed in this browser').waitFor()
    expect(await fallback.inputValue()).toBe('The night shift is doubled.')
    await recorded(page)

    await context.clearCookies()
    await page.getByLabel('Link to the runbook').fill('https://wiki.soc.example/runbook')
    const layer = page.getByRole('dialog', { name: 'Your session has ended' })
    await layer.getByRole('button', { name: /passkey/i }).click()
    await layer.waitFor({ state: 'detached' })
    await recorded(page)
    const { answers } = await read(id)
    expect(answers['fallback']?.value).toBe('The night shift is doubled.')
    expect(answers['runbook']?.value).toBe('https://wiki.soc.example/runbook')
    await close()
  },
)

test.skipIf(isMissing)(
  'a request is answered and submitted by keyboard alone',
  { timeout: 60_000 },
  async () => {
    const id = await draft('By keyboard', ['dataClass'])
    const { page, complaints, close } = await open(plane.org.requester, `/intake/${id}/edit?section=purpose`)
    const { keyboard } = page
    await keyboard.press('Alt+ArrowDown')
    await page.getByRole('heading', { name: 'Data', exact: true }).waitFor()
    const focused = () => page.evaluate('document.activeElement?.textContent ?? ""')
    expect(await focused()).toBe('Data')
    await tabTo(page, 'input[type=radio]')
    await keyboard.press('Space')
    await keyboard.press('ArrowDown')
    await recorded(page)
    expect((await read(id)).answers['dataClass']?.value).toBe('internal')
    for (let i = 0; i < 12; i += 1) await keyboard.press('Alt+ArrowDown')
    await page.getByRole('heading', { name: 'Check and submit' }).waitFor()
    await tabTo(page, 'button.primary')
    await keyboard.press('Enter')
    await page.getByText('Next: an analyst triages it').waitFor()
    await keyboard.press('3')
    await page.waitForURL(/\/tier$/)
    expect(complaints).toEqual([])
    await close()
  },
)

async function tabTo(page: Page, selector: string): Promise<void> {
  for (let i = 0; i < 60; i += 1) {
    await page.keyboard.press('Tab')
    if (await page.locator(`${selector}:focus`).count()) return
  }
  throw new Error(`the keyboard does not reach ${selector}`)
}

test.skipIf(isMissing)(
  'owner and analyst are kept from what is not theirs, in words',
  { timeout: 60_000 },
  async () => {
    const { org } = plane
    const { id } = await submitted(org, alertTriage('Own request of an analyst'))
    const asking = await open(org.requester, `/intake/${id}`)
    expect(await asking.page.getByRole('button', { name: 'Triage request' }).count()).toBe(0)
    const auditing = await open(org.auditor, `/intake/${id}/answers`)
    expect(await auditing.page.getByText('masked for your role').count()).toBeGreaterThan(2)
    expect(await auditing.page.getByRole('button', { name: 'Actions' }).count()).toBe(0)

    const done = await triaged(org, alertTriage('To be lowered by one signature'))
    const signing = await open(org.seats.security, `/intake/${done.id}`)
    const { page } = signing
    await page.getByRole('button', { name: 'Actions' }).click()
    await page.getByRole('menuitem', { name: 'Raise or lower tier' }).click()
    await page.getByLabel('Sign for lowering by one').check()
    await page.getByLabel('Reasons').fill('The data is public and nothing is written.')
    await page.getByRole('button', { name: 'Sign change of tier' }).click()
    await page.getByText('The tier is the lowest that the rules allow.').waitFor()
    expect(await page.getByLabel('Reasons').inputValue()).toMatch(/^The data/)
    await page.getByLabel('Raise to tier 3').check()
    await page.getByRole('button', { name: 'Sign change of tier' }).click()
    await page.getByText(/^Triaged: tier 3/).waitFor()
    expect([...asking.complaints, ...auditing.complaints, ...signing.complaints]).toEqual([])
    for (const { close } of [asking, auditing, signing]) await close()
  },
)

type Seen = readonly (readonly [Person, string])[]
let prepared: Promise<Seen> | null = null
/** Every screen with something on it, and who looks at it. */
function everyScreen(): Promise<Seen> {
  prepared ??= prepareScreens()
  return prepared
}

async function prepareScreens(): Promise<Seen> {
  const { requester, analyst } = plane.org
  const id = await draft('Looked at closely', ['subjects'])
  const waiting = await submitted(plane.org, alertTriage('Looked at by an analyst'))
  const done = await triaged(plane.org, alertTriage('Looked at afterwards'))
  return [
    [requester, '/portal'],
    [requester, '/intake/new'],
    ...['data', 'integration', 'owners', 'submit'].map(
      (section) => [requester, `/intake/${id}/edit?section=${section}`] as const,
    ),
    [analyst, '/intake?view=all'],
    [analyst, `/intake/${waiting.id}`],
    ...['', '/answers', '/tier', '/reviews', '/duplicates', '/history'].map(
      (tab) => [analyst, `/intake/${done.id}${tab}`] as const,
    ),
  ]
}

test.skipIf(isMissing).each(['light', 'dark'] as const)(
  'each screen is accessible, %s',
  { timeout: 200_000 },
  async (theme) => {
    const screens = await everyScreen()
    const faults: string[] = []
    for (const person of new Set(screens.map(([who]) => who))) {
      const { page, complaints, close } = await visit(browser, plane.origin, person, { theme })
      for (const [, path] of screens.filter(([who]) => who === person)) {
        await page.goto(path)
        await settled(page)
        for (const fault of await accessibilityFaults(page)) faults.push(`${path}: ${fault}`)
      }
      const triage = page.getByRole('button', { name: 'Triage request' })
      const waiting = screens.find(([who, path]) => who === person && /^\/intake\/uc_\w+$/.test(path))
      if (waiting !== undefined) {
        await page.goto(waiting[1])
        await triage.click()
        await page.getByRole('dialog').getByText('Legal class', { exact: true }).waitFor()
        for (const fault of await accessibilityFaults(page)) faults.push(`dialog: ${fault}`)
      }
      expect(complaints).toEqual([])
      await close()
    }
    expect(faults).toEqual([])
  },
)

test.skipIf(isMissing)('no screen loses anything at 360 px', { timeout: 120_000 }, async () => {
  const screens = await everyScreen()
  const tooWide: string[] = []
  for (const person of new Set(screens.map(([who]) => who))) {
    const { page, close } = await visit(browser, plane.origin, person, { width: 360, height: 780 })
    for (const [, path] of screens.filter(([who]) => who === person)) {
      await page.goto(path)
      await settled(page)
      const width = Number(await page.evaluate('document.documentElement.scrollWidth'))
      if (width > 360) tooWide.push(`${path}: ${width}`)
    }
    await close()
  }
  expect(tooWide).toEqual([])
})
