import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createClient } from '../../src/contracts/client.ts'
import { loadDemo, readDemo, removeDemo, startDemo } from '../../src/contracts/routes/demo.ts'
import {
  beginPasskeyStepUp,
  finishPasskeyStepUp,
  readMe,
  readSetup,
} from '../../src/contracts/routes/identity.ts'
import { ledgerEntries } from '../../src/contracts/routes/ledger.ts'
import { enterAs, listCast, signAsSelf } from '../../src/contracts/routes/visitor.ts'
import { setUpPerson, type Person } from '../../src/main/demo/person.ts'
import { startEmptyProduct } from '../support/product.ts'

const root = resolve(import.meta.dirname, '../..')
const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Who stands in the log of this installation besides its one person and itself. */
async function strangersTo(admin: Person): Promise<readonly string[]> {
  const { items } = await admin.call(ledgerEntries, { query: { limit: 200 } })
  const own = `p:${admin.id}`
  expect(items.some(({ actor }) => actor === own)).toBe(true)
  return items
    .filter(({ actor }) => actor !== own && !actor.startsWith('sys:'))
    .map(({ actor, kind }) => `${actor}: ${kind}`)
}

/** Reads until the demo is where it shall be; one that fails says why. */
async function until(admin: Person, k: string) {
  for (;;) {
    const { state } = await admin.call(readDemo, { query: {} })
    if (state.k === k) return state
    if (state.k === 'failed') throw new Error(`${state.during}: ${state.why}`)
    await new Promise((turn) => setTimeout(turn, 200))
  }
}

test('an administrator loads a demo organisation, a visitor acts as one of its people, and it is removed whole', async () => {
  const product = await startEmptyProduct()
  folders.push(product.home)
  const folder = join(product.home, 'demo-organisation')
  try {
    const newcomer = { name: 'Ada', email: 'ada@example.org', token: product.setupToken }
    const admin = await setUpPerson(product.origin, newcomer)
    expect(await admin.call(readDemo, { query: {} })).toEqual({
      state: { k: 'none' },
      hindrance: null,
      isEmpty: true,
    })
    await expect(fetch(`${product.origin}/api/v1/visitor/people`)).resolves.toMatchObject({ status: 404 })
    await admin.call(loadDemo, {})
    await expect(admin.call(loadDemo, {})).rejects.toMatchObject({
      problem: { reasons: [{ code: 'WRONG_STATE', params: { state: 'loading' } }] },
    })
    const running = await until(admin, 'running')
    const origin = running.k === 'running' ? running.origin : ''
    expect(new URL(origin).host).not.toBe(new URL(product.origin).host)

    const visitor = createClient([], { baseUrl: origin, cookies: new Map() })
    expect(await visitor.call(readSetup, { query: {} })).toEqual({ isOpen: false, isDemo: true })
    const { items } = await visitor.call(listCast, { query: {} })
    const legal = items.find(({ seat }) => seat === 'legal')
    if (legal === undefined) throw new Error('nobody sits for the legal function')
    await visitor.call(enterAs, { body: { person: legal.id } })
    expect(await visitor.call(readMe, {})).toMatchObject({ name: legal.name, isDemo: true })
    const { ceremony, options } = await visitor.call(beginPasskeyStepUp, {})
    const { assertion } = await visitor.call(signAsSelf, { body: { challenge: options.challenge } })
    await visitor.call(finishPasskeyStepUp, { body: { ceremony, response: assertion } })

    const [pid] = readFileSync(join(folder, 'lock'), 'utf8').split(' ')
    process.kill(Number(pid), 'SIGKILL')
    expect(await until(admin, 'failed')).toMatchObject({ during: 'run' })
    await admin.call(startDemo, {})
    expect(await until(admin, 'running')).toEqual(running)
    expect((await visitor.call(readMe, {})).person).toBe(legal.id)

    expect(await strangersTo(admin)).toEqual([]) // nothing of it is a fact of this installation
    await admin.call(removeDemo, {})
    await until(admin, 'none')
    expect(existsSync(folder)).toBe(false)
    await expect(fetch(origin)).rejects.toThrow()
  } finally {
    await product.close()
  }
}, 180_000)

test('a demo ends with the process that holds it, also in the middle of its walk, and is not served as a real installation', async () => {
  const home = mkdtempSync(join(tmpdir(), 'cs-demo-held-'))
  folders.push(home)
  const held = command(['demo', '--json', '--attached'], home)
  await held.firstLine
  held.child.stdin.end() // what the kernel does for a parent that was killed
  expect(await held.ended).toBe(0)
  expect(readFileSync(join(home, 'postgres.log'), 'utf8')).toMatch(/database system is shut down\s*$/)

  const served = command(['serve', '--json'], home)
  expect([await served.ended, served.errors()]).toEqual([
    1,
    expect.stringContaining('is a demo installation'),
  ])
  const again = command(['demo', '--json', '--again'], home)
  expect([await again.ended, again.errors()]).toEqual([2, expect.stringContaining('no demo that was filled')])
}, 60_000)

function command(words: readonly string[], home: string) {
  const child = spawn(process.execPath, ['src/main/main.ts', ...words], {
    cwd: root,
    env: { ...process.env, COUNTERSIGN_HOME: home },
    stdio: 'pipe',
  })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const ended = new Promise<number | null>((done) => child.on('close', done))
  const firstLine = new Promise((done) => child.stdout.once('data', done))
  return { child, ended, firstLine, errors: () => errors }
}
