import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { digestOf } from '../kernel/index.ts'
import { catalogueFolder } from './catalogue-folder.ts'
import { pinnedGuard } from './pinned-guard.ts'

let folder: string | null = null
afterEach(() => {
  if (folder !== null) rmSync(folder, { recursive: true })
  folder = null
})

/** A copy of the guard's files, with its weights changed. */
function withWeights(change: (bytes: Buffer) => Buffer | null): string {
  folder = mkdtempSync(join(tmpdir(), 'countersign-guard-'))
  for (const name of ['rules.json', 'tokens.json', 'treatments.json'])
    cpSync(join(catalogueFolder, 'guard', name), join(folder, 'guard', name))
  const name = join('guard', 'injection.1.csgm')
  const bytes = change(readFileSync(join(catalogueFolder, name)))
  if (bytes !== null) writeFileSync(join(folder, name), bytes)
  return folder
}

test('the guard that is expected', () => {
  const { digest } = pinnedGuard(catalogueFolder, null)
  expect(pinnedGuard(catalogueFolder, digest).digest).toBe(digest)
  expect(
    pinnedGuard(
      withWeights((bytes) => bytes),
      digest,
    ).digest,
  ).toBe(digest)
})

test('another guard than the one that is expected does not start', () => {
  expect(() => pinnedGuard(catalogueFolder, digestOf('another'))).toThrow('COUNTERSIGN_GUARD_DIGEST')
})

test.each<[string, (bytes: Buffer) => Buffer | null]>([
  ['missing', () => null],
  ['empty', () => Buffer.alloc(0)],
  ['cut off', (bytes) => bytes.subarray(0, -1)],
  ['longer', (bytes) => Buffer.concat([bytes, Buffer.from([0])])],
  [
    'changed in one bit',
    (bytes) => {
      const changed = Buffer.from(bytes)
      changed.writeUInt8(changed.readUInt8(changed.length - 3) ^ 1, changed.length - 3)
      return changed
    },
  ],
])('a guard whose weights are %s does not start', (_how, change) => {
  expect(() => pinnedGuard(withWeights(change), null)).toThrow(/weights/)
})
