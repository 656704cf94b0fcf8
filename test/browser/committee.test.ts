import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCase, readCase } from '../../src/contracts/routes/cases.ts'
import { readCharters } from '../../src/contracts/routes/charters.ts'
import type { ReplyOf } from '../../src/contracts/route.ts'
import { listReviews, recordCheck, signOffReview, startReview } from '../../src/contracts/routes/reviews.ts'
import { readOverride } from '../../src/contracts/routes/overrides.ts'
import { readWaiver } from '../../src/contracts/routes/waivers.ts'
import { digestOf, type CaseId } from '../../src/kernel/index.ts'
import { alertTriage, endpointContainment } from '../../src/main/demo/answers.ts'
import type { Organisation } from '../../src/main/demo/organisation.ts'
import type { Person } from '../../src/main/demo/person.ts'
import {
  approved,
  build,
  inDays,
  passChecks,
  triaged,
  vote,
  type Built,
} from '../../src/main/demo/systems.ts'
import {
  accessibilityFaults,
  browserPath,
  open,
  settled,
  startBrowser,
  type Visit,
  visit,
  type VisitOptions,
} from '../support/browser.ts'
import { startPlane, type Plane } from '../support/plane.ts'

const isMissing = browserPath() === null
if (isMissing) console.warn('no browser is installed: the screens of the committee are not driven')

/** Finds somebody by a part of the name, and takes them. */
async function pick(page: Page, field: string, name: string): Promise<void> {
  await page.getByRole('dialog').getByLabel(field, { exact: true }).fill(name)
  await page.getByRole('option', { name: new RegExp(name) }).click()
}

describe.skipIf(isMissing)('the committee at its screens', { timeout: 120_000 }, () => {
  let plane: Plane
  let org: Organisation
  let browser: Browser
  let weighty: Built
  let caseId: CaseId
  const complaints: string[] = []

  /** A window of one person at one address, with whatever it complains of collected. */
  async function at(person: Person, path: string, options: VisitOptions = {}): Promise<Visit> {
    const window = await open(browser, plane.origin, person, path, options)
    window.page.setDefaultTimeout(40_000)
    return window
  }
  async function leave(window: Visit): Promise<void> {
    complaints.push(...window.complaints)
    await window.close()
  }
  async function sign(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Sign with passkey' }).click()
  }

  beforeAll(async () => {
    plane = await startPlane()
    ;({ org } = plane)
    browser = await startBrowser()
    const answers = endpointContainment('Endpoint containment agent')
    weighty = await build(org, await triaged(org, answers), answers)
    await passChecks(org, weighty)
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await plane.close()
  })

  test('reviews are begun, signed off under a condition and objected to at their desk', async () => {
    const { items } = await org.analyst.call(listReviews, {
      query: { useCaseId: weighty.useCaseId, limit: 50 },
    })
    const security = items.find(({ kind }) => kind === 'security')
    const window = await at(org.seats.security, '/reviews')
    const { page } = window
    await page.getByRole('link', { name: /^Security review: Endpoint/ }).click()
    await page.getByRole('button', { name: 'Start review' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Start review' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Sign off review' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Report').fill('Isolation is bounded to lab hosts by the tool policy.')
    await dialog.getByRole('button', { name: 'Add condition' }).click()
    await dialog.getByLabel('What must be true').fill('Isolation is rehearsed each quarter.')
    await pick(page, 'Owner', 'Tomas Technical')
    await dialog.getByRole('button', { name: 'Sign off review' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByText('signed off with conditions').first().waitFor()
    await page.getByText('Isolation is rehearsed each quarter.').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await leave(window)
    expect(security?.id).toMatch(/^rvw_/)

    const stranger = await at(org.seats.risk, `/reviews/${security?.id ?? ''}`)
    expect(await stranger.page.getByRole('button', { name: 'Sign off review' }).count()).toBe(0)
    await leave(stranger)
    // The others are signed off as a matter of course.
    const others = items.filter(({ kind }) => kind !== 'security')
    await signOffOthers(org, others)
  })

  test('an analyst opens a case, and the chair starts its vote', async () => {
    const analyst = await at(org.analyst, `/cases/new?release=${weighty.release}`)
    await analyst.page.getByText(/requirements are met or waived/).waitFor()
    await analyst.page.getByRole('button', { name: 'Open case' }).click()
    await analyst.page.waitForURL(/\/cases\/case_/)
    caseId = new URL(analyst.page.url()).pathname.slice('/cases/'.length) as CaseId // of the address
    await settled(analyst.page)
    expect(await analyst.page.getByRole('button', { name: 'Start vote' }).getAttribute('aria-disabled')).toBe(
      'true',
    )
    await leave(analyst)

    const chair = await at(org.seats.security, '/cases?mine=true')
    await chair.page.getByText('you start the vote').first().waitFor()
    await chair.page.getByRole('link', { name: 'Endpoint containment agent' }).click()
    await chair.page.getByRole('button', { name: 'Start vote' }).click()
    await chair.page.getByRole('dialog').getByRole('button', { name: 'Start vote' }).click()
    await chair.page.getByText(/0 of 6 ballots/).waitFor()
    await leave(chair)
  })

  test('a seat casts its ballot by keyboard alone, and its passkey signs exactly that', async () => {
    const window = await at(org.seats.risk, '/cases?mine=true')
    const { page } = window
    await page.getByRole('region', { name: /row/ }).focus()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/cases\/case_/)
    await page.getByText(/0 of 6 ballots/).waitFor()
    await page.locator('main').focus()
    await page.keyboard.press('v')
    const dialog = page.getByRole('dialog', { name: 'Cast ballot' })
    await dialog.waitFor()
    await tabTo(page, 'approve')
    await page.keyboard.press('Space')
    await dialog.getByText(/Risk approves this first approval in production/).waitFor()
    await tabTo(page, 'Cast ballot')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Sign with your passkey' }).waitFor()
    await tabTo(page, 'Sign with passkey')
    await page.keyboard.press('Enter')
    await page.getByText(/1 of 6 ballots/).waitFor()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Supersede ballot' }).first().waitFor()
    await leave(window)
    const { ballots } = await org.seats.risk.call(readCase, { params: { id: caseId } })
    expect(ballots.map(({ fn, by, choice }) => [fn, by, choice])).toEqual([
      ['risk', org.seats.risk.id, 'approve'],
    ])
  })

  test('whoever has no vote reads why before writing anything', async () => {
    const window = await at(org.technicalOwner, `/cases/${caseId}`)
    await window.page.getByText('A ballot of yours would be refused:').waitFor()
    const button = window.page.getByRole('button', { name: 'Cast ballot' }).first()
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    expect(await button.getAttribute('title')).toBe('You have no seat that votes here.')
    await leave(window)
  })

  test('evidence that changes beneath a vote voids its ballots, in sight of everybody', async () => {
    const window = await at(org.seats.legal, `/cases/${caseId}?act=vote`)
    await window.page.getByRole('radio', { name: /^object/ }).check()
    const body = {
      checkId: 'injection_suite',
      release: weighty.release,
      environment: 'prod',
      result: 'pass',
      artefactDigest: digestOf({ report: 'of Tuesday' }),
      validUntil: inDays(60),
    } as const
    await org.validator.call(recordCheck, { body })
    await window.page.getByText('The subject has changed while you were writing.').first().waitFor({
      timeout: 30_000,
    })
    expect(
      await window.page
        .getByRole('dialog')
        .getByRole('button', { name: 'Cast ballot' })
        .getAttribute('aria-disabled'),
    ).toBe('true')
    await window.page.keyboard.press('Escape')
    await window.page.getByText(/The subject has changed since a ballot was cast/).waitFor()
    await window.page.getByText(/0 of 6 ballots/).waitFor()
    await leave(window)
  })

  test('an approval with a condition, the last ballot, the decision and its recomputation', async () => {
    // Whoever has signed in a browser goes on there: their passkey counts its signatures.
    for (const fn of ['security', 'privacy', 'it', 'data_science'] as const) await vote(org, caseId, fn)
    const again = await at(org.seats.risk, `/cases/${caseId}?act=vote`)
    await again.page.getByRole('radio', { name: /^approve as it is/ }).check()
    await again.page.getByRole('dialog').getByRole('button', { name: 'Cast ballot' }).click()
    await sign(again.page)
    await again.page.getByText(/5 of 6 ballots/).waitFor()
    await leave(again)
    const window = await at(org.seats.legal, `/cases/${caseId}`)
    const { page } = window
    await page.getByRole('button', { name: 'Cast ballot' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'Cast ballot' })
    await dialog.getByRole('radio', { name: /^approve with conditions/ }).check()
    await dialog.getByLabel('What must be true').fill('The register names the deployers.')
    await pick(page, 'Owner', 'Bela Business')
    await dialog.getByLabel(/^Rationale/).fill('The duties of deployers are met but for the register.')
    await dialog.getByRole('button', { name: 'Cast ballot' }).click()
    await sign(page)
    await page.getByText('approved with conditions').first().waitFor()
    await page.getByText('The same outcome: approved with conditions').waitFor()
    expect(await page.getByText('The register names the deployers.').count()).toBeGreaterThan(0)
    expect(await accessibilityFaults(page)).toEqual([])
    await leave(window)
  })

  test('a condition is attested with the digest of a file by its function, not by its owner', async () => {
    const window = await at(org.seats.legal, '/conditions')
    const { page } = window
    const row = page.getByRole('row').filter({ hasText: 'The register names the deployers.' })
    await row.getByRole('button', { name: 'Attest condition' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.locator('input[type=file]').setInputFiles({
      name: 'register.pdf',
      mimeType: 'application/pdf',
      buffer: Buffer.from('abc'),
    })
    await dialog.getByText('Digest of register.pdf').waitFor()
    expect(await dialog.getByLabel('Digest of the evidence').inputValue()).toBe(
      'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
    await dialog.getByRole('button', { name: 'Attest condition' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByText('The register names the deployers.').waitFor({ state: 'detached' })
    expect(await accessibilityFaults(page)).toEqual([])
    await leave(window)
  })

  test('one person revokes the approval', async () => {
    const window = await at(org.seats.it, `/cases/${caseId}`)
    await window.page.getByRole('button', { name: 'Revoke approval' }).click()
    await window.page.getByRole('dialog').getByRole('button', { name: 'Revoke approval' }).click()
    await window.page.getByRole('dialog').waitFor({ state: 'detached' })
    await window.page.getByText('revoked').first().waitFor()
    await leave(window)
  })

  test('a gap is asked to be waived at its requirement, and accepted with a passkey by somebody else', async () => {
    await org.validator.call(recordCheck, {
      body: {
        checkId: 'exfiltration_suite',
        release: weighty.release,
        environment: 'prod',
        result: 'fail',
        artefactDigest: digestOf({ report: 'of Wednesday' }),
        validUntil: inDays(60),
      },
    })
    const { id } = await org.analyst.call(openCase, {
      body: { kind: 'initial', release: weighty.release, environment: 'prod' },
    })
    const owner = await at(org.technicalOwner, `/cases/${id}`)
    await owner.page.getByText('The vote cannot start before each of these is met or waived.').waitFor()
    await owner.page.getByRole('button', { name: 'Ask for a waiver' }).first().click()
    const dialog = owner.page.getByRole('dialog')
    await dialog.getByRole('radio', { name: /^2, low/ }).check()
    await dialog.getByLabel('Justification').fill('The export is switched off until the next release.')
    await dialog.getByRole('button', { name: 'Ask for a waiver' }).click()
    await owner.page.waitForURL(/\/waivers\/wvr_/)
    const path = new URL(owner.page.url()).pathname
    await settled(owner.page)
    const accept = owner.page.getByRole('button', { name: 'Accept risk' })
    expect(await accept.getAttribute('title')).toBe('Whoever asks for a waiver does not accept it.')
    await leave(owner)

    const risk = await at(org.seats.risk, path)
    await risk.page.getByText(/still the gap that was weighed/).waitFor()
    await risk.page.getByRole('button', { name: 'Accept risk' }).click()
    await risk.page.getByRole('dialog').getByRole('button', { name: 'Accept risk' }).click()
    await sign(risk.page)
    await risk.page.getByText('Accepted: the gap counts as waived').waitFor()
    expect(await accessibilityFaults(risk.page)).toEqual([])
    await leave(risk)
    const found = await org.seats.risk.call(readWaiver, {
      params: { id: path.slice('/waivers/'.length) },
    })
    expect(found.state).toBe('accepted')

    const chair = await at(org.seats.security, `/cases/${id}`)
    await chair.page.getByText('waived', { exact: true }).first().waitFor()
    await leave(chair)
  })

  test('an override takes two people and passkeys to start and one to end; a third reviews it', async () => {
    const live = await approved(org, alertTriage('Log anomaly explainer'))
    const first = await at(org.seats.it, '/overrides')
    await first.page.getByRole('button', { name: 'Ask for an override' }).click()
    const dialog = first.page.getByRole('dialog')
    await dialog.getByLabel('Deployment').selectOption(live.deploymentId)
    await dialog.getByLabel('Capabilities').fill('explain')
    await dialog.getByLabel('Incident').fill('INC-7')
    await dialog.getByLabel('Reason').fill('Nobody can read nine gigabytes of logs by hand.')
    await dialog.getByRole('button', { name: 'Ask for an override' }).click()
    await sign(first.page)
    await first.page.waitForURL(/\/overrides\/ovr_/)
    await settled(first.page)
    const path = new URL(first.page.url()).pathname
    await first.page.getByText('not seconded: nothing runs on it').waitFor()
    await leave(first)

    const second = await at(org.commander, path)
    await second.page.getByRole('button', { name: 'Second override' }).click()
    await second.page.getByRole('dialog').getByRole('button', { name: 'Second override' }).click()
    await sign(second.page)
    await second.page.getByText('This override is in force').waitFor()
    expect(await accessibilityFaults(second.page)).toEqual([])
    await second.page.locator('main').focus()
    await second.page.keyboard.press('Shift+S')
    await second.page.getByRole('dialog').getByRole('button', { name: 'End override' }).click()
    await second.page.getByRole('dialog').waitFor({ state: 'detached' })
    await leave(second)

    const third = await at(org.seats.privacy, path)
    await third.page.getByRole('button', { name: 'Review override' }).click()
    const report = third.page.getByRole('dialog')
    await report.getByRole('radio', { name: 'justified', exact: true }).check()
    await report.getByLabel('Report').fill('Two hours, one capability, ended by hand.')
    await report.getByRole('button', { name: 'Review override' }).click()
    await report.waitFor({ state: 'detached' })
    await leave(third)
    const id = path.slice('/overrides/'.length)
    const found = await org.seats.it.call(readOverride, { params: { id } })
    expect([found.state, found.outcome]).toEqual(['reviewed', 'justified'])
  })

  test('a charter is drafted with its faults in place, tried on past cases, proposed and signed', async () => {
    const window = await at(org.seats.it, '/charter')
    const { page } = window
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByRole('link', { name: 'Draft next charter' }).click()
    await page.getByText(/ended cases? would have ended otherwise/).waitFor()
    const legal = page.getByRole('group', { name: 'Legal' })
    await legal.getByLabel('has a seat').uncheck()
    await page.getByText('A function that must approve is not asked, or has no seat.').waitFor()
    await page.getByRole('button', { name: 'Fit rules to the seats below' }).click()
    await page.getByText(/All rules of this draft are fitted to Security, Risk, Privacy/).waitFor()
    await page.getByText('A function that must approve is not asked').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: /^Take three functions/ }).click()
    await page.getByText(/All 3 have to be present/).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Take six functions' }).click()
    await page.getByText(/At least 5 of 6 have to be present/).waitFor()
    await page.getByLabel('Kind of case').selectOption('initial')
    await page.getByLabel('Present at least').fill('6')
    await page.getByText(/All 6 have to be present/).waitFor()
    await page
      .getByRole('button', { name: 'Propose charter' })
      .and(page.locator(':not([aria-disabled=true])'))
      .click()
    await page.getByRole('dialog').getByRole('button', { name: 'Propose charter' }).click()
    await page.waitForURL(/\/charter$/)
    await page.getByText('Still needed:').waitFor()
    expect(await page.getByRole('button', { name: 'Sign charter' }).getAttribute('title')).toBe(
      'Whoever proposes a charter does not sign it.',
    )
    await leave(window)

    const security = await at(org.seats.security, '/charter')
    await security.page.getByRole('button', { name: 'Sign charter' }).click()
    await security.page.getByRole('dialog').getByRole('button', { name: 'Sign charter' }).click()
    await sign(security.page)
    await security.page.getByText('Your signature is recorded.').waitFor()
    await leave(security)
    const { proposals } = await org.seats.it.call(readCharters, {})
    expect(proposals[0]?.signatures.map(({ fn }) => fn)).toEqual(['security'])
  })

  test('no screen has a fault of access in the dark or loses anything at 360 px', async () => {
    const paths = [
      '/cases',
      `/cases/${caseId}`,
      '/cases/new',
      '/charter',
      '/charter/edit',
      '/conditions',
      '/reviews',
      '/waivers',
      '/overrides',
    ]
    const dark = await visit(browser, plane.origin, org.seats.legal, { theme: 'dark' })
    for (const path of paths) {
      await dark.page.goto(path)
      await settled(dark.page)
      expect.soft([path, await accessibilityFaults(dark.page)]).toEqual([path, []])
    }
    await leave(dark)
    const narrow = await visit(browser, plane.origin, org.seats.legal, { width: 360, height: 740 })
    for (const path of paths) {
      await narrow.page.goto(path)
      await settled(narrow.page)
      const wider = await narrow.page.evaluate('document.documentElement.scrollWidth - window.innerWidth')
      expect.soft([path, wider]).toEqual([path, 0])
    }
    await leave(narrow)
  }, 300_000)

  test('nothing was complained of', () => {
    expect(complaints).toEqual([])
  })
})

const functionOf = {
  legal: 'legal',
  privacy: 'privacy',
  security: 'security',
  vendor: 'security',
  dpia: 'privacy',
  fria: 'legal',
} as const

/** Signs the given reviews off, each by the seat of its function. */
async function signOffOthers(org: Organisation, items: ReplyOf<typeof listReviews>['items']): Promise<void> {
  for (const { id, kind, subject } of items) {
    const reviewer = org.seats[functionOf[kind]]
    await reviewer.call(startReview, { params: { id }, ifMatch: 1 })
    const body = { subject, summary: 'Nothing speaks against it.', conditions: [] }
    await reviewer.call(signOffReview, { params: { id }, ifMatch: 2, body })
  }
}

/** Presses Tab until what has the focus is named so. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(
      `(() => { const e = document.activeElement; return (e.labels?.[0]?.textContent ?? e.textContent ?? '').trim() })()`,
    )
    if (typeof focused === 'string' && (focused === name || focused.startsWith(`${name} `))) return
  }
  throw new Error(`nothing named ${name} comes to the focus`)
}
