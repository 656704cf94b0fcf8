import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listCases } from '../../src/contracts/routes/cases.ts'
import { alertTriage } from '../../src/main/demo/answers.ts'
import type { Organisation } from '../../src/main/demo/organisation.ts'
import type { Person } from '../../src/main/demo/person.ts'
import { approved } from '../../src/main/demo/systems.ts'
import {
  accessibilityFaults,
  browserPath,
  settled,
  startBrowser,
  visit,
  type Visit,
  type VisitOptions,
} from '../support/browser.ts'
import { pdfText } from '../support/pdf-text.ts'
import { startPlane, type Plane } from '../support/plane.ts'

const isMissing = browserPath() === null
if (isMissing) console.warn('no browser is installed: nothing is printed')

describe.skipIf(isMissing)('records on paper', { timeout: 120_000 }, () => {
  let plane: Plane
  let org: Organisation
  let browser: Browser
  let systemId: string
  let caseId: string

  /** A window on a sheet whose data are read and whose proofs are checked. */
  async function at(person: Person, path: string, options: VisitOptions = {}): Promise<Visit> {
    const window = await visit(browser, plane.origin, person, options)
    window.page.setDefaultTimeout(40_000)
    await window.page.goto(path)
    await settled(window.page)
    await window.page.getByRole('button', { name: 'Print', exact: true, disabled: false }).waitFor()
    return window
  }
  const printed = async ({ page }: Visit) => pdfText(await page.pdf({ preferCSSPageSize: true }))

  beforeAll(async () => {
    plane = await startPlane()
    ;({ org } = plane)
    browser = await startBrowser()
    ;({ systemId } = await approved(org, alertTriage('Alert digest')))
    const { items } = await org.analyst.call(listCases, { query: { state: 'decided', limit: 1 } })
    caseId = items[0]?.id ?? ''
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await plane.close()
  })

  test('a case record is reached from its room, and each page says what it is and how far it is proven', async () => {
    const window = await visit(browser, plane.origin, org.seats.security)
    const { page } = window
    await page.goto(`/cases/${caseId}`)
    await settled(page)
    await page.getByRole('button', { name: 'Actions' }).click()
    await page.getByRole('menuitem', { name: 'Print case record' }).click()
    await page.getByRole('button', { name: 'Print', exact: true, disabled: false }).waitFor()
    const digest = await page
      .getByText(/^sha256:[0-9a-f]{64}$/)
      .first()
      .textContent()
    const pages = await printed(window)
    expect(pages.length).toBeGreaterThan(1)
    for (const [i, text] of pages.entries()) {
      expect(text).toContain('Caserecord:Alertdigest')
      expect(text).toContain(`firstapprovalinproduction,case${caseId}`)
      expect(text).toContain('PrintedbySanaSecurity')
      expect(text).toMatch(/20\d\d,\d\d:\d\d(CET|CEST)/) // with its zone
      expect(text).toContain(`Data${digest ?? 'none'}`)
      expect(text).toMatch(/verified:(\d+)of\1entriesoftherecordverified/)
      expect(text).toMatch(/countersign\/test,\d+entries,root[0-9a-f]{64}/)
      expect(text).toContain(`Page${i + 1}of${pages.length}`)
    }
    const whole = pages.join('')
    // What is a link on the screen is written out, and so is the time that a relative one means.
    expect(whole).toContain(`(/systems/${systemId})`)
    expect(whole).toMatch(/ago\(\d+[A-Z][a-z]+20\d\d,\d\d:\d\dCE/)
    expect(pages.at(-1)).toContain('Howtoverifythisprint')
    expect(pages.at(-1)).toContain('countersignledgerverifyledger.jsonl')
    expect(window.complaints).toEqual([])
    await window.close()
  })

  test('the digest on the paper is that of the file that is saved with it', async () => {
    const window = await at(org.seats.legal, `/cases/${caseId}/record`)
    const { page } = window
    const digest = await page
      .getByText(/^sha256:[0-9a-f]{64}$/)
      .first()
      .textContent()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save data' }).click()
    const saved = readFileSync(await (await download).path())
    expect(`sha256:${createHash('sha256').update(saved).digest('hex')}`).toBe(digest)
    expect(JSON.parse(saved.toString())).toMatchObject({ id: caseId, decision: { outcome: 'approved' } })
    await window.close()
  })

  test('a decision certificate holds the decision and leaves the evidence to the record', async () => {
    const window = await at(org.seats.risk, `/cases/${caseId}/decision`)
    const whole = (await printed(window)).join('')
    expect(whole).toContain('Decisioncertificate:Alertdigest')
    expect(whole).toContain('Computedagainfromtheledger')
    expect(whole).not.toContain('Requiredevidence')
    await window.close()
  })

  test('a dossier holds every part of the page of its system, with what is folded open', async () => {
    const window = await at(org.analyst, `/systems/${systemId}/dossier`)
    const whole = (await printed(window)).join('')
    for (const part of ['Overview', 'Usecase', 'Releases', 'Deployments', 'Decisions', 'Record'])
      expect(whole).toContain(part)
    expect(whole).toContain('Systemdossier:Alertdigest')
    expect(window.complaints).toEqual([])
    await window.close()
  })

  test('who may not read the ledger prints that nothing was checked', async () => {
    const window = await at(org.technicalOwner, `/systems/${systemId}/dossier`)
    for (const text of await printed(window))
      expect(text).toContain('unverifiable:Yourrolesdonotopentheledger')
    await window.close()
  })

  test('paper is light, whatever the screen is, and what was folded is folded again', async () => {
    const window = await at(org.analyst, `/cases/${caseId}/record`, { theme: 'dark' })
    const { page } = window
    const paper = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor')
    expect(await paper()).toBe('rgb(17, 22, 28)')
    const folded = page.locator('details:not([open])')
    const before = await folded.count()
    await page.pdf()
    expect(await folded.count()).toBe(before)
    await page.emulateMedia({ media: 'print' })
    expect(await paper()).toBe('rgb(255, 255, 255)')
    await window.close()
  })

  test.each(['light', 'dark'] as const)(
    'the sheets are accessible and fit a telephone: %s',
    async (theme) => {
      for (const path of [`/cases/${caseId}/record`, `/systems/${systemId}/dossier`]) {
        const window = await at(org.analyst, path, { theme, width: 360 })
        expect(await accessibilityFaults(window.page)).toEqual([])
        const overflow = await window.page
          .locator('html')
          .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)
        expect(overflow).toBe(0)
        await window.close()
      }
    },
  )
})
