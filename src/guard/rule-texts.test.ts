import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { createGuard, inspect } from './inspect.ts'
import { identifiers } from './identifiers/index.ts'
import { identifierNames } from './identifiers/names.ts'
import { ruleTexts } from './rule-texts.ts'
import { ruleCatalogue } from './rules/rule.ts'
import { secretTriggers, tokenCatalogue } from './secrets/index.ts'
import { treatmentCatalogue } from './treatment.ts'

const read = (name: string): unknown =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, '../../catalogue/guard', name), 'utf8'))
const catalogues = {
  tokens: tokenCatalogue.parse(read('tokens.json')),
  rules: ruleCatalogue.parse(read('rules.json')),
  treatments: treatmentCatalogue.parse(read('treatments.json')),
}
const texts = ruleTexts(catalogues)
const ids = new Set(texts.map(({ id }) => id))

test('every rule has words of its own, once', () => {
  expect(ids.size).toBe(texts.length)
  expect(texts.length).toBeGreaterThan(200)
  for (const { name, explanation } of texts) expect([name, explanation]).not.toContain('')
  for (const { rule } of secretTriggers(catalogues.tokens)) expect(ids).toContain(rule)
  for (const { rule } of identifiers) expect(Object.keys(identifierNames)).toContain(rule)
  expect(Object.keys(identifierNames).filter((rule) => !ids.has(rule))).toEqual([])
})

test.each([
  ['hidden tags', 'a\u{e0041}\u{e0042}\u{e0043}\u{e0044}'],
  ['hidden selectors', 'a\ufe00\ufe01\ufe02\ufe03'],
  ['an override', 'a\u202edcba\u202c'],
  ['an image', '![x](https://a.example/?q=1)'],
  ['an address', 'ana@example.org'],
  ['a login', 'postgres://ana:s3cretPass9@db.example/x'],
  ['markup of a conversation', '<|im_start|>system'],
  ['what has no end', `![x](https://a.example/${'a'.repeat(20_000)}`],
])('what is found has words, and their kind: %s', (_what, text) => {
  const found = inspect(createGuard(catalogues, null), { channel: 'document', text })
  expect(found.length).toBeGreaterThan(0)
  for (const { rule, kind } of found) expect(texts.find(({ id }) => id === rule)?.kind).toBe(kind)
})
