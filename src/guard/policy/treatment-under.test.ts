import { expect, test } from 'vitest'
import type { Tier } from '../../kernel/index.ts'
import { findingKinds } from '../finding.ts'
import type { Treatment } from '../treatment.ts'
import { redactionModes, type Redaction } from './document.ts'
import { treatmentUnder } from './treatment-under.ts'

const shipped = Object.fromEntries(findingKinds.map((kind) => [kind, 'redact'])) as Treatment // of every kind

test.each<[string, Redaction, Tier, Partial<Treatment>]>([
  ['nothing is said', {}, 1, { exfiltration: 'redact' }],
  ['milder', { exfiltration: 'flag' }, 1, { exfiltration: 'flag', structure: 'redact' }],
  ['stricter', { exfiltration: 'block' }, 2, { exfiltration: 'block' }],
  ['milder in tier 3', { exfiltration: 'flag' }, 3, { exfiltration: 'redact' }],
  ['stricter in tier 3', { exfiltration: 'block' }, 3, { exfiltration: 'block' }],
  ['a canary', { canary: 'flag' }, 1, { canary: 'redact' }],
  ['a canary, stricter', { canary: 'block' }, 1, { canary: 'block' }],
  ['a secret', { secret: 'flag' }, 1, { secret: 'redact' }],
  ['forged roles', { structure: 'flag' }, 1, { structure: 'redact' }],
  ['forged roles, stricter', { structure: 'block' }, 1, { structure: 'block' }],
  ['given back', { pii: 'token' }, 1, { pii: 'token' }],
  ['given back in tier 3', { pii: 'token' }, 3, { pii: 'redact' }],
  ['given back, what is never', { structure: 'token' }, 1, { structure: 'redact' }],
])('%s', (_what, redaction, tier, wanted) => {
  expect(treatmentUnder(shipped, redaction, tier)).toMatchObject(wanted)
})

test('in tier 3 nothing is ever milder than what ships, whatever a policy says', () => {
  const order = (mode: string) => redactionModes.findIndex((other) => other === mode)
  for (const before of redactionModes)
    for (const asked of redactionModes)
      for (const kind of findingKinds) {
        const after = treatmentUnder({ ...shipped, [kind]: before }, { [kind]: asked }, 3)
        expect(order(after[kind])).toBeGreaterThanOrEqual(order(before))
      }
})
