import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const home = mkdtempSync(join(tmpdir(), 'cs-serve-'))
const started: ChildProcess[] = []

afterAll(() => {
  for (const child of started) child.kill('SIGKILL')
  rmSync(home, { recursive: true, force: true })
})

type Served = {
  readonly child: ChildProcess
  readonly origin: string
  readonly ended: Promise<number | null>
}

/** Starts the shipped program and waits for the address that it prints. */
async function serve(): Promise<Served> {
  const child = spawn(process.execPath, ['src/main/main.ts', 'serve', '--json'], {
    cwd: root,
    env: {
      ...process.env,
      COUNTERSIGN_HOME: home,
      COUNTERSIGN_PORT: '0',
      COUNTERSIGN_GATEWAY_PORT: '0',
      COUNTERSIGN_LOG: 'warn',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  const ended = new Promise<number | null>((done) => child.on('exit', done))
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const line = await new Promise<string>((done, fail) => {
    child.stdout?.once('data', (chunk: Buffer) => done(chunk.toString()))
    void ended.then((code) => fail(new Error(`serve ended with ${code}: ${errors}`)))
  })
  const { origin } = JSON.parse(line) as { origin: string }
  return { child, origin, ended }
}

test('serve starts on an empty folder, survives kill -9, refuses a second process, and drains on SIGTERM', async () => {
  const first = await serve()
  expect((await fetch(`${first.origin}/api/v1/openapi.json`)).status).toBe(200)
  first.child.kill('SIGKILL')
  await first.ended

  const second = await serve() // its database server was left behind and is stopped first
  expect((await fetch(second.origin)).status).toBe(200)
  await expect(serve()).rejects.toThrow(/in use by process/)

  second.child.kill('SIGTERM')
  expect(await second.ended).toBe(0)
  await expect(fetch(second.origin)).rejects.toThrow()
}, 60_000)

test('Ctrl-C, which a terminal sends to the program and its wrapper passes on, is one request to stop', async () => {
  const { child, ended } = await serve()
  child.kill('SIGINT')
  // Two signals at the same moment would be one. The gap blocks, so that it is short on a busy machine too.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
  child.kill('SIGINT')
  expect(await ended).toBe(0)
  expect(readFileSync(join(home, 'postgres.log'), 'utf8')).toMatch(/database system is shut down\s*$/)
}, 60_000)

test('a process that was asked to stop ends by itself, however late an echo of the signal comes', async () => {
  const child = spawn(process.execPath, ['src/main/main.ts', 'demo-provider', '--port', '0'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(child)
  let killedBy: NodeJS.Signals | null | undefined
  child.on('exit', (_code, signal) => (killedBy = signal))
  await new Promise((ready) => child.stdout?.once('data', ready))
  while (killedBy === undefined) {
    child.kill('SIGINT')
    await new Promise((turn) => setImmediate(turn))
  }
  expect(killedBy).toBeNull()
}, 60_000)
