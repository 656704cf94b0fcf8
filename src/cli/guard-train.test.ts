import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readWeights } from '../guard/injection/weights.ts'
import { train } from '../guard/train/train.ts'
import { runCli, type CliIo } from './cli.ts'
import { readGuardData } from './guard-data.ts'
import { guardTrainCommand } from './guard-train.ts'
import { nodeIo } from './node-io.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guard-train-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function run(...args: readonly string[]) {
  let [out, err] = ['', '']
  const io: CliIo = { ...nodeIo(), out: (text) => (out += text), err: (text) => (err += text) }
  const code = await runCli([guardTrainCommand()], ['guard', 'train', ...args], io)
  return { code, out, err }
}

test('the same generated texts and the same seed give the same bytes', async () => {
  const args = ['--per-family', '2', '--folds', '2', '--json']
  const [first, second] = [join(folder, 'a.csgm'), join(folder, 'b.csgm')]
  const one = await run(...args, '--out', first)
  const two = await run(...args, '--out', second)
  expect([one.code, two.code]).toEqual([0, 0])
  expect(two.out).toBe(one.out)
  const bytes = await readFile(first)
  expect(bytes.equals(await readFile(second))).toBe(true)
  expect(JSON.parse(one.out).digest).toBe(readWeights(bytes).digest)
}, 120_000)

test('families that were left out are told apart; with labels at random nothing is', async () => {
  const { examples, facts } = await readGuardData({
    data: undefined,
    generators: undefined,
    seed: 1,
    perFamily: 3,
  })
  const input = { examples, data: facts, id: 'limits', version: 1, seed: 1, folds: 2 }
  const { header, auc } = train({ ...input, control: 'none' })
  expect(auc).toBeGreaterThan(0.75) // three texts of each family, half of the families: what ships has thirty times as many
  expect(header.summary['benign_user']?.share).toBeLessThan(0.1)
  expect(header.summary['benign_untrusted']?.share).toBeLessThan(0.1)
  expect(header.summary['attack_user']?.share).toBeGreaterThan(0.25)
  expect(header.summary['attack_untrusted']?.share).toBeGreaterThan(0.12)
  const control = train({ ...input, control: 'random' })
  expect(Math.abs(control.auc - 0.5)).toBeLessThan(0.05)
}, 180_000)

test('refused: a family that has fewer texts than it says', async () => {
  const generators = join(folder, 'generators')
  for (const part of ['families', 'parts']) await mkdir(join(generators, part), { recursive: true })
  const few = {
    version: 1,
    style: 's',
    channel: 'user',
    lang: 'en',
    label: 'benign',
    texts: ['one text', ' one text'],
  }
  await writeFile(join(generators, 'families/few.json'), JSON.stringify({ ...few, family: 'few', count: 2 }))
  const { code, err } = await run('--generators', generators)
  expect(code).toBe(2)
  expect(err).toContain('the family `few` gives 1 distinct texts of 2')
})

test.each([
  [['--control', 'maybe'], '--control takes `random`'],
  [['--seed', 'x'], '--seed takes a whole number'],
  [['--folds', '1'], '--folds takes a whole number from 2'],
  [['--data', '/nowhere'], 'the folder of data cannot be used'],
])('refused: %s', async (args, message) => {
  const { code, err } = await run(...args)
  expect(code).toBe(2)
  expect(err).toContain(message)
})
