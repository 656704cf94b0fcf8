import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { idFrom } from '../kernel/index.ts'
import type { EpochMs } from '../kernel/index.ts'
import { linesOf } from './export.ts'
import { sampleExport, sampleKinds, sampleVkey } from './sample-export.ts'
import { verifyExport } from './verify-export.ts'

const trust = { vkey: sampleVkey, kinds: sampleKinds }
const strangeKey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const verifyBytes = (bytes: Uint8Array) => verifyExport(linesOf([bytes]), trust)
const codes = async (lines: string[]) =>
  (await verifyExport(lines, trust)).findings.map((f) => `${f.code} ${f.subject}`)

test.each([2, 4, 6, 20])('a good export of %i entries verifies without a finding', async (size) => {
  const verdict = await verifyExport(await sampleExport({ size }), trust)
  expect(verdict).toMatchObject({
    verdict: 'verified',
    findings: [],
    entries: size,
    independence: 'unanchored',
  })
})

test('the form of the file is the published one', async () => {
  const golden = readFileSync(new URL('../../vectors/ledger/export.jsonl', import.meta.url), 'utf8')
  expect((await sampleExport({ size: 4 })).join('')).toBe(golden)
})

test('a flipped bit in any byte of a small export is a mismatch', { timeout: 60_000 }, async () => {
  const bytes = Buffer.from((await sampleExport({ size: 2 })).join(''))
  let survived = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
    if ((await verifyBytes(changed)).verdict !== 'mismatch') survived += 1
  }
  expect(bytes.length).toBeGreaterThan(2_000)
  expect(survived).toBe(0)
})

test('law: any bit flip, dropped, doubled or swapped line, or cut of a larger export is a mismatch', async () => {
  const lines = await sampleExport({ size: 12 })
  const bytes = Buffer.from(lines.join(''))
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.nat(),
      fc.constantFrom('flip', 'drop', 'double', 'swap', 'cut'),
      async (a, b, how) => {
        const [i, j] = [a % lines.length, b % lines.length]
        const changed = [...lines]
        let whole: Uint8Array | null = null
        if (how === 'flip') {
          const copy = Buffer.from(bytes)
          copy[a % bytes.length] = (copy[a % bytes.length] ?? 0) ^ (1 << (b & 7))
          whole = copy
        } else if (how === 'cut') whole = bytes.subarray(0, Math.max(1, a % bytes.length))
        else if (how === 'drop') changed.splice(i, 1)
        else if (how === 'double') changed.splice(j, 0, lines[i] ?? '')
        else [changed[i], changed[j]] = [lines[j] ?? '', lines[i] ?? '']
        const same = how === 'swap' && i === j
        const verdict = await verifyBytes(whole ?? Buffer.from(changed.join('')))
        expect(verdict.verdict).toBe(same ? 'verified' : 'mismatch')
      },
    ),
    { numRuns: 300 },
  )
})

test('a changed fact, leaf, path and checkpoint are each found at their place', async () => {
  const lines = await sampleExport({ size: 4 })
  const change = (at: number, from: string | RegExp, to: string) =>
    lines.map((line, i) => (i === at ? line.replace(from, to) : line))
  expect(await codes(change(1, 'approve', 'refuse'))).toContain('OPENING entry 0 facts')
  expect(await codes(change(2, 'prüfbar', 'gut'))).toContain('OPENING entry 1 personal')
  expect((await codes(change(2, '"ageS":3', '"ageS":4')))[0]).toBe('INCLUSION entry 1')
  expect(await codes(change(2, '"path":["', '"path":["A'))).toContain('LINE_UNKNOWN line 3')
  expect((await codes(change(3, '\\n2\\n', '\\n3\\n')))[0]).toBe('CHECKPOINT checkpoint 1')
  expect(await codes(change(0, '"exportedAt":99', '"exportedAt":98'))).toEqual(['END_CHAIN line 8'])
  expect(await codes(change(1, '{"facts"', '{"facts":1,"facts"'))).toContain('LINE_MALFORMED line 2')
  expect(await codes(change(1, ',"index"', ',"hidden":1,"index"'))).toContain('LINE_UNKNOWN line 2')
  expect(await codes([...lines, '{}\n'])).toEqual(['TRAILING_DATA line 9'])
})

test('even the holder of the log key cannot leave gaps in streams and commands', async () => {
  const gap = await sampleExport({ size: 4, alter: (leaf, i) => (i === 2 ? { ...leaf, rev: 9 } : leaf) })
  expect(await codes(gap)).toContain('STREAM_REVISION entry 2')
  const half = await sampleExport({
    size: 4,
    alter: (leaf, i) => (i === 3 ? { ...leaf, part: [2, 3] } : leaf),
  })
  expect(await codes(half)).toContain('COMMAND_PART entry 3')
  const cmd = idFrom('command', 5 as EpochMs, new Uint8Array(10))
  const open = await sampleExport({
    size: 4,
    alter: (leaf, i) => (i === 3 ? { ...leaf, cmd, part: [1, 2] } : leaf),
  })
  expect((await codes(open)).filter((code) => code.startsWith('COMMAND_INCOMPLETE'))).toHaveLength(2)
  const moved = await sampleExport({ size: 2, alter: (leaf) => ({ ...leaf, log: 'log.example/other' }) })
  expect(await codes(moved)).toContain('LOG entry 0')
})

test('PD-09: zero entries are unverifiable, not valid', async () => {
  const verdict = await verifyExport(await sampleExport({ size: 0 }), trust)
  expect(verdict.verdict).toBe('unverifiable')
  expect(verdict.findings.map(({ code }) => code)).toEqual(['NO_ENTRIES'])
  expect((await verifyExport([], trust)).verdict).toBe('mismatch')
})

test('an unknown kind and erased or closed facts are unverifiable, erased personal data is not', async () => {
  const lines = await sampleExport({ size: 2 })
  expect((await verifyExport(lines, { ...trust, kinds: new Set() })).verdict).toBe('unverifiable')
  const facts = await sampleExport({ size: 2, show: (entry) => ({ ...entry, facts: 'erased' }) })
  expect(await verifyExport(facts, trust)).toMatchObject({ verdict: 'unverifiable', erased: 2 })
  const closed = await sampleExport({ size: 2, show: ({ index, leaf }) => ({ index, leaf }) })
  expect((await verifyExport(closed, trust)).verdict).toBe('unverifiable')
  const personal = await sampleExport({ size: 2, show: (entry) => ({ ...entry, personal: 'erased' }) })
  expect(await verifyExport(personal, trust)).toMatchObject({ verdict: 'verified', erased: 2 })
})

test('the key comes from the caller: an export under another key never verifies', async () => {
  const lines = await sampleExport({ size: 2 })
  expect((await verifyExport(lines, { ...trust, vkey: strangeKey })).verdict).toBe('mismatch')
  expect((await verifyExport(lines, { ...trust, vkey: 'x' })).verdict).not.toBe('verified')
})

test('recomputation sees every entry and its findings count', async () => {
  const lines = await sampleExport({ size: 4 })
  const finding = {
    code: 'DECISION',
    weight: 'mismatch',
    subject: 'entry 3',
    expected: 'a',
    found: 'b',
  } as const
  const seen: unknown[] = []
  const recompute = (entries: readonly { readonly facts?: unknown }[]) => {
    seen.push(...entries.map(({ facts }) => facts))
    return [finding]
  }
  expect(await verifyExport(lines, { ...trust, recompute })).toMatchObject({
    verdict: 'mismatch',
    findings: [finding],
  })
  expect(seen[3]).toEqual({ function: 'legal', points: 3, vote: 'approve' })
})

test('lines are cut the same wherever the chunks end, and an endless line is not read on', async () => {
  const bytes = Buffer.from((await sampleExport({ size: 4 })).join(''))
  const chunks = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) =>
    bytes.subarray(i * 7, i * 7 + 7),
  )
  expect((await verifyExport(linesOf(chunks), trust)).verdict).toBe('verified')
  let read = 0
  const endless = function* () {
    for (;;) {
      read += 1
      yield Buffer.alloc(65_536, 32)
    }
  }
  expect((await verifyExport(linesOf(endless()), trust)).verdict).toBe('mismatch')
  expect(read).toBeLessThan(20)
})
