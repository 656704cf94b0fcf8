// Bootstrap: any Node >= 20 may run this. It installs the locked dependencies when they are missing or stale,
// builds the console for whatever serves it, and runs the given script on the pinned Node of the dependencies. Usage: node scripts/run.mjs <script> [args...]
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildConsole } from './console.mjs'
import { compileCacheIn, nodeFlags } from './start-options.mjs'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const [script, ...args] = process.argv.slice(2)
if (!script) {
  console.error('usage: node scripts/run.mjs <script> [args...]')
  process.exit(2)
}

install()
if (needsConsole()) build()
run(pinnedNode(), [...nodeFlags, resolve(root, script), ...args])

/** Installs exactly what the lock file names, once per lock file. */
function install() {
  const stamp = join(root, 'node_modules', '.countersign-install')
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package.json')))
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(pinnedNode())) return
  console.error('Installing the locked dependencies (once per lock file) ...')
  const npm = process.env.npm_execpath
  const flags = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const done = npm
    ? spawnSync(process.execPath, [npm, ...flags], { cwd: root, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', flags, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
  if (done.status !== 0) {
    console.error('npm ci failed; the messages above say why. Nothing was started.')
    process.exit(done.status ?? 1)
  }
  writeFileSync(stamp, wanted)
}

/** The programs that serve the console, and the tests that look at it. */
function needsConsole() {
  return (
    ['serve', 'demo'].includes(args[0]) ||
    ['scripts/test.mjs', 'test/browser/screenshots.ts', 'bench/run.ts'].includes(script)
  )
}

function build() {
  try {
    buildConsole(pinnedNode())
  } catch (error) {
    console.error(`${error.message}. Nothing was started.`)
    process.exit(1)
  }
}

function pinnedNode() {
  return join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
}

/** The program starts in half of the time with it; tests count which code runs, and that does not go together with it. */
function codeCache() {
  return script.startsWith('src/') ? { NODE_COMPILE_CACHE: compileCacheIn(root) } : {}
}

/** Runs the program in our place: same streams, signals passed on, same exit code. */
function run(command, commandArgs) {
  const child = spawn(command, commandArgs, {
    stdio: 'inherit',
    env: { ...codeCache(), ...process.env, COUNTERSIGN_ROOT: root },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`cannot run ${command}: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) =>
    process.exit(code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 1)),
  )
}
