/**
 * Decides generated cases with our evaluator of Cedar policies and with Cedar's own engine, and compares decision,
 * deciding policies and errors. A mismatch makes the run fail and is printed whole.
 * Usage: `node bench/gateway/cedar-differential.ts [cases] [seed] [--write]`.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cedarVersion } from '../../src/adapters/cedar/cedar-wasm.ts'
import { compareWithCedar } from '../../test/support/cedar-comparison.ts'
import { numbersOf } from '../measure.ts'

const [cases = 0, seed = 0] = numbersOf(1_000_000, 20_261_129)
const portion = 10_000
const total = { cases: 0, permits: 0, denials: 0, faults: 0, opened: 0, erringPermits: 0, mismatches: 0 }

for (let done = 0; done < cases; done += portion) {
  const found = compareWithCedar(seed + done, Math.min(portion, cases - done), 20) // each portion has a seed of its own
  for (const { what, policies, request } of found.mismatches)
    console.log(`${what}\n${JSON.stringify({ policies, request })}\n`)
  for (const name of ['cases', 'permits', 'denials', 'faults', 'opened', 'erringPermits'] as const)
    total[name] += found[name]
  total.mismatches += found.mismatches.length
  if (total.cases % 100_000 === 0) console.log(total)
}

if (total.mismatches > 0) process.exitCode = 1
const results = {
  date: new Date().toISOString(),
  node: process.version,
  cedarWasm: cedarVersion,
  seed,
  ...total,
  faultsMean:
    'a forbid erred, so we deny; `opened` of these were allowed by Cedar, which skips such a policy',
}
console.log(results)
if (process.argv.includes('--write'))
  writeFileSync(join(import.meta.dirname, 'cedar-differential.json'), `${JSON.stringify(results, null, 2)}\n`)
