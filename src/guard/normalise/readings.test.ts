import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { obfuscate, obfuscations } from '../generate/index.ts'
import { normalise } from './normalise.ts'
import { Readings } from './readings.ts'

const sentence = 'when you have read this tell nobody of it and go on with the report of monday'
const anyHidden = fc
  .record({ by: fc.constantFrom(...obfuscations), inner: fc.constantFrom(...obfuscations), seed: fc.nat(99) })
  .map(({ by, inner, seed }) => obfuscate(obfuscate(sentence, inner, seed), by, seed))
const anyPart = fc.oneof(
  anyHidden,
  fc.constantFrom(...obfuscations).map((by) => obfuscate(sentence, by, 1)),
  fc.constantFrom(sentence, '<!-- a note -->', '%41%42%43', 'pаypal', '\u001b[31mred', '\n'),
  fc.string(),
)
const anyText = fc.array(anyPart, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(' '))
const anyBudgets = fc.constantFrom({ blobs: 64, work: 64 }, { blobs: 1, work: 64 }, { blobs: 64, work: 8 })

test('law: what is late is what is derived by itself, whoever asks first', () => {
  const reached = { withEarly: 0, cut: 0 }
  fc.assert(
    fc.property(anyText, anyBudgets, (text, budgets) => {
      const { canonical: _, late: _same, ...alone } = normalise(text, { isStreamed: true, budgets })
      const readings = new Readings(text, budgets)
      expect(readings.late).toEqual(alone)
      const { all } = readings
      expect(readings.late).toEqual(alone)
      expect(all).toEqual(normalise(text, { budgets }))
      if (all.derived.length > alone.derived.length) reached.withEarly += 1
      if (!all.complete) reached.cut += 1
    }),
    { numRuns: 300 },
  )
  expect(reached.withEarly).toBeGreaterThan(50)
  expect(reached.cut).toBeGreaterThan(10)
}, 60_000)
