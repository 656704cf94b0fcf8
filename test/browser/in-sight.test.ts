import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listCases } from '../../src/contracts/routes/cases.ts'
import { alertTriage } from '../../src/main/demo/answers.ts'
import { approved } from '../../src/main/demo/systems.ts'
import { browserPath, settled, startBrowser, visit } from '../support/browser.ts'
import { startPlane, type Plane } from '../support/plane.ts'

const isMissing = browserPath() === null
if (isMissing) console.warn('no browser is installed: nothing is scrolled')

describe.skipIf(isMissing)('what must stay in sight', { timeout: 60_000 }, () => {
  let plane: Plane
  let browser: Browser

  beforeAll(async () => {
    plane = await startPlane()
    browser = await startBrowser()
    await approved(plane.org, alertTriage('Alert digest'))
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await plane.close()
  })

  test('the tally of a case stays below the header of the frame while one reads', async () => {
    const { analyst, seats } = plane.org
    const { items } = await analyst.call(listCases, { query: { state: 'decided', limit: 1 } })
    const { page, close } = await visit(browser, plane.origin, seats.risk, { height: 500 })
    await page.goto(`/cases/${items[0]?.id ?? ''}`)
    await settled(page)
    await page.getByRole('heading', { name: 'What happened, and what comes' }).scrollIntoViewIfNeeded()
    const header = await page.getByRole('banner').boundingBox()
    const tally = await page.getByRole('region', { name: 'Tally' }).boundingBox()
    expect(tally?.y).toBeCloseTo((header?.y ?? 0) + (header?.height ?? 0), 0)
    await close()
  })
})
