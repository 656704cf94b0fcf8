import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
/** Defects that were seen in public products of this kind. What each of them is, the titles of its tests say. */
const ids = Array.from({ length: 31 }, (_, i) => `PD-${String(i + 1).padStart(2, '0')}`)

const titles = ['src', 'test'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .flatMap((path) => readFileSync(join(root, folder, path), 'utf8').match(/['"`]PD-\d\d: [^'"`]+/g) ?? []),
)

test.each(ids)('%s is a named regression test', (id) => {
  expect(titles.filter((title) => title.slice(1).startsWith(`${id}: `))).not.toEqual([])
})

test('no test names a defect that is not on the list', () => {
  expect(titles.filter((title) => !ids.includes(title.slice(1, 6)))).toEqual([])
})
