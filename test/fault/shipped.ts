import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runningServer } from '../../src/adapters/postgres/embedded.ts'
import { createPool, type Database, type Pool } from '../../src/adapters/postgres/index.ts'
import { parseVkey, type VerifierKey } from '../../src/ledger/index.ts'
import { freePort } from '../support/product.ts'

const root = resolve(import.meta.dirname, '../..')
const startWithinMs = 60_000

type Announced = {
  readonly vkey: string
  readonly setupToken: string | null
  readonly gateway: string
}

/** What makes one process differ from the whole product on its own folder. */
type More = { readonly home?: string; readonly env?: Readonly<Record<string, string>> }

/** The shipped program in a process of its own, on its own folder and ports, that tests may kill and start again. */
export class Shipped {
  readonly home: string
  readonly #ports: readonly [number, number]
  readonly #more: More
  #child: ChildProcess | null = null
  #ended: Promise<number | null> = Promise.resolve(null)
  #announced: Announced | null = null
  #errors = ''

  private constructor(ports: readonly [number, number], more: More) {
    this.#ports = ports
    this.#more = more
    this.home = more.home ?? mkdtempSync(join(tmpdir(), 'cs-fault-'))
  }

  static async create(more: More = {}): Promise<Shipped> {
    return new Shipped([await freePort(), await freePort()], more)
  }

  get origin(): string {
    return `http://localhost:${this.#ports[0]}`
  }

  get announced(): Announced {
    if (this.#announced === null) throw new Error('not started')
    return this.#announced
  }

  get key(): VerifierKey {
    const key = parseVkey(this.announced.vkey)
    if (key === null) throw new Error('no verifier key')
    return key
  }

  /** What the process has written to its error stream since it started. */
  get errors(): string {
    return this.#errors
  }

  get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      COUNTERSIGN_HOME: this.home,
      COUNTERSIGN_PORT: String(this.#ports[0]),
      COUNTERSIGN_GATEWAY_PORT: String(this.#ports[1]),
      COUNTERSIGN_LOG: 'error',
      COUNTERSIGN_DRAIN_ACCEPT_SECONDS: '0',
      ...this.#more.env,
    }
  }

  /** Starts it and waits until it serves. Returns how long that took, in ms. */
  async start(): Promise<number> {
    const from = Date.now()
    const child = spawn(process.execPath, ['src/main/main.ts', 'serve', '--json'], {
      cwd: root,
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    this.#errors = ''
    this.#ended = new Promise((done) => child.on('close', done))
    child.stderr?.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()))
    const line = await new Promise<string>((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`not ready: ${this.#errors}`)), startWithinMs)
      child.stdout?.once('data', (chunk: Buffer) => {
        clearTimeout(timer)
        done(chunk.toString())
      })
      void this.#ended.then((code) =>
        fail(new Error(`serve ended with ${code}: ${this.#errors}\n${this.#databaseLog()}`)),
      )
    })
    this.#announced = JSON.parse(line) as Announced
    return Date.now() - from
  }

  #databaseLog(): string {
    const path = join(this.home, 'postgres.log')
    return existsSync(path) ? readFileSync(path, 'utf8').slice(-4_000) : ''
  }

  /** Waits until the process has ended; its exit code, or null when a signal ended it. */
  ended(): Promise<number | null> {
    return this.#ended
  }

  /** Sends a signal and waits for nothing. */
  send(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  async signal(signal: NodeJS.Signals): Promise<number | null> {
    this.#child?.kill(signal)
    return this.#ended
  }

  /** The server's own process, the parent of all its sessions. */
  postmaster(): number {
    const note = join(this.home, 'database-is-elsewhere.txt')
    const base = existsSync(note) ? readFileSync(note, 'utf8').trim() : this.home
    return Number(readFileSync(join(base, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])
  }

  database(): Database {
    const address = runningServer(this.home)
    if (address === null) throw new Error('the database does not run')
    return address
  }

  /** Looks into the database as its owner. */
  async look<T>(at: (pool: Pool) => Promise<T>): Promise<T> {
    const pool = createPool(this.database(), undefined, 1)
    try {
      return await at(pool)
    } finally {
      await pool.end()
    }
  }

  /** Runs another command of the program beside it. */
  async command(args: readonly string[]): Promise<{ readonly code: number | null; readonly out: string }> {
    const child = spawn(process.execPath, ['src/main/main.ts', ...args], {
      cwd: root,
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (out += chunk.toString()))
    return { code: await new Promise((done) => child.on('close', done)), out }
  }

  /** Ends it cleanly, so that no database is left behind, and removes its folder. */
  async close(): Promise<void> {
    await this.signal('SIGTERM')
    rmSync(this.home, { recursive: true, force: true })
  }
}
