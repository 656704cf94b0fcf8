import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { runImports } from '../../src/app/imports/run.ts'
import { uploadImport } from '../../src/contracts/routes/imports.ts'
import { listUnits } from '../../src/contracts/routes/people.ts'
import { listUseCases } from '../../src/contracts/routes/intake.ts'
import type { Person } from '../../src/main/demo/person.ts'
import {
  accessibilityFaults,
  browserPath,
  open as openAt,
  settled,
  startBrowser,
  visit,
  type VisitOptions,
} from '../support/browser.ts'
import { importFile, importRow, type Owners } from '../support/imports.ts'
import { startPlane, type Plane } from '../support/plane.ts'

const isMissing = browserPath() === null
if (isMissing) console.warn('no browser is installed: the console is not looked at')

let plane: Plane
let browser: Browser
let owners: Owners
beforeAll(async () => {
  if (isMissing) return
  plane = await startPlane()
  browser = await startBrowser()
  const { requester, technicalOwner, backupOwner } = plane.org
  owners = { business: requester.email, technical: technicalOwner.email, backup: backupOwner.email }
}, 60_000)
afterEach(async () => {
  await Promise.all(browser?.contexts().map((context) => context.close()) ?? [])
})
afterAll(async () => {
  if (isMissing) return
  await browser.close()
  await plane.close()
})

/** What the worker does until nothing waits. */
const work = () => runImports(plane.plane, new AbortController().signal)

const open = (person: Person, path: string, options: VisitOptions = {}) =>
  openAt(browser, plane.origin, person, path, options)
const fileOf = (name: string, text: string) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })
async function saved(page: Page, button: string): Promise<string> {
  const waiting = page.waitForEvent('download')
  await page.getByRole('button', { name: button }).click()
  return readFileSync(await (await waiting).path(), 'utf8')
}
const upload = async (fileName: string, text: string) => {
  const { id } = await plane.org.analyst.call(uploadImport, { body: { fileName, text } })
  await work()
  return id
}
const wrongRow = () => ({
  ...importRow(30, owners),
  dataClass: 'secret',
  businessOwner: 'nobody@soc.example',
})

test.skipIf(isMissing)(
  'a file is uploaded, its column decided, its plan committed, and what was not taken is handed back',
  { timeout: 120_000 },
  async () => {
    const { analyst } = plane.org
    const { page, complaints } = await open(analyst, '/intake')
    await page.getByRole('link', { name: 'Import use cases' }).click()
    await page.getByLabel('Drop a CSV file here, or choose one').setInputFiles({
      ...fileOf('latin.csv', ''),
      buffer: Buffer.from([0x65, 0xe9, 0x0a]),
    })
    await page.getByText('The file is not UTF-8').waitFor()
    const rows = [importRow(0, owners), importRow(1, owners), wrongRow()]
    const text = importFile(
      rows.map((row) => ({ ...row, 'Cost centre': '4711' })),
      ['Cost centre'],
    )
    await page.getByLabel('Drop a CSV file here, or choose one').setInputFiles(fileOf('inventory.csv', text))
    await page.getByRole('button', { name: 'Upload file and check its rows' }).click()

    await page.getByText('“Cost centre” is no question.').waitFor()
    await page
      .getByLabel('What the column Cost centre is for')
      .selectOption({ label: 'nothing: leave it out' })
    await page.getByRole('button', { name: 'Check rows again' }).click()
    await page.getByText('The rows are being checked.').waitFor()
    await work()
    await page.getByText('2 rows would create a use case').waitFor()
    expect((await analyst.call(listUseCases, { query: {} })).items).toEqual([])
    await page.getByRole('link', { name: '4', exact: true }).click()
    await page.getByRole('heading', { name: 'Row 4' }).waitFor()
    await page.getByText('“businessOwner” names nobody here.').first().waitFor()

    await page.getByRole('button', { name: 'Commit plan' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('2 use cases are opened and submitted').waitFor()
    expect(await dialog.getByRole('radio', { name: 'All rows or none' }).isDisabled()).toBe(true)
    await dialog.getByRole('button', { name: 'Commit plan' }).click()
    await page.getByText('The plan is being carried out.').waitFor()
    await work()
    await page.getByText('2 rows were carried out').waitFor()
    expect((await analyst.call(listUseCases, { query: { state: 'submitted' } })).items).toHaveLength(2)

    const back = await saved(page, 'Download rows with errors')
    expect(back.trim().split('\r\n')).toHaveLength(2)
    expect(back).toContain('dataClass: IMPORT_CELL_NO_OPTION')
    await page.getByRole('link', { name: '2', exact: true }).click()
    await page.getByRole('link', { name: 'Open use case' }).click()
    await page.waitForURL(/\/intake\/uc_/)
    expect(complaints).toEqual([])
  },
)

test.skipIf(isMissing)('the export takes what the list shows, and says so', { timeout: 60_000 }, async () => {
  const { analyst, requester } = plane.org
  const { items } = await analyst.call(listUnits, {})
  const unit = items.find(({ name }) => name === 'Legal')
  const text = importFile([{ ...importRow(60, owners), unit: unit?.name ?? '' }], ['unit'])
  const { page } = await open(analyst, `/imports/${await upload('legal.csv', text)}`)
  await page.getByRole('button', { name: 'Commit plan' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Commit plan' }).click()
  await page.getByText('The plan is being carried out.').waitFor()
  await work()
  await page.getByText('1 rows were carried out').waitFor()

  const counted = async (path: string) => {
    await page.goto(path)
    await settled(page)
    const file = await saved(page, 'Export answers')
    await page.getByRole('status').filter({ hasText: 'exported' }).waitFor()
    return file
  }
  const ofUnit = await counted(`/intake?view=all&unit=${unit?.id ?? ''}`)
  expect(ofUnit.trim().split('\r\n')).toHaveLength(2)
  expect(ofUnit).toContain('INV-00060')
  expect((await counted('/intake?view=asked')).trim().split('\r\n')).toHaveLength(1)
  const others = await open(requester, '/intake?view=all')
  expect(await others.page.getByRole('link', { name: 'Import use cases' }).count()).toBe(0)
})

test.skipIf(isMissing)(
  'a plan is committed by keyboard alone, in both themes without faults, and 360 px lose nothing',
  { timeout: 180_000 },
  async () => {
    const { analyst } = plane.org
    const rows = Array.from({ length: 12 }, (_, i) => importRow(100 + i, owners))
    const undecided = await upload(
      'undecided.csv',
      importFile([{ ...wrongRow(), Tier: '1', Site: 'Graz' }], ['Tier', 'Site']),
    )
    const planned = await upload('planned.csv', importFile([...rows, wrongRow()]))
    const done = await upload('done.csv', importFile(rows.slice(0, 1)))
    const paths = [
      '/imports',
      '/imports/new',
      `/imports/${undecided}`,
      `/imports/${planned}?row=14`,
      `/imports/${done}`,
      '/intake?view=all',
    ]
    const faults: string[] = []
    for (const theme of ['light', 'dark'] as const) {
      const { page, close } = await visit(browser, plane.origin, analyst, { theme })
      for (const path of paths) {
        await page.goto(path)
        await settled(page)
        for (const fault of await accessibilityFaults(page)) faults.push(`${theme} ${path}: ${fault}`)
      }
      await close()
    }
    expect(faults).toEqual([])

    const narrow = await visit(browser, plane.origin, analyst, { width: 360, height: 780 })
    const tooWide: string[] = []
    for (const path of paths) {
      await narrow.page.goto(path)
      await settled(narrow.page)
      const width = Number(await narrow.page.evaluate('document.documentElement.scrollWidth'))
      if (width > 360) tooWide.push(`${path}: ${width}`)
    }
    expect(tooWide).toEqual([])

    const { page, complaints } = await open(analyst, `/imports/${done}`)
    await page.getByRole('button', { name: 'Commit plan' }).waitFor()
    await page.keyboard.press('v')
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Commit plan' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('The plan is being carried out.').waitFor()
    await work()
    await page.getByText('1 rows were carried out').waitFor()
    expect(complaints).toEqual([])
  },
)
