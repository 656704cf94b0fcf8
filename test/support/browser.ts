import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type Browser, type BrowserContext, type Page, type Request } from 'playwright-core'
import type { Person } from '../../src/main/demo/person.ts'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** A browser of the system; null where none is installed. */
export function browserPath(): string | null {
  const named = process.env['COUNTERSIGN_BROWSER']
  return [...(named === undefined ? [] : [named]), ...places].find((path) => existsSync(path)) ?? null
}

/** Starts the browser without anything that speaks to others. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = browserPath()
  if (executablePath === null) throw new Error('no browser is installed')
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--lang=en-GB',
    ],
  })
}

export type Visit = {
  readonly page: Page
  readonly context: BrowserContext
  /** What the page has complained of: errors of scripts, breaches of the content policy, failed requests. */
  readonly complaints: readonly string[]
  readonly close: () => Promise<void>
}
export type VisitOptions = {
  readonly width?: number
  readonly height?: number
  readonly theme?: 'light' | 'dark'
  readonly zoom?: number
}

/**
 * A browser window of its own for one person, with their session and their passkey in a virtual authenticator. Without a
 * person it is a stranger's, whose authenticator is empty.
 */
export async function visit(
  browser: Browser,
  origin: string,
  person: Person | null,
  { width = 1440, height = 900, theme = 'light', zoom = 1 }: VisitOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width, height },
    deviceScaleFactor: zoom,
    colorScheme: theme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  if (person !== null) {
    const { cookies } = JSON.parse(person.session()) as { readonly cookies: readonly [string, string][] } // our own form
    await context.addCookies(cookies.map(([name, value]) => ({ name, value, url: origin, httpOnly: true })))
  }
  context.on('page', watchRequests)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('console', (message) => {
    // The browser itself notes every answer of 400 and above; what the console does about one is tested elsewhere.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text())
  })
  await giveAuthenticator(context, page, person)
  return { page, context, complaints, close: () => context.close() }
}

/** The same with the screen of an address, as it is when everything on it has been read. */
export async function open(
  browser: Browser,
  origin: string,
  person: Person | null,
  path: string,
  options: VisitOptions = {},
): Promise<Visit> {
  const visited = await visit(browser, origin, person, options)
  await visited.page.goto(path)
  await settled(visited.page)
  return visited
}

let windows = 0

async function giveAuthenticator(context: BrowserContext, page: Page, person: Person | null): Promise<void> {
  const devtools = await context.newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  if (person === null) return
  windows += 1
  const { id, privateKey, signCount } = person.handOverPasskey()
  await devtools.send('WebAuthn.addCredential', {
    authenticatorId,
    credential: {
      credentialId: id,
      privateKey,
      // The software authenticator counts too; each window's must be ahead of it and of every earlier window.
      signCount: signCount + 1_000 * windows,
      rpId: 'localhost',
      isResidentCredential: true,
      userHandle: Buffer.from(person.id).toString('base64'),
    },
  })
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds on the page as it is, one line each: rule, place, help. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      readonly axe: {
        readonly run: (
          place: unknown,
          options: object,
        ) => Promise<{
          readonly violations: readonly {
            readonly id: string
            readonly help: string
            readonly nodes: readonly {
              readonly target: readonly string[]
              readonly failureSummary?: string
            }[]
          }[]
        }>
      }
    } // the library that was put in above
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
    const { violations } = await axe.run((globalThis as { document?: unknown }).document, { runOnly: tags })
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(
        ({ target, failureSummary = '' }) => `${id} at ${target.join(' ')}: ${help} ${failureSummary}`,
      ),
    )
  })
}

type Traffic = { open: number; changedAt: number }
const traffic = new WeakMap<Page, Traffic>()

/** Counts the requests of a page that have no answer yet, but for the stream of events, which never ends. */
function watchRequests(page: Page): void {
  const seen: Traffic = { open: 0, changedAt: Date.now() }
  traffic.set(page, seen)
  const count = (by: 1 | -1) => (request: Request) => {
    if (request.resourceType() === 'eventsource') return
    seen.open += by
    seen.changedAt = Date.now()
  }
  page.on('request', count(1))
  page.on('requestfinished', count(-1))
  page.on('requestfailed', count(-1))
}

const quietMs = 300
const longestWaitMs = 3_000 // a screen that reads again and again may never be quiet

/** Waits until a page has asked for nothing for a while. */
async function quiet(page: Page): Promise<void> {
  const seen = traffic.get(page)
  if (seen === undefined) throw new Error('the page was opened without `visit`')
  const until = Date.now() + longestWaitMs
  while (Date.now() < until && (seen.open > 0 || Date.now() - seen.changedAt < quietMs)) await sleep(25)
}

/** Waits until the screen has its title, nothing is being read and nothing says that it loads. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await quiet(page)
  // No script of ours: the content policy of the console would refuse to evaluate it.
  const bones = page.locator('.bones')
  while ((await bones.count()) > 0) await bones.first().waitFor({ state: 'detached', timeout: 10_000 })
}
