import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { totpAt } from '../../src/adapters/identity/totp.ts'
import { createClient } from '../../src/contracts/client.ts'
import { completeEnrolment, readMe, stepUpByTotp } from '../../src/contracts/routes/identity.ts'
import { ledgerEntries } from '../../src/contracts/routes/ledger.ts'
import { routes } from '../../src/contracts/routes/index.ts'
import { epochMs } from '../../src/kernel/index.ts'
import { readConfig } from '../../src/main/config.ts'
import { setUpPerson } from '../../src/main/demo/person.ts'
import { startCountersign, type Running } from '../../src/main/serve.ts'
import { freePort } from '../support/product.ts'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../..')

test('admin recover ends what an administrator had and gives a token, beside a running product or alone', async () => {
  const home = mkdtempSync(join(tmpdir(), 'cs-recover-'))
  const config = readConfig({
    COUNTERSIGN_HOME: home,
    COUNTERSIGN_PORT: String(await freePort()),
    COUNTERSIGN_GATEWAY_PORT: String(await freePort()),
  })
  const start = () => startCountersign(config, () => undefined, pino({ level: 'silent' }))
  const recover = async (email: string) => {
    const argv = ['src/main/main.ts', 'admin', 'recover', '--email', email, '--json']
    const { stdout } = await run(process.execPath, argv, {
      cwd: root,
      env: { ...process.env, COUNTERSIGN_HOME: home },
    })
    return JSON.parse(stdout) as { readonly person: string; readonly token: string }
  }
  let running: Running | null = await start()
  try {
    const name = 'Ada Admin'
    const email = 'ada@soc.example'
    const ada = await setUpPerson(config.origin, { name, email, token: running.setupToken ?? '' })
    await expect(recover('nobody@soc.example')).rejects.toMatchObject({ code: 1 })

    const beside = await recover(email)
    expect(beside.person).toBe(ada.id)
    await expect(ada.call(readMe, {})).rejects.toMatchObject({ problem: { code: 'UNAUTHENTICATED' } })

    await running.close()
    running = null
    const alone = await recover(email)

    running = await start()
    const client = createClient(routes, { baseUrl: config.origin, cookies: new Map() })
    const password = 'a long way to the lighthouse'
    const enrol = (token: string) => client.call(completeEnrolment, { body: { token, password } })
    await expect(enrol(beside.token)).rejects.toMatchObject({ problem: { code: 'UNAUTHENTICATED' } })
    const { person, totp } = await enrol(alone.token)
    expect(person).toBe(ada.id)
    await client.call(stepUpByTotp, { body: { code: totpAt(totp.secret, epochMs(Date.now())) } })
    const kind = 'installation.recovered'
    const indexed = async () =>
      (await client.call(ledgerEntries, { query: { kind, limit: 50 } })).items.length
    await expect.poll(indexed).toBe(2)
  } finally {
    await running?.close()
    rmSync(home, { recursive: true, force: true })
  }
}, 120_000)
