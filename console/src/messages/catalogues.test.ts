import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

test('no key stands in two catalogues, so none can depend on which screen came first', () => {
  const folder = resolve(import.meta.dirname, 'en')
  const keys = readdirSync(folder).flatMap((name) =>
    Object.keys(JSON.parse(readFileSync(join(folder, name), 'utf8')) as object),
  )
  expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([])
})
