import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startDemoProvider } from '../../src/adapters/demo-provider/demo-provider.ts'
import { readConfig } from '../../src/main/config.ts'
import { foundOrganisation } from '../../src/main/demo/organisation.ts'
import { fillPortfolio } from '../../src/main/demo/portfolio.ts'
import { walkChain } from '../../src/main/demo/walk.ts'
import { startCountersign } from '../../src/main/serve.ts'
import { settled, startBrowser, visit } from '../support/browser.ts'
import { foundCalls } from '../support/found-calls.ts'
import { startMailServer } from '../support/mail-server.ts'
import { freePort } from '../support/plane.ts'
import { recordCalls } from '../support/record-calls.ts'
import { smallPng } from '../support/small-png.ts'
import { documented, shotsOf, type Shot } from './shots.ts'
import { closedShots, emptyShots } from './shots/empty.ts'

/*
 * Pictures of every screen with the demo organisation, both themes, at 1440 and 768 px:
 * `npm run screenshots -- [--only <parts of names, with commas>] [--out <folder>] [--quick] [--form dark-1440]`. Quick: light, 1440 px.
 * Two more widths are taken when `--form` names them: 360 px, a telephone, and 720 px, which is 1440 px at a zoom of 200 %.
 * `--docs` takes the pictures that the README and the guides show, and writes them where these look for them.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    out: { type: 'string', default: 'docs/screenshots' },
    quick: { type: 'boolean', default: false },
    form: { type: 'string', default: '' },
    docs: { type: 'boolean', default: false },
  },
})
const out = resolve(values.docs ? 'docs/pictures' : values.out)
mkdirSync(out, { recursive: true })
const home = mkdtempSync(join(tmpdir(), 'cs-shots-'))
const port = await freePort()
const mailServer = await startMailServer()
const running = await startCountersign(
  readConfig({
    COUNTERSIGN_HOME: home,
    COUNTERSIGN_PORT: String(port),
    COUNTERSIGN_GATEWAY_PORT: '0',
    COUNTERSIGN_LOG: 'error',
    COUNTERSIGN_SMTP_HOST: '127.0.0.1',
    COUNTERSIGN_SMTP_PORT: String(mailServer.port),
    COUNTERSIGN_SMTP_TLS: 'none',
    COUNTERSIGN_MAIL_FROM: 'Countersign <countersign@soc.example>',
  }),
  () => undefined,
)
const provider = await startDemoProvider({ chunkDelayMs: 1 })
const browser = await startBrowser()
const origin = `http://localhost:${port}`
const isWanted = ({ name }: Shot) =>
  values.docs ? documented.includes(name) : values.only.split(',').some((part) => name.includes(part))
const wanted = values.quick || values.docs ? 'light-1440' : values.form
const widths = [1440, 768, 720, 360].slice(0, wanted === '' ? 2 : 4)
const forms = (['light', 'dark'] as const)
  .flatMap((theme) => widths.map((width) => ({ theme, width })))
  .filter(({ theme, width }) => `${theme}-${width}`.includes(wanted))
let failures = 0

/** Takes one picture. What goes wrong on the way is said, and the picture shows how far it came. */
async function take(
  { name, person, path, act }: Shot,
  { theme, width }: (typeof forms)[number],
): Promise<void> {
  const { page, complaints, close } = await visit(browser, origin, person, { theme, width })
  page.setDefaultTimeout(10_000)
  const show = async () => {
    await page.goto(path)
    await settled(page)
    await act?.(page)
  }
  const faults = [
    ...complaints,
    ...(await show().then(
      () => [],
      (error: unknown) => [String(error)],
    )),
  ]
  const file = values.docs ? `${name}.png` : `${name}-${theme}-${width}.png`
  const picture = await page.screenshot({ fullPage: !values.docs })
  writeFileSync(join(out, file), values.docs ? smallPng(picture) : picture)
  console.log(file, faults.join(' | '))
  failures += faults.length
  await close()
}
async function takeAll(shots: readonly Shot[]): Promise<void> {
  for (const shot of shots.filter(isWanted)) for (const form of forms) await take(shot, form)
}

try {
  const token = running.setupToken ?? ''
  await takeAll(closedShots(token))
  const org = await foundOrganisation(origin, token, provider.origin, () => undefined)
  await takeAll(emptyShots(org))
  const { gateway, vkey } = running
  const walked = await walkChain({ org, gateway, vkey, folder: home, tell: () => undefined })
  const live = await fillPortfolio(org, () => undefined)
  await recordCalls(home, foundCalls(live.deploymentId, Date.now()))
  await takeAll(await shotsOf(org, { walked, live }))
} finally {
  await browser.close()
  await provider.close()
  await running.close()
  await mailServer.close()
  rmSync(home, { recursive: true, force: true })
}
if (failures > 0) process.exitCode = 1
