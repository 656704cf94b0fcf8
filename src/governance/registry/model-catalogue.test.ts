import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestOf, epochMs } from '../../kernel/index.ts'
import {
  compileModels,
  costOf,
  highestCost,
  priceOf,
  withOwnModels,
  type ModelPrice,
} from './model-catalogue.ts'

const folder = resolve(import.meta.dirname, '../../../catalogue/models')
const files: unknown[] = readdirSync(folder).map((name) =>
  JSON.parse(readFileSync(join(folder, name), 'utf8')),
)

const rates = { input: 2_000_000, cachedInput: 200_000, cacheWrite: 2_500_000, output: 10_000_000 }
const priceFrom = (effectiveFrom: string, input = 2_000_000): ModelPrice => ({
  effectiveFrom,
  source: 'the price page',
  knownAt: '2026-11-01',
  microUsdPerMTok: { ...rates, input },
})
const model = {
  id: 'm-1',
  aliases: ['m'],
  contextTokens: 1_000,
  maxOutputTokens: null,
  modalities: { input: ['text'], output: ['text'] },
  prices: [priceFrom('2026-01-01'), priceFrom('2026-06-01', 1_000_000)],
  retiresOn: null,
}
const file = { key: 'models', provider: 'acme', version: 1, models: [model] }
const at = (day: string) => epochMs(Date.parse(`${day}T00:00:00.000Z`))

test('the shipped catalogue holds, each price with its source and day, none of a day after it was known', () => {
  const { models, digests } = compileModels(files)
  expect(models.size).toBeGreaterThan(20)
  expect(digests.get('openai.1')).toBe(
    digestOf(files.find((each) => JSON.stringify(each).includes('"openai"'))),
  )
  for (const { prices } of models.values())
    for (const { source, knownAt, effectiveFrom, microUsdPerMTok } of prices) {
      expect(source).toMatch(/^https:\/\//)
      expect(effectiveFrom <= knownAt).toBe(true)
      expect(microUsdPerMTok.cachedInput).toBeLessThanOrEqual(microUsdPerMTok.input)
    }
})

test.each([
  ['an unknown member', { ...file, models: [{ ...model, colour: 'red' }] }],
  [
    'a price without a source',
    { ...file, models: [{ ...model, prices: [{ ...priceFrom('2026-01-01'), source: '' }] }] },
  ],
  ['a price below nothing', { ...file, models: [{ ...model, prices: [priceFrom('2026-01-01', -1)] }] }],
  ['a price in fractions', { ...file, models: [{ ...model, prices: [priceFrom('2026-01-01', 0.5)] }] }],
  ['a day that does not exist', { ...file, models: [{ ...model, prices: [priceFrom('2026-02-30')] }] }],
  [
    'two prices of a day',
    { ...file, models: [{ ...model, prices: [priceFrom('2026-01-01'), priceFrom('2026-01-01')] }] },
  ],
  ['an alias that is another id', { ...file, models: [model, { ...model, id: 'm', aliases: [] }] }],
  ['no version', { ...file, version: 0 }],
])('a catalogue with %s is refused', (_what, broken) => {
  expect(() => compileModels([broken])).toThrow(/./)
})

test('two files that name the same model are refused', () => {
  expect(() => compileModels([file, file])).toThrow('stands twice')
})

test.each([
  ['before the first one', 'acme/m-1', '2025-12-31', null],
  ['on its first day', 'acme/m-1', '2026-01-01', 2_000_000],
  ['on the last day before the next one', 'acme/m-1', '2026-05-31', 2_000_000],
  ['of today, by an alias', 'acme/m', '2026-11-01', 1_000_000],
  ['of a model that nobody knows', 'acme/x', '2026-11-01', null],
  ['of another provider', 'other/m', '2026-11-01', null],
])('the price %s', (_what, name, day, input) => {
  expect(priceOf(compileModels([file]), name, at(day))?.microUsdPerMTok.input ?? null).toBe(input)
})

test("an operator's own entry comes before the shipped one", () => {
  const own = {
    ...compileModels([file]).models.get('acme/m')!,
    aliases: ['m', 'house'],
    prices: [priceFrom('2026-01-01', 7)],
  }
  const catalogue = withOwnModels(compileModels([file]), [own])
  for (const name of ['acme/m-1', 'acme/m', 'acme/house'])
    expect(priceOf(catalogue, name, at('2026-11-01'))?.microUsdPerMTok.input).toBe(7)
})

const none = { input: 0, cachedInput: 0, cacheWrite: 0, output: 0 }
const long: ModelPrice = {
  ...priceFrom('2026-01-01'),
  longPrompt: { overTokens: 100, microUsdPerMTok: { ...rates, input: 4_000_000, output: 15_000_000 } },
}
test.each([
  ['nothing', none, priceFrom('2026-01-01'), 0],
  ['one token of cached input, rounded up', { ...none, cachedInput: 1 }, priceFrom('2026-01-01'), 1],
  ['one of each', { input: 1, cachedInput: 1, cacheWrite: 1, output: 1 }, priceFrom('2026-01-01'), 15],
  ['a long answer', { ...none, input: 1_000, output: 500 }, priceFrom('2026-01-01'), 7_000],
  ['a prompt at the bound', { ...none, input: 60, cachedInput: 40, output: 10 }, long, 228],
  ['a prompt over it, however it is counted', { ...none, input: 61, cachedInput: 40, output: 10 }, long, 402],
  [
    'more than a number holds exactly',
    { ...none, output: 1e9 },
    { ...long, microUsdPerMTok: { ...rates, output: 1e12 } },
    1e15,
  ],
])('the cost of %s', (_what, counts, price, microUsd) => {
  expect(costOf(counts, price)).toBe(microUsd)
})

test('law: a call never costs more than the highest cost of its tokens, and more tokens never cost less', () => {
  const count = fc.nat(300)
  const law = fc.property(
    fc.record({ input: count, cachedInput: count, cacheWrite: count, output: count }),
    count,
    (counts, more) => {
      const prompt = counts.input + counts.cachedInput + counts.cacheWrite
      expect(costOf(counts, long)).toBeLessThanOrEqual(highestCost(prompt, counts.output, long))
      expect(costOf({ ...counts, input: counts.input + more }, long)).toBeGreaterThanOrEqual(
        costOf(counts, long),
      )
    },
  )
  fc.assert(law, { numRuns: 500 })
})
