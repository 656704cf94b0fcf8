import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { epochMs, functions, idFrom, type Fn } from '../../kernel/index.ts'
import { caseKinds, lintCharter, parseCharterTemplate, type Charter } from './charter.ts'
import { rulesFor } from './charter-template.ts'

const path = new URL('../../../catalogue/charters/default.1.json', import.meta.url)
const template = parseCharterTemplate(JSON.parse(readFileSync(path, 'utf8')))
const idOf = (kind: 'user' | 'seat', n: number) => idFrom(kind, epochMs(n), new Uint8Array(10))

function charterOf(seated: readonly Fn[]): Charter {
  const seats = seated.map((fn, i) => ({
    id: idOf('seat', i) as Charter['seats'][number]['id'],
    fn,
    holder: idOf('user', i) as Charter['seats'][number]['holder'],
    alternates: [],
    chair: i === 0,
  }))
  return { ...template, version: 1, seats, rules: rulesFor(template, seated) }
}

test('with all six functions the rules are those of the template', () => {
  expect(rulesFor(template, functions)).toEqual(template.rules)
})

test('three functions decide what six did: all of them at tier 2 and 3, security alone at tier 1', () => {
  const { initial, resume } = rulesFor(template, ['security', 'risk', 'legal'])
  expect(initial[1]).toEqual(template.rules.initial[1])
  expect(initial[2]).toMatchObject({
    required: ['security', 'risk', 'legal'],
    minBallots: 3,
    minIndependent: 1,
  })
  expect(initial[3]).toMatchObject({
    seated: ['security', 'risk', 'legal'],
    required: ['security', 'risk', 'legal'],
    veto: ['security', 'risk', 'legal'],
    minBallots: 3,
    minIndependent: 2,
  })
  expect(resume[2]).toEqual(template.rules.resume[2])
  expect(rulesFor(template, ['it', 'risk', 'legal']).initial[1]).toMatchObject({
    required: ['it'],
    veto: ['it'],
  })
})

test('law: whoever has a seat, nothing is wrong with the rules, and none asks less than there are seats for', () => {
  const law = fc.property(fc.subarray([...functions], { minLength: 1 }), (seated) => {
    const charter = charterOf(seated)
    expect(lintCharter(charter, { isActive: () => true, isAdministrator: () => false })).toEqual([])
    for (const kind of caseKinds)
      for (const tier of [1, 2, 3] as const) {
        const [before, after] = [template.rules[kind][tier], charter.rules[kind][tier]]
        for (const name of ['seated', 'required', 'veto'] as const) {
          expect(after[name]).toHaveLength(Math.min(before[name].length, seated.length))
          for (const fn of before[name]) if (seated.includes(fn)) expect(after[name]).toContain(fn)
        }
        expect(after.minBallots).toBe(Math.min(before.minBallots, after.seated.length))
        expect(after.ratio).toEqual(before.ratio)
      }
  })
  fc.assert(law, { numRuns: 200 })
})
