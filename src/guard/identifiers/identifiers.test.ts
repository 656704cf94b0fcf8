import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { LaneScan } from '../stream/lane-scan.ts'
import { compilePlan } from '../stream/scan-plan.ts'
import { luhn, mod11And10, remainder, verhoeff } from './check-digits.ts'
import { contextWords } from './context-words.ts'
import { identifiers } from './index.ts'

type Vector = {
  readonly rule: string
  readonly valid: readonly string[]
  readonly invalid: readonly string[]
}
const vectors = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../../../vectors/guard/identifiers.json'), 'utf8'),
) as readonly Vector[] // our own file

const plan = compilePlan({ triggers: [], context: contextWords, identifiers, holdsWords: false })

function found(text: string) {
  const scan = new LaneScan(plan)
  scan.push(text)
  scan.end()
  return scan
    .take()
    .map(({ rule, sureness, start, end }) => ({ rule, sureness, text: text.slice(start, end) }))
}
/** A word of the context that a rule wants. */
const wordFor = (rule: string) => {
  const group = identifiers.find((candidate) => candidate.rule === rule)?.context
  return contextWords.find((context) => context.group === group)?.words[0] ?? ''
}
const cases = (kind: 'valid' | 'invalid') =>
  vectors.flatMap((vector) => vector[kind].map((text) => [vector.rule, text] as const))

test('every rule has an example, and every example a rule', () => {
  const known = new Set(identifiers.map(({ rule }) => rule))
  expect(vectors.filter(({ rule }) => !known.has(rule)).map(({ rule }) => rule)).toEqual([])
  const shown = new Set(vectors.map(({ rule }) => rule))
  expect([...known].filter((rule) => !shown.has(rule)).toSorted()).toEqual([])
})

test.each(cases('valid'))('%s in a sentence: %s', (rule, text) => {
  const matches = found(`The ${wordFor(rule)} is ${text}, as she said.`)
  expect(matches.map((match) => match.text)).toEqual([text])
  expect(['certain', 'likely']).toContain(matches[0]?.sureness)
})

test.each(cases('valid'))('%s alone fits its rule: %s', (rule, text) => {
  const compact = text.replaceAll(/[ ./-]/g, '')
  const fits = identifiers
    .filter((candidate) => candidate.rule === rule)
    .map(({ matches }) => matches(compact, text, -1))
  expect(fits).not.toContain(null)
})

test.each(cases('invalid'))('%s does not hold: %s', (rule, text) => {
  expect(found(`The ${wordFor(rule)} is ${text}.`).map((match) => match.rule)).not.toContain(rule)
})

test.each(cases('valid').filter(([, text]) => /^[0-9]+$/.test(text)))(
  '%s within a longer number: %s',
  (_rule, text) => {
    for (const longer of [`7${text}`, `${text}7`, `a1-${text}`, `/${text}/`, `v1.${text}`, `x_${text}`])
      expect(found(`The id is ${longer}`).map((match) => match.text)).not.toContain(text)
  },
)

test('law: one wrong digit, or two that changed places, breaks what a check digit protects', () => {
  const protectedBy = [
    ['4111111111111111', luhn],
    ['86095742719', mod11And10],
    ['234123412346', verhoeff],
    ['3214282912345698765432161182', (text: string) => remainder(text, 97) === 1],
  ] as const
  for (const [digits, holds] of protectedBy) {
    expect(holds(digits)).toBe(true)
    fc.assert(
      fc.property(fc.nat(digits.length - 1), fc.integer({ min: 1, max: 9 }), (place, more) => {
        const changed = (Number(digits[place]) + more) % 10
        expect(holds(`${digits.slice(0, place)}${changed}${digits.slice(place + 1)}`)).toBe(false)
      }),
    )
  }
})

test('numbers of ordinary texts are nobody’s', () => {
  const text = `Version 10.15.7 of 2024-03-18 13:45:09 handled 1,250,000 requests from 10.0.12.7 in 48 h; commit
    3f2504e04f8911d39a0c0305e82c3301, trace 550e8400-e29b-41d4-a716-446655440000, order 100000012345,
    ticket SEC-20231, invoice 2023/000451, 0x7fffdeadbeef, 3.14159265358979, sha256:9f86d081884c7d65.`
  expect(found(text)).toEqual([])
})
