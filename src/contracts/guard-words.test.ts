import { expect, test } from 'vitest'
import { findingKinds as found, severities as grades } from '../guard/finding.ts'
import { channels } from '../guard/text.ts'
import { shippedBudgets as budgets } from '../guard/normalise/budgets.ts'
import { redactionModes as modes } from '../guard/policy/document.ts'
import { findingKinds, severities } from './routes/gateway.ts'
import { guardChannels } from './routes/guard-feedback.ts'
import { redactionModes, shippedBudgets } from './routes/guard-policies.ts'

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

test('what may be done about findings is what the guard does, the mildest first', () => {
  expect(redactionModes).toEqual(modes)
})

test('the budgets of the API are those that ship', () => {
  expect(shippedBudgets).toEqual(budgets)
})
