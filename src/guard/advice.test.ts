import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { adviceOnTexts, advices } from './advice.ts'
import { findingKinds, severities, trustOf, type Finding } from './finding.ts'
import type { Channel } from './text.ts'

const place = { rule: 'r', start: 0, end: 1 }

test.each([
  ['nothing', [], 'allow'],
  [
    'a name that may be one',
    [{ kind: 'pii', severity: 'info', sureness: 'possible', channel: 'user' }],
    'flag',
  ],
  ['a card', [{ kind: 'pii', severity: 'high', sureness: 'certain', channel: 'user' }], 'redact'],
  [
    'a key in an answer',
    [{ kind: 'secret', severity: 'critical', sureness: 'certain', channel: 'model' }],
    'redact',
  ],
  [
    'marks in the user’s words',
    [{ kind: 'structure', severity: 'medium', sureness: 'certain', channel: 'user' }],
    'flag',
  ],
  [
    'marks in a document',
    [{ kind: 'structure', severity: 'high', sureness: 'certain', channel: 'document' }],
    'redact',
  ],
  [
    'hidden text in a tool result',
    [{ kind: 'hidden', severity: 'high', sureness: 'certain', channel: 'tool_result' }],
    'redact',
  ],
] as const)('%s', (_what, findings, advice) => {
  expect(adviceOnTexts(findings.map((finding) => ({ ...place, ...finding })))).toBe(advice)
})

const anyFinding: fc.Arbitrary<Finding & { readonly channel: Channel }> = fc.record({
  rule: fc.constant('r'),
  start: fc.constant(0),
  end: fc.constant(1),
  kind: fc.constantFrom(...findingKinds),
  severity: fc.constantFrom(...severities),
  sureness: fc.constantFrom('possible' as const, 'likely' as const, 'certain' as const),
  channel: fc.constantFrom(...(Object.keys(trustOf) as Channel[])), // its own members
})

test('law: one more finding never makes the advice milder', () => {
  fc.assert(
    fc.property(fc.array(anyFinding, { maxLength: 5 }), anyFinding, (findings, more) => {
      const [before, after] = [adviceOnTexts(findings), adviceOnTexts([...findings, more])]
      expect(advices.indexOf(after)).toBeGreaterThanOrEqual(advices.indexOf(before))
    }),
  )
})
