import { expect, test } from 'vitest'
import type { Finding } from '../../guard/finding.ts'
import { shippedPolicy } from '../../guard/policy/document.ts'
import { digestOf, epochMs, idFrom } from '../../kernel/index.ts'
import type { GuardGround } from '../ports/guard-ground.ts'
import { effectFacts, effectOf } from './effect.ts'

const now = epochMs(Date.UTC(2026, 0, 1))
const rules = digestOf('rules')
const found = (rule: string): Finding => ({
  rule,
  kind: 'structure',
  severity: 'high',
  sureness: 'certain',
  start: 0,
  end: 4,
})
const ground: GuardGround = {
  model: null,
  scorer: null,
  rules,
  digest: digestOf('both'),
  languages: [],
  header: null,
  kinds: new Map(),
  inspect: () => [],
  explain: () => [],
  corpus: async () => [
    { family: 'orders', label: 'attack', channel: 'document', findings: [found('frame.order')] },
    { family: 'plain', label: 'benign', channel: 'document', findings: [] },
  ],
  windowKey: new Uint8Array(32),
}
const deployments = Array.from({ length: 40 }, (_, n) =>
  idFrom('deployment', now, new Uint8Array(10).fill(n)),
)

test('a rule that is off at the last of many deployments breaks the limit there', async () => {
  const before = shippedPolicy({ model: null, rules, languages: [] })
  const after = {
    ...before,
    off: deployments.map((deployment, n) => ({
      deployment,
      rule: n === deployments.length - 1 ? 'frame.order' : 'frame.other',
    })),
  }
  const everything = { all: true, units: [], useCases: [], person: null }
  const ports = { query: async () => [], guardGround: ground }
  const effect = await effectOf(ports, { before, after }, { visibility: everything, now })
  expect(effect.corpus.map(({ deploymentId }) => deploymentId)).toEqual([null, ...deployments])
  expect(effectFacts(effect).losses).toEqual([{ measure: 'attacks_found', isBp: 0, limitBp: 9_500 }])
})
