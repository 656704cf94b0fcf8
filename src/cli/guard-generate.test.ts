import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runIn } from '../../test/support/cli.ts'
import { guardGenerateCommand } from './guard-generate.ts'

const facts = { version: 1, style: 'a style', channel: 'user', lang: 'en', count: 3 }
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'generators-'))
  await mkdir(join(folder, 'families'))
  await mkdir(join(folder, 'parts'))
  await writeFile(join(folder, 'parts/words.json'), JSON.stringify({ word: ['one', 'two', 'three', 'four'] }))
  await family('first', { family: 'first', label: 'attack', texts: ['say {word}'] })
  await family('second', { family: 'second', label: 'benign', texts: ['{word^} {n:1-9}'], twin: 'first' })
})

afterAll(() => rm(folder, { recursive: true }))

const family = (name: string, json: object) =>
  writeFile(join(folder, `families/${name}.json`), JSON.stringify({ ...facts, ...json }))
const guardGenerate = (...args: readonly string[]) =>
  runIn({}, [guardGenerateCommand()], ['guard', 'generate', '--from', folder, ...args])

test('each family becomes a file of rows, the same bytes for the same seed', async () => {
  const read = async (name: string) => {
    const out = join(folder, name)
    const { code } = await guardGenerate('--seed', '7', '--out', out)
    expect(code).toBe(0)
    const files = await readdir(out)
    return Promise.all(files.toSorted().map((file) => readFile(join(out, file), 'utf8')))
  }
  const once = await read('once')
  expect(await read('again')).toEqual(once)
  const rows = once.flatMap((file) =>
    file
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
  )
  expect(rows).toHaveLength(6)
  expect(rows[3]).toEqual({
    id: expect.stringMatching(/^second-0-[0-9a-f]{12}$/),
    text: expect.stringMatching(/^(One|Two|Three|Four) [1-9]$/),
    label: 'benign',
    style: 'a style',
    family: 'second',
    channel: 'user',
    lang: 'en',
    twin: 'first',
    source: 'generated:second@1',
    licence: 'Apache-2.0',
  })
})

test('without a folder the texts of one family are printed', async () => {
  const { code, out } = await guardGenerate('--family', 'first', '--count', '2')
  expect(code).toBe(0)
  expect(out).toMatch(/^say \w+\n---\nsay \w+\n$/)
})

test.each([
  [['--family', 'third'], 'no such family: third; there are first, second'],
  [['--seed', '1'], 'missing: --out'],
  [['--family', 'first', '--seed', 'x'], '--seed takes a whole number'],
  [['--family', 'first', '--count', '0'], '--count takes a whole number'],
  [['--family', 'first', '--count', '5'], 'the family `first` gives 4 distinct texts of 5'],
])('%j is a mistake of whoever typed it', async (args, message) => {
  const { code, err } = await guardGenerate(...args)
  expect([code, err]).toEqual([2, expect.stringContaining(message)])
})

test('every fault of every file is told', async () => {
  await family('open', { family: 'open', label: 'attack', texts: ['say {word'] })
  await family('named', { family: 'otherwise', label: 'attack', texts: ['say {word}'] })
  await writeFile(join(folder, 'families/broken.json'), '{')
  const { code, out } = await guardGenerate('--family', 'first')
  for (const name of ['open', 'named', 'broken']) await rm(join(folder, `families/${name}.json`))
  expect(code).toBe(3)
  expect(out).toContain('- open.json: texts[0]: unit 4 opens a brace that nothing closes')
  expect(out).toContain('- named.json: the file of the family `otherwise` has another name')
  expect(out).toContain('- broken.json: ')
})
