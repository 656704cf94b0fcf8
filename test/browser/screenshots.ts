import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
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
import { startMailServer } from '../support/mail-server.ts'
import { freePort } from '../support/plane.ts'
import { shotsOf } from './shots.ts'

/*
 * Pictures of every screen with the demo organisation, both themes, at 1440 and 768 px:
 * `npm run screenshots -- [--only <part of a name>] [--out <folder>] [--quick]`. Quick: one theme, one width.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    out: { type: 'string', default: 'docs/screenshots' },
    quick: { type: 'boolean', default: false },
  },
})
const out = resolve(values.out)
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
try {
  const origin = `http://localhost:${port}`
  const org = await foundOrganisation(origin, running.setupToken ?? '', provider.origin, () => undefined)
  const { gateway, vkey } = running
  const walked = await walkChain({ org, gateway, vkey, folder: home, tell: () => undefined })
  const live = await fillPortfolio(org, () => undefined)
  const shots = (await shotsOf(org, { walked, live })).filter(({ name }) => name.includes(values.only))
  const forms = values.quick
    ? [{ theme: 'light', width: 1440 } as const]
    : (['light', 'dark'] as const).flatMap((theme) => [1440, 768].map((width) => ({ theme, width }) as const))
  for (const { name, person, path, act } of shots)
    for (const { theme, width } of forms) {
      const { page, complaints, close } = await visit(browser, origin, person, { theme, width })
      await page.goto(path)
      await settled(page)
      await act?.(page)
      const file = `${name}-${theme}-${width}.png`
      await page.screenshot({ path: join(out, file), fullPage: width === 768 })
      console.log(file, complaints.join(' | '))
      await close()
    }
} finally {
  await browser.close()
  await provider.close()
  await running.close()
  await mailServer.close()
  rmSync(home, { recursive: true, force: true })
}
