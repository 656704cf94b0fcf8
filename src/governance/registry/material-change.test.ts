import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { tiers } from '../../kernel/index.ts'
import { parseManifest, releaseDigest, type ReleaseManifest } from './manifest.ts'
import {
  answersUnchanged,
  classifyChange,
  type AnswersChange,
  type PolicyStrictness,
} from './material-change.ts'

type Vectors = {
  base: ReleaseManifest
  cases: {
    name: string
    patch: Partial<ReleaseManifest>
    expect: [string, string, string]
    strictness?: PolicyStrictness
    answers?: Partial<AnswersChange>
  }[]
}
const file = new URL('../../../vectors/governance/manifest-diff.json', import.meta.url)
const { base, cases } = JSON.parse(readFileSync(file, 'utf8')) as Vectors // the format of the file
const ranks = { none: 0, minor: 1, material: 2 }

test.each(cases)('vector: $name', ({ patch, expect: classes, strictness, answers }) => {
  const next = { ...base, ...patch }
  const change = (tier: 1 | 2 | 3) =>
    classifyChange(base, next, { ...answersUnchanged, ...answers }, tier, strictness)
  expect(tiers.map((tier) => change(tier).class)).toEqual(classes)
  expect(change(1).lines.length > 0).toBe(classes[0] !== 'none')
  expect(parseManifest(next).ok).toBe(true)
})

test('law: a higher tier never has the weaker class, and two releases never differ in nothing', () => {
  let material = 0
  const patches = fc.subarray(cases.map(({ patch }) => patch))
  const law = fc.property(patches, patches, fc.boolean(), (one, two, notWeaker) => {
    const a: ReleaseManifest = Object.assign({}, base, ...one)
    const b: ReleaseManifest = Object.assign({}, base, ...two)
    const says = notWeaker ? 'not_weaker' : 'weaker'
    const classes = tiers.map(
      (tier) => classifyChange(a, b, answersUnchanged, tier, { guardPolicy: says, toolPolicy: says }).class,
    )
    const [t1 = 'none', t2 = 'none', t3 = 'none'] = classes
    expect(ranks[t1] <= ranks[t2] && ranks[t2] <= ranks[t3]).toBe(true)
    expect(t1 === 'none').toBe(releaseDigest(a) === releaseDigest(b))
    if (t3 === 'material') material += 1
  })
  fc.assert(law, { numRuns: 500 })
  expect(material).toBeGreaterThan(50)
})
