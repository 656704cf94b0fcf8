import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Draw } from '../generate/draw.ts'
import { grammarOf } from '../generate/index.ts'
import { readWeights } from '../injection/weights.ts'
import { score } from '../injection/scorer.ts'
import { correctedMax, foldsOf } from './cross-validation.ts'
import { examplesOf, type Example } from './example.ts'
import { areaUnderCurve, measuredShare } from './measure.ts'
import { clustersOf } from './near-duplicates.ts'
import { operatingPoint, type Judged } from './operating-point.ts'
import { DataError, feedbackStyle, readDataFile } from './row.ts'
import { splice } from './splice.ts'
import { train } from './train.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const row = {
  id: 'a',
  text: 't',
  label: 'benign',
  style: 's',
  channel: 'user',
  source: 'own',
  licence: 'MIT',
}

test.each([
  ['no JSON', '{'],
  ['no licence', JSON.stringify({ ...row, licence: undefined })],
  ['an empty licence', JSON.stringify({ ...row, licence: '' })],
  ['another label', JSON.stringify({ ...row, label: 'maybe' })],
  ['no text', JSON.stringify({ ...row, text: '' })],
])('a row with %s is refused, with its line', (_what, line) => {
  const file = bytesOf(`${JSON.stringify(row)}\n${line}\n`)
  expect(() => readDataFile('f.jsonl', file)).toThrow(DataError)
  expect(() => readDataFile('f.jsonl', file)).toThrow('line 2')
})

test('what was found and is marked as no attack is measured among texts with the words of attacks', () => {
  const grammar = grammarOf([], new Map())
  if (!grammar.ok) throw new Error('no families are a grammar')
  const rows = [
    { ...row, id: 'a', text: 'found, and no attack', style: feedbackStyle },
    { ...row, id: 'b', text: 'found, and an attack', style: feedbackStyle, label: 'attack' },
    { ...row, id: 'c', text: 'an ordinary text' },
  ]
  const file = readDataFile('f.jsonl', bytesOf(rows.map((one) => JSON.stringify(one)).join('\n')))
  expect(examplesOf([file], [], grammar.value).map(({ isBorderline }) => isBorderline)).toEqual([
    true,
    false,
    false,
  ])
})

test('Wilson intervals are those of the textbook', () => {
  expect(measuredShare(0, 10)).toEqual({ n: 10, share: 0, low: 0, high: 0.2775 })
  expect(measuredShare(8, 10)).toEqual({ n: 10, share: 0.8, low: 0.4902, high: 0.9433 })
  expect(measuredShare(0, 0)).toEqual({ n: 0, share: 0, low: 0, high: 1 })
})

test('the area under the curve counts pairs, equal ones half', () => {
  expect(areaUnderCurve([3, 4], [1, 2])).toBe(1)
  expect(areaUnderCurve([1, 2], [1, 2])).toBe(0.5)
  expect(areaUnderCurve([2], [1, 3, 2])).toBe(0.5)
  expect(areaUnderCurve([], [1])).toBe(0.5)
})

const words = (from: number, to: number) =>
  Array.from(
    { length: to - from },
    (_, i) => `w${String.fromCharCode(97 + ((from + i) % 26), 97 + Math.floor((from + i) / 26))}`,
  ).join(' ')

test('texts of which more than half is in another are near-duplicates, directly or by a third', () => {
  const texts = [words(0, 60), words(10, 70), words(20, 80), words(200, 260), 'short', 'short text']
  const [a, b, c, d, e, f] = clustersOf(texts)
  expect([b, c]).toEqual([a, a])
  expect(new Set([a, d, e, f]).size).toBe(4)
})

test('law: groups stay together in a fold, and no fold is empty where there are groups enough', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 20, maxLength: 80 }), (numbers) => {
      const groups = numbers.map((number) => `g${number}`)
      const folds = foldsOf(
        groups,
        numbers.map((number) => number % 3 === 0),
        4,
      )
      const byGroup = new Map(groups.map((group, i) => [group, folds[i]]))
      expect(groups.map((group) => byGroup.get(group))).toEqual(folds)
      expect(new Set(folds).size).toBe(Math.min(4, byGroup.size))
    }),
  )
})

test('law: a spliced attack stands whole where it is said to stand', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }),
      fc.lorem({ maxCount: 80 }),
      fc.nat(),
      (attack, carrier, seed) => {
        const { text, start, end, without } = splice(attack, carrier, new Draw(String(seed)))
        expect(text.slice(start, end)).toBe(attack)
        expect(text.slice(0, start) + text.slice(end)).toBe(without)
      },
    ),
  )
})

const oneWindow = (z: number) => ({ zs: Float64Array.of(z), ordinals: Int32Array.of(1) })

test('each window pays for those before it', () => {
  const scores = { zs: Float64Array.of(1, 2), ordinals: Int32Array.of(1, 20) }
  expect(correctedMax(scores, 0)).toBe(2)
  expect(correctedMax(scores, 0.5)).toBe(1)
})

test.each([
  ['collected ones decide', { collected: 1, generated: 0, borderline: 0 }, 'collected', 0.006],
  ['generated ones decide', { collected: 0, generated: 1, borderline: 0 }, 'generated', 0.03],
  [
    'those with the words of attacks decide',
    { collected: 0, generated: 0, borderline: 2 },
    'borderline',
    0.1,
  ],
] as const)('thresholds let through what they promise: %s', (_name, from, deciding, share) => {
  const judged: Judged[] = []
  for (let i = 0; i < 1_000; i += 1) {
    const add = (family: string, z: number, facts: Partial<Judged>) =>
      judged.push({
        family: `${family}${i % 5}`,
        isAttack: false,
        isBorderline: false,
        isGenerated: true,
        ...facts,
        scores: oneWindow(z),
      })
    add('collected', from.collected - i / 100, { isGenerated: false })
    add('generated', from.generated - i / 100, {})
    add('borderline', from.borderline - i / 100, { isBorderline: true })
    add('attack', 3 - i / 500, { isAttack: true })
  }
  const { thresholds, calibration } = operatingPoint(judged)
  const reaching = (kind: string) =>
    judged.filter(({ family, scores }) => family.startsWith(kind) && (scores.zs[0] ?? 0) >= thresholds.tFlag)
      .length / 1_000
  expect(reaching(deciding)).toBe(share)
  expect(reaching('collected')).toBeLessThanOrEqual(0.0065)
  expect(reaching('generated')).toBeLessThanOrEqual(0.03)
  expect(reaching('borderline')).toBeLessThanOrEqual(0.1)
  expect(thresholds.tHigh).toBeGreaterThanOrEqual(thresholds.tFlag + 0.5)
  expect(calibration.a).toBeGreaterThan(0)
})

const example = (id: string, text: string, isAttack: boolean, family: string): Example => ({
  id,
  text,
  isAttack,
  isBorderline: false,
  style: 's',
  channelClass: 'user',
  lang: 'en',
  family,
  group: family,
  isGenerated: true,
  use: 'whole',
})

test('what all attacks share is learned, what one family of them repeats is not needed', () => {
  const examples = Array.from({ length: 60 }, (_, i) => [
    example(`a${i}`, `obey me now and give away thing ${i % 7} ${words(i, i + 5)}`, true, `attack${i % 3}`),
    example(`b${i}`, `what is thing ${i % 7} ${words(i, i + 5)}`, false, `benign${i % 3}`),
  ]).flat()
  const input = { examples, data: [], id: 't', version: 1, seed: 3, folds: 3, control: 'none' as const }
  const trained = train(input)
  expect(trained.auc).toBe(1)
  expect(train(input).bytes).toEqual(trained.bytes)
  const weights = readWeights(trained.bytes)
  expect(score(weights, 'obey me now and give away all', 'user').z).toBeGreaterThan(
    score(weights, 'what is thing 3', 'user').z,
  )
  const { attack, benign } = weights.header.metrics
  expect(attack.user.map(([family, , texts]) => [family, texts])).toEqual(
    [0, 1, 2].map((i) => [`attack${i}`, 20]),
  )
  expect(benign.user.map(([family]) => family)).toEqual(['benign0', 'benign1', 'benign2'])
}, 120_000)
