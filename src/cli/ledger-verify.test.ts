import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { completeStory, exportLines, type Line } from '../../test/support/story.ts'
import { eventKinds } from '../contracts/events.ts'
import type { JsonObject } from '../kernel/index.ts'
import { sampleExport, sampleVkey } from '../ledger/sample-export.ts'
import { runCli, type CliIo } from './cli.ts'
import { decisionReplayCommand } from './decision-replay.ts'
import { verifyExportFile } from './ledger-verify.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-verify-'))
  const story = await completeStory()
  const write = (name: string, lines: readonly string[]) => writeFile(join(folder, name), lines.join(''))
  const good = await exportLines(story)
  await write('good', good)
  await write(
    'bad',
    good.map((line) => line.replace('"choice":"approve"', '"choice":"object"')),
  )
  await write('forged', await exportLines(story.map(flipped)))
  await write(
    'untold',
    await exportLines(story.filter(({ kind }) => kind !== 'legal_map.published').slice(0, 8)),
  )
  await write('strange', await exportLines([{ ...(story[0] as Line), kind: 'moon.landed' }]))
  await write('empty', await sampleExport({ size: 0 }))
  await writeFile(join(folder, 'policy'), `# ours\nlog ${sampleVkey}\nquorum none\n`)
})
afterAll(async () => rm(folder, { recursive: true }))

/** Turns an approval into a rejection, as the holder of the log's key could. */
function flipped(line: Line): Line {
  if (line.kind !== 'decision.recorded') return line
  return {
    ...line,
    facts: { ...line.facts, decision: { ...(line.facts['decision'] as JsonObject), outcome: 'rejected' } },
  }
}

test.each([
  ['good', { vkey: sampleVkey }, 10],
  ['good', { vkey: sampleVkey, require: 'unanchored' }, 0],
  ['good', { policyFile: 'policy', require: 'unanchored' }, 0],
  ['bad', { vkey: sampleVkey }, 40],
  ['forged', { vkey: sampleVkey, require: 'unanchored' }, 40],
  ['untold', { vkey: sampleVkey, require: 'unanchored' }, 0],
  ['strange', { vkey: sampleVkey }, 50],
  ['empty', { vkey: sampleVkey }, 50],
  ['good', {}, 2],
  ['good', { vkey: 'x' }, 2],
  ['absent', { vkey: sampleVkey }, 2],
] as const)('%s with %j exits as documented', async (file, given, exitCode) => {
  const options = 'policyFile' in given ? { ...given, policyFile: join(folder, given.policyFile) } : given
  expect((await verifyExportFile(join(folder, file), { ...options, kinds: eventKinds })).exitCode).toBe(
    exitCode,
  )
})

test('the report tells the story in short, and the place of every problem', async () => {
  const options = { vkey: sampleVkey, kinds: eventKinds }
  const good = await verifyExportFile(join(folder, 'good'), options)
  expect(good.text.split('\n')[1]).toBe(
    'story: 19 people, 2 cases; decisions recomputed 2 of 2; passkey-signed acts verified 23 of 23; grants with a valid basis 2 of 2',
  )
  const bad = await verifyExportFile(join(folder, 'bad'), options)
  expect(bad.text).toMatch(
    /^MISMATCH: [0-9]+ entries, 1 checkpoints, 0 erased compartments, UNANCHORED\nstory: not read/,
  )
  expect(bad.text).toMatch(/OPENING at entry [0-9]+ facts/)
  const forged = await verifyExportFile(join(folder, 'forged'), options)
  expect(forged.text).toMatch(
    /DECISION_OUTCOME at entry [0-9]+ case\/case_\w+ evt_\w+: expected "approved_with_conditions", found "rejected"/,
  )
  expect(forged.text).toMatch(/GRANT_BASIS at entry [0-9]+ grantSeries/)
  const json = await verifyExportFile(join(folder, 'good'), { ...options, json: true })
  expect(JSON.parse(json.text)).toMatchObject({
    exitCode: 10,
    verdict: 'verified',
    story: { decisions: 2, verified: 23 },
  })
})

async function replay(...args: readonly string[]) {
  const said = { out: '', err: '' }
  const io: CliIo = {
    out: (text) => (said.out += text),
    err: (text) => (said.err += text),
    env: {},
    fetch: () => Promise.reject(new Error('no network')),
    readFile: () => Promise.reject(new Error('unused')),
    writeFile: () => Promise.reject(new Error('unused')),
    ask: null,
  }
  const exitCode = await runCli([decisionReplayCommand()], ['decision', 'replay', ...args], io)
  return { exitCode, ...said }
}

test('decision replay shows who voted under which rule, and the result computed again', async () => {
  const { exitCode, out } = await replay(join(folder, 'good'))
  expect(exitCode).toBe(0)
  expect(out).toMatch(
    /^case_\w+: initial, tier 3, prod: approved_with_conditions, recomputed approved_with_conditions: matches$/m,
  )
  expect(out).toMatch(
    /^ {2}rule: required security, risk, legal, privacy; at least 5 ballots; 2 of 3 approve; .*proof passkey_bound$/m,
  )
  expect(out).toMatch(/^ {4}risk, chair: usr_\w+ holder; usr_\w+ alternate$/m)
  expect(out).toMatch(
    /^ {4}entry [0-9]+: it usr_\w+ approve_with_conditions, 1 conditions, signed by passkey$/m,
  )
  expect(out).toMatch(/^ {2}tally: satisfied, 6 counted, 6 present, 6 approve$/m)
  const forged = await replay(join(folder, 'forged'), '--vkey', sampleVkey)
  expect([forged.exitCode, forged.out]).toEqual([40, expect.stringContaining('DOES NOT MATCH')])
})

test('decision replay of one case, as JSON, and of what it cannot read', async () => {
  const all = await replay(join(folder, 'good'), '--json')
  const { cases } = JSON.parse(all.out) as { cases: { case: { id: string } }[] }
  expect(cases).toHaveLength(2)
  const one = await replay(join(folder, 'good'), '--case', cases[1]?.case.id ?? '')
  expect(one.out).toMatch(/^case_\w+: resume, tier 3/)
  expect((await replay(join(folder, 'good'), '--case', 'case_0')).exitCode).toBe(2)
  expect((await replay(join(folder, 'bad'))).exitCode).toBe(40)
  expect((await replay(join(folder, 'absent'))).exitCode).toBe(2)
  expect((await replay(join(folder, 'policy'))).exitCode).toBe(40)
})
