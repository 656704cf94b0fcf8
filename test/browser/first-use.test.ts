import { mkdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { totpAt } from '../../src/adapters/identity/totp.ts'
import { epochMs } from '../../src/kernel/index.ts'
import { advisorySummariser } from '../../src/main/demo/answers.ts'
import columnWords from '../../console/src/messages/en/columns.json' with { type: 'json' }
import intakeWords from '../../console/src/messages/en/intake.json' with { type: 'json' }
import { browserPath, settled, startBrowser, visit, type Visit } from '../support/browser.ts'
import { startEmptyProduct, type EmptyProduct } from '../support/product.ts'

const isMissing = browserPath() === null
if (isMissing) console.warn('no browser is installed: the way from the token to a governed call is not gone')
const password = 'correct zebra lamp window'

const questionnaire = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../../catalogue/questionnaires/security-ai.1.json'), 'utf8'),
) as {
  readonly sections: readonly { readonly key: string; readonly title: string }[]
  readonly questions: readonly {
    readonly key: string
    readonly section: string
    readonly type: { readonly k: string }
  }[]
  readonly labels: Readonly<Record<string, { readonly label: string }>>
} // as the catalogue has it
const labelOf = (key: string) => questionnaire.labels[key]?.label ?? key
const holders = {
  Security: 'Sana Security',
  Risk: 'Rico Risk',
  Legal: 'Lena Legal',
  Privacy: 'Paul Privacy',
  IT: 'Ines Infra',
  'Data science': 'Dana Data',
} as const

let product: EmptyProduct
let browser: Browser
const windows: Visit[] = []

beforeAll(async () => {
  if (isMissing) return
  product = await startEmptyProduct()
  browser = await startBrowser()
}, 120_000)
afterAll(async () => {
  if (isMissing) return
  await browser.close()
  await product.close()
})

const button = (place: Page | Locator, name: string | RegExp) =>
  place.getByRole('button', { name, exact: true })
const field = (place: Page | Locator, name: string) => place.getByLabel(name, { exact: true })
const dialog = (page: Page) => page.getByRole('dialog')
const pick = async (place: Locator, label: string, name: string) => {
  await place.getByRole('combobox', { name: label }).fill(name)
  await place.page().getByRole('option', { name }).click()
}
const shots = process.env['COUNTERSIGN_SHOTS']
let shot = 0
async function look(page: Page, name: string): Promise<void> {
  if (shots === undefined) return
  mkdirSync(shots, { recursive: true })
  await settled(page)
  shot += 1
  await page.screenshot({ path: `${shots}/${String(shot).padStart(2, '0')}-${name}.png`, fullPage: true })
}

async function window(): Promise<Page> {
  const visited = await visit(browser, product.origin, null)
  windows.push(visited)
  return visited.page
}

/** Signs with the passkey, and waits until what was signed is recorded. */
async function sign(page: Page): Promise<void> {
  await button(page, 'Sign with passkey').click()
  await expect.poll(() => dialog(page).count(), { timeout: 20_000 }).toBe(0)
}

/** Keeps codes, proves one, registers a passkey and saves the trust root, as a newcomer does. */
async function settleIn(page: Page): Promise<void> {
  const secret = (await page.locator('.secret').first().textContent()) ?? ''
  await page.getByLabel('I have kept them where only I can read them').check()
  await button(page, 'Enter a code').click()
  await field(page, 'One-time code').fill(totpAt(secret.replaceAll(' ', ''), epochMs(Date.now())))
  await button(page, 'Prove').click()
  await button(page, 'Register passkey').click()
  await page.getByLabel('I have saved them outside of this installation').check()
  await button(page, 'Open the Overview').click()
  await page.waitForURL(`${product.origin}/`)
}

/** The administrator enrols somebody, who comes in by the link in a window of their own. */
async function enrol(admin: Page, name: string, role: string | null): Promise<Page> {
  await admin.goto('/people')
  await button(admin, 'Enrol person').click()
  await field(dialog(admin), 'Name').fill(name)
  await field(dialog(admin), 'E-mail address').fill(`${name.split(' ')[0]?.toLowerCase()}@soc.example`)
  if (role !== null) {
    await button(dialog(admin), 'Add role').click()
    await field(dialog(admin), 'Role').selectOption(role)
  }
  await button(dialog(admin), 'Enrol person').click()
  await dialog(admin).getByText('The token works once').waitFor()
  const link = (await admin.locator('.secret').first().textContent()) ?? ''
  const page = await window()
  await page.goto(link)
  await field(page, 'Password').fill(password)
  await field(page, 'Password again').fill(password)
  await page.keyboard.press('Enter')
  await settleIn(page)
  return page
}

const request = advisorySummariser('Summaries of advisories')
const words: Readonly<Record<string, string>> = { ...intakeWords, ...columnWords }
const wordOf = (key: string, option: string) =>
  words[`answer.${key}.${option}`] ?? words[`answer.${option}`] ?? option.replaceAll('_', ' ')

/** A label as it stands, where an answer is optional as well. */
const named = (label: string) =>
  new RegExp(`^${label.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}( \\(optional\\))?$`)

/** Answers every question of the form as somebody does who reads it from top to bottom. */
async function fillRequest(page: Page): Promise<void> {
  await field(page, 'Name of the use case').fill('Summaries of advisories')
  await field(page, 'Which problem does it solve?').fill('Analysts read the same advisories again and again.')
  await field(page, 'Security domain').selectOption('threat_intel')
  await button(page, 'Start request').click()
  await page.waitForURL(/\/intake\/uc_[^/]+\/edit/)
  const sections = page.getByRole('navigation', { name: 'Sections of the request' })
  for (const { key: section, title } of questionnaire.sections) {
    await sections.getByRole('link', { name: title }).click()
    await page.getByRole('heading', { name: title, exact: true }).waitFor()
    for (const { key, type, section: of } of questionnaire.questions) {
      const value = request[key]
      if (of !== section || value === undefined || ['title', 'problem', 'domain'].includes(key)) continue
      await answer(page, key, type, value)
    }
    if (section !== 'vendor') await page.getByText(/^recorded, revision/).waitFor()
    await look(page, `form-${section}`)
  }
  await sections.getByRole('link', { name: 'Owners' }).click()
  await pick(page.getByRole('main'), 'Business owner', 'Rita Requester')
  await pick(page.getByRole('main'), 'Technical owner', 'Tomas Technical')
  await page.getByText(/^recorded, revision/).waitFor()
  await sections.getByRole('link', { name: 'Check and submit' }).click()
  await page.getByText('Every required question has an answer.').waitFor()
  await look(page, 'submit')
  await button(page, 'Submit request').click()
  await page.getByText('Next: an analyst triages it').waitFor()
}

async function answer(page: Page, key: string, type: { readonly k: string }, value: unknown): Promise<void> {
  const label = labelOf(key)
  const group = page.getByRole('group', { name: named(label) })
  if (type.k === 'choice' && (await group.count()) > 0)
    await group.getByRole('radio', { name: wordOf(key, String(value)), exact: true }).check()
  else if (type.k === 'choice')
    await page.getByRole('combobox', { name: named(label) }).selectOption(String(value))
  else if (type.k === 'multi_choice' && Array.isArray(value))
    for (const option of value.length === 0
      ? ['None of these']
      : value.map((one) => wordOf(key, String(one))))
      await group.getByRole('checkbox', { name: option, exact: true }).check()
  else if (type.k === 'rows' && Array.isArray(value)) {
    if (value.length === 0) return group.getByLabel('There are none').check()
    await button(group, 'Add row').click()
    for (const [column, text] of Object.entries(value[0] as Readonly<Record<string, unknown>>))
      await group.getByLabel(words[`column.${column}`] ?? column, { exact: true }).fill(String(text))
  } else await page.getByRole('textbox', { name: named(label) }).fill(String(value))
}

/** Status and reason of one call through the gateway. */
async function call(token: string): Promise<readonly [number, string | null]> {
  const response = await fetch(`${product.running.gateway}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'demo/demo-1', messages: [{ role: 'user', content: 'Hello' }] }),
  })
  await response.arrayBuffer()
  return [response.status, response.headers.get('countersign-reason')]
}

test.skipIf(isMissing)(
  'from the set-up token to a governed call by hand alone: people, charter, provider, intake, release, case, grant, stop',
  { timeout: 600_000 },
  async () => {
    const admin = await window()
    await admin.goto('/')
    await admin.waitForURL('**/setup')
    await look(admin, 'setup')
    for (const [label, text] of [
      ['Set-up token', product.setupToken],
      ['Name of the organisation', 'Example Insurance'],
      ['Name', 'Ada Admin'],
      ['E-mail address', 'ada@soc.example'],
      ['Password', password],
      ['Password again', password],
    ] as const)
      await field(admin, label).fill(text)
    await button(admin, 'Create administrator').click()
    await settleIn(admin)
    await look(admin, 'overview-empty')
    // What an administrator may not do is not offered; it says who can.
    await admin.getByText('Not by you, but by three seat holders', { exact: false }).waitFor()
    await admin.getByRole('link', { name: 'Enrol people' }).waitFor()
    for (const name of ['Open the charter', 'Open intake', 'Register the first system'])
      expect(await admin.getByRole('link', { name }).count()).toBe(0)
    await admin.goto('/intake')
    expect(await button(admin, 'Start a request').getAttribute('aria-disabled')).toBe('true')
    await admin.goto('/intake/new')
    await admin.getByText('A request is made by a requester or an analyst', { exact: false }).waitFor()
    await admin.goto('/charter')
    await admin.getByText('An administrator holds no seat', { exact: false }).waitFor()
    await enrol(admin, 'Abe Admin', 'admin')
    const seats = new Map<string, Page>()
    for (const [fn, name] of Object.entries(holders)) seats.set(fn, await enrol(admin, name, null))
    const security = seats.get('Security') ?? admin
    const requester = await enrol(admin, 'Rita Requester', 'requester')
    const owner = await enrol(admin, 'Tomas Technical', 'requester')
    const analyst = await enrol(admin, 'Anna Analyst', 'analyst')

    await security.goto('/charter')
    await security.getByRole('link', { name: 'Draft next charter' }).click()
    for (const [fn, name] of Object.entries(holders))
      await pick(security.getByRole('group', { name: fn, exact: true }), 'Holder', name)
    await security.getByText(/No case has ended ye/).waitFor()
    await look(security, 'charter-whole')
    await button(security, 'Propose charter').click()
    await button(dialog(security), 'Propose charter').click()
    await security.waitForURL(/\/charter$/)
    await look(security, 'charter-proposed')
    for (const fn of ['Security', 'Risk', 'Legal']) {
      const page = seats.get(fn) ?? admin
      await page.goto('/')
      await look(page, `before-signing-${fn}`)
      await page.goto('/charter')
      await button(page, 'Sign charter').click()
      await button(dialog(page), 'Sign charter').click()
      await sign(page)
    }
    await look(seats.get('Legal') ?? admin, 'charter-ratified')

    await admin.goto('/gateway/providers')
    await look(admin, 'providers')
    await button(admin, 'Register provider').click()
    for (const [label, text] of [
      ['Name', 'demo'],
      ['Address', product.provider],
      ['Region', 'local'],
      ['Private networks', '127.0.0.0/8'],
      ['Secret', 'any-key-will-do'],
    ] as const)
      await dialog(admin).getByLabel(label).fill(text)
    await look(admin, 'provider')
    await button(dialog(admin), 'Register provider').click()
    await dialog(admin).waitFor({ state: 'detached' })
    await admin.goto('/')
    await look(admin, 'overview-provider')

    await requester.goto('/portal')
    await button(requester, 'Start a request').click()
    await fillRequest(requester)
    await look(requester, 'submitted')
    const useCase = new URL(requester.url()).pathname
    await analyst.goto('/')
    await look(analyst, 'analyst')
    await analyst.goto(useCase)
    await look(analyst, 'to-triage')
    await button(analyst, 'Triage request').click()
    await look(analyst, 'triage')
    await button(dialog(analyst), 'Record triage').click()
    await analyst.getByText(/^Triaged: tier 1/).waitFor()
    await look(analyst, 'triaged')
    await owner.goto(useCase)
    await button(owner, 'Register system').click()
    await owner.getByLabel('Built by us').check()
    await button(dialog(owner), 'Register system').click()
    await owner.waitForURL(/\/systems\/sys_/)
    await look(owner, 'system')
    const system = /sys_[0-9a-z]+/.exec(owner.url())?.[0] ?? ''
    await owner.goto(`/systems/${system}/releases`)
    await look(owner, 'releases')
    await button(owner, 'Record release').first().click()
    await button(dialog(owner), 'Start from an outline').click()
    await button(dialog(owner), 'Record release').click()
    await owner.getByRole('alert').getByText('/models/0/provider').waitFor()
    await look(owner, 'record-release')
    const manifest = dialog(owner).getByRole('textbox', { name: 'Manifest' })
    const outline = JSON.parse(await manifest.inputValue()) as Record<string, unknown>
    const models = [{ provider: 'demo', model: 'demo-1', pin: '2026-10-01', region: 'local' }]
    await manifest.fill(JSON.stringify({ ...outline, models, regions: ['local'] }))
    await button(dialog(owner), 'Record release').click()
    await owner.waitForURL(/\/releases\//)
    await look(owner, 'release')
    await owner.goto(`/systems/${system}/deployments`)
    await look(owner, 'deployments')
    await button(owner, 'Create deployment').first().click()
    await button(dialog(owner), 'Create deployment').click()
    await owner.waitForURL(/\/deployments\/dep_/)
    const place = new URL(owner.url()).pathname
    await owner.goto('/gateway/routes')
    await button(owner, 'Configure models').click()
    await dialog(owner).getByLabel('Provider').selectOption({ label: 'demo, local, up to internal' })
    await field(dialog(owner), 'Name at the provider').fill('demo')
    await look(owner, 'configure')
    await button(dialog(owner), 'Configure models').click()
    await dialog(owner).waitFor({ state: 'detached' })
    await button(owner, 'Issue key').click()
    await field(dialog(owner), 'Agent').fill('advisory-bot')
    await button(dialog(owner), 'Issue key').click()
    const token = (await owner.getByRole('region', { name: 'Token' }).textContent()) ?? ''
    await look(owner, 'key')
    await expect.poll(() => call(token), { timeout: 20_000 }).toEqual([403, 'grant_absent'])

    const validator = await enrol(admin, 'Vito Validator', 'validator')
    await validator.goto(`/systems/${system}`)
    await look(validator, 'validator-system')
    await validator.locator('a[href^="/releases/"]').first().click()
    await validator.getByRole('heading', { name: /^Release/ }).waitFor()
    await look(validator, 'validator-release')
    await button(validator, 'Record result of baseline validation').click()
    await dialog(validator).getByLabel('passed').check()
    await dialog(validator)
      .locator('input[type=file]')
      .setInputFiles({
        name: 'report.json',
        mimeType: 'application/json',
        buffer: Buffer.from('{"cases": 120, "failed": 0}'),
      })
    await look(validator, 'record-check')
    await button(dialog(validator), 'Record result').click()
    await dialog(validator).waitFor({ state: 'detached' })
    await look(validator, 'checked')

    await analyst.goto(new URL(validator.url()).pathname)
    await button(analyst, 'Open case').click()
    await analyst.getByText(/requirements? (is|are) met or waived: the vote can start/).waitFor()
    await look(analyst, 'open-case')
    await button(analyst, 'Open case').click()
    await analyst.waitForURL(/\/cases\/case_/)
    await look(analyst, 'case')
    await security.goto('/work')
    await look(security, 'work')
    await security.goto(new URL(analyst.url()).pathname)
    await look(security, 'case-security')
    await button(security, 'Cast ballot').first().click()
    await dialog(security)
      .getByRole('radio', { name: /^approve as it is/ })
      .check()
    await look(security, 'ballot')
    await button(dialog(security), 'Cast ballot').click()
    await security.getByText('approved', { exact: true }).first().waitFor()
    await look(security, 'decided')

    await owner.goto(place)
    await button(owner, 'Deploy release').click()
    await look(owner, 'deploy')
    await button(dialog(owner), 'Deploy release').click()
    await dialog(owner).waitFor({ state: 'detached' })
    await button(owner, 'Tell what runs').click()
    await field(dialog(owner), 'How this is known').fill('the release pipeline')
    await look(owner, 'observe')
    await button(dialog(owner), 'Tell what runs').click()
    await dialog(owner).waitFor({ state: 'detached' })
    await expect.poll(() => call(token), { timeout: 20_000 }).toEqual([200, null])
    await look(owner, 'runs')

    await owner.keyboard.press('Shift+S')
    await look(owner, 'stop')
    await owner.keyboard.press('Enter')
    await expect.poll(() => call(token), { timeout: 20_000 }).toEqual([403, 'grant_stopped'])
    await look(owner, 'stopped')
    await analyst.goto('/gateway')
    await analyst.getByRole('cell', { name: 'allowed' }).first().waitFor()
    await look(analyst, 'calls')
    await admin.goto('/')
    await look(admin, 'overview-end')
    expect(windows.flatMap(({ complaints }) => complaints)).toEqual([])
  },
)
