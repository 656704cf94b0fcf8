import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

test('the demo walks the whole chain on a fresh installation, and refuses one that is in use', async () => {
  const home = mkdtempSync(join(tmpdir(), 'cs-demo-'))
  try {
    const first = await demo(home)
    expect(first.errors).toBe('')
    expect(first.code).toBe(0)
    const told = first.out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { line: string }).line)
    const inOrder = [
      /^a fresh installation/,
      /^three people of three functions have signed the first charter/,
      /^intake and triage: tier 3, because/,
      /^release sha256:/,
      /^a call before approval: 403 grant_absent/,
      /^3 reviews signed off/,
      /^10 required checks/,
      /^six ballots, each signed/,
      /^answered: "SIMULATOR/,
      /^answered as a stream: \d+ chunks/,
      /^stopped by one person; \d{1,3} ms later: 403 grant_stopped/,
      /^the committee has decided to resume/,
      /^answered again/,
      /^a tier 1 system is approved until/,
      /^after its expiry: 403 grant_/,
      /^the exported ledger verifies offline: VERIFIED/,
      /one entry changed: .* at entry \d+/,
      /one proof changed: .* at entry \d+/,
      /one checkpoint changed: .* at checkpoint \d+/,
      /^done/,
    ]
    let at = -1
    for (const form of inOrder) {
      const found = told.findIndex((line, n) => n > at && form.test(line))
      expect(found, `${form} in ${told.join('\n')}`).toBeGreaterThan(at)
      at = found
    }
    const second = await demo(home)
    expect([second.code, second.errors]).toEqual([2, expect.stringContaining('installation already')])
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}, 120_000)

function demo(
  home: string,
): Promise<{ readonly code: number | null; readonly out: string; readonly errors: string }> {
  const child = spawn(process.execPath, ['src/main/main.ts', 'demo', '--exit', '--json'], {
    cwd: root,
    env: { ...process.env, COUNTERSIGN_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, errors] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  return new Promise((done) => child.on('exit', (code) => done({ code, out, errors })))
}
