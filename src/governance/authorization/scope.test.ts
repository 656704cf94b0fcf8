import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { autonomies, dataClasses, digestOfBytes, effects } from '../../kernel/index.ts'
import { intersectScope, type Scope } from './scope.ts'

const words = fc.subarray(['a', 'b', 'c', 'd'])
const digest = fc.constantFrom(digestOfBytes('x'), digestOfBytes('x'), digestOfBytes('x'), digestOfBytes('y'))
const anyScope: fc.Arbitrary<Scope> = fc.record({
  models: words,
  tools: words.chain((ids) =>
    fc.tuple(
      ...ids.map((toolId) =>
        fc.record({
          toolId: fc.constant(toolId),
          definitionSha256: digest,
          effect: fc.constantFrom(...effects),
          autonomyMax: fc.constantFrom(...autonomies),
        }),
      ),
    ),
  ),
  capabilities: words,
  regions: words,
  externalSend: fc.boolean(),
  dataClassMax: fc.constantFrom(...dataClasses),
  guardPolicy: digest,
  toolPolicy: digest,
  volumePerDay: fc.nat(1_000),
})

function isWithin(inner: Scope, outer: Scope): boolean {
  return (
    [
      [inner.models, outer.models],
      [inner.capabilities, outer.capabilities],
      [inner.regions, outer.regions],
    ].every(([a = [], b = []]) => a.every((item) => b.includes(item))) &&
    (!inner.externalSend || outer.externalSend) &&
    dataClasses.indexOf(inner.dataClassMax) <= dataClasses.indexOf(outer.dataClassMax) &&
    inner.volumePerDay <= outer.volumePerDay &&
    inner.tools.every((tool) =>
      outer.tools.some(
        (other) =>
          other.toolId === tool.toolId &&
          other.definitionSha256 === tool.definitionSha256 &&
          effects.indexOf(tool.effect) <= effects.indexOf(other.effect) &&
          autonomies.indexOf(tool.autonomyMax) <= autonomies.indexOf(other.autonomyMax),
      ),
    )
  )
}

test('law: the intersection of scopes is commutative, associative, idempotent and narrowing', () => {
  let shared = 0
  const law = fc.property(anyScope, anyScope, anyScope, (a, b, c) => {
    const both = intersectScope(a, b)
    expect(both).toEqual(intersectScope(b, a))
    expect(intersectScope(a, a)).toEqual(a)
    expect(intersectScope(both, b)).toEqual(both)
    expect(intersectScope(both, c)).toEqual(intersectScope(a, intersectScope(b, c)))
    expect(isWithin(both, a) && isWithin(both, b)).toBe(true)
    if (both.tools.length > 0) shared += 1
  })
  fc.assert(law, { numRuns: 1_000 })
  expect(shared).toBeGreaterThan(50)
})
