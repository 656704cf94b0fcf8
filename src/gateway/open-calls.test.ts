import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { OpenCalls } from './open-calls.ts'

type Step = { readonly s: 'add' } | { readonly s: 'delete' | 'again'; readonly n: number }

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>({ s: 'add' }),
  fc.record({ s: fc.constantFrom('delete', 'again'), n: fc.nat(20) }),
)

test('law: what is open is what was added and has not gone, whoever goes first and however often', () => {
  let mostOpen = 0
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
      const open = new OpenCalls<{ readonly n: number; place: number }>()
      const made: { readonly n: number; place: number }[] = []
      const expected = new Set<number>()
      for (const step of steps) {
        if (step.s === 'add') {
          const call = { n: made.length, place: -1 }
          made.push(call)
          open.add(call)
          expected.add(call.n)
        } else {
          const call = made[step.n]
          if (call === undefined) continue
          open.delete(call)
          if (step.s === 'again') open.delete(call)
          expected.delete(step.n)
        }
        mostOpen = Math.max(mostOpen, open.size)
        expect(open.size).toBe(expected.size)
        expect(new Set(open.now().map(({ n }) => n))).toEqual(expected)
        for (const call of made) expect(call.place >= 0).toBe(expected.has(call.n))
      }
    }),
  )
  expect(mostOpen).toBeGreaterThan(2)
})

test('who goes while all are gone through is still gone through once', () => {
  const open = new OpenCalls<{ place: number }>()
  const calls = [{ place: -1 }, { place: -1 }, { place: -1 }]
  for (const call of calls) open.add(call)
  let count = 0
  for (const call of open.now()) {
    open.delete(call)
    count += 1
  }
  expect([count, open.size]).toEqual([3, 0])
})
