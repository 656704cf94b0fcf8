import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadGuardWithoutScorer } from '../src/adapters/files/guard-catalogue.ts'
import type { Finding } from '../src/guard/finding.ts'
import { tokenCatalogue } from '../src/guard/secrets/index.ts'
import { measureLeaks, typeOfPersonal, typeOfSecret } from './support/leak-measure.ts'
import { personalTexts, secretTexts } from './support/leak-texts.ts'

const catalogue = join(import.meta.dirname, '../catalogue')
const guard = loadGuardWithoutScorer(catalogue)
const tokens = tokenCatalogue.parse(JSON.parse(readFileSync(join(catalogue, 'guard/tokens.json'), 'utf8')))

/** What only words in front tell, without a check digit and without a shape of its own. */
const loose = new Set(['phone', 'vehicle-plate', 'date-of-birth'])

test('structured personal data is found as what it is: F1 of 0.95 for each kind, 0.80 where only words tell', () => {
  const scores = measureLeaks(guard, personalTexts(11, 25), typeOfPersonal).filter(({ texts }) => texts > 0)
  expect(scores.length).toBeGreaterThan(50)
  const poor = scores.filter(({ type, f1 }) => f1 < (loose.has(type) ? 0.8 : 0.9))
  expect(poor).toEqual([])
  const structured = scores.filter(({ type }) => !loose.has(type))
  const mean = structured.reduce((sum, { f1 }) => sum + f1, 0) / structured.length
  expect(mean).toBeGreaterThan(0.95)
})

test('secrets are found: tokens of providers with recall 0.80 at precision 0.85, generic credentials with recall 0.60', () => {
  const scores = measureLeaks(guard, secretTexts(13, 4, tokens), typeOfSecret)
  const of = (type: string) => scores.find((score) => score.type === type)
  expect(of('provider')?.recall).toBeGreaterThan(0.8)
  expect(of('provider')?.precision).toBeGreaterThan(0.85)
  expect(of('generic')?.recall).toBeGreaterThan(0.6)
  expect(of('generic')?.precision).toBeGreaterThan(0.85)
})

test('the measure counts what it should: a detector that finds everything everywhere fails it', () => {
  const everything = (): string => 'email'
  const texts = personalTexts(3, 2)
  const scores = measureLeaks(guard, texts, (finding: Finding) =>
    typeOfPersonal(finding) === null ? null : everything(),
  )
  expect(scores.find(({ type }) => type === 'email')?.precision).toBeLessThan(0.1)
  expect(scores.find(({ type }) => type === 'card')?.recall).toBe(0)
})
