// Every bench, one after the other, each in a process of its own; results stand beside each bench afterwards.
// Usage: npm run bench
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const benches = [
  'governance/tier.ts',
  'governance/replay.ts',
  'governance/grant.ts',
  'governance/import.ts',
  'governance/overview.ts',
  'ledger/append.ts',
  'gateway/bench.ts',
  'gateway/stop.ts',
  'console/lists.ts',
  'console/interaction.ts',
  'console/load.ts',
]

for (const bench of benches) {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, bench), '--write'], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exitCode = 1
}
