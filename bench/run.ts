// Benches by name, each in a process of its own: see `usage`.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const benches: Readonly<Record<string, string>> = {
  'governance-tier': 'governance/tier.ts',
  'governance-replay': 'governance/replay.ts',
  'governance-grant': 'governance/grant.ts',
  'governance-import': 'governance/import.ts',
  'governance-overview': 'governance/overview.ts',
  'ledger-append': 'ledger/append.ts',
  guard: 'guard/bench.ts',
  gateway: 'gateway/bench.ts',
  'gateway-stop': 'gateway/stop.ts',
  'gateway-policy': 'gateway/policy.ts',
  'gateway-soak': 'gateway/soak.ts',
  'gateway-cedar-differential': 'gateway/cedar-differential.ts',
  'console-lists': 'console/lists.ts',
  'console-interaction': 'console/interaction.ts',
  'console-load': 'console/load.ts',
}
const usage = `usage: npm run bench -- [name] [numbers] [--json] [--write]

Without a name: all of them, results kept beside each bench. With one: that bench; numbers are its own, told at its top.
--json   one document to standard output, progress to standard error (npm -s run bench keeps npm itself quiet)
--write  keeps the results beside the bench

names: ${Object.keys(benches).join(' ')}`

const args = process.argv.slice(2)
const isJson = args.includes('--json')
const [name] = args.filter((arg) => !arg.startsWith('--'))
if (args.includes('--help')) {
  console.log(usage)
} else if (name === undefined) {
  const documents = Object.values(benches).map((bench) => run(bench, [...args, '--write']))
  if (isJson) printed(Object.assign({}, ...documents) as object)
} else {
  const bench = Object.hasOwn(benches, name) ? benches[name] : undefined
  if (bench === undefined) {
    console.error(usage)
    process.exit(2)
  }
  const document = run(
    bench,
    args.filter((arg) => arg !== name),
  )
  if (isJson) printed(document)
}

/** What the bench has to say as JSON; nothing without `--json`. A bench that fails makes this fail, after the others. */
function run(bench: string, options: readonly string[]): object {
  const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, bench), ...options], {
    stdio: ['inherit', isJson ? 'pipe' : 'inherit', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 64 * 1_048_576,
  })
  if (status !== 0) process.exitCode = 1
  return isJson && status === 0 ? (JSON.parse(stdout) as object) : {} // written by `report`
}

function printed(document: object): void {
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
}
