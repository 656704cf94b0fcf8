import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestOf, unreachable, type Json } from '../../kernel/index.ts'
import {
  assess,
  assessmentOf,
  classifyLegal,
  isAtMost,
  levelOf,
  parseLegalMap,
  parseTierPolicy,
  parseTriggers,
  replayAssessment,
  triggeredReviews,
  whatLowers,
  type Answers,
  type CompiledPolicy,
  type RiskOrder,
} from './index.ts'

const catalogue = (path: string): Json =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, '../../../catalogue', path), 'utf8')) as Json

const linted = parseTierPolicy(catalogue('tier-policies/security-ai.1.json'))
if (!linted.ok) throw new Error(JSON.stringify(linted.faults))
const policy: CompiledPolicy = linted.compiled
const { orders } = policy.policy

const answered = (values: { readonly [key: string]: Json }): Answers =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value, source: 'person' }]))

/** The least risky answer to everything: a plain advisory copilot. */
const harmless: { readonly [key: string]: Json } = Object.fromEntries(
  Object.entries(orders).map(([key, order]) => [
    key,
    order.k === 'chain' ? (order.options[0] ?? '') : order.k === 'bands' ? 0 : [],
  ]),
)
const row = (cells: { readonly [column: string]: string } = {}) => ({
  effect: 'read',
  changesSystem: 'no',
  autonomy: 'A0',
  reversible: 'yes',
  blastRadius: 'single',
  externalSend: 'no',
  ...cells,
})

const cases: readonly {
  name: string
  answers: { [key: string]: Json }
  tier: number
  fired: string[]
  points: number
}[] = catalogue('../vectors/governance/tier-cases.json') as never // our own file, checked by the assertions below

test.each(cases)('tier case: $name', ({ answers, tier, fired, points }) => {
  const found = assess(answered({ ...harmless, ...answers }), policy)
  expect({ tier: found.tier, fired: found.fired.map(({ id }) => id), points: found.points }).toEqual({
    tier,
    fired,
    points,
  })
})

test('PD-11: an empty form is the worst, not the middle', () => {
  const found = assess({}, policy)
  expect(found).toMatchObject({ tier: 3, floor: 3, points: 100 })
  expect(found.unknowns).toEqual(Object.keys(orders).toSorted())
})

test('PD-11: padding with free text, unknown keys or unconfirmed suggestions lowers nothing', () => {
  const honest = answered({ ...harmless, actions: [row({ effect: 'containment', autonomy: 'A4' })] })
  const padded = { ...honest, story: { value: 'harmless '.repeat(1_000), source: 'person' } } as const
  expect(assess(padded, policy)).toEqual(assess(honest, policy))
  const suggested = { ...honest, actions: { value: [], source: 'suggested' } } as const
  expect(assess(suggested, policy).tier).toBe(3)
})

test('PD-12: the legal class does not follow from the tier', () => {
  const parsed = parseLegalMap(catalogue('legal-maps/eu-ai-act.1.json'))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
  const { map, digest } = parsed
  const clear = Object.fromEntries(
    [...map.prohibited, ...map.transparency, map.gpai].map(({ key }) => [key, 'no']),
  )
  const legal = (answers: { readonly [key: string]: Json }) =>
    classifyLegal(answered(answers), map, digest).class
  const base = { ...clear, annexIII: [], role: ['deployer'] }
  expect(legal(base)).toBe('minimal')
  expect(legal({ ...base, actions: [row({ effect: 'containment', autonomy: 'A4' })] })).toBe('minimal')
  expect(legal({ ...base, annexIII: ['employment'] })).toBe('high_risk')
  expect(legal({ ...base, interactsWithPeople: 'yes' })).toBe('transparency')
  expect(legal({ ...base, role: [] })).toBe('undetermined')
  expect(legal({})).toBe('undetermined')
  expect(legal({ prohibitedSocialScoring: 'yes' })).toBe('prohibited')
})

test('reviews are triggered by tier, class and answers, and by what is unknown', () => {
  const parsed = parseTriggers(catalogue('triggers/default.1.json'), orders)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
  const kinds = (answers: Answers, tier: 1 | 2 | 3) =>
    triggeredReviews(parsed.policy, orders, { answers, tier, legalClass: 'minimal' }).map(({ kind }) => kind)
  expect(kinds(answered(harmless), 1)).toEqual([])
  expect(kinds(answered(harmless), 2)).toEqual(['security'])
  expect(kinds(answered(harmless), 3)).toEqual(['legal', 'privacy', 'security'])
  expect(kinds({}, 1)).toEqual(['security', 'vendor', 'dpia'])
})

test.each([
  ['points that decrease', { points: [{ dimension: 'data', key: 'dataClass', ranks: [0, 5, 4, 16] }] }],
  [
    'an option that does not exist',
    { floors: [{ id: 'x', tier: 3, when: { atLeast: ['users', 'martians'] }, why: 'x' }] },
  ],
  [
    'a negation',
    { floors: [{ id: 'x', tier: 3, when: { not: { atLeast: ['users', 'public'] } }, why: 'x' }] },
  ],
  ['cuts in the wrong order', { cuts: { 2: 70, 3: 40 } }],
])('a policy with %s is refused', (_what, change) => {
  expect(parseTierPolicy({ ...policy.policy, ...change }).ok).toBe(false)
})

const anyCell = (options: readonly string[]) => fc.constantFrom(...options, 'unknown', 'nonsense')
function anyValue(order: RiskOrder): fc.Arbitrary<Json> {
  switch (order.k) {
    case 'chain':
      return anyCell(order.options)
    case 'bands':
      return fc.oneof(fc.nat(2_000_000), fc.constant('unknown'))
    case 'set':
      return fc.oneof(fc.subarray([...order.options]), fc.constant('unknown'))
    case 'rows':
      return fc.oneof(
        fc.array(
          fc.record(
            Object.fromEntries(
              Object.entries(order.columns).map(([name, options]) => [name, anyCell(options)]),
            ),
          ),
          { maxLength: 4 },
        ),
        fc.constant('unknown'),
      ) as fc.Arbitrary<Json> // records of text are JSON
    default:
      return unreachable(order)
  }
}
const anyAnswers = fc.record(
  Object.fromEntries(Object.entries(orders).map(([key, order]) => [key, anyValue(order)])),
) as fc.Arbitrary<{ [key: string]: Json }>

/** Mostly harmless forms: with every answer drawn freely nearly all of them would be tier 3 already. */
const fewChanges = fc
  .tuple(anyAnswers, fc.subarray(Object.keys(orders), { maxLength: 4 }))
  .map(([values, keys]) => ({
    ...harmless,
    ...Object.fromEntries(keys.map((key) => [key, values[key] ?? null])),
  }))

test('law: a worse answer never lowers tier, floor or points, and unknown is the worst', () => {
  let raised = 0
  const keys = Object.keys(orders)
  fc.assert(
    fc.property(fewChanges, anyAnswers, fc.constantFrom(...keys), (a, b, key) => {
      const order = orders[key]
      if (order === undefined) return
      const [low, high] = [levelOf(order, a[key]), levelOf(order, b[key])]
      const before = assess(answered(a), policy)
      const worst = assess(answered({ ...a, [key]: 'unknown' }), policy)
      expect(worst.tier).toBeGreaterThanOrEqual(before.tier)
      expect(worst.points).toBeGreaterThanOrEqual(before.points)
      expect(before.tier).toBeGreaterThanOrEqual(before.floor)
      if (!isAtMost(low, high)) return
      const after = assess(answered({ ...a, [key]: b[key] ?? null }), policy)
      expect(after.tier).toBeGreaterThanOrEqual(before.tier)
      expect(after.floor).toBeGreaterThanOrEqual(before.floor)
      expect(after.points).toBeGreaterThanOrEqual(before.points)
      if (after.tier > before.tier) raised += 1
    }),
    { numRuns: 2_000 },
  )
  expect(raised).toBeGreaterThan(5)
})

test('law: assessing is total and deterministic on any JSON', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...Object.keys(orders), '__proto__', 'x'), fc.jsonValue()),
      (values) => {
        const answers = answered(values as { [key: string]: Json })
        const found = assess(answers, policy)
        expect([1, 2, 3]).toContain(found.tier)
        expect(assess(answers, policy)).toEqual(found)
      },
    ),
    { numRuns: 500 },
  )
})

test('law: a recorded assessment is recomputed from its own inputs', () => {
  fc.assert(
    fc.property(anyAnswers, (values) => {
      const recorded = assessmentOf(answered(values), policy)
      expect(replayAssessment(recorded, policy)).toEqual(recorded)
      expect(digestOf(recorded)).toBe(digestOf(assessmentOf(answered(values), policy)))
      for (const { key, to, tier } of whatLowers(answered(values), policy))
        expect(assess(answered({ ...values, [key]: to }), policy).tier).toBe(tier)
    }),
    { numRuns: 100 },
  )
})
