import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runImports } from '../../src/app/imports/run.ts'
import { endSession } from '../../src/contracts/routes/identity.ts'
import { uploadImport } from '../../src/contracts/routes/imports.ts'
import { alertTriage } from '../../src/main/demo/answers.ts'
import { submitted } from '../../src/main/demo/systems.ts'
import { accessibilityFaults, browserPath, settled, startBrowser, visit } from '../support/browser.ts'
import { importFile, importRow } from '../support/imports.ts'
import { startPlane, type Plane } from '../support/plane.ts'

const isMissing = browserPath() === null
if (isMissing) console.warn('no browser is installed: nobody listens')

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

/** Every stream that a browser opens, by what it listens to. */
function streamsOf(context: BrowserContext): readonly string[] {
  const opened: string[] = []
  context.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url())
    if (pathname === '/api/v1/stream') opened.push(searchParams.get('topics') ?? '')
  })
  return opened
}

test.skipIf(isMissing)(
  'the tabs of a browser share one stream, hear at once what waits, and the next one takes over',
  async () => {
    const { org } = plane
    const { page, context, complaints } = await visit(browser, plane.origin, org.analyst)
    const opened = streamsOf(context)
    const isOpen = page.waitForResponse((response) => response.url().includes('/api/v1/stream'))
    await page.goto('/work')
    expect((await isOpen).headers()['content-type']).toBe('text/event-stream; charset=utf-8')
    await settled(page)
    const other = await context.newPage()
    await other.goto('/work')
    await settled(other)
    await submitted(org, alertTriage('Heard in both'))
    for (const tab of [page, other])
      await tab.getByRole('link', { name: 'Triage request: Heard in both' }).waitFor({ timeout: 10_000 })
    expect(opened.map((topics) => topics.split(',').toSorted())).toEqual([['health', 'work']])

    const takenOver = other.waitForResponse((response) => response.url().includes('/api/v1/stream'))
    await page.close()
    await takenOver
    await submitted(org, alertTriage('Heard by the next one'))
    await other
      .getByRole('link', { name: 'Triage request: Heard by the next one' })
      .waitFor({ timeout: 10_000 })
    expect(opened).toHaveLength(2)
    expect(complaints).toEqual([])
    await context.close()
  },
  90_000,
)

test.skipIf(isMissing)(
  'silence is said, what waits is read every ten seconds, and both end when the server is heard again',
  async () => {
    const { org } = plane
    const { page, complaints, close } = await visit(browser, plane.origin, org.analyst)
    await page.clock.install()
    let letGo = (): void => undefined
    const held = new Promise<void>((resolve) => (letGo = resolve))
    await page.route('**/api/v1/stream?*', async (route) => {
      await held
      await route.abort().catch(() => undefined) // the page may have gone
    })
    await page.goto('/work')
    await settled(page)
    const banner = page.getByText(/^Connection lost: nothing was heard of changes for 45 seconds/)
    expect(await banner.count()).toBe(0)
    await page.clock.fastForward(50_000)
    await banner.waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    const read = page.waitForRequest('**/api/v1/work')
    await page.clock.fastForward(10_000)
    await read
    await page.unroute('**/api/v1/stream?*')
    letGo()
    await banner.waitFor({ state: 'detached', timeout: 20_000 })
    expect(complaints).toEqual([])
    await close()
  },
  90_000,
)

test.skipIf(isMissing)(
  'an import shows its progress as it is told',
  async () => {
    const { analyst, requester, commander } = plane.org
    const owners = { business: requester.email, technical: commander.email }
    const text = importFile([importRow(1, owners), importRow(2, owners)])
    const { id } = await analyst.call(uploadImport, { body: { fileName: 'told.csv', text } })
    const { page, context, complaints, close } = await visit(browser, plane.origin, analyst)
    const opened = streamsOf(context)
    const follows = page.waitForResponse((response) =>
      response.url().includes(encodeURIComponent(`import:${id}`)),
    )
    await page.goto(`/imports/${id}`)
    await follows
    await runImports(plane.plane, new AbortController().signal)
    await page
      .getByRole('button', { name: /^Commit|^Create/ })
      .first()
      .waitFor({ timeout: 10_000 })
    expect(opened.at(-1)).toContain(`import:${id}`)
    expect(complaints).toEqual([])
    await close()
  },
  90_000,
)

test.skipIf(isMissing)(
  'a session that ends elsewhere ends the stream, and the page asks to sign in',
  async () => {
    const { auditor } = plane.org
    const { page, close } = await visit(browser, plane.origin, auditor)
    const isOpen = page.waitForResponse((response) => response.url().includes('/api/v1/stream'))
    await page.goto('/work')
    await isOpen
    const ended = page.waitForEvent('requestfinished', (request) => request.url().includes('/api/v1/stream'))
    await auditor.call(endSession, {})
    await ended
    await page.goto('/work')
    await page.waitForURL('**/sign-in?**')
    await close()
  },
  60_000,
)
