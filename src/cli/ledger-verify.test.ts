import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sampleExport, sampleKinds, sampleVkey } from '../ledger/sample-export.ts'
import { verifyExportFile } from './ledger-verify.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-verify-'))
  const lines = await sampleExport({ size: 4 })
  await writeFile(join(folder, 'good'), lines.join(''))
  await writeFile(join(folder, 'bad'), lines.join('').replace('approve', 'refuse'))
  await writeFile(join(folder, 'empty'), (await sampleExport({ size: 0 })).join(''))
  await writeFile(join(folder, 'policy'), `# ours\nlog ${sampleVkey}\nquorum none\n`)
})
afterAll(async () => rm(folder, { recursive: true }))

test.each([
  ['good', { vkey: sampleVkey }, 10],
  ['good', { vkey: sampleVkey, require: 'unanchored' }, 0],
  ['good', { policyFile: 'policy', require: 'unanchored' }, 0],
  ['bad', { vkey: sampleVkey }, 40],
  ['empty', { vkey: sampleVkey }, 50],
  ['good', {}, 2],
  ['good', { vkey: 'x' }, 2],
  ['absent', { vkey: sampleVkey }, 2],
] as const)('%s with %j exits as documented', async (file, given, exitCode) => {
  const options = 'policyFile' in given ? { ...given, policyFile: join(folder, given.policyFile) } : given
  expect((await verifyExportFile(join(folder, file), { ...options, kinds: sampleKinds })).exitCode).toBe(
    exitCode,
  )
})

test('the report names the place of a change, also as JSON', async () => {
  const options = { vkey: sampleVkey, kinds: sampleKinds }
  const { text } = await verifyExportFile(join(folder, 'bad'), options)
  expect(text).toContain('MISMATCH: 4 entries, 2 checkpoints, 0 erased compartments, UNANCHORED')
  expect(text).toContain('OPENING at entry 0 facts')
  const json = await verifyExportFile(join(folder, 'bad'), { ...options, json: true })
  expect(JSON.parse(json.text)).toMatchObject({ exitCode: 40, verdict: 'mismatch', entries: 4 })
})
