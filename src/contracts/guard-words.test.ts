import { expect, test } from 'vitest'
import { digestOf, epochMs } from '../kernel/index.ts'
import { findingKinds as found, severities as grades } from '../guard/finding.ts'
import { shippedBudgets as shipped } from '../guard/normalise/budgets.ts'
import {
  allowableChannels as allowable,
  guardPolicyDocument,
  redactionModes as modes,
  shippedPolicy,
  type Redaction,
} from '../guard/policy/document.ts'
import { maxAllowedDays, policyFaults } from '../guard/policy/faults.ts'
import { channels } from '../guard/text.ts'
import { findingKinds, severities } from './routes/gateway.ts'
import { guardChannels } from './routes/guard-feedback.ts'
import {
  allowableChannels,
  budgetBounds,
  mostAllowedDays,
  mostOffsetCenti,
  redactionModes,
  redactionModesOf,
  shippedBudgets,
} from './routes/guard-policies.ts'

// Contracts import nothing, since the console imports them: they say once more what the guard says.

test('the channels of the API are those of the guard', () => {
  expect(guardChannels).toEqual(channels)
})

test('the severities of the API are those of the guard, the mildest first', () => {
  expect(severities).toEqual(grades)
})

test('the kinds of findings of the API are those of the guard', () => {
  expect(findingKinds.toSorted()).toEqual(found.toSorted())
})

test('what the API offers to say about a kind of finding is what a guard policy may say', () => {
  expect(redactionModes).toEqual(modes)
  const base = shippedPolicy({ model: null, rules: digestOf('rules'), languages: [] })
  const isRight = (redaction: Redaction) =>
    policyFaults(
      { ...base, redaction },
      {
        now: epochMs(0),
        rules: new Map(),
        digests: base,
        languages: [],
        offsets: base.offsets,
        deployments: new Set(),
      },
    ).length === 0
  for (const kind of findingKinds)
    expect([kind, redactionModesOf(kind)]).toEqual([kind, modes.filter((mode) => isRight({ [kind]: mode }))])
})

test('what the API says of a guard policy is what the guard says', () => {
  expect(allowableChannels).toEqual(allowable)
  expect(shippedBudgets).toEqual(shipped)
  expect(mostAllowedDays).toBe(maxAllowedDays)
  const { user } = guardPolicyDocument.shape.offsets.shape
  for (const sign of [1, -1]) {
    const both = (centi: number) => ({ flagCenti: sign * centi, highCenti: sign * centi })
    expect(user.safeParse(both(mostOffsetCenti)).success).toBe(true)
    expect(user.safeParse(both(mostOffsetCenti + 1)).success).toBe(false)
  }
})

test('the budgets of a guard policy have the bounds of the API, and no others', () => {
  const { budgets } = guardPolicyDocument.shape
  const { blobs, work } = budgetBounds
  const isTaken = (of: readonly [number, number]) => budgets.safeParse({ blobs: of[0], work: of[1] }).success
  expect([isTaken([blobs[0], work[0]]), isTaken([blobs[1], work[1]])]).toEqual([true, true])
  for (const wrong of [
    [blobs[0] - 1, work[0]],
    [blobs[0], work[0] - 1],
    [blobs[1] + 1, work[1]],
    [blobs[1], work[1] + 1],
  ] as const)
    expect(isTaken(wrong), wrong.join(' ')).toBe(false)
})
