import { expect, test } from 'vitest'
import { digestOf, type DeploymentId } from '../../kernel/index.ts'
import { boundPolicy } from './apply.ts'
import { guardPolicyDigest, shippedPolicy, type GuardPolicy } from './document.ts'
import { measureScores } from './scores.ts'

const model = digestOf('weights')
const thresholds = { user: { tFlag: 1, tHigh: 2 }, untrusted: { tFlag: 3, tHigh: 4 } }
const base = shippedPolicy({ model, rules: digestOf('rules'), languages: ['en'] })
const deployment = `dep_${'0'.repeat(26)}` as DeploymentId
const bind = (policy: GuardPolicy) =>
  boundPolicy(policy, {
    digest: guardPolicyDigest(policy),
    deployment,
    scorer: { digest: model, thresholds, languages: ['en'] },
  })
const moved = (flagCenti: number, highCenti: number): GuardPolicy => ({
  ...base,
  offsets: { ...base.offsets, untrusted: { flagCenti, highCenti } },
})
const scores = [3_000, 3_700, 4_000, 4_600]
const effect = (after: GuardPolicy, before = base) =>
  measureScores(
    scores.map((zMilli) => ({ side: 'untrusted', zMilli, before: bind(before), after: bind(after) })),
  )

test.each<[string, GuardPolicy, number, number, boolean]>([
  ['nothing', base, 2, 2, false],
  ['acted upon from half more on', moved(0, 50), 3, 1, false],
  ['acted upon from half less on', moved(0, -50), 1, 3, false],
  ['told from half more on', moved(50, 0), 1, 2, false],
  ['told from half less on', moved(-50, 0), 2, 2, true],
  ['in no language', { ...base, languages: [] }, 4, 0, false],
])('of scores that are kept, with %s: %#', (_what, after, told, acted, isMoreUnknown) => {
  expect(effect(after)).toEqual([
    {
      side: 'untrusted',
      scores: 4,
      before: { told: 2, acted: 2 },
      after: { told, acted },
      leastMilli: 3_000,
      isMoreUnknown,
    },
  ])
})

test('what is kept of users is measured by the thresholds for users, and nothing is said of nothing', () => {
  const bound = bind(base)
  const kept = [{ side: 'user', zMilli: 2_000, before: bound, after: bound }] as const
  expect(measureScores(kept)).toMatchObject([{ side: 'user', before: { told: 0, acted: 1 } }])
  expect(measureScores([])).toEqual([])
})
