// `npm test`: types, lint, format and every test, with one closing line. Arguments go to Vitest.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = process.env.COUNTERSIGN_ROOT ?? process.cwd()
const bin = (path) => join(root, 'node_modules', path)
const isStatic = process.argv[2] === '--static'
const only = process.argv.slice(isStatic ? 3 : 2)
let passed = 0
let failed = 0

if (only.length === 0) {
  step('types', bin('typescript/bin/tsc'), ['-p', root])
  step('types of the console', bin('typescript/bin/tsc'), ['-p', join(root, 'console')])
  step('lint', bin('oxlint/bin/oxlint'), [
    '--type-aware',
    '--deny-warnings',
    'src',
    'test',
    'bench',
    'console/src',
  ])
  step('format', bin('@biomejs/biome/bin/biome'), ['check', '--formatter-enabled=true', '.'])
}

if (isStatic) close()

const reportFolder = mkdtempSync(join(tmpdir(), 'countersign-test-'))
const report = join(reportFolder, 'report.json')
const run = node(bin('vitest/vitest.mjs'), [
  'run',
  '--reporter=dot',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...only,
])
try {
  const totals = JSON.parse(readFileSync(report, 'utf8'))
  passed += totals.numPassedTests
  failed += totals.numFailedTests
  if (run.status !== 0 && totals.numFailedTests === 0) failed += 1
} catch {
  failed += 1
}
rmSync(reportFolder, { recursive: true, force: true })

close()

/** Ends with the line that counts. */
function close() {
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed === 0 ? 0 : 1)
}

function step(name, program, args) {
  const done = node(program, args)
  if (done.status === 0) passed += 1
  else failed += 1
  console.log(`${done.status === 0 ? 'ok  ' : 'FAIL'} ${name}`)
}

function node(program, args) {
  return spawnSync(process.execPath, [program, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }) },
  })
}
