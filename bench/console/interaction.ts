// From an input to the next paint (Event Timing), in the browser, in an installation with few records and in one with many.
// Usage: node bench/console/interaction.ts [rounds] [--write]
import type { Page } from 'playwright-core'
import { settled, startBrowser, visit } from '../../test/support/browser.ts'
import { numbersOf, report, summaryOf, type Summary } from '../measure.ts'
import { sizes, startGrowing, type Size } from './large.ts'

const [rounds = 15] = numbersOf(15)

/** The browser rounds to 8 ms and keeps nothing below 16 ms: what it does not report took less. */
const unreportedMs = 16

type Step = {
  readonly what: string
  readonly path: string
  readonly act: (page: Page) => Promise<void>
  /** Each of `keys` is an interaction of its own. */
  readonly inputs: number
}

const words = 'anomaly'
const steps: readonly Step[] = [
  {
    what: 'registry: type into the filter',
    path: '/systems',
    inputs: words.length,
    act: async (page) => {
      await page.keyboard.press('/')
      await page.keyboard.type(words, { delay: 40 })
    },
  },
  {
    what: 'registry: order by name',
    path: '/systems',
    inputs: 1,
    act: (page) => orderBy(page, /^(Name|System)/),
  },
  { what: 'registry: move through the rows', path: '/systems', inputs: 30, act: moveDown },
  { what: 'registry: open a system', path: '/systems', inputs: 1, act: openFirst },
  {
    what: 'registry: open a part of a system',
    path: '/systems',
    inputs: 1,
    act: async (page) => {
      await openFirst(page)
      await settled(page)
      await flush(page)
      await page.locator('nav.tabs a').nth(2).click()
    },
  },
  { what: 'committee: move through the cases', path: '/cases', inputs: 30, act: moveDown },
  { what: 'committee: open a case', path: '/cases', inputs: 1, act: openFirst },
  { what: 'ledger: move through the entries', path: '/ledger', inputs: 30, act: moveDown },
  {
    what: 'palette: open and search',
    path: '/',
    inputs: 5,
    act: async (page) => {
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox').waitFor()
      await page.keyboard.type('case', { delay: 60 })
    },
  },
]

const installation = await startGrowing()
const browser = await startBrowser()
try {
  const few = await measured(sizes.small)
  const many = await measured(sizes.large)
  report(
    import.meta.dirname,
    'interaction',
    {
      ...sizes,
      rounds,
      browser: browser.version(),
      as: 'auditor',
      unit: `ms from input to next paint, in steps of 8; ${unreportedMs} stands for anything below it`,
    },
    {
      steps: steps.map(({ what }) => ({
        what,
        p50Few: few.get(what)?.p50,
        p95Few: few.get(what)?.p95,
        p50Many: many.get(what)?.p50,
        p95Many: many.get(what)?.p95,
      })),
    },
  )
} finally {
  await browser.close()
  await installation.close()
}

async function measured(size: Size): Promise<ReadonlyMap<string, Summary>> {
  await installation.grow(size)
  const found = new Map<string, number[]>(steps.map(({ what }) => [what, []]))
  // The first round warms up what the server and the browser keep.
  for (let round = -1; round < rounds; round += 1)
    for (const step of steps) {
      const took = await once(step)
      if (round >= 0) found.get(step.what)?.push(...took)
    }
  return new Map([...found].map(([what, all]) => [what, summaryOf(all)]))
}

async function once({ path, act, inputs }: Step): Promise<readonly number[]> {
  const { page, complaints, close } = await visit(browser, installation.origin, installation.org.auditor)
  await page.addInitScript(watchEvents)
  await page.goto(path)
  await settled(page)
  await flush(page)
  await act(page)
  const took = await flush(page)
  await close()
  if (complaints.length > 0) throw new Error(`void run: ${path} complains: ${complaints.join()}`)
  return [...took, ...Array<number>(Math.max(0, inputs - took.length)).fill(unreportedMs)]
}

type Watched = { interactions?: Map<number, number> }
/** What of Event Timing is used; the types of a browser are not at hand here. */
type EventTimings = new (
  told: (list: {
    readonly getEntries: () => readonly { readonly duration: number; readonly interactionId?: number }[]
  }) => void,
) => { readonly observe: (what: { readonly type: 'event'; readonly durationThreshold: number }) => void }

/** Keeps the longest event of each interaction. Runs in the page. */
function watchEvents(): void {
  const kept = new Map<number, number>()
  Object.assign(globalThis, { interactions: kept } satisfies Watched)
  const { PerformanceObserver: Observer } = globalThis as unknown as {
    readonly PerformanceObserver: EventTimings
  }
  const observer = new Observer((list) => {
    for (const { interactionId = 0, duration } of list.getEntries())
      if (interactionId > 0) kept.set(interactionId, Math.max(kept.get(interactionId) ?? 0, duration))
  })
  observer.observe({ type: 'event', durationThreshold: 16 })
}

/** What was kept since the last time, once everything up to now is painted. */
async function flush(page: Page): Promise<readonly number[]> {
  return page.evaluate(async () => {
    const painted = () => new Promise((done) => setTimeout(done, 150))
    await painted()
    const { interactions } = globalThis as Watched
    const took = [...(interactions?.values() ?? [])]
    interactions?.clear()
    return took
  })
}

async function orderBy(page: Page, name: RegExp): Promise<void> {
  await page.getByRole('columnheader', { name }).getByRole('button').click()
}

async function moveDown(page: Page): Promise<void> {
  await page.locator('.table-scroll').first().focus()
  for (let i = 0; i < 30; i += 1) await page.keyboard.press('j', { delay: 20 })
}

async function openFirst(page: Page): Promise<void> {
  await page.locator('table.grid tbody a').first().click()
}
