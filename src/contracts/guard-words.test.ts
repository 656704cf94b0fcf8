import { expect, test } from 'vitest'
import { digestOf, epochMs } from '../kernel/index.ts'
import { findingKinds as found, severities as grades } from '../guard/finding.ts'
import { redactionModes as modes, shippedPolicy, type Redaction } from '../guard/policy/document.ts'
import { policyFaults } from '../guard/policy/faults.ts'
import { channels } from '../guard/text.ts'
import { findingKinds, severities } from './routes/gateway.ts'
import { guardChannels } from './routes/guard-feedback.ts'
import { redactionModes, redactionModesOf } from './routes/guard-policies.ts'

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
