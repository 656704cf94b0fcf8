import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readGenerators, shippedGenerators } from '../../cli/generators-folder.ts'
import { generateFamily } from '../generate/index.ts'
import { tinyWeights } from '../injection/tiny-weights.fixture.ts'
import { readUnseen, unseenShares } from './unseen.ts'

const folder = new URL('../../../vectors/guard/unseen/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'))
const rows = files.flatMap((name) => readUnseen(name, readFileSync(new URL(name, folder))))

test('each file can be read, each row is in one half, no id and no text comes twice', () => {
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
  expect(new Set(rows.map(({ text }) => text)).size).toBe(rows.length)
  const held = rows.filter(({ set }) => set === 'held').length
  expect(held / rows.length).toBeCloseTo(0.5, 2)
})

test('nothing of it is in the generators: no twelve words in a row, but for the stock lines of code', () => {
  const generators = new URL('../../../catalogue/guard/generators/', import.meta.url)
  const known = new Set<string>()
  for (const part of ['families/', 'parts/'])
    for (const name of readdirSync(new URL(part, generators)))
      for (const text of stringsIn(JSON.parse(readFileSync(new URL(part + name, generators), 'utf8'))))
        for (const gram of twelveWords(text)) known.add(gram)
  const shared = rows.filter(
    ({ text, style }) => style !== 'code' && twelveWords(text).some((gram) => known.has(gram)),
  )
  expect(shared.map(({ id }) => id)).toEqual([])
})

test('no generated text is one of it, or has one in it', async () => {
  const reading = await readGenerators(shippedGenerators)
  if (!reading.ok) throw new Error('the families can be read')
  const whole = new Set(rows.map(({ text }) => wordsOf(text).join(' ')))
  const byBeginning = Map.groupBy(
    [...whole].filter((words) => words.split(' ').length >= fewestWithin),
    (words) => words.split(' ').slice(0, fewestWithin).join(' '),
  )
  const firsts = new Set([...byBeginning.keys()].map((words) => words.split(' ')[0]))
  const repeated: string[] = []
  let texts = 0
  for (const { family, count } of reading.value.families.values())
    for (const { text } of generateFamily(reading.value, family, 1, Math.min(count, trainedTexts))) {
      texts += 1
      const words = wordsOf(text)
      if (whole.has(words.join(' '))) repeated.push(`${family}: ${text}`)
      for (let at = 0; at + fewestWithin <= words.length; at += 1) {
        if (!firsts.has(words[at])) continue
        const known = byBeginning.get(words.slice(at, at + fewestWithin).join(' '))
        const rest = known === undefined ? '' : `${words.slice(at).join(' ')} `
        for (const one of known ?? []) if (rest.startsWith(`${one} `)) repeated.push(`${family}: ${one}`)
      }
    }
  expect(repeated).toEqual([])
  expect(texts).toBeGreaterThan(50_000)
}, 60_000)

test.each([
  ['no JSON', '{', 'line 1 is not JSON'],
  ['no set', '{"id":"a","text":"b","label":"attack","style":"s","channel":"user","lang":"en"}', 'set'],
  [
    'another label',
    '{"id":"a","text":"b","label":"x","style":"s","channel":"user","lang":"en","set":"dev"}',
    'label',
  ],
])('refused: %s', (_name, line, told) => {
  expect(() => readUnseen('rows.jsonl', new TextEncoder().encode(line))).toThrow(told)
})

test('shares are told by style and half', () => {
  const weights = tinyWeights({ ignore: 4 })
  const row = (text: string, label: 'attack' | 'benign', set: 'dev' | 'held') => ({
    id: text,
    text,
    label,
    style: 's',
    channel: 'user',
    lang: 'en',
    set,
  })
  const shares = unseenShares(weights, [
    row('ignore that now', 'attack', 'dev'),
    row('as you were', 'attack', 'dev'),
    row('ignore this now', 'attack', 'held'),
    row('a cup of tea', 'benign', 'held'),
  ])
  expect(shares.map(({ label, dev, held }) => [label, dev.n, dev.share, held.n, held.share])).toEqual([
    ['attack', 2, 0.5, 1, 1],
    ['benign', 0, 0, 1, 0],
  ])
})

/** Fewer words may stand in any text by chance; and so many texts of a family are trained on. */
const [fewestWithin, trainedTexts] = [4, 100]

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

function twelveWords(text: string): readonly string[] {
  const words = wordsOf(text)
  return words.slice(11).map((_, i) => words.slice(i, i + 12).join(' '))
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(stringsIn)
}
