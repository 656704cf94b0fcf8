import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const folder = resolve(import.meta.dirname, '../bench')
const run = (...args: string[]) =>
  spawnSync(process.execPath, [join(folder, 'run.ts'), ...args], { encoding: 'utf8' })

test('benches are listed by name, and an unknown one is an error', () => {
  const { stdout, status } = run('--help')
  expect(status).toBe(0)
  expect(stdout).toMatch(/names: .*\bgateway gateway-stop\b.*\bconsole-lists\b/)
  expect(run('gatewya')).toMatchObject({ status: 2, stdout: '' })
})

test('one bench says its results as one JSON document, and keeps nothing', () => {
  const { stdout, stderr, status } = run('governance-tier', '0.01', '2', '--json')
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ tier: { node: process.version, conditions: { rounds: 2 } } })
  expect(stderr).toContain('tier')
})

test('every bench that reports has a name', () => {
  const { stdout } = run('--help')
  const areas = ['governance', 'ledger', 'guard', 'gateway', 'console']
  const scripts = areas.flatMap((area) =>
    readdirSync(join(folder, area))
      .filter((file) => file.endsWith('.ts') && !helpers.includes(`${area}/${file}`))
      .map((file) => (file === 'bench.ts' ? area : `${area}-${file.slice(0, -3)}`)),
  )
  const named = stdout.slice(stdout.indexOf('names: ') + 7).trim()
  expect(named.split(' ').toSorted()).toEqual(scripts.toSorted())
})

/** What benches are made of. */
const helpers = [
  'governance/case-history.ts',
  'console/large.ts',
  'gateway/caller.ts',
  'gateway/peer.ts',
  'gateway/soak-load.ts',
  'gateway/soak-target.ts',
  'gateway/soak-upstream.ts',
  'gateway/target.ts',
  'gateway/target-countersign.ts',
  'gateway/target-floor.ts',
  'gateway/target-portkey.ts',
]
