// From opening the address of the Overview to its content on the screen, with a processor slowed four times, in an
// installation with few records and in one with many.
// Usage: node bench/console/load.ts [rounds] [--write]
import { startBrowser, visit } from '../../test/support/browser.ts'
import { consoleSize } from '../../test/support/console-size.ts'
import { numbersOf, report, summaryOf, type Summary } from '../measure.ts'
import { sizes, startGrowing, type Size } from './large.ts'

const [rounds = 15] = numbersOf(15)
const slowdown = 4
const longestMs = 60_000

const installation = await startGrowing()
const browser = await startBrowser()
try {
  const few = await measured(sizes.small)
  const many = await measured(sizes.large)
  const { js, css } = consoleSize()
  report(
    import.meta.dirname,
    'load',
    {
      ...sizes,
      rounds,
      slowdown,
      browser: browser.version(),
      as: 'auditor',
      unit: 'ms since the navigation began; an empty cache each time, a warm server',
    },
    {
      load: [
        { what: 'Overview, few records', ...few },
        { what: 'Overview, many records', ...many },
      ],
      size: [{ what: 'first visit, bytes gzip', js, css }],
    },
  )
} finally {
  await browser.close()
  await installation.close()
}

async function measured(size: Size): Promise<Summary> {
  await installation.grow(size)
  const all: number[] = []
  for (let round = -1; round < rounds; round += 1) {
    const took = await once()
    if (round >= 0) all.push(took)
  }
  return summaryOf(all)
}

async function once(): Promise<number> {
  const { page, context, close } = await visit(browser, installation.origin, installation.org.auditor)
  const devtools = await context.newCDPSession(page)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
  await page.addInitScript(watchContent)
  await page.goto('/')
  const late = setTimeout(() => void close(), longestMs)
  const took = await page.evaluate(() => (globalThis as Watched).whenShown)
  clearTimeout(late)
  await close()
  if (took === undefined) throw new Error('void run: nothing watched the page')
  return took
}

type Watched = { whenShown?: Promise<number> }

/** Resolves with the time at which the title stands and nothing is a placeholder any more, painted. Runs in the page. */
function watchContent(): void {
  const { document, requestAnimationFrame } = globalThis as unknown as {
    readonly document: { readonly querySelector: (selector: string) => unknown }
    readonly requestAnimationFrame: (then: () => void) => void
  } // a browser's
  const whenShown = new Promise<number>((done) => {
    const look = () => {
      const isShown = document.querySelector('main h1') !== null && document.querySelector('.bones') === null
      requestAnimationFrame(isShown ? () => done(performance.now()) : look)
    }
    look()
  })
  Object.assign(globalThis, { whenShown } satisfies Watched)
}
