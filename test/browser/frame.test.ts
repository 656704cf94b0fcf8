import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listCases } from '../../src/contracts/routes/cases.ts'
import { startThread } from '../../src/contracts/routes/collaboration.ts'
import { createUnit, enrolPerson as invite } from '../../src/contracts/routes/people.ts'
import { ledgerEntries } from '../../src/contracts/routes/ledger.ts'
import { orderStop } from '../../src/contracts/routes/stops.ts'
import { alertTriage } from '../../src/main/demo/answers.ts'
import { enrolPerson, type Person } from '../../src/main/demo/person.ts'
import { approved, draftUseCase, submitted, type Built, type Intake } from '../../src/main/demo/systems.ts'
import { accessibilityFaults, browserPath, settled, startBrowser, visit } from '../support/browser.ts'
import { startPlane, type Plane } from '../support/plane.ts'

const withBrowser = test.skipIf(browserPath() === null)
if (browserPath() === null) console.warn('no browser is installed: the frame is not driven')

/** What a page would run, fetch or show as its own if it ever took text for markup. */
const payloads = [
  `<script>window.hurt = 1</script>`,
  `<img src=x onerror="window.hurt = 2">`,
  `"><svg onload=window.hurt=3>`,
  `<iframe srcdoc="<script>parent.hurt = 4</script>"></iframe>`,
  `javascript:window.hurt=5`,
  `{{constructor.constructor("window.hurt=6")()}} \${window.hurt=7}`,
  `</title><style>*{display:none}</style><base href="//evil.example/">`,
  `[click](javascript:window.hurt=8) ![x](https://evil.example/x.png)`,
  `safe\u202etxt.exe \u200b\u{e0041}`,
] as const

let plane: Plane
let browser: Browser
let hostile: readonly Intake[]
let live: Built
let hostilePerson: Person
let decidedCase: string
beforeAll(async () => {
  if (browserPath() === null) return
  ;[plane, browser] = await Promise.all([startPlane(), startBrowser()])
  const { org, origin } = plane
  live = await approved(org, alertTriage(payloads[1]))
  await org.commander.call(orderStop, {
    body: { scope: 'deployment', targetId: live.deploymentId, reasonCode: 'incident', reason: payloads[2] },
  })
  hostile = await Promise.all(
    payloads.map((title, i) =>
      i % 2 === 0
        ? submitted(org, { ...alertTriage(title), problem: title, modelId: `model-${i}`, fallback: title })
        : draftUseCase(org, { title, problem: title }),
    ),
  )
  const { items } = await org.auditor.call(listCases, { query: { open: 'false', limit: 1 } })
  decidedCase = items[0]?.id ?? ''
  const subject = { k: 'use_case', id: hostile[0]?.id ?? '' } as const
  for (const text of payloads) await org.requester.call(startThread, { body: { subject, text } })
  await org.admin.call(createUnit, { body: { name: payloads[0] } })
  const invited = { name: payloads[1], email: 'hostile@soc.example' }
  const { token } = await org.admin.call(invite, {
    body: { ...invited, roles: [{ role: 'incident_commander' }] },
  })
  hostilePerson = await enrolPerson(origin, { ...invited, token })
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await plane?.close()
})

/** Every address of the console, with records that exist where it names one. */
function addresses(): readonly string[] {
  const folder = resolve(import.meta.dirname, '../../console/src/screens')
  const found = readdirSync(folder, { withFileTypes: true })
    .filter((item) => item.isDirectory() && existsSync(resolve(folder, item.name, 'area.ts')))
    .flatMap(({ name }) => [
      ...readFileSync(resolve(folder, name, 'area.ts'), 'utf8').matchAll(/path: '(\/[^']*)', load/g),
    ])
    .map(([, path = '/']) => path)
  const useCaseId = hostile[0]?.id ?? ''
  const sample = (path: string): string => {
    if (path.startsWith('/systems')) return live.systemId
    if (path.startsWith('/deployments')) return live.deploymentId
    if (path.startsWith('/releases')) return live.release
    if (path.startsWith('/cases')) return decidedCase
    if (path.startsWith('/people')) return hostilePerson.id
    return useCaseId
  }
  const tabs = [`/intake/${useCaseId}/comments`]
  return [...found, ...tabs].map((path) =>
    path.replace('$tab', 'overview').replaceAll(/\$[A-Za-z]+/g, () => sample(path)),
  )
}

const read = <T>(page: Page, expression: string) => page.evaluate<T>(expression)
const focused = (page: Page) =>
  read<string>(
    page,
    '(document.activeElement?.getAttribute("href") ?? document.activeElement?.textContent ?? "")',
  )

/**
 * By how much the page is wider than the window; what can be pressed or filled in but stands beside the window, outside
 * everything that scrolls; and how much moves or would move.
 */
const zoomed = `(() => {
  const root = document.documentElement
  const scrolls = (e) => e !== null && e !== root && (/auto|scroll/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement))
  const lost = [...document.querySelectorAll('main a, main button, main input, main select, main textarea, header button')]
    .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !scrolls(e.parentElement))
    .filter((e) => e.getBoundingClientRect().width > 1 && e.getBoundingClientRect().right > root.clientWidth + 1)
    .map((e) => e.outerHTML.slice(0, 120))
  const lasts = (times) => times.split(',').some((time) => parseFloat(time) > 0)
  const moving = [...document.querySelectorAll('*')].filter((e) => {
    const { transitionDuration, animationName, animationDuration } = getComputedStyle(e)
    return lasts(transitionDuration) || (animationName !== 'none' && lasts(animationDuration))
  })
  return { overflow: Math.max(0, root.scrollWidth - root.clientWidth), lost, moving: moving.length + document.getAnimations().length }
})()`

withBrowser(
  'everything of the frame works by keyboard alone, and Escape gives the focus back',
  async () => {
    const { page, complaints, close } = await visit(browser, plane.origin, plane.org.analyst)
    await page.goto('/')
    await settled(page)
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('#content')
    await page.keyboard.press('Enter')
    expect(await read<string>(page, 'document.activeElement.id')).toBe('content')

    await page.getByRole('button', { name: /^Search/ }).focus()
    await page.keyboard.press('Control+k')
    const input = page.getByRole('combobox')
    await input.waitFor()
    await page.keyboard.press('Escape')
    await input.waitFor({ state: 'detached' })
    expect(await focused(page)).toContain('Search')

    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys of this screen' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await focused(page)).toContain('Search')

    const { items } = await plane.org.analyst.call(ledgerEntries, { query: { limit: 1 } })
    const id = items[0]?.id ?? ''
    await page.keyboard.press('Control+k')
    await input.fill(id)
    await page.getByRole('option', { name: `Go to ${id}` }).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/ledger/entries/${id}`)

    for (const [key, path] of [
      ['w', '/work'],
      ['e', '/ledger'],
      ['l', '/audit'],
      ['i', '/intake'],
      ['o', '/'],
    ] as const) {
      await page.keyboard.press('g')
      await page.keyboard.press(key)
      await page.waitForURL((url) => url.pathname === path)
    }
    await page.locator('.rail a[href="/work"]').focus()
    await page.keyboard.press('Enter')
    await page.waitForURL('**/work')
    expect(complaints).toEqual([])
    await close()
  },
  90_000,
)

withBrowser(
  'what somebody sets for themselves stays: theme, density, zone',
  async () => {
    const { page, close } = await visit(browser, plane.origin, plane.org.analyst)
    await page.goto('/ledger')
    await settled(page)
    const choose = async (name: string) => {
      await page.getByRole('button', { name: 'Anna Analyst' }).click()
      await page.getByRole('menuitem', { name }).click()
    }
    await choose('Theme: Light')
    await choose('Theme: Dark')
    await choose('Density: Comfortable')
    await choose('Times in UTC')
    await page.reload()
    await settled(page)
    const { theme, density } = await read<{ theme: string; density: string }>(
      page,
      '({ ...document.documentElement.dataset })',
    )
    expect({ theme, density }).toEqual({ theme: 'dark', density: 'comfortable' })
    expect(await page.locator('time').first().getAttribute('title')).toContain('UTC')
    await close()
  },
  60_000,
)

withBrowser(
  'a lost connection is said, and an unknown address too',
  async () => {
    const { page, context, close } = await visit(browser, plane.origin, plane.org.analyst)
    await page.goto('/no-such-screen')
    await page.getByRole('heading', { name: 'No such screen' }).waitFor()
    await page.goto('/')
    await settled(page)
    const banner = page.getByText('Connection lost. What you see may have changed')
    expect(await banner.count()).toBe(0)
    await context.setOffline(true)
    await banner.waitFor()
    await context.setOffline(false)
    await banner.waitFor({ state: 'detached' })
    await close()
  },
  60_000,
)

withBrowser(
  'stored text is inert on every screen, and no page breaks its content policy',
  async () => {
    const { org, origin } = plane
    for (const person of [org.analyst, org.auditor]) {
      const { page, context, complaints, close } = await visit(browser, origin, person)
      await context.addInitScript(
        'window.breaches = []; document.addEventListener("securitypolicyviolation", (e) => window.breaches.push(e.violatedDirective + " " + e.blockedURI))',
      )
      const foreign: string[] = []
      page.on('request', (request) => {
        const { protocol, origin: asked } = new URL(request.url())
        if (asked !== origin && protocol !== 'blob:') foreign.push(request.url())
      })
      page.on('dialog', (dialog) => {
        foreign.push(dialog.message())
        void dialog.dismiss()
      })
      const visited = addresses()
      expect(visited.length).toBeGreaterThan(6)
      for (const path of visited) {
        await page.goto(path)
        await settled(page)
        const hurt = await read<unknown>(page, 'window.hurt ?? null')
        const breaches = await read<readonly string[]>(page, 'window.breaches')
        const markup = await read<number>(
          page,
          'document.querySelectorAll("main script, main img:not([src$=svg]), main iframe, main style, main base, main svg[onload], a[href^=javascript]").length',
        )
        expect({ path, hurt, breaches, markup, foreign, complaints }).toEqual({
          path,
          hurt: null,
          breaches: [],
          markup: 0,
          foreign: [],
          complaints: [],
        })
      }
      await close()
    }
  },
  180_000,
)

withBrowser(
  'axe finds nothing on any screen, in both themes',
  async () => {
    const { page, complaints, close } = await visit(browser, plane.origin, plane.org.auditor)
    const found: Record<string, readonly string[]> = {}
    for (const path of addresses()) {
      await page.goto(path)
      await settled(page)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        const faults = await accessibilityFaults(page)
        if (faults.length > 0) found[`${path}, ${colorScheme}`] = faults
      }
    }
    expect(found).toEqual({})
    expect(complaints).toEqual([])
    await close()
  },
  300_000,
)

withBrowser(
  'at 200 % zoom no screen loses anything, and whoever wants no motion sees none',
  async () => {
    const { page, complaints, close } = await visit(browser, plane.origin, plane.org.auditor, {
      width: 640, // a window of 1280 by 1024 whose every pixel is doubled
      height: 512,
      zoom: 2,
    })
    for (const path of addresses()) {
      await page.goto(path)
      await settled(page)
      const { overflow, lost, moving } = await read<{ overflow: number; lost: string[]; moving: number }>(
        page,
        zoomed,
      )
      expect.soft({ path, overflow, lost, moving }).toEqual({ path, overflow: 0, lost: [], moving: 0 })
    }
    expect(complaints).toEqual([])
    await close()
  },
  180_000,
)

withBrowser(
  'a session that ends under a form asks to sign in over the page and keeps what was typed',
  async () => {
    const { org } = plane
    const { items } = await org.auditor.call(ledgerEntries, { query: { kind: 'stop.ordered', limit: 1 } })
    const { page, context, close } = await visit(browser, plane.origin, org.auditor)
    await page.goto(`/ledger/entries/${items[0]?.id ?? ''}`)
    await settled(page)
    await page.getByRole('button', { name: 'Reveal text' }).click()
    const reason = page.getByLabel('Reason')
    await reason.fill('Typed before the session has ended')
    await context.clearCookies()
    const dialog = page.getByRole('dialog', { name: 'Reveal the sealed half of this entry' })
    await dialog.getByRole('button', { name: 'Reveal text' }).click()
    await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor()
    expect(await reason.inputValue()).toBe('Typed before the session has ended')
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByText('Revealed, and recorded under your name.').waitFor()
    await close()
  },
  60_000,
)

withBrowser(
  'signing in leads to a path of this console and nowhere else',
  async () => {
    const { org, origin } = plane
    const { page, context, close } = await visit(browser, origin, org.validator)
    for (const [to, end] of [
      ['https://evil.example/', '/'],
      ['//evil.example/', '/'],
      ['/\\evil.example/', '/'],
      ['javascript:alert(1)', '/'],
      ['/work', '/work'],
    ] as const) {
      await context.clearCookies()
      await page.goto(`/sign-in?${new URLSearchParams({ to }).toString()}`)
      await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
      await page.waitForURL((url) => url.pathname !== '/sign-in')
      const { origin: at, pathname } = new URL(page.url())
      expect({ to, at, pathname }).toEqual({ to, at: origin, pathname: end })
    }
    await close()
  },
  90_000,
)
