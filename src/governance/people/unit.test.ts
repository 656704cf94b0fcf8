import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { epochMs, idFrom, type IdKind, type UnitId } from '../../kernel/index.ts'
import { unit } from './index.ts'

const now = epochMs(1_800_000_000_000)
const unitId = (n: number): UnitId => idFrom('unit', now, new Uint8Array(10).fill(n))
const contextFor = (fresh: UnitId): unit.Context => ({
  now,
  actor: null,
  ids: {
    next: <K extends IdKind>(kind: K) => idFrom(kind, now, new Uint8Array(10).fill(order(fresh))),
  },
})
const order = (id: UnitId) => [1, 2, 3, 4, 5, 6].find((n) => unitId(n) === id) ?? 99
const [a, b, c, unknown] = [unitId(1), unitId(2), unitId(3), unitId(99)] as const
const chain: unit.State = { parents: { [a]: null, [b]: a, [c]: b } }
const line = (length: number): unit.State => ({
  parents: Object.fromEntries(
    Array.from({ length }, (_, n) => [unitId(n + 1), n === 0 ? null : unitId(n)] as const),
  ),
})

test.each<[string, unit.State, unit.Command, string]>([
  ['creating below no unit', chain, { c: 'create', name: 'x', parent: unknown }, 'UNIT_UNKNOWN'],
  ['renaming no unit', chain, { c: 'rename', id: unknown, name: 'x' }, 'UNIT_UNKNOWN'],
  ['moving no unit', chain, { c: 'move', id: unknown, parent: null }, 'UNIT_UNKNOWN'],
  ['moving below itself', chain, { c: 'move', id: a, parent: a }, 'UNIT_CYCLE'],
  ['moving below its own child', chain, { c: 'move', id: a, parent: c }, 'UNIT_CYCLE'],
  ['creating below the deepest', line(20), { c: 'create', name: 'x', parent: unitId(20) }, 'UNIT_TOO_DEEP'],
])('refused: %s', (_what, state, command, code) => {
  const decided = unit.decide(state, command, contextFor(unitId(6)))
  expect(decided.ok ? [] : decided.refused.map((reason) => reason.code)).toContain(code)
})

test('law: whatever is moved where, every unit reaches the top', () => {
  let moved = 0
  const anyUnit = fc.constantFrom(...[1, 2, 3, 4, 5, 6].map(unitId))
  const anyParent = fc.option(anyUnit, { nil: null })
  const anyCommand = fc.oneof(
    fc.record({ c: fc.constant('create' as const), name: fc.constant('x'), parent: anyParent }),
    fc.record({ c: fc.constant('move' as const), id: anyUnit, parent: anyParent }),
  )
  const law = fc.property(fc.array(anyCommand, { minLength: 10, maxLength: 40 }), (commands) => {
    let state = unit.initial
    const log: unit.Event[] = []
    for (const command of commands) {
      const fresh = unitId(Object.keys(state.parents).length + 1)
      const decided = unit.decide(state, command, contextFor(fresh))
      if (!decided.ok || order(fresh) === 99) continue
      if (command.c === 'move') moved += 1
      log.push(...decided.events)
      state = decided.events.reduce(unit.evolve, state)
      for (const id of Object.keys(state.parents) as UnitId[]) {
        const top = unit.pathOf(state, id).at(-1)
        expect(top === undefined ? undefined : state.parents[top]).toBeNull()
      }
    }
    expect(log.reduce(unit.evolve, unit.initial)).toEqual(state)
  })
  fc.assert(law, { numRuns: 300 })
  expect(moved).toBeGreaterThan(50)
})
