import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { totpAt } from '../../src/adapters/identity/totp.ts'
import { epochMs } from '../../src/kernel/index.ts'
import { createShell, keeps, startStep, stepsOf, type Background, type Step } from '../support/guide.ts'
import { freePort } from '../support/product.ts'

const folder = mkdtempSync(join(tmpdir(), 'cs-guide-'))
const background: Background[] = []
afterAll(async () => {
  for (const running of background) await running.stop()
  rmSync(folder, { recursive: true, force: true })
})

const steps = stepsOf('docs/guides/getting-started.md')
const own = steps.findIndex(({ script }) => script === 'npm start\n')

async function environment(home: string): Promise<NodeJS.ProcessEnv> {
  const { COUNTERSIGN_LOG: _log, ...env } = process.env
  return {
    ...env,
    COUNTERSIGN_HOME: join(folder, home),
    COUNTERSIGN_PORT: String(await freePort()),
    COUNTERSIGN_GATEWAY_PORT: String(await freePort()),
  }
}

test('the guide has both halves', () => {
  expect(steps[0]?.script).toBe('npm run demo\n')
  expect(own).toBeGreaterThan(8)
  expect(steps.length).toBeGreaterThan(own + 3)
})

test('the first half of the guide does what it says, on a demo of its own', async () => {
  const env = await environment('data-demo')
  const demo = startStep(steps[0]?.script ?? '', env)
  background.push(demo)
  await demo.until(/keeps running/)
  const shell = createShell(mkdtempSync(join(folder, 'shell-')), env)
  // These two say that they continue in the same shell.
  const more = ['docs/guides/ci-gate.md', 'docs/guides/ledger.md', 'docs/guides/own-policies.md'].flatMap(
    stepsOf,
  )
  for (const step of [...steps.slice(1, own), ...more]) {
    const script = step.script.replaceAll('./data-demo', join(folder, 'data-demo'))
    const { code, out, errors } = await shell(script)
    expectKept(step, out, errors)
    expect([code, errors], `${at(step)}: ${out}`).toEqual([0, ''])
  }
}, 420_000)

test('the second half sets an installation up', async () => {
  const env = await environment('data')
  const { COUNTERSIGN_PORT: port = '', COUNTERSIGN_GATEWAY_PORT: gatewayPort = '' } = env
  const here = (text: string) =>
    text
      .replaceAll('./data/', `${join(folder, 'data')}/`)
      .replaceAll(':8787', `:${port}`)
      .replaceAll(':8788', `:${gatewayPort}`)
  const [start, ...rest] = steps.slice(own)
  const serve = startStep(start?.script ?? '', env)
  background.push(serve)
  await serve.until(/How to go on/)
  const banner = serve.printed().slice(serve.printed().indexOf('Countersign runs at'))
  if (start !== undefined) expectKept({ ...start, promised: here(start.promised ?? '') }, banner, '')
  const token = /Set-up token: +(\S+)/.exec(banner)?.[1] ?? ''
  const shell = createShell(mkdtempSync(join(folder, 'shell-')), env)
  let secret = ''
  for (const step of rest) {
    const typed = step.script.includes('read -r SETUP_TOKEN')
      ? `${token}\nthe lighthouse keeper sings\n`
      : `${secret === '' ? '' : totpAt(secret, epochMs(Date.now()))}\n`
    const { out, errors } = await shell(here(step.script), typed)
    expectKept(step, out, errors)
    secret = /"secret":"(\w+)"/.exec(out)?.[1] ?? secret
  }
}, 300_000)

function expectKept(step: Step, out: string, errors: string): void {
  if (step.promised === null) return
  expect(keeps(out, step.promised), `${at(step)}:\n${out}\n${errors}\nis not\n${step.promised}`).toBe(true)
}

function at({ guide, line }: Step): string {
  return `${guide}:${line}`
}
